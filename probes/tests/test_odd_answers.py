"""An answer that no database could hold becomes a row that it can."""

import json
from typing import Any

import pytest

from probes.attempts import MAX_CHARS, Attempt
from probes.models import ProbeResult, Provenance
from probes.protocols import PROTOCOLS
from probes.protocols.reading import token_count
from probes.scrubbing import clean_texts, scrub
from probes.tests.making import make_spec
from probes.tests.wire import STREAM_HEAD, answering, probe, serving

KEY = "planted-secret-42"


async def answered(*events: dict[str, Any], head: bytes = STREAM_HEAD, **changes: Any) -> Attempt:
    """What becomes of an OpenAI stream of these events, as ASCII: lone surrogates travel as escapes."""
    lines = "".join(f"data: {json.dumps(event)}\n\n" for event in events) + "data: [DONE]\n\n"
    async with serving(answering(head + lines.encode())) as port:
        spec = make_spec(base_url=f"http://127.0.0.1:{port}/v1", key_env="SOME_API_KEY", **changes)
        return await probe(spec, {"SOME_API_KEY": KEY})


def chat(**more: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": {"content": "ok"}, "finish_reason": "stop"}], **more}


async def test_nul_and_lone_surrogates_are_dropped_from_what_a_provider_writes():
    attempt = await answered(chat(id="a\0b\ud800c", model="m\0\udfff", system_fingerprint="fp\0_1"))
    assert (attempt.outcome, attempt.request_id) == ("ok", "abc")
    assert (attempt.answered_model, attempt.fingerprint) == ("m", "fp_1")


async def test_an_error_with_nul_is_told_without_it():
    attempt = await answered({"error": {"message": "bro\0ken \ud800here", "code": "server_error"}})
    assert attempt.error_detail == "server_error: broken here"


async def test_a_key_in_a_models_name_is_masked():
    attempt = await answered(chat(id=f"r-{KEY}", model=f"m-{KEY}", system_fingerprint="sk-proj-abc123456"))
    assert (attempt.request_id, attempt.answered_model, attempt.fingerprint) == ("r-***", "m-***", "***")


async def test_what_a_provider_writes_is_cut_to_its_column():
    long = "x" * 5000
    attempt = await answered(chat(id=long, model=long, system_fingerprint=long))
    lengths = {name: len(getattr(attempt, name)) for name in ("request_id", "answered_model", "fingerprint")}
    assert lengths == {"request_id": 120, "answered_model": 200, "fingerprint": 120}


async def test_a_header_is_cut_like_a_field_of_the_body():
    head = STREAM_HEAD[:-2] + b"x-request-id: " + b"r" * 500 + b"\r\n\r\n"
    assert (await answered(chat(), head=head)).request_id == "r" * 120


@pytest.mark.parametrize("count", [-1, 2**31, 2**70, True, 9.5, "9", None, [9]])
async def test_what_is_no_count_of_tokens_is_none(count):
    attempt = await answered(chat(usage={"prompt_tokens": count, "completion_tokens": 7}))
    assert (attempt.outcome, attempt.input_tokens, attempt.output_tokens) == ("ok", None, 7)


def test_counts_are_whole_numbers_that_a_column_holds():
    assert [token_count(value) for value in (0, 2**31 - 1, 2**31, -1, True, 1.0)] == [
        0, 2**31 - 1, None, None, None, None,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("count", "kept"), [(9.0, 9), (9.5, None), (float("inf"), None), (True, None), (-1, None)]
)
def test_coheres_counts_may_be_written_with_a_fraction_of_zero(count, kept):
    reader = PROTOCOLS["cohere_v2"].reader("B")
    usage = {"tokens": {"input_tokens": count, "output_tokens": 3}}
    event = {"type": "message-end", "delta": {"finish_reason": "COMPLETE", "usage": usage}}
    reader.feed(f"data: {json.dumps(event)}\n\n".encode())
    assert (reader.facts.input_tokens, reader.facts.output_tokens, reader.facts.malformed) == (kept, 3, "")


async def test_a_status_outside_http_is_not_kept():
    async with serving(answering(b"HTTP/1.1 999 Denied\r\nContent-Length: 0\r\n\r\n")) as port:
        attempt = await probe(make_spec(base_url=f"http://127.0.0.1:{port}/v1"))
    assert (attempt.outcome, attempt.http_status) == ("http_5xx", None)


@pytest.mark.parametrize(
    ("status", "before", "outcome"),
    [(b"200 OK", b"data: ", "bad_json"), (b"200 OK", b"", "bad_json"), (b"500 No", b"", "http_5xx")],
)
async def test_json_too_deep_to_read_is_charged_to_who_wrote_it(status, before, outcome):
    head = STREAM_HEAD.replace(b"200 OK", status)
    async with serving(answering(head + before + b"[" * 8_000 + b"\n\n")) as port:
        attempt = await probe(make_spec(base_url=f"http://127.0.0.1:{port}/v1"))
    assert attempt.outcome == outcome


def test_every_column_has_the_length_that_texts_are_cut_to():
    fields = {field.name: field for model in (ProbeResult, Provenance) for field in model._meta.fields}
    columns = {name: fields[name].max_length for name in MAX_CHARS}
    assert columns == MAX_CHARS
    assert {
        name: len(text) for name, text in clean_texts(dict.fromkeys(MAX_CHARS, "x" * 999)).items()
    } == columns


def test_hostile_text_is_scrubbed_in_no_time():
    assert len(scrub("sk-" * 100_000)) <= 2_000

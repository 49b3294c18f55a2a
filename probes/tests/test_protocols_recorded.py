"""Recorded answers of every protocol: what the probe must make of each."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.outcomes import OUTCOMES
from probes.protocols import PROTOCOLS
from probes.protocols.errors import looks_like_html
from probes.protocols.reading import Facts, WholeReader, judge

RECORDED = Path(__file__).parent / "recorded"
STREAMED = ("openai_chat", "openai_responses", "anthropic_messages", "gemini", "cohere_v2", "ollama_chat")
WHOLE = ("openai_embeddings", "cohere_embed", "gemini_embed", "ollama_embed")

#: What every protocol's file must show: kind of answer → HTTP status.
MATRIX = {
    "wrong_key": 401,
    "unknown_model": 404,
    "rate_limit": 429,
    "quota": 429,
    "server_error": 500,
    "unavailable": 503,
    "overloaded_529": 529,
    "cut": 200,
    "error_in_stream": 200,
    "empty": 200,
    "bad_json": 200,
    "html_with_status_200": 200,
}
#: And every one that streams.
STREAMED_MATRIX = MATRIX | {
    "stream": 200,
    "ended_early": 200,
    "our_limit_left_nothing": 200,
    "keep_alive_comments": 200,
}
NOT_POSSIBLE = {("ollama_chat", "keep_alive_comments"): "lines of JSON have no comments"}


@dataclass(frozen=True)
class Recording:
    protocol: str
    name: str
    expected: str
    status: int
    headers: dict[str, str]
    body: bytes
    cut: bool


def recordings() -> Iterator[Recording]:
    for protocol in (*STREAMED, *WHOLE):
        text = (RECORDED / f"{protocol}.txt").read_text(encoding="utf-8")
        for case in re.split(r"^#### ", text, flags=re.MULTILINE)[1:]:
            head, _, body = case.partition("\n\n")
            title, first, *rest = head.split("\n")
            name, expected = title.split(" => ")
            status, content_type = first.split(" ", 1)
            headers = {"content-type": content_type, **dict(line.split(": ", 1) for line in rest)}
            cut = body.rstrip("\n").endswith("\n(cut)")
            body = body.rstrip("\n").removesuffix("\n(cut)") if cut else body.rstrip("\n") + "\n\n"
            yield Recording(protocol, name, expected, int(status), headers, body.encode(), cut)


ALL = list(recordings())


def read(recording: Recording, *pieces: bytes) -> tuple[str, str, Facts]:
    """As the engine does it: an error by its status, a 200 by what its stream says."""
    description = PROTOCOLS[recording.protocol]
    reader = description.reader("B")
    if recording.status >= 300:
        outcome, detail = description.classify(recording.status, recording.headers, b"".join(pieces))
        return outcome, detail, reader.facts
    reader.facts.html = looks_like_html(recording.headers["content-type"], b"")
    for piece in pieces:
        reader.feed(piece)
    reader.close(whole=not recording.cut)
    outcome, detail = judge(reader.facts, description.endings, description.rules, None)
    return outcome, detail, reader.facts


@pytest.mark.parametrize("recording", ALL, ids=lambda case: f"{case.protocol}-{case.name}")
def test_a_recorded_answer_gets_its_outcome(recording):
    outcome, detail, _ = read(recording, recording.body)
    assert outcome == recording.expected, detail
    assert outcome in OUTCOMES


@pytest.mark.parametrize(
    "recording", [case for case in ALL if case.status == 200], ids=lambda case: f"{case.protocol}-{case.name}"
)
def test_the_outcome_is_the_same_with_crlf_and_split_into_single_bytes(recording):
    body = recording.body.replace(b"\n", b"\r\n")
    outcome, detail, _ = read(recording, *(bytes([byte]) for byte in body))
    assert outcome == recording.expected, detail


def the(protocol: str, name: str) -> Recording:
    return next(case for case in ALL if (case.protocol, case.name) == (protocol, name))


@pytest.mark.parametrize("ending", [b"\n", b"\r\n"])
@pytest.mark.parametrize("protocol", STREAMED)
def test_a_korean_stream_is_read_whole_wherever_it_is_cut(protocol, ending):
    """Every offset, so also inside each character and between CR and LF."""
    recording = the(protocol, "stream")
    body = recording.body.replace(b"\n", ending)
    assert "안녕".encode() in body
    for at in range(len(body) + 1):
        outcome, detail, facts = read(recording, body[:at], body[at:])
        assert (outcome, facts.text, facts.text_chunks) == ("ok", "안녕 하세요", 2), (at, detail)
        assert (facts.input_tokens, facts.output_tokens, facts.complete) == (14, 3, True)


@given(st.data())
def test_a_korean_stream_is_read_whole_in_any_pieces(data):
    recording = the(data.draw(st.sampled_from(STREAMED)), "stream")
    cuts = data.draw(st.lists(st.integers(0, len(recording.body)), max_size=20).map(sorted))
    edges = [0, *cuts, len(recording.body)]
    outcome, _, facts = read(recording, *(recording.body[a:b] for a, b in pairwise(edges)))
    assert (outcome, facts.text) == ("ok", "안녕 하세요")


@pytest.mark.parametrize("protocol", [*STREAMED, *WHOLE])
def test_the_matrix_of_protocols_and_kinds_is_complete(protocol):
    wanted = STREAMED_MATRIX if protocol in STREAMED else MATRIX | {"whole": 200}
    shown = {case.name: case.status for case in ALL if case.protocol == protocol}
    missing = {name for name in wanted if name not in shown and (protocol, name) not in NOT_POSSIBLE}
    assert not missing
    assert {name: shown[name] for name in wanted if name in shown} == {
        name: status for name, status in wanted.items() if name in shown
    }
    assert len(shown) == sum(case.protocol == protocol for case in ALL)


def test_every_protocol_is_recorded():
    assert {*STREAMED, *WHOLE} == set(PROTOCOLS)


@pytest.mark.parametrize(
    ("protocol", "name", "expected"),
    [
        # (input, cached, output, reasoning, cost)
        ("openai_chat", "usage_with_details", (40, 32, 12, 10, None)),
        ("openai_chat", "deepseek_cache_hit", (40, 32, 2, None, None)),
        ("openai_chat", "xai_ticks", (37, None, 235, 233, 0.00367)),
        ("openai_chat", "keep_alive_comments", (9, None, 1, None, 0.0000021)),
        ("openai_chat", "groq_usage", (40, None, 2, None, None)),
        ("anthropic_messages", "cached_input", (12, 6, 9, 7, None)),
        ("openai_embeddings", "whole", (9, None, None, None, None)),
        ("cohere_embed", "whole", (9, None, None, None, None)),
        ("gemini_embed", "whole", (9, None, None, None, None)),
        ("ollama_embed", "whole", (9, None, None, None, None)),
    ],
)
def test_what_was_used_is_read(protocol, name, expected):
    recording = the(protocol, name)
    _, _, facts = read(recording, recording.body)
    used = (facts.input_tokens, facts.cached_tokens, facts.output_tokens, facts.reasoning_tokens)
    assert used == expected[:4]
    assert facts.reported_cost_usd == (None if expected[4] is None else pytest.approx(expected[4]))


@pytest.mark.parametrize("cost", [-1, True, "0.1", float("nan"), float("inf"), 10**9, [], None])
def test_what_is_no_amount_is_no_cost(cost):
    facts = Facts(reported_cost_usd=0.5)
    facts.set_cost(cost)
    assert facts.reported_cost_usd == 0.5


@pytest.mark.parametrize("protocol", ["openai_chat", "anthropic_messages", "gemini", "cohere_v2"])
def test_thinking_comes_before_the_answer(protocol):
    case = next(
        case for case in ALL if case.protocol == protocol and re.search("reasoning|think|thought", case.name)
    )
    _, _, facts = read(case, case.body)
    assert (facts.reasoning_chunks, facts.text) == (1, "ok")


@pytest.mark.parametrize("protocol", [name for name in STREAMED if name != "ollama_chat"])
def test_a_keep_alive_is_no_token(protocol):
    case = next(case for case in ALL if (case.protocol, case.name) == (protocol, "keep_alive_comments"))
    _, _, facts = read(case, case.body)
    assert facts.keep_alives >= 1
    assert (facts.text_chunks, facts.reasoning_chunks) == (1, 0)


def test_who_answered_is_known():
    case = next(case for case in ALL if (case.protocol, case.name) == ("openai_chat", "stream"))
    _, _, facts = read(case, case.body)
    assert (facts.answered_model, facts.fingerprint) == ("gpt-4.1-nano-2025-04-14", "fp_38343a2f8f")


def test_input_of_anthropic_is_the_sum_of_its_three_parts():
    case = next(
        case for case in ALL if (case.protocol, case.name) == ("anthropic_messages", "thinking_first")
    )
    _, _, facts = read(case, case.body)
    assert (facts.input_tokens, facts.output_tokens) == (12, 9)


def test_a_known_answer_that_is_missed_is_wrong():
    description = PROTOCOLS["openai_chat"]
    facts = Facts(text="Seventeen", text_chunks=1, finish="stop", complete=True, ended=True)
    assert judge(facts, description.endings, (), "17")[0] == "wrong_answer"
    assert judge(facts, description.endings, (), "seventeen")[0] == "ok"


def test_a_listing_beyond_our_size_limit_is_an_answer():
    reader = PROTOCOLS["openai_chat"].reader("A")
    assert isinstance(reader, WholeReader)
    reader.feed(b'{"data": [{"id": "')
    reader.cut_by_us = True
    reader.close(whole=False)
    assert judge(reader.facts, PROTOCOLS["openai_chat"].endings, (), None)[0] == "ok"

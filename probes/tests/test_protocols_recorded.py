"""Recorded answers of every protocol: what the probe must make of each."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from probes.outcomes import OUTCOMES
from probes.protocols import PROTOCOLS
from probes.protocols.errors import looks_like_html
from probes.protocols.reading import Facts, WholeReader, judge

RECORDED = Path(__file__).parent / "recorded"
STREAMED = ("openai_chat", "openai_responses", "anthropic_messages", "gemini", "cohere_v2", "ollama_chat")
#: What every protocol's file must show.
REQUIRED = {
    *("stream", "cut", "ended_early", "empty", "bad_json"),
    *("our_limit_left_nothing", "unknown_model", "server_error"),
}


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
    for protocol in STREAMED:
        text = (RECORDED / f"{protocol}.txt").read_text(encoding="utf-8")
        for case in re.split(r"^#### ", text, flags=re.MULTILINE)[1:]:
            head, _, body = case.partition("\n\n")
            title, first, *rest = head.split("\n")
            name, expected = title.split(" => ")
            status, content_type = first.split(" ", 1)
            headers = {"content-type": content_type, **dict(line.split(": ", 1) for line in rest)}
            cut = body.endswith("\n(cut)\n")
            body = body.removesuffix("\n(cut)\n") if cut else body.rstrip("\n") + "\n\n"
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


@pytest.mark.parametrize("protocol", STREAMED)
def test_a_korean_stream_is_read_whole(protocol):
    recording = next(case for case in ALL if (case.protocol, case.name) == (protocol, "stream"))
    _, _, facts = read(recording, *(recording.body[at : at + 7] for at in range(0, len(recording.body), 7)))
    assert (facts.text, facts.text_chunks) == ("안녕 하세요", 2)
    assert (facts.input_tokens, facts.output_tokens) == (14, 3)
    assert facts.complete


@pytest.mark.parametrize("protocol", STREAMED)
def test_every_protocol_shows_the_cases_that_matter(protocol):
    names = {case.name for case in ALL if case.protocol == protocol}
    assert names >= REQUIRED


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


def test_an_embedding_needs_a_vector():
    description = PROTOCOLS["openai_embeddings"]
    outcomes = []
    for body in (
        b'{"data":[{"embedding":[0.1]}],"usage":{"prompt_tokens":3}}',
        b'{"data":[]}',
        b'{"error":{"code":"x"}}',
    ):
        reader = description.reader("B")
        reader.feed(body)
        reader.close(whole=True)
        outcomes.append(judge(reader.facts, description.endings, description.rules, None)[0])
    assert outcomes == ["ok", "bad_json", "stream_error"]


def test_a_listing_beyond_our_size_limit_is_an_answer():
    reader = PROTOCOLS["openai_chat"].reader("A")
    assert isinstance(reader, WholeReader)
    reader.feed(b'{"data": [{"id": "')
    reader.cut_by_us = True
    reader.close(whole=False)
    assert judge(reader.facts, PROTOCOLS["openai_chat"].endings, (), None)[0] == "ok"

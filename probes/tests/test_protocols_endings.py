"""How an answer that began with 200 is judged, and what an error inside its stream is called."""

import json
from typing import Any

import pytest

from probes.protocols import PROTOCOLS
from probes.protocols.blame import TABLE, Endings, rows_for
from probes.protocols.errors import ErrorBody, ErrorInfo
from probes.protocols.facts import Facts
from probes.protocols.judging import judge

WHOLE: dict[str, Any] = {"text": "ok", "text_chunks": 1, "finish": "stop", "complete": True}
ENDS = Endings(frozenset({"length"}), frozenset({"filter"}), frozenset({"error"}), frozenset({"busy"}))
#: ending → facts that it decides, and the nearest that it does not
ENDED: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "error_event": ({"stream_error": ErrorInfo("no", frozenset({"server_error"}))}, {}),
    "html": ({"html": True}, {}),
    "malformed": ({"malformed": "not JSON"}, {"malformed": ""}),
    "finish_failed": ({"finish": "ERROR"}, {"finish": "errors"}),
    "finish_overloaded": ({"finish": "busy"}, {"finish": "idle"}),
    "finish_blocked": ({"finish": "filter"}, {"finish": "none"}),
    "cut": ({"complete": False}, {"finish": ""}),
    "our_cap": ({"text": " ", "finish": "length"}, {"finish": "length"}),
    "no_text": ({"text": "\n"}, {"text": "", "textless": True}),
    "missed": ({"text": "17"}, {"text": "it is ok"}),
}


@pytest.mark.parametrize("row", TABLE.endings, ids=lambda row: row.id)
def test_an_ending_is_judged_by_its_row(row):
    ended, near = ENDED[row.id]
    expected = "ok" if row.id == "missed" else None
    outcome, detail = judge(Facts(**(WHOLE | ended)), ENDS, rows_for("openai_chat"), expected)
    assert outcome == (row.outcome or "stream_error")
    assert detail
    assert judge(Facts(**(WHOLE | near)), ENDS, rows_for("openai_chat"), expected) == ("ok", "")


@pytest.mark.parametrize(
    ("worse", "better"), [(a.id, b.id) for a, b in zip(TABLE.endings, TABLE.endings[1:], strict=False)]
)
def test_of_two_endings_the_first_of_the_table_decides(worse, better):
    if {worse, better} in (
        {"finish_failed", "finish_overloaded"},
        {"finish_overloaded", "finish_blocked"},
        {"our_cap", "no_text"},
    ):
        return  # an answer has one finish reason
    both = WHOLE | ENDED[better][0] | ENDED[worse][0]
    outcome = judge(Facts(**both), ENDS, rows_for("openai_chat"), "ok" if better == "missed" else None)[0]
    wanted = next(row.outcome for row in TABLE.endings if row.id == worse)
    assert outcome == (wanted or "stream_error")


def test_a_wrong_answer_is_told_in_one_line_by_its_beginning():
    facts = Facts(text="\n안녕" * 500, text_chunks=1, finish="stop", complete=True)
    outcome, detail = judge(facts, ENDS, (), "79")
    assert (outcome, detail[:12], "\n" in detail) == ("wrong_answer", "answered '\\n", False)


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        ({"code": 502, "message": "x", "metadata": {"error_type": "provider_unavailable"}}, "stream_error"),
        ({"code": 529, "message": "x", "metadata": {"error_type": "provider_overloaded"}}, "stream_error"),
        ({"code": None, "message": "x", "metadata": {"error_type": "timeout"}}, "stream_error"),
        ({"code": None, "message": "x", "metadata": {"error_type": "unmapped"}}, "stream_error"),
        ({"code": 402, "message": "x", "metadata": {"error_type": "payment_required"}}, "quota"),
        ({"code": 429, "message": "x", "metadata": {"error_type": "rate_limit_exceeded"}}, "rate_limited"),
        ({"code": None, "message": "x", "metadata": {"error_type": "image_too_large"}}, "bad_request"),
        ({"code": None, "message": "x", "metadata": {"error_type": "authentication"}}, "auth"),
        ({"code": "rate_limit_exceeded", "message": "x"}, "rate_limited"),
        ({"code": "server_error", "message": "x"}, "stream_error"),
    ],
)
def test_an_error_in_a_stream_is_the_providers_unless_its_code_says_otherwise(error, outcome):
    description = PROTOCOLS["openai_chat"]
    reader = description.reader("B")
    reader.feed(f"data: {json.dumps({'error': error})}\n\ndata: [DONE]\n\n".encode())
    reader.close(whole=True)
    assert judge(reader.facts, description.endings, description.rules, None)[0] == outcome


ERRORS_IN_STREAMS = {
    "openai_chat": 'data: {"error": {"code": "insufficient_quota", "message": "no money"}}\n\n',
    "openai_responses": 'data: {"type": "error", "code": "insufficient_quota", "message": "no money"}\n\n',
    "anthropic_messages": 'event: error\ndata: {"type": "error", "error": {"type": "billing_error"}}\n\n',
    "gemini": 'data: {"error": {"code": 402, "message": "no money"}}\n\n',
    "ollama_chat": '{"error": "out of memory"}\n',
}


@pytest.mark.parametrize("protocol", ERRORS_IN_STREAMS)
def test_an_error_event_ends_a_stream_that_stays_open(protocol):
    """Else our empty account is found out at the deadline, as their timeout."""
    description = PROTOCOLS[protocol]
    reader = description.reader("B")
    reader.feed(ERRORS_IN_STREAMS[protocol].encode())
    assert reader.facts.ended
    expected = "stream_error" if protocol == "ollama_chat" else "quota"
    assert judge(reader.facts, description.endings, description.rules, None)[0] == expected


def chat(*choices: dict[str, Any]) -> str:
    lines = "".join(f"data: {json.dumps({'choices': [choice]})}\n\n" for choice in choices)
    return f"{lines}data: [DONE]\n\n"


REFUSALS = {
    "openai_chat": chat(
        {"delta": {"role": "assistant", "content": "", "refusal": None}, "finish_reason": None},
        {"delta": {"refusal": "I cannot"}, "finish_reason": None},
        {"delta": {}, "finish_reason": "stop"},
    ),
    "openai_responses": (
        'data: {"type": "response.refusal.delta", "delta": "I cannot"}\n\n'
        'data: {"type": "response.completed", "response": {}}\n\n'
    ),
}


@pytest.mark.parametrize("protocol", REFUSALS)
def test_a_refusal_in_a_field_of_its_own_is_our_request(protocol):
    """It ends with `stop` and without text: no empty answer."""
    assert judged(protocol, REFUSALS[protocol])[0] == "bad_request"
    assert judged(protocol, REFUSALS[protocol].replace("I cannot", ""))[0] == "empty"


@pytest.mark.parametrize("text", ["ok", ""])
def test_a_chat_without_a_finish_reason_is_cut(text):
    said = {"delta": {"content": text}, "finish_reason": None}
    assert judged("openai_chat", chat(said))[0] == "truncated"
    assert judged("openai_chat", chat(said, {"finish_reason": "stop"}))[0] == ("ok" if text else "empty")


def judged(protocol: str, body: str) -> tuple[str, str]:
    description = PROTOCOLS[protocol]
    reader = description.reader("B")
    reader.feed(body.encode())
    reader.close(whole=True)
    return judge(reader.facts, description.endings, description.rules, None)


def test_xml_with_status_200_is_no_page_of_an_edge():
    description = PROTOCOLS["openai_chat"]
    reader = description.reader("B")
    reader.feed(b'<?xml version="1.0"?><Error>no</Error>')
    reader.close(whole=True)
    assert judge(reader.facts, description.endings, description.rules, None)[0] == "bad_json"


def test_a_long_page_is_told_shortly():
    answer = ErrorBody(500, {}, b"<html>" + b"<b>" * 100_000 + b"x" * 100_000).answer()
    assert answer.html
    assert len(answer.info.message) <= 2_000

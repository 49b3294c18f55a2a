"""The table of blame: every row decides what it should, and not its neighbour."""

import re
from pathlib import Path
from typing import Any

import pytest

from probes.outcomes import OUTCOMES, Charge, charge_of
from probes.protocols import PROTOCOLS
from probes.protocols.blame import (
    TABLE,
    BlameTableError,
    ErrorRow,
    SimpleRow,
    first_match,
    read_table,
    rows_for,
)
from probes.protocols.blame_page import as_markdown
from probes.protocols.errors import ErrorAnswer, ErrorInfo
from probes.wire import errors as wire_errors

ROWS = {row.id: row for row in TABLE.errors}


def said(status: int | None = None, message: str = "", codes: str = "", **more: Any) -> ErrorAnswer:
    """An error by its parts; without a status it came in a stream."""
    info = ErrorInfo(message, frozenset(codes.split()))
    return ErrorAnswer(status, info, **{"in_stream": status is None, **more})


CHALLENGE = {"cf-mitigated": "challenge"}
# row → (protocol, an answer that it decides), (protocol, a near one that another row decides, that row)
GEMINI, COHERE, CHAT, CLAUDE = "gemini", "cohere_v2", "openai_chat", "anthropic_messages"
CASES: dict[str, tuple[tuple[str, ErrorAnswer], tuple[str, ErrorAnswer, str]]] = {
    "edge-challenge": (
        (CHAT, said(403, headers=CHALLENGE, html=True)),
        (CHAT, said(403, headers={"cf-mitigated": "none"}), "permission"),
    ),
    "edge-country": (
        (CHAT, said(403, "configured to block access from your country", html=True)),
        (CHAT, said(403, "Forbidden", html=True), "edge-page"),
    ),
    "edge-page": ((CHAT, said(429, "Too many", html=True)), (CHAT, said(429, "Too many"), "rate")),
    "edge-waiting": (
        (CHAT, said(503, "Just a moment...", html=True)),
        (CHAT, said(503, "Service Temporarily Unavailable", html=True), "server"),
    ),
    "together-context": (
        (CHAT, said(403, "input tokens + max_new_tokens must be <= 4097")),
        (CLAUDE, said(403, "input tokens + max_new_tokens must be <= 4097"), "permission"),
    ),
    "moderation": ((CHAT, said(403, codes="refusal")), (CHAT, said(403, codes="forbidden"), "permission")),
    "hf-no-repo": ((CHAT, said(401, codes="reponotfound")), (CHAT, said(401, codes="other"), "key")),
    "money-openai": (
        (CHAT, said(429, codes="project_spend_limit_exceeded")),
        (CHAT, said(429, codes="rate_limit_exceeded"), "rate"),
    ),
    "money-anthropic": (
        (CLAUDE, said(402, codes="linked_organization_billing_unavailable")),
        (CLAUDE, said(402, codes="other"), "money"),
    ),
    "money-anthropic-text": (
        (CLAUDE, said(400, "Your credit balance is too low", "invalid_request_error")),
        (CHAT, said(400, "Your credit balance is too low", "invalid_request_error"), "request"),
    ),
    "money-gemini": (
        (GEMINI, said(400, "Please enable billing", "failed_precondition")),
        (GEMINI, said(400, "Precondition", "failed_precondition"), "gemini-region"),
    ),
    "money-gemini-day": (
        (GEMINI, said(429, codes="resource_exhausted quota_per_day")),
        (GEMINI, said(429, codes="resource_exhausted quota_detail"), "rate-gemini"),
    ),
    "money-cohere-month": (
        (COHERE, said(429, "limited to 1000 API calls / month")),
        (COHERE, said(429, "limited to 20 API calls / minute"), "rate"),
    ),
    "money-ollama-plan": (
        ("ollama_chat", said(429, "you (x) have reached your weekly usage limit")),
        ("ollama_chat", said(429, "too many concurrent requests"), "rate"),
    ),
    "money": ((CHAT, said(402)), (CHAT, said(403), "permission")),
    "money-code": ((CHAT, said(codes="payment_required")), (CHAT, said(codes="payment"), "stream")),
    "gemini-key": (
        (GEMINI, said(400, codes="api_key_invalid invalid_argument")),
        (GEMINI, said(400, codes="invalid_argument"), "request"),
    ),
    "gemini-region": (
        ("gemini_embed", said(400, "Precondition", "failed_precondition")),
        (CHAT, said(400, "Precondition", "failed_precondition"), "request"),
    ),
    "country": (
        (CHAT, said(codes="unsupported_country_region_territory")),
        (CHAT, said(codes="unsupported_model"), "stream"),
    ),
    "country-text": (
        (CLAUDE, said(400, "This service is not available in your country.")),
        (CLAUDE, said(400, "This model is not available."), "request"),
    ),
    "anthropic-hold": (
        (CLAUDE, said(400, codes="organization_on_hold invalid_request_error")),
        (CLAUDE, said(400, codes="invalid_request_error"), "request"),
    ),
    "key-code": ((CLAUDE, said(codes="authentication_error")), (CLAUDE, said(codes="api_error"), "stream")),
    "key": ((CHAT, said(401)), (CHAT, said(407), "refused")),
    "permission": ((CHAT, said(403)), (CHAT, said(404), "request")),
    "cohere-498": ((COHERE, said(498)), (CHAT, said(498), "capacity-498")),
    "client-closed": ((COHERE, said(499)), (COHERE, said(497), "refused")),
    "request": ((CHAT, said(422)), (CHAT, said(423), "refused")),
    "request-code": (
        (CHAT, said(codes="context_length_exceeded")),
        (CHAT, said(500, codes="context_length_exceeded"), "server"),
    ),
    "slow-down": ((CHAT, said(503, codes="slow_down")), (CHAT, said(503, codes="slow"), "server")),
    "rate-counted": (
        (
            CHAT,
            said(
                429, "tokens per min (TPM): Limit 30,000, Used 29,900, Requested 1,000", remaining_zero=False
            ),
        ),
        (CHAT, said(429, "Limit reached", remaining_zero=False), "capacity-below-limit"),
    ),
    "rate-azure-own": (
        (
            CHAT,
            said(429, "Requests have exceeded call rate limit of your pricing tier", remaining_zero=False),
        ),
        (CHAT, said(429, "The rate is limited", remaining_zero=False), "capacity-below-limit"),
    ),
    "rate-gemini": (
        (GEMINI, said(429, codes="resource_exhausted quota_detail")),
        (GEMINI, said(429, codes="resource_exhausted"), "capacity-gemini"),
    ),
    "capacity-azure-demand": (
        (CHAT, said(429, "The system is experiencing high demand and cannot process your request.")),
        (CHAT, said(503, "The system is experiencing high demand"), "overloaded-text"),
    ),
    "capacity-azure-adjusted": (
        (CHAT, said(429, "Your rate limit was temporarily adjusted")),
        (CHAT, said(429, "Your rate limit was adjusted"), "rate"),
    ),
    "capacity-text": ((CHAT, said(429, "We are at capacity")), (CHAT, said(429, "We are at work"), "rate")),
    "capacity-flex": (
        (CHAT, said(429, codes="resource_unavailable")),
        (CHAT, said(429, codes="resource_missing"), "rate"),
    ),
    "capacity-498": ((CHAT, said(498)), ("cohere_embed", said(498), "cohere-498")),
    "rate-zero": (
        (CHAT, said(429, remaining_zero=True)),
        (CHAT, said(429, "high demand", remaining_zero=True), "capacity-azure-demand"),
    ),
    "capacity-gemini": (
        (GEMINI, said(429, codes="resource_exhausted")),
        (CHAT, said(429, codes="resource_exhausted"), "rate"),
    ),
    "capacity-below-limit": (
        (CHAT, said(429, remaining_zero=False)),
        (CHAT, said(429, remaining_zero=True), "rate-zero"),
    ),
    "rate": ((CHAT, said(429)), (CHAT, said(428), "refused")),
    "rate-code": ((CLAUDE, said(codes="rate_limit_error")), (CLAUDE, said(codes="limit_error"), "stream")),
    "overloaded-529": ((CLAUDE, said(529)), (CLAUDE, said(528), "server")),
    "overloaded-code": (
        (CLAUDE, said(503, codes="overloaded_error")),
        (CLAUDE, said(503, codes="api_error"), "server"),
    ),
    "overloaded-text": (
        (GEMINI, said(503, "The model is overloaded.")),
        (GEMINI, said(500, "The model is overloaded."), "server"),
    ),
    "their-timeout": ((CHAT, said(408)), (CHAT, said(410), "refused")),
    "origin": ((CHAT, said(524, html=True)), (CHAT, said(527, html=True), "server")),
    "server": ((CHAT, said(504)), (CHAT, said(520), "origin")),
    "odd-status": ((CHAT, said(999)), (CHAT, said(599), "server")),
    "refused": ((CHAT, said(302)), (CHAT, said(405), "request")),
    "stream": ((CHAT, said(codes="server_error")), (CHAT, said(500, codes="server_error"), "server")),
    "informational": ((CHAT, said(101)), (CHAT, said(300), "refused")),
}


def decided(protocol: str, answer: ErrorAnswer) -> str:
    return first_match(rows_for(protocol), answer).id


def test_every_row_has_its_case():
    assert list(CASES) == list(ROWS)


@pytest.mark.parametrize("name", ROWS)
def test_a_row_decides_its_answer_and_not_the_neighbours(name):
    (protocol, answer), (other_protocol, neighbour, other) = CASES[name]
    assert decided(protocol, answer) == name
    assert decided(other_protocol, neighbour) == other
    assert other != name


def test_the_steps_stand_in_the_order_of_the_decision_list():
    steps = [row.step for row in TABLE.errors if not row.out_of_step]
    assert steps == sorted(steps)
    assert [row.step for row in TABLE.transport] == sorted(row.step for row in TABLE.transport)


#: Who may be charged in which step of A4.
CHARGES = {
    "A4.1": {Charge.OURS},
    "A4.2": {Charge.OURS},
    "A4.3": {Charge.OURS},
    "A4.4": {Charge.OURS},
    "A4.5": {Charge.SERIES},
    "A4.6": {Charge.PROVIDER, Charge.SERIES},
}


def test_a_step_charges_whom_it_says():
    rows: list[SimpleRow | ErrorRow] = [*TABLE.transport, *TABLE.errors]
    rows += [row for row in TABLE.endings if row.outcome]
    assert len(rows) > 60
    for row in rows:
        charge = charge_of(row.outcome)
        assert charge in CHARGES[row.step], row.id
        assert (charge is Charge.SERIES) == (row.outcome == "edge_block" or row.step == "A4.5"), row.id


def test_rows_name_known_protocols_and_a_source():
    assert {name for row in TABLE.errors for name in row.protocols} <= set(PROTOCOLS)
    assert set(TABLE.finish) <= set(PROTOCOLS)
    assert all(
        row.source.startswith(("https://", "PROTOCOLS A", "anthropic SDK", "openrouter SDK"))
        for row in TABLE.errors
    )
    assert len(ROWS) == len(TABLE.errors)


def test_the_page_is_printed_from_the_table():
    page = Path(__file__).resolve().parents[2] / "docs" / "blame.md"
    assert page.read_text(encoding="utf-8") == as_markdown(TABLE), (
        "run python -m probes.protocols.blame_page > docs/blame.md"
    )
    assert all(f"| {name} |" in as_markdown(TABLE) for name in ROWS)


DOCUMENT: dict[str, Any] = {
    "intro": "",
    "transport": [],
    "error": [{"id": "x", "step": "A4.6", "outcome": "http_5xx", "why": "", "source": "", "vendor": ""}],
    "ending": [],
    "finish": {},
}


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"colour": 1}, "row x: unknown key 'colour'"),
        ({"outcome": "oops"}, "row x: unknown outcome 'oops'"),
        ({"message": "("}, "row x"),
        ({"remaining": "much"}, "row x: 'much'"),
    ],
)
def test_a_mistake_in_the_table_names_its_row(change, named):
    with pytest.raises(BlameTableError, match=re.escape(named)):
        read_table({**DOCUMENT, "error": [DOCUMENT["error"][0] | change]})


# What the engine calls these is what the table calls them.
ERRORS_OF_THE_WIRE = {
    "local": "LocalFailedError",
    "address": "AddressRefusedError",
    "dns": "DnsFailedError",
    "connect": "ConnectFailedError",
    "tls": "TlsFailedError",
    "not_http": "NotHttpError",
}


@pytest.mark.parametrize("name", ERRORS_OF_THE_WIRE)
def test_the_engine_blames_the_transport_as_the_table_does(name):
    row = next(row for row in TABLE.transport if row.id == name)
    assert getattr(wire_errors, ERRORS_OF_THE_WIRE[name]).outcome == row.outcome


def test_every_outcome_of_a_measurement_has_a_row():
    told = {row.outcome for row in (*TABLE.transport, *TABLE.endings)} | {row.outcome for row in TABLE.errors}
    assert set(OUTCOMES) - told == {"ok", "budget", "missed"}
    assert told - set(OUTCOMES) == {""}

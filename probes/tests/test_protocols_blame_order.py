"""Which row of the table of blame decides where several could."""

import pytest

from probes.outcomes import Charge, charge_of
from probes.protocols import PROTOCOLS
from probes.protocols.blame import TABLE
from probes.protocols.errors import ErrorBody
from probes.tests.test_protocols_blame import CHAT, decided, said

CODES_OF_OURS = [
    (row.id, code)
    for row in TABLE.errors
    for code in sorted(row.codes)
    if row.where != "stream" and charge_of(row.outcome) is not Charge.PROVIDER
]


@pytest.mark.parametrize("status", [500, 502, 503])
@pytest.mark.parametrize(("row", "code"), CODES_OF_OURS)
def test_a_failing_server_is_not_excused_by_a_word_of_ours(row, code, status):
    """`500 {"error": {"type": "authentication_error"}}` says that their key check is down."""
    for protocol in PROTOCOLS:
        expected = "slow-down" if (row, status) == ("slow-down", 503) else "server"
        assert decided(protocol, said(status, codes=code)) == expected


@pytest.mark.parametrize(
    ("message", "codes", "row"),
    [
        ("The system is currently experiencing high demand", "", "capacity-azure-demand"),
        ("Your limit was temporarily adjusted", "", "capacity-azure-adjusted"),
        ("We are at capacity", "", "capacity-text"),
        ("", "resource_unavailable", "capacity-flex"),
        ("", "", "rate-zero"),
    ],
)
def test_their_own_words_count_more_than_a_header_that_says_nothing_left(message, codes, row):
    assert decided(CHAT, said(429, message, codes, remaining_zero=True)) == row


@pytest.mark.parametrize(
    ("content_type", "body", "row"),
    [
        (
            "application/xml",
            '<?xml version="1.0"?><Error><Code>InvalidAccessKeyId</Code></Error>',
            "permission",
        ),
        ("", "<Error>AccessDenied</Error>", "permission"),
        ("", "<htmlx>", "permission"),
        ("", "<html><body>no</body></html>", "edge-page"),
        ("", "\ufeff\n <!DOCTYPE HTML PUBLIC><p>no", "edge-page"),
        ("", "  <HTML lang=en>", "edge-page"),
        ("text/html; charset=utf-8", "<p>no", "edge-page"),
    ],
)
def test_a_page_is_html_and_an_error_in_xml_is_not(content_type, body, row):
    answer = ErrorBody(403, {"content-type": content_type}, body.encode()).answer()
    assert decided(CHAT, answer) == row

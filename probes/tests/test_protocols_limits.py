"""Rate-limit headers of every vendor's style, and how long to wait."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.protocols.limits import read_rate_limits, retry_after_s

# 2026-11-21 12:00:00 UTC
NOW = 1_795_262_400.0


def limit(kind, window, limit, remaining, reset_s):
    return {"kind": kind, "window": window, "limit": limit, "remaining": remaining, "reset_s": reset_s}


OPENAI = {
    "x-ratelimit-limit-requests": "500",
    "x-ratelimit-remaining-requests": "499",
    "x-ratelimit-reset-requests": "120ms",
    "x-ratelimit-limit-tokens": "200000",
    "x-ratelimit-remaining-tokens": "199900",
    "x-ratelimit-reset-tokens": "6m0s",
}


def test_openai_tells_requests_and_tokens_by_the_minute():
    assert read_rate_limits({**OPENAI, "openai-processing-ms": "80"}) == [
        limit("requests", "minute", 500, 499, 0.12),
        limit("tokens", "minute", 200_000, 199_900, 360.0),
    ]


@pytest.mark.parametrize(
    ("base_url", "headers", "window"),
    [
        ("https://api.openai.com/v1", {}, "minute"),
        ("https://res.openai.azure.com/openai/v1", {}, "minute"),
        ("https://api.groq.com/openai/v1", {}, "day"),
        ("", {"x-groq-region": "dls"}, "day"),
        ("", {"openai-processing-ms": "80"}, "minute"),
        ("https://notgroq.com/v1", {}, "unknown"),
        ("", {}, "unknown"),
    ],
)
def test_the_window_of_requests_is_the_vendors(base_url, headers, window):
    found = read_rate_limits({**OPENAI, **headers}, base_url=base_url)
    assert [part["window"] for part in found] == [window, "minute"]


def test_anthropic_tells_resets_as_moments():
    headers = {
        f"anthropic-ratelimit-{subject}-{part}": value
        for subject in ("requests", "tokens", "input-tokens", "output-tokens")
        for part, value in (("limit", "50"), ("remaining", "49"), ("reset", "2026-11-21T12:00:30Z"))
    }
    kinds = ("requests", "tokens", "input_tokens", "output_tokens")
    assert read_rate_limits(headers, now=NOW) == [limit(kind, "minute", 50, 49, 30.0) for kind in kinds]
    assert {part["reset_s"] for part in read_rate_limits(headers)} == {None}


def test_a_moment_that_has_passed_is_now():
    headers = {
        "anthropic-ratelimit-requests-remaining": "9",
        "anthropic-ratelimit-requests-reset": "2026-11-21T11:59:00Z",
    }
    assert read_rate_limits(headers, now=NOW) == [limit("requests", "minute", None, 9, 0.0)]


def test_a_window_that_the_name_tells_goes_before_the_vendors():
    mistral = {"x-ratelimit-limit-req-minute": "60", "x-ratelimit-remaining-req-minute": "59"}
    cerebras = {"x-ratelimit-limit-requests-day": "14400", "x-ratelimit-limit-tokens-minute": "60000"}
    assert read_rate_limits(mistral) == [limit("requests", "minute", 60, 59, None)]
    assert read_rate_limits({**cerebras, "openai-processing-ms": "1"}) == [
        limit("requests", "day", 14_400, None, None),
        limit("tokens", "minute", 60_000, None, None),
    ]


def test_a_window_that_is_neither_minute_nor_day_is_unknown():
    assert read_rate_limits({"x-ratelimit-limit-tokens-month": "10"})[0]["window"] == "unknown"


@pytest.mark.parametrize(
    ("reset", "seconds"),
    [
        ("1s", 1.0),
        ("88ms", 0.088),
        ("6m0s", 360.0),
        ("2m59.56s", 179.56),
        ("1h2m3s", 3723.0),
        ("1d0h", 86_400.0),
        ("45", 45.0),
        ("0.5", 0.5),
        (str(int(NOW) + 20), 20.0),
        (str((int(NOW) + 20) * 1000), 20.0),
        ("2026-11-21T12:00:30+00:00", 30.0),
        ("", None),
        ("soon", None),
        ("-3", None),
        ("nan", None),
        ("inf", None),
        ("2026-11-21T12:00:30", None),
    ],
)
def test_a_reset_is_read_in_every_spelling(reset, seconds):
    headers = {"x-ratelimit-remaining-requests": "1", "x-ratelimit-reset-requests": reset}
    assert read_rate_limits(headers, now=NOW)[0]["reset_s"] == seconds


def test_mistral_and_openrouter_name_neither_kind_nor_window():
    headers = {"x-ratelimit-limit": "20", "x-ratelimit-remaining": "3", "x-ratelimit-reset": "1795262460000"}
    assert read_rate_limits(headers, now=NOW) == [limit("requests", "unknown", 20, 3, 60.0)]


@pytest.mark.parametrize(
    ("policy", "state", "found"),
    [
        ('"default";q=100;w=60', '"default";r=50;t=30', limit("requests", "minute", 100, 50, 30.0)),
        (
            '"fixed window";"api";q=500;w=300',
            '"api";r=499;t=12',
            limit("requests", "unknown", 500, 499, 12.0),
        ),
        ('"a";q=1;w=60, "b";q=2;w=86400', '"b";r=1;t=5', limit("requests", "day", 2, 1, 5.0)),
        ('"a";q=9;w=60;qu="tokens"', '"a";r=7', limit("tokens", "minute", 9, 7, None)),
        ("", "default;r=4;t=2", limit("requests", "unknown", None, 4, 2.0)),
    ],
)
def test_the_ietf_headers_are_joined_by_name(policy, state, found):
    assert read_rate_limits({"ratelimit-policy": policy, "ratelimit": state}) == [found]


def test_the_older_drafts_are_read():
    headers = {"ratelimit-limit": "10", "ratelimit-remaining": "9", "ratelimit-reset": "7"}
    assert read_rate_limits(headers) == [limit("requests", "unknown", 10, 9, 7.0)]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"content-type": "text/plain", "retry-after": "1"},
        {"x-ratelimit-limit-requests": "0", "x-ratelimit-remaining-requests": "-1"},
        {"x-ratelimit-limit-requests": "-1", "x-ratelimit-remaining-requests": "0"},
        {"x-ratelimit-limit-requests": "many", "x-ratelimit-remaining-requests": "1.5"},
        {"x-ratelimit-limit-requests": str(2**31)},
        {"x-ratelimit-reset-requests": "1s"},
        {"anthropic-ratelimit-unified-status": "allowed"},
        {"ratelimit-policy": '"a";q=9;w=60'},
    ],
)
def test_what_says_nothing_gives_nothing(headers):
    assert read_rate_limits(headers) == []


def test_a_remaining_of_zero_is_told_where_the_limit_is():
    headers = {"x-ratelimit-limit-requests": "60", "x-ratelimit-remaining-requests": "0"}
    assert read_rate_limits(headers)[0]["remaining"] == 0


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after": "9"}, 9.0),
        ({"retry-after": "0.25"}, 0.25),
        ({"retry-after": "Sat, 21 Nov 2026 12:00:40 GMT"}, 40.0),
        ({"retry-after": "Sat, 21 Nov 2026 11:00:00 GMT"}, 0.0),
        ({"retry-after-ms": "soon", "retry-after": "2"}, 2.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "nan"}, None),
        ({}, None),
    ],
)
def test_the_wait_is_read(headers, seconds):
    assert retry_after_s(headers, NOW) == seconds


@given(
    st.dictionaries(
        st.sampled_from([*OPENAI, "ratelimit", "ratelimit-policy", "x-ratelimit-reset", "retry-after"]),
        st.text(max_size=60),
    )
)
def test_no_header_breaks_the_reading(headers):
    for found in read_rate_limits(headers, now=NOW):
        assert found["limit"] is None or 0 < found["limit"] < 2**31
        assert found["reset_s"] is None or found["reset_s"] >= 0
    assert (retry_after_s(headers, NOW) or 0) >= 0

"""What servers ask with Retry-After."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aigo.lib.retry_after import retry_after_s

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        (" 9 ", 9.0),
        ("0.25", 0.25),
        ("0", 0.0),
        ("999999999", 999_999_999.0),
        ("Sat, 21 Nov 2026 12:05:00 GMT", 300.0),
        ("Sat, 21 Nov 2026 21:05:00 +0900", 300.0),
        ("Sat, 21 Nov 2026 12:05:00", 300.0),
        ("Sat, 21 Nov 2026 12:05:00 -0000", 300.0),
        ("Sat, 21 Nov 1998 10:00:00 GMT", 0.0),
        ("9" * 20, None),
        ("²", None),
        ("-5", None),
        ("nan", None),
        ("1e3", None),
        ("soon", None),
        ("", None),
    ],
)
def test_seconds_or_a_date(header: str, seconds: float | None):
    assert retry_after_s(header, now=NOW) == seconds


@given(st.text(max_size=60))
def test_no_header_breaks_the_reading(header: str):
    assert (retry_after_s(header, now=NOW) or 0.0) >= 0

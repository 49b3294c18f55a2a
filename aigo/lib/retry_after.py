"""What a server asks with Retry-After: https://www.rfc-editor.org/rfc/rfc9110.html#section-10.2.3. Pure."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

#: RFC 9110 knows whole seconds; vendors of APIs send fractions, too.
_SECONDS: Final = re.compile(r"[0-9]{1,9}(?:\.[0-9]+)?")


def retry_after_s(header: str, *, now: datetime) -> float | None:
    """Seconds from now, of seconds or an HTTP date; a date that has passed is 0, one without a zone is UTC.

    None: it says nothing that can be read.
    """
    text = header.strip()
    if _SECONDS.fullmatch(text):
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
        wait = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - now
    except (ValueError, IndexError, TypeError, OverflowError):
        return None
    return max(wait.total_seconds(), 0.0)

"""Moments as the API writes them."""

from datetime import datetime
from typing import overload


@overload
def moment_text(moment: datetime) -> str: ...
@overload
def moment_text(moment: None) -> None: ...
def moment_text(moment: datetime | None) -> str | None:
    """ISO 8601 with a Z for UTC, as Django REST framework writes it; None stays None."""
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")

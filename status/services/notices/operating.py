"""What operators do with channels and notices."""

from datetime import datetime
from typing import Any

from status.models import AlertChannel, Notice


def send_test(*, channel: AlertChannel, by: Any, now: datetime) -> Notice:
    """Queue a notice that says nothing but that the channel works."""
    raise NotImplementedError


def retry(*, notice: Notice, by: Any, now: datetime) -> None:
    """Try a notice again now, under the same id."""
    raise NotImplementedError

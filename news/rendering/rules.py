"""Limits of one page in a browser. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

#: NEWS_BROWSER: whichever Chromium the machine has.
ANY: Final = "1"


@dataclass(frozen=True, slots=True)
class Limits:
    """start_s: until a browser is there. page_s: for all of a page, then its browser is killed. settle_s: so
    long a page that is there may go on asking before it is read as it is. answer_s: for one answer.
    memory_bytes: of the browser's processes, what they share not counted. The rest: of one page."""

    start_s: float = 60.0
    page_s: float = 30.0
    settle_s: float = 8.0
    answer_s: float = 10.0
    requests: int = 60
    answers_bytes: int = 10_000_000
    dom_bytes: int = 2_000_000
    elements: int = 50_000
    memory_bytes: int = 1_000_000_000

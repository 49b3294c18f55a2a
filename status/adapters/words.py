"""The vendors' words in ours, and their texts without markup. Pure."""

import html
import re
from collections.abc import Iterable, Sequence
from typing import Final

import bleach

MOST_CHARACTERS: Final = 5_000
_MOST_MARKUP: Final = 50_000
_BREAKS = re.compile(r"<(?:br|/p|/div|/li|/h[1-6]|hr|/tr)\b[^>]*>", re.IGNORECASE)
_BLANK_LINES = re.compile(r"\s*\n\s*(?:\n\s*)+")
_NOT_A_LETTER = re.compile(r"[^a-z]")
_NOT_TEXT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")

#: Statuspage, Instatus, incident.io, Better Stack, Flashduty, OnlineOrNot: letters only, lower case.
COMPONENT_WORDS: Final = {
    "operational": "operational",
    "up": "operational",
    "noimpact": "operational",
    "resolved": "operational",
    "degraded": "degraded",
    "degradedperformance": "degraded",
    "minoroutage": "degraded",
    "partialoutage": "partial_outage",
    "majoroutage": "major_outage",
    "fulloutage": "major_outage",
    "downtime": "major_outage",
    "maintenance": "maintenance",
    "undermaintenance": "maintenance",
}
IMPACT_WORDS: Final = {
    "none": "none",
    "noimpact": "none",
    "operational": "none",
    "minor": "minor",
    "degraded": "minor",
    "degradedperformance": "minor",
    "minoroutage": "minor",
    "major": "major",
    "partialoutage": "major",
    "disruption": "major",
    "critical": "critical",
    "majoroutage": "critical",
    "fulloutage": "critical",
    "downtime": "critical",
    "outage": "critical",
    "maintenance": "maintenance",
    "undermaintenance": "maintenance",
    # Google's `status_impact`
    "available": "none",
    "serviceinformation": "none",
    "servicedisruption": "major",
    "serviceoutage": "critical",
}
STATE_WORDS: Final = {
    "investigating": "investigating",
    "identified": "identified",
    "monitoring": "monitoring",
    "resolved": "resolved",
    "mitigated": "resolved",
    "postmortem": "postmortem",
    "scheduled": "scheduled",
    "notstartedyet": "scheduled",
    "maintenancescheduled": "scheduled",
    "inprogress": "in_progress",
    "maintenanceinprogress": "in_progress",
    "ongoing": "in_progress",
    "verifying": "verifying",
    "completed": "completed",
    "maintenancecomplete": "completed",
}
#: From the lightest to the gravest.
_WEIGHTS: Final = ("none", "unknown", "maintenance", "minor", "major", "critical")


def _letters(word: str) -> str:
    return _NOT_A_LETTER.sub("", word.lower())


def component_state(word: str) -> str:
    """One of COMPONENT_STATES; a word nobody told us of is "unknown"."""
    return COMPONENT_WORDS.get(_letters(word), "unknown")


def impact(word: str) -> str:
    """One of IMPACTS, also from the words for components."""
    return IMPACT_WORDS.get(_letters(word), "unknown")


def incident_state(word: str, otherwise: str = "update") -> str:
    """One of INCIDENT_STATES; an unknown word is `otherwise`, which does not end it."""
    return STATE_WORDS.get(_letters(word), otherwise)


def gravest(impacts: Iterable[str]) -> str:
    """The gravest of these impacts, "none" where there are none."""
    return max(impacts, key=_WEIGHTS.index, default="none")


def indicator_of(open_impacts: Sequence[str]) -> str:
    """What a page without a word of its own says by its open incidents; "" where that is not known."""
    found = gravest(open_impacts)
    return "" if found == "unknown" else found


def plain(text: str) -> str:
    """The text without markup, at most 5,000 characters; lines where the markup had some."""
    broken = _BREAKS.sub("\n", text[:_MOST_MARKUP])
    bare = html.unescape(bleach.clean(broken, tags=set(), strip=True))
    return _BLANK_LINES.sub("\n\n", _NOT_TEXT.sub("", bare)).strip()[:MOST_CHARACTERS]


def link(address: str) -> str:
    """The address where it is one of the web, else "": pages may name scripts, and we show links."""
    return address if address.startswith(("https://", "http://")) else ""


def concerns(scope: Sequence[str], words: Iterable[str]) -> bool:
    """Whether one of the page's words has one of the scope's in it. No scope: everything concerns."""
    lowered = [word.casefold() for word in words]
    return not scope or any(part.casefold() in word for part in scope for word in lowered)

"""How open incidents are told in the strip on the board: severity, cause, extent and endpoints, in words."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from django import template
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from aigo.lib.words import Words
from aigo.templatetags.figures import NONE
from status import wording
from status.chronicle import Entry, IncidentStory
from status.incidents import IncidentLine
from status.wording import CAUSES, SEVERITY_WORDS, STAGE_WORDS

register = template.Library()

#: Incidents in sight at once; so many more are folded, the rest stand on the page of incidents.
SHOWN: Final = 3
FOLDED: Final = 12
#: Endpoints of an incident that are named; the rest are counted.
NAMED: Final = 4


class Named(NamedTuple):
    """Endpoints of an incident: (slug, name) of the first, and how many there are besides."""

    endpoints: list[tuple[str, str]]
    others: int


@register.filter
def in_sight(incidents: Iterable[IncidentLine]) -> list[IncidentLine]:
    """The gravest, as they are sorted."""
    return list(incidents)[:SHOWN]


@register.filter
def folded(incidents: Iterable[IncidentLine]) -> list[IncidentLine]:
    """Those that are not in sight, as far as the strip holds them."""
    return list(incidents)[SHOWN : SHOWN + FOLDED]


@register.filter
def left_out(incidents: Iterable[IncidentLine]) -> int:
    """How many the strip does not hold."""
    return max(0, len(list(incidents)) - SHOWN - FOLDED)


@register.filter
def severity_label(severity: str) -> str | Promise:
    """The severity's word."""
    return SEVERITY_WORDS[severity]


@register.filter
def cause_text(cause: str) -> str | Promise:
    """What the cause does to requests; "" for a machine word without a text."""
    return CAUSES.get(cause, "")


@register.filter
def stage_label(stage: str) -> str | Promise:
    """The word for where an incident is, or for the kind of an update."""
    return STAGE_WORDS[stage]


@register.filter
def told(words: Words) -> str:
    """A text that people wrote, in the page's language where they gave it in that."""
    return words.told(get_language() or "en")


@register.filter
def told_in(words: Words) -> str:
    """The language that `told` gives it in, for the element's `lang`."""
    return words.language(get_language() or "en")


@register.filter
def newest_first(timeline: Sequence[Entry]) -> list[Entry]:
    """A timeline as readers of something that goes on want it."""
    return list(reversed(timeline))


@register.filter
def last_words(story: IncidentStory) -> Entry | None:
    """What people told last and did not correct; None where they told nothing."""
    said = [entry for entry in story.timeline if entry.update and not entry.update.corrected_by]
    return said[-1] if said else None


@register.filter
def seconds_since(moment: datetime | None, earlier: datetime) -> float | None:
    """How long after `earlier`; None where it has not come yet."""
    return None if moment is None else (moment - earlier).total_seconds()


@register.filter
def span(seconds: float | None) -> str:
    """A length of time in its two largest units, cut off: 754 → "12 min 34 s", 93784 → "1 d 2 h"."""
    if seconds is None:
        return NONE
    left = int(seconds)
    parts: list[tuple[int, str]] = []
    for size, text in ((86_400, _("%(n)d d")), (3600, _("%(n)d h")), (60, _("%(n)d min")), (1, _("%(n)d s"))):
        count, left = divmod(left, size)
        if count or parts:
            parts.append((count, text % {"n": count}))
    return " ".join(text for count, text in parts[:2] if count) or _("%(n)d s") % {"n": 0}


@register.filter
def headline(line: IncidentLine | IncidentStory) -> str | Promise:
    """What is wrong: its title by hand, else what the cause does to requests."""
    return told(line.title_by_hand) or cause_text(line.cause)


@register.filter
def region_names(slugs: Iterable[str]) -> str:
    """The regions' names in the page's language, joined."""
    return wording.region_names(slugs)


@register.filter
def named_endpoints(line: IncidentLine | IncidentStory) -> Named:
    """The first endpoints by name; a single one that is left over is named, too."""
    endpoints = list(zip(line.slugs, line.names, strict=True))
    named = len(endpoints) if len(endpoints) <= NAMED + 1 else NAMED
    return Named(endpoints[:named], len(endpoints) - named)

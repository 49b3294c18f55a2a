"""How open incidents are told in the strip on the board: severity, cause, extent and endpoints, in words."""

from collections.abc import Iterable
from typing import Final, NamedTuple

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from aigo.lib.regions import BY_SLUG
from status.incidents import IncidentLine
from status.rules import Cause

register = template.Library()

#: Incidents in sight at once; the rest are folded.
SHOWN: Final = 3
#: Endpoints of an incident that are named; the rest are counted.
NAMED: Final = 4

SEVERITY_WORDS: Final[dict[str, str | Promise]] = {
    "info": _("Notice"),
    "minor": _("Minor"),
    "major": _("Major"),
    "critical": _("Critical"),
}

#: What somebody who sends requests notices, by IncidentLine.cause.
CAUSES: Final[dict[str, str | Promise]] = {
    Cause.CONFIRMED_FAILURES: _("Requests fail"),
    Cause.AVAILABILITY: _("Too many requests fail"),
    Cause.LATENCY: _("Slow answers"),
    Cause.SLOW_ANOMALY: _("Slower than usual at this hour"),
    Cause.ERROR_ANOMALY: _("More errors than usual at this hour"),
    Cause.PROVIDER_WIDE: _("Provider-wide trouble"),
}


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
    """Those that are not in sight."""
    return list(incidents)[SHOWN:]


@register.filter
def severity_label(severity: str) -> str | Promise:
    """The severity's word."""
    return SEVERITY_WORDS[severity]


@register.filter
def cause_text(cause: str) -> str | Promise:
    """What the cause does to requests; "" for a machine word without a text."""
    return CAUSES.get(cause, "")


@register.filter
def region_names(slugs: Iterable[str]) -> str:
    """The regions' names in the page's language, joined."""
    return ", ".join(str(BY_SLUG[slug].name) if slug in BY_SLUG else slug for slug in slugs)


@register.filter
def named_endpoints(line: IncidentLine) -> Named:
    """The first endpoints by name; a single one that is left over is named, too."""
    endpoints = list(zip(line.slugs, line.names, strict=True))
    named = len(endpoints) if len(endpoints) <= NAMED + 1 else NAMED
    return Named(endpoints[:named], len(endpoints) - named)

"""How an endpoint is run: what its provider says, what incidents held it, how long it will live."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from aigo.lib.provenance import Provenance
from aigo.lib.regions import ALL
from aigo.lib.writing import pct, whole
from catalog.models import Lifecycle
from compare.lines import lines_of
from compare.sections.api import links
from compare.sections.rows import Make, absent, day, figure, rows_of, text
from compare.subjects import PAST, Subject
from compare.table import Cell, Row
from compare.tongues import Text, lazily
from probes.attempts import METHOD_VERSION
from status.models import OfficialPage

_DAYS_S: Final = int(PAST.total_seconds())
_TROUBLE: Final = {True: _("trouble"), False: _("tells of no incident")}


def rows(subjects: Sequence[Subject]) -> Iterable[Row]:
    return rows_of(lines_of("operation"), subjects, _MAKERS)


def _official(subject: Subject) -> Cell:
    """Their words for the whole, else whether they tell of trouble."""
    said = subject.said
    if said is None:
        return absent("not_served" if subject.served is None else "no_page")
    about = Provenance(
        "cited",
        source_name=said.provider,
        source_url=said.url,
        seen_at=said.read_at,
        simulated=subject.simulated,
    )
    if not said.known:
        return absent("unreadable", about, href=said.url)
    if said.indicator:
        value, words = said.indicator, OfficialPage.Indicator(said.indicator).label
    else:
        value, words = ("trouble" if said.troubled else "quiet"), _TROUBLE[bool(said.troubled)]
    return text(value, about, written=words, href=said.url, open_incidents=len(said.incidents))


def _held(subject: Subject) -> Provenance:
    return Provenance(
        "counted",
        window_s=_DAYS_S,
        region=ALL,
        method_version=METHOD_VERSION,
        simulated=subject.simulated,
        note=_measured_on(subject),
    )


def _measured_on(subject: Subject) -> Text:
    """A figure of 90 days says how many of them anybody looked."""
    days = subject.strip.measured_days if subject.strip else 0
    return lazily(
        lambda: (
            ngettext(
                "Measured on %(days)d day of the last %(past)d.",
                "Measured on %(days)d days of the last %(past)d.",
                days,
            )
            % {"days": days, "past": PAST.days}
        )
    )


def _incidents(subject: Subject, key: str) -> Cell:
    held = subject.held
    if subject.row is None or held is None:
        return absent("not_served" if subject.served is None else "not_watched")
    strip = subject.strip
    days = strip.measured_days if strip else 0
    if not days and not held.count:  # who never looked has seen nothing
        return absent("no_days")
    href = f"/incidents/?model={subject.row.slug}"
    if key == "incidents":
        return figure(
            held.count, whole(held.count), _held(subject), href=href, open=held.open, measured_days=days
        )
    if key == "incident_minutes":
        minutes = int(held.lasted.total_seconds() // 60)
        return figure(minutes, whole(minutes), _held(subject), href=href)
    if held.newest_at is None:
        return absent("no_incident", _held(subject))
    return day(held.newest_at, _held(subject), href=f"/incidents/{held.newest}/", open=held.open)


def _uptime(subject: Subject) -> Cell:
    strip = subject.strip
    if strip is None:
        return absent("not_served" if subject.served is None else "not_watched")
    about = Provenance(
        "measured",
        samples=strip.attempts,
        window_s=_DAYS_S,
        region=ALL,
        tier=strip.tier,
        method_version=METHOD_VERSION,
        simulated=strip.simulated,
        note=_measured_on(subject),
    )
    found = strip.availability_pct
    if found is None:
        return absent("no_days", about)
    scale = f"tier {strip.tier}"
    return figure(round(found, 4), pct(found), about, scale=scale, measured_days=strip.measured_days)


def _slo(subject: Subject) -> Cell:
    line = subject.slo
    if line is None:
        return absent("not_served" if subject.served is None else "not_judged")
    about = line.provenance("computed")
    if line.budget_left_pct is None:
        return absent("few_attempts", about, needed=line.attempts_needed, has=line.counted)
    left = line.budget_left_pct
    return figure(round(left, 2), pct(left), about, target_pct=line.target_pct, period_days=line.period_days)


def _dates(subject: Subject) -> Provenance | None:
    """Where the lifecycle's dates were read."""
    endpoint = subject.endpoint
    if endpoint is None or not endpoint.dates_source_name:
        return None
    return Provenance(
        "cited",
        source_name=endpoint.dates_source_name,
        source_url=endpoint.dates_source_url,
        seen_at=endpoint.dates_seen_at,
        simulated=subject.simulated,
    )


def _lifecycle(subject: Subject) -> Cell:
    own = subject.endpoint or subject.model
    about = Provenance(
        "cited",
        source_name=own.source_name or _("AI-GO’s editors"),
        seen_at=subject.endpoint.last_seen_in_source_at if subject.endpoint else None,
        simulated=subject.simulated,
    )
    return text(own.lifecycle, about, written=Lifecycle(own.lifecycle).label)


def _day(subject: Subject, found: datetime | None) -> Cell:
    if found is None:
        return absent("not_served" if subject.served is None else "no_date")
    return day(found, _dates(subject))


_MAKERS: Final[dict[str, Make]] = {
    "official": _official,
    **{key: partial(_incidents, key=key) for key in ("incidents", "incident_minutes", "last_incident")},
    "uptime": _uptime,
    "slo": _slo,
    "lifecycle": _lifecycle,
    "deprecated": lambda one: _day(one, one.endpoint.deprecated_at if one.endpoint else None),
    "retires": lambda one: _day(one, one.endpoint.retires_at if one.endpoint else None),
    "notes": lambda one: links(one, ("changelog", "notices")),
}

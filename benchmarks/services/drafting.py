"""Figures that no file brings: programs send them, people write them. Each way is a source of its own.

What a program sends is a draft of the account whose key it bears, read as an import's rows are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from django.contrib.auth.models import User
from django.db import transaction

from benchmarks.choosing import EVIDENCE
from benchmarks.models import Score, ScoreSource, Suite
from benchmarks.rows import Cells, Fault, Reading, ScoreRow, figure, spread
from benchmarks.services.importing import apply
from benchmarks.services.planning import look

#: The fields of a draft, the required ones first.
REQUIRED: Final = ("suite", "label", "raw", "evidence", "source_name", "source_url")
OPTIONAL: Final = (
    *("unit", "maker", "uncertainty", "setting", "evidence_note", "source_version", "licence"),
    *("evaluated_on", "note"),
)
SOURCE: Final = {"slug": "api", "name": "Figures sent by API keys", "format": "aigo-csv"}
#: As data/sources.json has it.
BY_HAND: Final = {"slug": "editors", "name": "Figures that editors bring", "format": "aigo-csv"}


class Unreadable(Exception):
    """Theirs, permanent: a field cannot be what it should; `fault` says which and why."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        super().__init__(fault.code)


@dataclass(frozen=True, slots=True)
class Drafted:
    """`made`: the draft is new, or has a new value; else the figure is here already as it was sent."""

    score: Score
    made: bool


@transaction.atomic
def draft_score(data: Mapping[str, object], *, by: User, now: datetime) -> Drafted:
    """A draft of what was sent, never more. Raises Unreadable, and editorial's MissingRight."""
    reading = Reading()
    reading.read(0, _row, data)
    diff = look(_source(SOURCE), reading)
    diff.gone = []  # what else the API was told stays
    if diff.faults:
        raise Unreadable(diff.faults[0])
    (one,) = diff.planned
    if one.kind == "unchanged" and one.old is not None:
        return Drafted(one.old, made=False)
    run = apply(diff, now=now, origin=f"API, {by.get_username()}", by=by, author=by)
    made = Score.objects.filter(key=one.key, source=diff.source).latest("pk")
    return Drafted(made, made=run is not None)


def source_by_hand() -> ScoreSource:
    """Where figures are from that a person writes into the form; what they cite stands in the figure."""
    return _source(BY_HAND)


def _source(known: Mapping[str, str]) -> ScoreSource:
    return ScoreSource.objects.get_or_create(slug=known["slug"], defaults={**known})[0]


def _row(cells: Cells) -> ScoreRow:
    """What was sent; `unit` is the suite's unless it says another ("fraction", "solved_of_30")."""
    suite = cells.text("suite", "suite", required=True)
    raw = cells.text("raw", "raw", required=True)
    unit = cells.text("unit", "raw") or _unit_of(suite)
    cells.column = "raw"
    value, kind = figure(raw, unit)
    return ScoreRow(
        suite=suite,
        label=cells.text("label", "label", required=True),
        maker=cells.text("maker", "maker"),
        raw=raw,
        value=value,
        unit=kind,
        uncertainty=_uncertainty(cells, unit),
        setting=cells.text("setting", "setting"),
        evidence=cells.choice("evidence", EVIDENCE),
        evidence_note=cells.text("evidence_note", "evidence_note"),
        source_name=cells.text("source_name", "source_name", required=True),
        source_url=cells.address("source_url"),
        source_version=cells.text("source_version", "source_version"),
        licence=cells.text("licence", "licence"),
        evaluated=cells.day("evaluated_on"),
        note=cells.text("note", "note"),
    )


def _uncertainty(cells: Cells, unit: str) -> Decimal | None:
    """In the suite's unit, of one in the unit of `raw`; of "2/30" in per cent."""
    stated = cells.number("uncertainty")
    if stated is None:
        return None
    return spread(stated if unit.startswith("solved_of_") else figure(f"{stated:f}", unit)[0])


def _unit_of(suite: str) -> str:
    """Of an unknown one any: it is refused for its name."""
    found = Suite.objects.filter(slug=suite.casefold()) | Suite.objects.filter(name__iexact=suite)
    return found.values_list("unit", flat=True).first() or "percent"

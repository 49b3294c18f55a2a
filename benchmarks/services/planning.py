"""What an import would do: looked at first, by people too, and applied by benchmarks.services.importing.

A row is the same figure where suite, label, setting and cited source are the same (`key_of`); read
again with another value it is a draft that supersedes the published one. What is gone from a source stays:
it was published. Nothing is joined to a model but by an accepted alias, and nothing is dropped.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any, Final

from aigo.lib.chunking import chunks
from benchmarks.choosing import Candidate, disagree, tolerance
from benchmarks.matching import Names, folded
from benchmarks.models import Evidence, ModelAlias, Score, ScoreSource, Suite
from benchmarks.rows import MOST_FAULTS, Fault, Reading, ScoreRow
from benchmarks.setting import read_setting
from editorial.workflow import EDITABLE, State

#: A source that states another one of these states another figure; a new pin of the same figure is no change.
COMPARED: Final = ("raw", "value", "uncertainty", "evidence", "suspect")
#: Ratings of open scales: beyond, something else was read.
_ELO: Final = (0, 5_000)


@dataclass(frozen=True, slots=True)
class Planned:
    """One row and what is to become of it. `old`: the published or open score of the same key.
    `held`: why it is not published by itself, a key of benchmarks.refusals.KEPT_BACK; "" = it is."""

    row: ScoreRow
    suite: Suite
    key: str
    setting_key: str
    model_id: int | None
    old: Score | None = None
    held: str = ""

    @property
    def kind(self) -> str:
        if self.old is None:
            return "new"
        return "changed" if self.changes() else "unchanged"

    def changes(self) -> dict[str, tuple[Any, Any]]:
        """Field → (before, after)."""
        if self.old is None:
            return {}
        pairs = {name: (getattr(self.old, name), getattr(self.row, name)) for name in COMPARED}
        return {name: (str(was), str(now)) for name, (was, now) in pairs.items() if was != now}


@dataclass(slots=True)
class Diff:
    """What an import would do. `gone`: scores of the source that it no longer states."""

    source: ScoreSource
    planned: list[Planned] = field(default_factory=list)
    gone: list[Score] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    left_out: Mapping[str, int] = field(default_factory=dict)

    def of(self, kind: str) -> list[Planned]:
        return [one for one in self.planned if one.kind == kind]

    def counts(self) -> dict[str, int]:
        """As an ImportRun keeps them."""
        kinds = Counter(one.kind for one in self.planned)
        found = {name: kinds[name] for name in ("new", "changed", "unchanged")}
        others = {"rows": len(self.planned), "unmatched": len(self.unmatched), "gone": len(self.gone)}
        return found | others

    @property
    def unmatched(self) -> list[Planned]:
        return [one for one in self.planned if one.model_id is None]

    @property
    def to_publish(self) -> list[Planned]:
        return [one for one in self.planned if not one.held and one.kind != "unchanged"]


def key_of(row: ScoreRow, suite: str) -> str:
    """The same figure read again has the same key, whichever commit of the source it is read from."""
    parts = (suite, folded(row.label), row.setting, row.source_name)
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def look(source: ScoreSource, reading: Reading) -> Diff:
    """What the rows would change; faults of rows that fit no suite are added to the reading's own."""
    diff = Diff(source, faults=list(reading.faults), left_out=reading.left_out)
    if diff.faults:
        return diff
    placed = _placed(reading, diff)
    if reading.foreign and not placed and not diff.faults:
        diff.faults.append(Fault(0, "", "", "nothing_known"))
    names = accepted_names()
    keys = _keys(placed)
    known = _scores_by_key(keys)
    seen: set[str] = set()
    for (row, suite), key in zip(placed, keys, strict=True):
        if key not in seen:  # the same figure twice in one file is one
            seen.add(key)
            model = names.find(row.label, row.maker)
            diff.planned.append(_plan(source, row, suite, key, model, known.get(key, [])))
    contradicted = _contradicted(diff.planned)
    diff.planned = [
        replace(one, held="conflicting") if one.key in contradicted else one for one in diff.planned
    ]
    live = Score.objects.filter(source=source, state__in=(*EDITABLE, State.PUBLISHED))
    diff.gone = [score for score in live.select_related("suite") if score.key not in seen]
    return diff


def _placed(reading: Reading, diff: Diff) -> list[tuple[ScoreRow, Suite]]:
    """The rows and their suites; what fits none is a fault, or left out of a foreign format."""
    suites = _suites()
    found: list[tuple[ScoreRow, Suite]] = []
    for row in reading.rows:
        suite = suites.get(row.suite.casefold())
        if suite is None and reading.foreign:
            reading.leave_out(f"no such suite: {row.suite}")
            continue
        fault = _fault(row, suite)
        if suite is not None and fault is None:
            found.append((row, suite))
        elif fault is not None and len(diff.faults) < MOST_FAULTS:
            diff.faults.append(fault)
    return found


def _keys(placed: Sequence[tuple[ScoreRow, Suite]]) -> list[str]:
    """Of each row; several figures of one source and setting are all kept, told apart by their values."""
    keys = [key_of(row, suite.slug) for row, suite in placed]
    figures: dict[str, set[str]] = {}
    for key, (row, _suite) in zip(keys, placed, strict=True):
        figures.setdefault(key, set()).add(row.raw)
    return [
        key if len(figures[key]) == 1 else hashlib.sha256(f"{key}\x1f{row.raw}".encode()).hexdigest()
        for key, (row, _suite) in zip(keys, placed, strict=True)
    ]


def _suites() -> dict[str, Suite]:
    """By name and by slug."""
    found: dict[str, Suite] = {}
    for suite in Suite.objects.all():
        found[suite.name.casefold()] = suite
        found[suite.slug] = suite
    return found


def accepted_names() -> Names:
    """What accepted aliases say."""
    accepted = ModelAlias.objects.filter(state=ModelAlias.State.ACCEPTED)
    return Names(accepted.values_list("label", "maker", "model_id"))


def _is_live(score: Score) -> bool:
    return score.state == State.PUBLISHED or is_open(score)


def is_open(score: Score | None) -> bool:
    return score is not None and score.state in EDITABLE


def _scores_by_key(keys: Sequence[str]) -> dict[str, list[Score]]:
    """Key → its scores, of any source: the open one, the published one, the withdrawn ones newest first."""
    found: dict[str, list[Score]] = {}
    for part in chunks(keys):
        scores = Score.objects.filter(key__in=part).select_related("source", "run")
        for score in scores.order_by("-pk"):
            found.setdefault(score.key, []).append(score)
    for known in found.values():
        known.sort(key=lambda score: (not is_open(score), score.state != State.PUBLISHED))
    return found


def _fault(row: ScoreRow, suite: Suite | None) -> Fault | None:
    if suite is None:
        return Fault(row.place, "suite", row.suite, "unknown_suite")
    if suite.unit != row.unit:
        return Fault(row.place, "unit", row.unit, "other_unit", suite.unit)
    low = suite.scale_min if suite.scale_min is not None else _ELO[0]
    high = suite.scale_max if suite.scale_max is not None else _ELO[1]
    if not low <= row.value <= high and not row.suspect:  # suspect figures wait for an editor as they are
        return Fault(row.place, "score", row.raw, "out_of_range", f"{_plain(low)}–{_plain(high)}")
    return None


def _plain(number: Decimal | int) -> str:
    return f"{Decimal(number):f}".rstrip("0").rstrip(".") if "." in f"{number:f}" else f"{number}"


def _plan(
    source: ScoreSource, row: ScoreRow, suite: Suite, key: str, model_id: int | None, known: Sequence[Score]
) -> Planned:
    setting_key = read_setting(row.setting, suite.slug).key
    old = known[0] if known and _is_live(known[0]) else _same(row, known)
    held = kept_back(source, row, model_id)
    return Planned(row, suite, key, setting_key, model_id, old, held)


def _same(row: ScoreRow, known: Sequence[Score]) -> Score | None:
    """A figure that editors withdrew or put away is not made anew as long as its source states the same."""
    return next(
        (old for old in known if all(getattr(old, name) == getattr(row, name) for name in COMPARED)), None
    )


def kept_back(source: ScoreSource, score: ScoreRow | Score, model_id: int | None = None) -> str:
    """Why an editor decides, a key of benchmarks.refusals.KEPT_BACK; "" = it is published by itself."""
    if not source.trusted:
        return "untrusted"
    if (score.model_id if isinstance(score, Score) else model_id) is None:
        return "unmatched"
    if score.suspect:
        return "suspect"
    return "aggregator" if score.evidence == Evidence.AGGREGATOR else ""


def _contradicted(planned: Sequence[Planned]) -> set[str]:
    """Keys of those that a published figure of the same model, suite and setting contradicts."""
    free = [one for one in planned if not one.held and one.kind != "unchanged"]
    suites = {one.suite.pk: one.suite.slug for one in free}
    shown: dict[tuple[int, int], list[tuple[str, Candidate]]] = {}
    models = sorted({one.model_id for one in free if one.model_id is not None})
    for part in chunks(models):
        rows = Score.objects.shown().filter(model_id__in=part, suite__in=suites)
        for row in rows.only(
            "suite_id", "model_id", "key", "value", "setting_text", "uncertainty", "evidence"
        ):
            place = (row.suite_id, row.model_id or 0)
            setting_key = read_setting(row.setting_text, suites[row.suite_id]).key  # by today's rules
            shown.setdefault(place, []).append((row.key, _candidate(row, setting_key)))
    found: set[str] = set()
    for one in free:
        allowed = tolerance(_number(one.suite.scale_min), _number(one.suite.scale_max))
        mine = _candidate(one.row, one.setting_key)
        others = shown.get((one.suite.pk, one.model_id or 0), ())
        if any(key != one.key and disagree(mine, other, allowed) for key, other in others):
            found.add(one.key)
    return found


def _candidate(score: ScoreRow | Score, setting_key: str) -> Candidate:
    uncertainty = _number(score.uncertainty)
    return Candidate(0, float(score.value), setting_key, "other", score.evidence, None, uncertainty)


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)

"""The search over everything that has a page. Pages, type-ahead and API show what `kept_search` finds."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import reduce
from typing import Any, Final

from aigo.findable import KINDS, WATCHED, Thing
from aigo.lib.kept import Answer
from aigo.lib.matching import Grade, Index, Match, Query, Ranking, query_of
from aigo.lib.regions import ALL
from status.board import BoardRow
from status.kept import SUITES, keeper, kept_snapshot
from status.snapshot import Snapshot

#: Events end a kept index; this is for what no event told.
INDEX_KEPT: Final = timedelta(minutes=10)
KIND_NAMES: Final = tuple(kind.name for kind in KINDS)


@dataclass(frozen=True, slots=True)
class Hit:
    """A thing that was found. `row`: how it stands on the board, over all regions: an endpoint, or a model by
    its only endpoint; None = it is not on the board, or several are.
    """

    thing: Thing
    grade: Grade
    row: BoardRow | None

    def to_json(self) -> dict[str, Any]:
        thing = self.thing
        return {
            "kind": thing.kind,
            "slug": thing.slug,
            "title": thing.title.to_json(),
            "by": thing.by or None,
            "url": thing.url,
            "match": self.grade.name.lower(),
            "state": self.row.state.value if self.row else None,
            "simulated": thing.simulated,
        }


@dataclass(frozen=True, slots=True)
class Found:
    """What a query finds, the best first; a sequence of hits. `by_kind`: how many of each kind that has any,
    in the order of the best of each. `at`, `age_s`, `away`: of the states shown, as in `status.board.Board`.
    """

    query: Query
    ranking: Ranking[Thing]
    by_kind: dict[str, int]
    rows: dict[str, BoardRow]
    at: datetime
    age_s: int
    away: str

    def __len__(self) -> int:
        return len(self.ranking)

    def __getitem__(self, part: slice) -> list[Hit]:
        return [self._hit(match) for match in self.ranking[part]]

    def of(self, *kinds: str) -> "Found":
        """Those of these kinds; all where none is named. `by_kind` stays."""
        return replace(self, ranking=self.ranking.of(kinds)) if kinds else self

    def _hit(self, match: Match[Thing]) -> Hit:
        slug = match.item.slug if match.kind == "endpoint" else match.item.sole
        return Hit(match.item, match.grade, self.rows.get(slug))


def kept_search(typed: str, *, now: datetime) -> Found:
    """What is found by what was typed. Raises Unavailable."""
    query, present = query_of(typed), kept_snapshot(now=now)
    topics = dict.fromkeys(kind.topic for kind in KINDS)
    ranking = reduce(Ranking.beside, (_kept_index(topic, now=now).value.find(query) for topic in topics))
    rows = present.value.once("rows by slug", lambda: _rows(present.value))
    return Found(query, ranking, ranking.by_kind(), rows, present.at, present.age_s, present.away)


@dataclass(frozen=True, slots=True)
class Beginnings:
    """Where somebody may begin who has typed nothing: the functions, and the providers on the board."""

    functions: list[Thing]
    providers: list[Thing]


def kept_beginnings(*, now: datetime) -> Beginnings:
    """Raises Unavailable."""
    entries = _kept_index(SUITES, now=now).value.entries
    functions = [entry.item for entry in entries if entry.kind == "function"]
    on_board = (entry.item for entry in entries if entry.kind == "provider" and entry.weight == WATCHED)
    return Beginnings(functions, sorted(on_board, key=lambda thing: thing.title.en.casefold()))


def _kept_index(topic: str, *, now: datetime) -> Answer[Index[Thing]]:
    """The kinds that change together. Events of the catalogue touch everything, without naming a topic."""
    own = [kind for kind in KINDS if kind.topic == topic]
    return keeper().answer(
        ("search", topic),
        lambda: Index((entry for kind in own for entry in kind.entries()), KIND_NAMES),
        now=now,
        topics=lambda _index: (topic,),
        keep=INDEX_KEPT,
    )


def _rows(present: Snapshot) -> dict[str, BoardRow]:
    return {row.slug: row for row in present.rows(ALL)}

"""What readers are shown of benchmarks, kept until a score, a suite or the catalogue has changed."""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, TypeVar

from aigo.lib import replicas
from aigo.lib.changes import Changes
from aigo.lib.events import Event
from aigo.lib.kept import Answer, Keeper
from aigo.lib.once import once
from benchmarks.filtering import Asked, BenchmarkWish
from benchmarks.loading import load_store
from benchmarks.looking import CellView, Standing, SuiteCard, SuiteView, standings_of, suite_cards
from benchmarks.matrix import Matrix
from benchmarks.selectors import ScoreView, cell_of, load_score, matrix_of, suite_of, wish_of
from benchmarks.store import Store

T = TypeVar("T")
#: Events tell of every change; this is for what none told.
KEPT: Final = timedelta(minutes=10)
#: Wishes are the readers' choice, and a matrix of 500 models in 40 suites takes some 4 MB.
MOST_KEPT: Final = 60
#: A store of 24,000 scores takes some 25 MB: whoever walks through the days gets them computed.
MOST_PAST: Final = 6
#: Topic of whatever is shown of scores.
SCORES: Final = "scores"
#: Key of what everything else is cut from.
STORE: Final = "store"


def topics_of(event: Event) -> Iterable[str]:
    """What an event touches."""
    return (SCORES,) if event.type in ("scores.changed", "catalog.changed") else ()


@once
def keeper() -> Keeper:
    """This process's kept answers."""
    return Keeper(Changes(topics_of), read=replicas.read, always=STORE, most=MOST_KEPT)


@once
def past_keeper() -> Keeper:
    """Those of former days: each holds a store of its own."""
    return Keeper(Changes(topics_of), read=replicas.read, most=MOST_PAST)


def _keeper(as_of: str) -> Keeper:
    return past_keeper() if as_of else keeper()


def _scores(_value: object) -> Iterable[str]:
    return (SCORES,)


def kept_store(as_of: str = "", *, now: datetime) -> Answer[Store]:
    """Everything that readers see, or saw at the end of a day. Raises Unavailable."""
    key = (STORE, as_of) if as_of else STORE
    return _keeper(as_of).answer(key, lambda: load_store(as_of, now=now), now=now, topics=_scores, keep=KEPT)


def kept_matrix(wish: BenchmarkWish, *, now: datetime) -> Answer[Matrix]:
    """What a wish asks for, of the same store as everything else. Raises Unavailable."""
    return _cut(("matrix", wish), lambda store: matrix_of(store, wish), now=now, as_of=wish.as_of)


def kept_wish(query: Mapping[str, Sequence[str]], *, now: datetime) -> Asked:
    """The wish of an address (`dict(request.GET.lists())`), as the present store knows it."""
    return wish_of(query, kept_store(now=now).value)


def kept_suite(slug: str, *, now: datetime) -> Answer[SuiteView]:
    """A suite with its ranking and progress. Raises Unavailable, NoSuchSuite."""
    return _cut(("suite", slug), lambda store: suite_of(store, slug), now=now)


def kept_cards(*, now: datetime) -> Answer[list[SuiteCard]]:
    """Every suite at a glance. Raises Unavailable."""
    return _cut(("cards",), suite_cards, now=now)


def kept_cell(suite: str, model: str, *, now: datetime) -> Answer[CellView]:
    """All figures of one cell, side by side. Raises Unavailable, NoSuchSuite, NoSuchModel."""
    store = kept_store(now=now)
    return _part(store, cell_of(store.value, suite, model))


def kept_standings(model: str, *, now: datetime) -> Answer[tuple[Standing, ...]]:
    """A model (slug) in every suite that it has a figure in. Raises Unavailable."""
    store = kept_store(now=now)
    return Answer(standings_of(store.value, model), store.at, store.age, store.event_id, store.away)


def kept_score(pk: int, *, now: datetime) -> Answer[ScoreView]:
    """One figure that readers see or have seen. Raises Unavailable, NoSuchScore."""
    return keeper().answer(("score", pk), lambda: load_score(pk), now=now, topics=_scores)


def _cut(
    key: tuple[Hashable, ...], compute: Callable[[Store], T], *, now: datetime, as_of: str = ""
) -> Answer[T]:
    """What is cut from the store of a day, kept as long as that store is. Raises Unavailable."""
    store = kept_store(as_of, now=now)
    kept = _keeper(as_of).answer(
        (*key, store.at), lambda: compute(store.value), now=now, topics=_scores, keep=KEPT
    )
    return _part(store, kept.value)


def _part(store: Answer[Store], value: T) -> Answer[T]:
    """A part of a store is as old as the store."""
    return Answer(value, store.at, store.age, store.event_id, store.away)

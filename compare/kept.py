"""What readers are shown of comparisons, of the same kept answers as every other page."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from aigo.lib import replicas
from aigo.lib.changes import Changes
from aigo.lib.kept import Answer, Keeper
from aigo.lib.once import once
from benchmarks.kept import kept_store
from compare.asking import Asked, CompareWish, named
from compare.models import FrozenComparison
from compare.selectors import asked_of, comparison_of, load_subjects
from compare.subjects import Past, load_known
from compare.table import Comparison, Frozen, comparison_from_json
from news.kept import kept as kept_news
from news.selectors.lines import NewsLine, lines_of_each
from status.kept import INCIDENTS, kept_snapshot, kept_uptime, topics_of

#: Events tell of changes of states, incidents and the catalogue; speeds and budgets move by the clock.
KEPT: Final = timedelta(seconds=30)
#: Articles that are named of each model.
MOST_NEWS: Final = 3
#: Which models stand together is the readers' choice; each set takes some 100 kB.
MOST_KEPT: Final = 200


@once
def keeper() -> Keeper:
    """This process's kept answers: its own, so that no choice of models drives out what all pages show."""
    return Keeper(Changes(topics_of), read=replicas.read, most=MOST_KEPT)


def kept_asked(query: Mapping[str, Sequence[str]], *, parameter: str = "models", now: datetime) -> Asked:
    """The wish of an address (`dict(request.GET.lists())`), as the catalogue knows its models.

    Raises Unavailable.
    """
    slugs = named(query, parameter)
    known = keeper().answer(
        ("known", slugs), lambda: load_known(slugs), now=now, topics=lambda _known: (), keep=KEPT
    )
    return asked_of(query, known.value, parameter=parameter)


def kept_comparison(wish: CompareWish, *, now: datetime) -> Answer[Comparison]:
    """Up to four models side by side; slugs that nobody knows have no column. Raises Unavailable."""
    snapshot, store, uptime = kept_snapshot(now=now), kept_store(now=now), kept_uptime(now=now)
    past = kept_past(wish, now=now)
    parts = (snapshot, past, uptime)
    at, age = min((part.at, part.age) for part in parts)
    away = next((part.away for part in (*parts, store) if part.away), "")
    comparison = comparison_of(
        wish, past.value, snapshot=snapshot.value, uptime=uptime.value, store=store.value, at=at
    )
    return Answer(replace(comparison, away=away), at, age, snapshot.event_id, away)


def kept_past(wish: CompareWish, *, now: datetime) -> Answer[Past]:
    """What the columns are read of beside the board, the days and the scores. Raises Unavailable."""
    return keeper().answer(
        ("past", wish.models, wish.region),
        lambda: load_subjects(wish, now=now),
        now=now,
        topics=lambda past: (*past.slugs, INCIDENTS),
        keep=KEPT,
    )


def kept_lines(comparison: Comparison, *, now: datetime) -> list[tuple[NewsLine, ...]]:
    """The newest articles about the model of each column, of any age. Not of its figures: never frozen.

    Raises Unavailable.
    """
    models = tuple(column.model for column in comparison.columns)
    wanted = frozenset(models)
    key = ("of each", wanted, MOST_NEWS)
    found = kept_news(key, lambda: lines_of_each(wanted, most=MOST_NEWS), now=now).value
    return [found.get(model, ()) for model in models]


def load_frozen(token: str) -> Comparison | None:
    """The figures that were kept under a token; None = there are none. One query."""
    row = FrozenComparison.objects.filter(token=token).first() if "\0" not in token else None
    if row is None:
        return None
    return comparison_from_json(row.body, frozen=Frozen(row.token, row.made_at))

"""Price, quality and speed, of the same kept answers as the pages of prices, of benchmarks and the board."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from aigo.lib.chunking import chunks
from aigo.lib.kept import Answer
from aigo.lib.provenance import Provenance
from aigo.lib.writing import ms, rpm
from benchmarks.composites import mixes
from benchmarks.filtering import NO_COMPOSITE, BenchmarkWish
from benchmarks.kept import kept_matrix, kept_store
from benchmarks.matrix import Matrix
from catalog.kept import kept_price_table
from catalog.price_table import PriceLine
from compare.value.asking import Asked, ValueWish, asked
from compare.value.points import Speed, SpeedOf, Value, value_of
from probes.attempts import METHOD_VERSION
from probes.throughput import LEAST_S, Throughput, load_throughputs
from status.board import BoardRow
from status.kept import keeper, kept_snapshot
from status.snapshot import Snapshot, row_in
from status.tracing import missing_of, row_provenance

#: Long answers come every one to three hours.
KEPT: Final = timedelta(seconds=60)
#: A figure of reachability is no speed of a model.
INFERENCE: Final = "B"
#: Choice of speed → field of a board row.
_FIELDS: Final = {"ttft": "ttft_p50_ms", "p95": "p95_ms"}


def quality_choices(*, now: datetime) -> tuple[list[str], list[str]]:
    """(composites, suites that have a figure, the most covered first), by slug. Raises Unavailable."""
    return list(mixes()), kept_store(now=now).value.coverage()


def kept_asked(query: Mapping[str, Sequence[str]], *, now: datetime) -> Asked:
    """The wish of an address (`dict(request.GET.lists())`), as the data knows it. Raises Unavailable."""
    composites, suites = quality_choices(now=now)
    table, store = kept_price_table(now=now).value, kept_store(now=now).value
    makers = {model.creator for model in store.models.values()}
    known = {"quality": [*composites, *suites], "creator": makers, "provider": table.known["provider"]}
    return asked(query, known)


def kept_value(wish: ValueWish, *, now: datetime) -> Answer[Value]:
    """What the wish asks for; as old as the oldest part. Raises Unavailable."""
    matrix, table = kept_matrix(_matrix_wish(wish), now=now), kept_price_table(now=now)
    parts: list[Answer[Matrix] | Answer[Snapshot] | Answer[dict[int, Throughput]]] = [matrix]
    speed_of: SpeedOf | None = None
    if wish.speed:
        snapshot = kept_snapshot(now=now)
        parts.append(snapshot)
        if wish.speed == "tokens":
            speeds = _kept_speeds(table.value.lines, wish.region, now=now)
            parts.append(speeds)
            speed_of = _by_tokens(snapshot.value, speeds.value, wish.region)
        else:
            speed_of = _by_latency(snapshot.value, wish.region, wish.speed)
    at, age = min([(part.at, part.age) for part in parts] + [(table.at, table.age)])
    away = next((part.away for part in parts if part.away), table.away)
    found = value_of(wish, matrix.value, table.value.lines, speed_of, at)
    return Answer(found, at, age, matrix.event_id, away)


def _matrix_wish(wish: ValueWish) -> BenchmarkWish:
    """One composite over its suites, or one suite as it is published."""
    composites = mixes()
    mix = composites.get(wish.quality) if wish.quality else next(iter(composites.values()))
    if mix is None:
        return BenchmarkWish(suites=(wish.quality,), norm="raw", composite=NO_COMPOSITE)
    return BenchmarkWish(suites=tuple(sorted(mix.recipe.weights)), composite=mix.slug)


def _kept_speeds(lines: Sequence[PriceLine], region: str, *, now: datetime) -> Answer[dict[int, Throughput]]:
    """Endpoint id → tokens per second over a day, of all that are watched and whose models have a score."""
    scored = kept_store(now=now).value.models
    ids = sorted(line.offer.endpoint_id for line in lines if line.watched and line.model in scored)

    def load() -> dict[int, Throughput]:
        found: dict[int, Throughput] = {}
        for part in chunks(ids):
            found |= load_throughputs(part, region=region, window_s=LEAST_S, now=now)
        return found

    key = ("value speeds", region, hash(tuple(ids)))
    return keeper().answer(key, load, now=now, topics=lambda _found: (), keep=KEPT)


def _by_tokens(
    snapshot: Snapshot, speeds: Mapping[int, Throughput], region: str
) -> Callable[[PriceLine], Speed]:
    def speed_of(line: PriceLine) -> Speed:
        row, found = row_in(snapshot, line.slug, region), speeds.get(line.offer.endpoint_id)
        if row is None or found is None:
            return Speed(None, missing="not_watched")
        if not row.measured:
            return Speed(None, missing="no_key")
        about = Provenance(
            "measured",
            samples=found.samples,
            window_s=found.window_s,
            region=region,
            last_at=found.last_at,
            tier="C",
            method_version=METHOD_VERSION,
            simulated=line.simulated,
        )
        if found.p50_tokens_per_s is None:
            return Speed(None, provenance=about, missing="no_long_answer")
        return Speed(found.p50_tokens_per_s, rpm(found.p50_tokens_per_s), about)

    return speed_of


def _by_latency(snapshot: Snapshot, region: str, which: str) -> Callable[[PriceLine], Speed]:
    def speed_of(line: PriceLine) -> Speed:
        row = row_in(snapshot, line.slug, region)
        if row is None:
            return Speed(None, missing="not_watched")
        value: float | None = getattr(row, _FIELDS[which])
        if value is None or row.tier != INFERENCE:
            return Speed(None, provenance=row_provenance(row), missing=_why(which, row))
        return Speed(value, ms(value), row_provenance(row))

    return speed_of


def _why(which: str, row: BoardRow) -> str:
    """`missing_of` may need values for its sentence: those of too few attempts are told by its own."""
    if row.measured and row.samples and row.tier != INFERENCE:
        return "no_inference"
    return str(missing_of(which, row)[0])

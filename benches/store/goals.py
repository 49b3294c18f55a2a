"""What the store is to reach, and whether it did. Pure."""

import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from benches.store.plan import MODELS
from benches.store.running import Results

LATEST_BESIDE_READY: Final = 2.5
MOST_MS: Final = 10.0
TEN_TIMES: Final = 1.2
CPU_BESIDE_EXECUTEMANY: Final = 0.5
LEAST_PER_S: Final = 5_000.0
MOST_BYTES: Final = 200.0
ROLLUPS_BESIDE_RAW: Final = 0.1
OURS: Final = ("rows and rollups, a minute at a time", "rows and rollups, a backlog")
PEERS: Final = ("executemany, a minute at a time", "executemany, a backlog")


@dataclass(frozen=True, slots=True)
class Line:
    """One goal of one database. at_least: a goal that is to be reached, not stayed below."""

    words: str
    limit: float
    value: float
    form: str = ".2f"
    at_least: bool = False

    @property
    def met(self) -> bool:
        return self.value >= self.limit if self.at_least else self.value <= self.limit


def judge(results: Results) -> list[Line]:
    """The lines of the issue; the figures are medians over the rounds of the medians of each round."""
    lines = [*_answers(results), *_growth(results)]
    if results.ingest:
        lines += _ingest(results)
    return [*lines, *_bytes(results)]


def is_full(results: Results) -> bool:
    """Whether all models are there; with fewer the goals say nothing."""
    return results.plans[0].models == MODELS


def median_ms(results: Results, store: str, question: str) -> float:
    return statistics.median(_by_round(results, store, question))


def cpu_ms(results: Results, store: str, question: str) -> float:
    return statistics.median(float(found["cpu_ms"]) for found in results.times[store][question])


def _by_round(results: Results, store: str, question: str) -> list[float]:
    return [statistics.median(found["ms"]) for found in results.times[store][question]]


def _ratio(results: Results, above: tuple[str, str], below: tuple[str, str]) -> float:
    """The median of the ratios of each round; (store, question) each."""
    pairs = zip(_by_round(results, *above), _by_round(results, *below), strict=True)
    return statistics.median(one / other for one, other in pairs)


def histories(results: Results) -> list[str]:
    return [name for name in results.times["whole"] if name.startswith("history ")]


def _answers(results: Results) -> Iterator[Line]:
    ratio = _ratio(results, ("whole", "latest"), ("whole", "ready"))
    yield Line("latest state of all, as a multiple of as many ready rows", LATEST_BESIDE_READY, ratio)
    five = median_ms(results, "whole", "five minutes")
    yield Line("5-minute availability and p95 of all, ms", MOST_MS, five)
    for name in histories(results):
        yield Line(f"{name}, ms", MOST_MS, median_ms(results, "whole", name))


def _growth(results: Results) -> Iterator[Line]:
    for name in ("latest", "five minutes", *histories(results)):
        ratio = _ratio(results, ("whole", name), ("tenth", name))
        yield Line(f"{name}: ten times the rows, as a multiple", TEN_TIMES, ratio)


def per_row_us(costs: dict[str, float]) -> float:
    """CPU of client and server in µs per row."""
    return (costs["client_s"] + costs["server_s"]) / costs["rows"] * 1e6


def rows_per_s(costs: dict[str, float]) -> float:
    return costs["rows"] / costs["wall_s"]


def _ingest(results: Results) -> Iterator[Line]:
    def middle(figure: Any) -> float:
        return statistics.median(float(figure(ways)) for ways in results.ingest)

    for ours, peer in zip(OURS, PEERS, strict=True):
        if results.database == "postgresql":
            ratio = middle(lambda ways, o=ours, p=peer: per_row_us(ways[o]) / per_row_us(ways[p]))
            yield Line(f"{ours}: CPU per row beside executemany", CPU_BESIDE_EXECUTEMANY, ratio)
        else:
            rate = middle(lambda ways, o=ours: rows_per_s(ways[o]))
            yield Line(f"{ours}: attempts per s", LEAST_PER_S, rate, ",.0f", at_least=True)


def _bytes(results: Results) -> Iterator[Line]:
    sizes = results.sizes["whole"]
    raw = sizes["tables"]["probes_proberesult"]
    yield Line("bytes of a raw row", MOST_BYTES, raw["bytes"] / raw["rows"], ".0f")
    for kind, words in (("bytes", "without"), ("with_indexes", "with")):
        ratio = sizes["ratios"][kind]
        yield Line(f"30 days of rollups beside raw rows, {words} indexes", ROLLUPS_BESIDE_RAW, ratio, ".3f")

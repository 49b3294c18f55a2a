"""How one kind of server's metrics become figures: a table, read as the specification.

A line names the figure and the metric, newer names first: an older server's name is taken where the newer is
absent. What a line finds nothing for is not told.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from probes.scraping import windows
from probes.scraping.exposition import Exposition, Labels
from probes.scraping.figures import Distribution
from probes.scraping.quantiles import histogram_quantile
from probes.scraping.windows import Reading


def _all(labels: Labels) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Gauge:
    """What a server says of the moment; its series combined into one. Above `most` a value is no figure."""

    figure: str
    names: tuple[str, ...]
    scale: float = 1.0
    combine: Callable[[Iterable[float]], float] = sum
    most: float | None = None

    def metrics(self) -> tuple[str, ...]:
        return self.names

    def told(self, text: Exposition) -> float | None:
        """The figure, None where the text has none."""
        values = [value * self.scale for _labels, value in text.of(*self.names)]
        told = self.combine(values) if values else None
        return None if told is None or (self.most is not None and told > self.most) else told


@dataclass(frozen=True, slots=True)
class Rate:
    """How fast a counter rises: per second × `scale`. `by`: labels that make a series, None = all of them."""

    figure: str
    names: tuple[str, ...]
    scale: float = 1.0
    where: Callable[[Labels], bool] = _all
    by: tuple[str, ...] | None = None

    def metrics(self) -> tuple[str, ...]:
        return self.names

    def counted(self, text: Exposition) -> dict[str, float]:
        """Series → value of the counter; {} where the text has none."""
        found: dict[str, float] = {}
        for labels, value in text.of(*self.names):
            if self.where(labels):
                series = ",".join(labels.get(name, "") for name in (self.by or sorted(labels)))
                found[series] = found.get(series, 0.0) + value
        return found

    def told(self, readings: Sequence[Reading]) -> float | None:
        """The figure over `readings`, None where they share no series."""
        risen = windows.increases(readings, self.figure)
        return self.scale * sum(risen.values()) / windows.span_s(readings) if risen else None


@dataclass(frozen=True, slots=True)
class Histogram:
    """The percentiles of a histogram over a window; `scale` makes milliseconds of its unit."""

    figure: str
    names: tuple[str, ...]
    scale: float = 1000.0

    def metrics(self) -> tuple[str, ...]:
        return tuple(f"{name}_bucket" for name in self.names)

    def counted(self, text: Exposition) -> dict[str, float]:
        """Upper bound → observations up to it, of all series together."""
        found: dict[str, float] = {}
        for labels, value in text.of(*self.metrics()):
            le = labels.get("le", "")
            found[le] = found.get(le, 0.0) + value
        return found

    def told(self, readings: Sequence[Reading]) -> Distribution | None:
        """The percentiles of what was observed during `readings`, None where nothing was."""
        risen = windows.increases(readings, self.figure)
        median = histogram_quantile(0.5, risen)
        if median is None:
            return None
        samples = round(max(risen.values()))
        p95 = histogram_quantile(0.95, risen) if samples >= windows.P95_MIN_SAMPLES else None
        return Distribution(median * self.scale, None if p95 is None else p95 * self.scale, samples)


Line = Gauge | Rate | Histogram


def _as_they_are(text: Exposition, figures: dict[str, Any]) -> dict[str, Any]:
    return figures


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of server. `derive` completes what the lines told, from the metrics `more` besides."""

    slug: str
    lines: tuple[Line, ...]
    more: tuple[str, ...] = ()
    derive: Callable[[Exposition, dict[str, Any]], dict[str, Any]] = field(default=_as_they_are)

    def wanted(self) -> frozenset[str]:
        """Every metric that is read."""
        return frozenset(name for line in self.lines for name in line.metrics()) | frozenset(self.more)

    def counted(self, text: Exposition) -> dict[str, Mapping[str, float]]:
        """What the next reading will be set against."""
        counters = {line.figure: line.counted(text) for line in self.lines if not isinstance(line, Gauge)}
        return {figure: series for figure, series in counters.items() if series}

"""From the bytes of a Prometheus text to the samples that a table asks for.

https://github.com/prometheus/docs/blob/main/docs/instrumenting/exposition_formats.md

Only the lines of wanted metrics are parsed: an exposition may hold a hundred thousand others, and the
parser's time grows with the square of a line's length. That is why series and line length are bounded.
"""

import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from prometheus_client.parser import text_string_to_metric_families

from probes.scraping.problems import Problem, ScrapeError

#: Of the wanted metrics. A host of 256 CPUs has 2,048 series of CPU time.
MAX_SERIES: Final = 5_000
MAX_LINE_CHARS: Final = 2_048

_NAME: Final = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*(?=[ \t{])")
_SHOWN_CHARS: Final = 80

Labels = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Exposition:
    """Metric name → its samples as (labels, value), in the text's order.

    Values are finite and not negative; a metric whose values are no figures (NaN) is there without samples.
    """

    samples: Mapping[str, Sequence[tuple[Labels, float]]]

    def of(self, *names: str) -> Sequence[tuple[Labels, float]]:
        """The samples of the first of these names that has any."""
        return next((self.samples[name] for name in names if self.samples.get(name)), ())


def read_text(body: bytes, wanted: Collection[str]) -> Exposition:
    """The samples of the `wanted` metrics. ScrapeError: NOT_TEXT, INVALID, TOO_MANY."""
    lines = _wanted_lines(_decoded(body), frozenset(wanted))
    samples: dict[str, list[tuple[Labels, float]]] = {}
    seen: set[tuple[str, frozenset[tuple[str, str]]]] = set()
    for line in lines:
        name, labels, value = _sample(line)
        key = (name, frozenset(labels.items()))
        if key in seen:
            raise ScrapeError(Problem.INVALID, f"the series {line[:_SHOWN_CHARS]!r} stands there twice")
        seen.add(key)
        told = samples.setdefault(name, [])
        if value is not None:
            told.append((labels, value))
    return Exposition(samples)


def _decoded(body: bytes) -> str:
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise ScrapeError(Problem.NOT_TEXT, f"byte {error.start} is not UTF-8") from None
    if "\x00" in text:
        raise ScrapeError(Problem.NOT_TEXT, "it holds NUL")
    return text


def _wanted_lines(text: str, wanted: frozenset[str]) -> list[str]:
    lines: list[str] = []
    for number, line in enumerate(text.split("\n"), 1):
        stripped = line.strip()
        if not stripped or stripped[0] in "#{":  # "{": a quoted UTF-8 name, and none of ours is one
            continue
        name = _NAME.match(stripped)
        if name is None:
            raise ScrapeError(Problem.NOT_TEXT, f"line {number} is {stripped[:_SHOWN_CHARS]!r}")
        if name[0] not in wanted:
            continue
        if len(stripped) > MAX_LINE_CHARS:
            raise ScrapeError(Problem.INVALID, f"line {number} has {len(stripped):,} characters")
        if len(lines) == MAX_SERIES:
            raise ScrapeError(Problem.TOO_MANY, f"more than {MAX_SERIES:,} series")
        lines.append(stripped)
    return lines


def _sample(line: str) -> tuple[str, Labels, float | None]:
    """(name, labels, value); the value None where it is no figure: NaN, infinite or negative."""
    try:
        (family,) = text_string_to_metric_families(line)
        (sample,) = family.samples
        value = float(sample.value)
    except (ValueError, OverflowError, IndexError, TypeError) as error:
        raise ScrapeError(Problem.INVALID, f"cannot read {line[:_SHOWN_CHARS]!r}: {error}"[:300]) from None
    return sample.name, sample.labels, value if math.isfinite(value) and value >= 0 else None

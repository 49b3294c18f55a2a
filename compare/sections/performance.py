"""How an endpoint answers, of our own probes: the same figures as the board's in the chosen region."""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Final

from aigo.lib.provenance import Provenance
from aigo.lib.writing import error_pct, ms, pct, rpm, whole, window
from compare.lines import lines_of
from compare.sections.rows import Make, absent, figure, rows_of
from compare.subjects import Subject
from compare.table import Cell, Row
from compare.tongues import lazily
from probes.attempts import METHOD_VERSION
from status.tracing import missing_of, reason_of, row_provenance
from status.wording import STATE_WORDS

#: Line → field of a board row, and how it is written.
_FIGURES: Final = {
    "availability": ("availability_pct", pct),
    "p50": ("p50_ms", ms),
    "p95": ("p95_ms", ms),
    "ttft": ("ttft_p50_ms", ms),
    "error_rate": ("error_rate_pct", error_pct),
}


def rows(subjects: Sequence[Subject]) -> Iterable[Row]:
    return rows_of(lines_of("performance"), subjects, _MAKERS)


def _unmeasured(subject: Subject) -> Cell:
    return absent("not_served" if subject.served is None else "not_watched")


def _state(subject: Subject) -> Cell:
    row = subject.row
    if row is None:
        return _unmeasured(subject)
    return Cell(
        row.state.value,
        STATE_WORDS[row.state.value],
        row_provenance(row),
        extra={"reason": row.reason},
    )


def _figure(subject: Subject, name: str) -> Cell:
    """A tier is a scale: reachability does not compare with inference."""
    row = subject.row
    if row is None:
        return _unmeasured(subject)
    field, write = _FIGURES[name]
    value = getattr(row, field)
    if value is None:
        code, values = missing_of(name, row)
        return absent(code, row_provenance(row), **values)
    return figure(value, write(value), row_provenance(row), scale=f"tier {row.tier}", tier=row.tier)


def _speed(subject: Subject) -> Cell:
    """Of long answers alone (tier C), over at least a day."""
    found = subject.speed
    if subject.row is None or found is None:
        return _unmeasured(subject)
    about = Provenance(
        "measured",
        samples=found.samples,
        window_s=found.window_s,
        region=subject.region,
        last_at=found.last_at,
        tier="C",
        method_version=METHOD_VERSION,
        simulated=subject.simulated,
    )
    if found.p50_tokens_per_s is None:
        return absent("no_long_answer", about)
    return figure(found.p50_tokens_per_s, rpm(found.p50_tokens_per_s), about, scale="tier C", tier="C")


def _samples(subject: Subject) -> Cell:
    row = subject.row
    if row is None:
        return _unmeasured(subject)
    if not row.samples:
        return absent(reason_of(row), row_provenance(row))
    return figure(row.samples, whole(row.samples), row_provenance(row))


def _window(subject: Subject) -> Cell:
    row = subject.row
    if row is None:
        return _unmeasured(subject)
    if not row.window_s:
        return absent(reason_of(row), row_provenance(row))
    seconds = row.window_s
    return Cell(seconds, lazily(lambda: window(seconds)), row_provenance(row))


_MAKERS: Final[dict[str, Make]] = {
    "state": _state,
    "speed": _speed,
    "samples": _samples,
    "window": _window,
    **{name: partial(_figure, name=name) for name in _FIGURES},
}

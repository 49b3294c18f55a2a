"""From sightings and truth to figures. Pure: no processes, no clock."""

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from benches.jobs import Job, Outcome, Sighting
from benches.scripted import Truth


@dataclass(frozen=True, slots=True)
class Figures:
    """One run of one tool. Errors and lags in ms; cpu_s per 1,000 probes that were made; None = no figure.

    others_share: of the client's core, 0 to 1. timed: the share of the offered probes for which the tool
    gave a figure. warm: how many connections it used twice, which no tool may. start_lag_p99_ms: how much
    later than planned the tool started its probes. server_late_p99_ms: how far behind its timetable the
    server sent first tokens; it does not enter the errors.
    """

    offered: int
    timed: float
    p50_ms: float | None
    p95_ms: float | None
    p99_ms: float | None
    max_ms: float | None
    start_lag_p99_ms: float | None
    cpu_s_per_1000: float
    peak_mb: float
    others_share: float
    warm: int
    server_late_p99_ms: float | None
    server_sending_p99_ms: float | None
    problems: tuple[str, ...] = ()


def percentile(values: Sequence[float], share: float) -> float | None:
    """Nearest rank: the smallest value that at least `share` of all do not exceed; None of nothing."""
    if not values:
        return None
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def median(values: Iterable[float | None]) -> float | None:
    """Of the values there are; None of none."""
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else None


def error_ms(sighting: Sighting, truth: Truth) -> float | None:
    """How far the tool is off, as an absolute value; None where one of the two has no figure.

    A tool that names the moment of the first token is held against the moment at which the server had sent
    it; one that sees no token, its duration of the whole answer against the server's, both from the
    connection on.
    """
    if sighting.problem:
        return None
    if sighting.first_token_s is not None and truth.first_token_s is not None:
        return abs(sighting.first_token_s - truth.first_token_s) * 1000
    if sighting.whole_s is not None and truth.end_s is not None:
        return abs(sighting.whole_s - (truth.end_s - truth.requested_s)) * 1000
    return None


def summarize(job: Job, outcome: Outcome, truths: Sequence[Truth]) -> Figures:
    """truths: what the server did meanwhile."""
    sightings = outcome.sightings
    by_id = {truth.id: truth for truth in reversed(truths)}  # the first answer of an id counts
    errors = [
        error
        for sighting in sightings
        if sighting.id in by_id and (error := error_ms(sighting, by_id[sighting.id])) is not None
    ]
    lags = [
        (sighting.started_s - outcome.begin_s - job.starts_s[sighting.id - 1]) * 1000
        for sighting in sightings
        if sighting.started_s is not None
    ]
    answered = [truth for truth in truths if truth.first_token_s is not None]
    return Figures(
        offered=len(job.starts_s),
        timed=len(errors) / len(job.starts_s),
        p50_ms=percentile(errors, 0.5),
        p95_ms=percentile(errors, 0.95),
        p99_ms=percentile(errors, 0.99),
        max_ms=percentile(errors, 1.0),
        start_lag_p99_ms=percentile(lags, 0.99),
        cpu_s_per_1000=outcome.cpu_s / max(1, len(by_id)) * 1000,
        peak_mb=outcome.peak_mb,
        others_share=outcome.others_share,
        warm=sum(not truth.cold for truth in truths),
        server_late_p99_ms=percentile([truth.late_s * 1000 for truth in answered], 0.99),
        server_sending_p99_ms=percentile([truth.sending_s * 1000 for truth in answered], 0.99),
        problems=_commonest([sighting.problem for sighting in sightings if sighting.problem]),
    )


def _commonest(problems: Sequence[str], most: int = 3) -> tuple[str, ...]:
    """The commonest texts with their counts."""
    counts = {text: problems.count(text) for text in set(problems)}
    ordered = sorted(counts.items(), key=lambda item: -item[1])
    return tuple(f"{count} x {text}" for text, count in ordered[:most])

"""How large a generated store is and what is in it. Pure: sizes, moments, and made-up attempts."""

import math
import random
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Self

from probes.attempts import Attempt

MODELS: Final = 139
REGIONS: Final = ("seoul", "tokyo", "singapore", "frankfurt", "virginia", "oregon")
#: Scale 1: so many hours of raw attempts, one a minute of every model in every region.
FULL_HOURS: Final = 30 * 24
#: The rollups reach back so far at every scale; before the raw attempts begin they stand alone.
ROLLUP_HOURS: Final = 90 * 24
#: A part of all hours is written attempt by attempt; the others are its copies, moved in time and region.
TEMPLATE_HOURS: Final = 2
#: The last full hour of the history ends here. It is no multiple of eight hours, and what follows it is a
#: part of an hour: the readers' tails are there.
HOUR: Final = datetime(2026, 11, 21, 3, tzinfo=UTC)
NOW: Final = HOUR + timedelta(minutes=37)

#: (outcome, HTTP status, the share of all attempts), together 1 %.
FAILURES: Final = (
    ("http_5xx", 502, 0.0035),
    ("timeout", None, 0.0025),
    ("overloaded", 529, 0.0020),
    ("connect_error", None, 0.0010),
    ("stream_error", 200, 0.0005),
    ("rate_limited", 429, 0.0005),
)
#: Of the series, this share has an outage somewhere in the template.
OUTAGES: Final = 0.02


@dataclass(frozen=True, slots=True)
class Plan:
    """One store. hours: of raw attempts. rollup_models: how many models' rollups it has, over 90 days."""

    name: str
    hours: int
    models: int = MODELS
    rollup_models: int = MODELS
    plain_hours: int = 0

    @property
    def series(self) -> int:
        return self.models * len(REGIONS)

    @property
    def attempts(self) -> int:
        """First attempts; those after a failure come on top."""
        return self.series * self.hours * 60

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        return cls(**{field.name: data[field.name] for field in fields(cls)})


def plans(scale: float, *, models: int = MODELS, plain_rows: float = 7.2e6) -> tuple[Plan, Plan]:
    """The store of a scale, and one with a tenth of its rows in every table.

    Of the raw attempts that is a tenth of the hours. Of the rollups it is a tenth of the models, each over
    the same 90 days, so that the same question is asked of both. The plain table stands beside the whole one
    and holds at most plain_rows.
    """
    tenth = max(1, round(FULL_HOURS * scale / 10))
    per_hour = models * len(REGIONS) * 60
    plain = min(10 * tenth, max(1, int(plain_rows // per_hour)))
    return (
        Plan("whole", 10 * tenth, models, rollup_models=models, plain_hours=plain),
        Plan("tenth", tenth, models, rollup_models=max(1, round(models / 10))),
    )


@dataclass(frozen=True, slots=True)
class Series:
    """One model in one region. Medians in ms; spread: sigma of the logarithm; phase_s: of the minute."""

    model: int
    region: int
    total_ms: float
    first_ms: float
    spread: float
    network_ms: float
    phase_s: int
    outage: range


def series_of(plan: Plan) -> list[Series]:
    """The same at every scale: a model's speed, and how far each region is from it."""
    return [_series(model, region) for model in range(plan.models) for region in range(len(REGIONS))]


def _series(model: int, region: int) -> Series:
    ours, both = random.Random(f"model {model}"), random.Random(f"{model} in {region}")  # noqa: S311
    total_ms = math.exp(ours.uniform(math.log(280), math.log(2600)))
    began = both.randrange(TEMPLATE_HOURS * 60 - 30)
    ill = both.random() < OUTAGES
    return Series(
        model=model,
        region=region,
        total_ms=total_ms * both.uniform(0.95, 1.25),
        first_ms=total_ms * ours.uniform(0.35, 0.7),
        spread=ours.uniform(0.15, 0.45),
        network_ms=both.uniform(8, 160),
        phase_s=both.randrange(60),
        outage=range(began, began + both.randrange(6, 25)) if ill else range(0),
    )


def slug_of(model: int) -> str:
    return f"bench-{model % 9}--model-{model}"


def attempts_of(
    plan: Plan, begin: datetime, minutes: range, target_ids: dict[str, int]
) -> Iterator[list[Attempt]]:
    """Minute after minute the attempts of all series; a failure is tried again once. Deterministic.

    minutes: counted from `begin`, UTC; the outages' place in the template is taken from them.
    """
    everything = series_of(plan)
    for minute in minutes:
        rng = random.Random(minute)  # noqa: S311 - no secret
        at = begin.timestamp() + 60 * minute
        found = []
        for series in everything:
            first = _attempt(series, at, minute, rng, target_ids)
            found.append(first)
            if first.outcome not in ("ok", "rate_limited"):
                found.append(_attempt(series, at, minute, rng, target_ids, number=2))
        yield found


def _attempt(
    series: Series, at: float, minute: int, rng: random.Random, target_ids: dict[str, int], number: int = 1
) -> Attempt:
    slug = slug_of(series.model)
    due_at = at + series.phase_s
    outcome, status = _outcome(series, minute, rng)
    return Attempt(
        target_id=target_ids[slug],
        endpoint=slug,
        region=REGIONS[series.region],
        tier="B",
        worker=f"{REGIONS[series.region]}-1",
        due_at=due_at,
        started_at=round(due_at + 0.003 * rng.random() + 3 * (number - 1), 3),
        attempt=number,
        outcome=outcome,
        http_status=status,
        lag_ms=round(3 * rng.random(), 3),
        loop_lag_ms=round(rng.random(), 3),
        **(_answered(series, rng) if outcome == "ok" else _failed(series, outcome, status, rng)),
    )


def _outcome(series: Series, minute: int, rng: random.Random) -> tuple[str, int | None]:
    if minute % (TEMPLATE_HOURS * 60) in series.outage and rng.random() < 0.9:
        return "http_5xx", 503
    draw = rng.random()
    for name, status, share in FAILURES:
        draw -= share
        if draw < 0:
            return name, status
    return "ok", 200


def _network(series: Series, rng: random.Random) -> dict[str, Any]:
    """The phases of a cold connection over TLS, in ms, and to whom."""
    dns_ms = rng.lognormvariate(0.7, 0.6)
    connect_ms = series.network_ms * rng.lognormvariate(0, 0.05)
    tls_ms = connect_ms * rng.uniform(1.05, 1.3)
    return {
        "dns_ms": round(dns_ms, 3),
        "connect_ms": round(connect_ms, 3),
        "tls_ms": round(tls_ms, 3),
        "sent_ms": round(dns_ms + connect_ms + tls_ms + 0.2, 3),
        "remote_ip": f"104.18.{series.model % 250}.{series.region + 1}",
        "tls_version": "TLSv1.3",
    }


def _answered(series: Series, rng: random.Random) -> dict[str, Any]:
    found = _network(series, rng)
    slower = rng.lognormvariate(0, series.spread)
    first_ms = found["sent_ms"] + series.first_ms * slower
    total_ms = found["sent_ms"] + series.total_ms * slower
    chunks = rng.randrange(4, 12)
    return found | {
        "first_byte_ms": round(first_ms * 0.92, 3),
        "first_event_ms": round(first_ms * 0.95, 3),
        "first_token_ms": round(first_ms, 3),
        "first_answer_ms": round(first_ms + 0.1, 3),
        "last_token_ms": round(total_ms * 0.99, 3),
        "total_ms": round(total_ms, 3),
        "inter_token_p50_ms": round((total_ms - first_ms) / chunks, 3),
        "receive_clock": "kernel",
        "chunks": chunks,
        "input_tokens": rng.randrange(28, 36),
        "output_tokens": chunks,
        "reported_cost_usd": None,
        "request_id": f"req_{rng.getrandbits(96):024x}",
        "answered_model": f"model-{series.model}-2026-08-06",
        "fingerprint": f"fp_{series.model:010x}",
    }


def _failed(series: Series, outcome: str, status: int | None, rng: random.Random) -> dict[str, Any]:
    if outcome == "connect_error":
        return {"dns_ms": 1.5, "total_ms": 21.0, "error_detail": "connection refused"}
    found = _network(series, rng) | {"error_detail": f"{outcome}: HTTP {status}" if status else outcome}
    end_ms = 7000.0 if outcome == "timeout" else found["sent_ms"] + series.first_ms
    if status:
        found |= {"first_byte_ms": round(end_ms - 1, 3), "request_id": f"req_{rng.getrandbits(96):024x}"}
    return found | {"total_ms": round(end_ms, 3), "receive_clock": "kernel" if status else ""}

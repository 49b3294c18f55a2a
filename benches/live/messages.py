"""What is sent: frames in the shape of the board's, of an exact size, that say when they were sent. Pure."""

import json
import random
from functools import cache
from typing import Any, Final

#: The moment of sending, CLOCK_MONOTONIC in ns; the load generator looks for it in a message's first bytes.
MOMENT: Final = "sent={:d};"


def message(size: int, sent_ns: int) -> str:
    """A frame of `size` bytes (at least 110): as many rows as fit, then filled up."""
    frame = {"type": "update", "id": MOMENT.format(sent_ns), "region": "all", "data": {"rows": [], "end": ""}}
    empty = _dumped(frame)
    rows = _rows(size - len(empty))
    filling = "x" * (size - len(empty) - len(rows))
    return empty.replace('"rows":[]', f'"rows":[{rows}]').replace('"end":""', f'"end":"{filling}"')


@cache
def _rows(most: int) -> str:
    """Rows as JSON, without brackets, in at most so many bytes."""
    chance = random.Random(most)  # noqa: S311 (figures that compress no better than real ones)
    text = ""
    for number in range(most // 100):
        longer = f"{text}{',' if text else ''}{_dumped(_row(number, chance))}"
        if len(longer) > most:
            break
        text = longer
    return text


def _row(number: int, chance: random.Random) -> dict[str, Any]:
    """The fields of a row of the board, with invented figures."""
    p50_ms = chance.lognormvariate(6.5, 0.6)
    minute = f"2026-11-21T{chance.randrange(24):02}:{chance.randrange(60):02}:{chance.randrange(60):02}Z"
    provider = chance.choice(("northwind", "contoso", "fabrikam", "tailspin", "litware", "proseware"))
    return {
        "slug": f"{provider}-model-{number}",
        "model": f"model-{number}",
        "name": f"Model {number} {chance.choice(('large', 'small', 'mini', 'pro'))}",
        "provider": provider,
        "provider_name": provider.title(),
        "foundation": chance.choice(("alpha", "beta", "gamma", "delta")),
        "functions": chance.sample(("chat", "tools", "vision", "embedding", "audio"), 2),
        "region": "all",
        "state": chance.choices(("operational", "degraded", "outage"), (90, 8, 2))[0],
        "reason": chance.choice(("within_limits", "slow", "too_few_samples")),
        "since": minute,
        "availability_pct": round(100 - chance.expovariate(2), 3),
        "p50_ms": round(p50_ms, 1),
        "p95_ms": round(p50_ms * chance.uniform(1.3, 3), 1),
        "ttft_p50_ms": round(p50_ms * chance.uniform(0.3, 0.9), 1),
        "error_rate_pct": round(chance.expovariate(2), 3),
        "usage_rpm": round(chance.expovariate(0.1), 3),
        "samples": chance.randrange(20, 400),
        "window_s": 300,
        "last_sample_at": minute,
        "tier": chance.choice("ABC"),
        "method_version": "2",
        "simulated": True,
        "measured": True,
        "context_window": chance.choice((8_192, 128_000, 200_000, 1_000_000)),
        "input_usd_per_mtok": str(round(chance.expovariate(0.5), 2)),
    }


def _dumped(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))

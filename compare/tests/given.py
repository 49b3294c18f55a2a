"""Models to compare: measured, priced and scored, with figures that a reader of the test can reckon."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from catalog.models import DocRef, Endpoint
from catalog.tests.factories import make_price
from compare.asking import CompareWish
from compare.kept import kept_comparison
from compare.table import Comparison
from probes.services.ingest import store_attempts
from probes.tests.factories import make_endpoint, make_pop, make_series
from status.services import judge_endpoints


def make_served(name: str, **facts: Any) -> Endpoint:
    """An endpoint `p--<name>` of a model `<name>`; `facts` of the model."""
    endpoint = make_endpoint(f"p-{name}", name, tiers=facts.pop("tiers", ""))
    model = endpoint.model
    defaults = {"modalities_in": ["text"], "modalities_out": ["text"], "capabilities": ["streaming"]}
    for field, value in (defaults | facts).items():
        setattr(model, field, value)
    model.save()
    return endpoint


def measure(endpoint: Endpoint, pattern: str, *, total_ms: float, now: datetime, tier: str = "") -> None:
    """Attempts from Seoul, the newest a second ago, and the verdict on them."""
    fields: dict[str, Any] = {"tier": tier} if tier else {}
    series = make_series(endpoint, pattern, every_s=10, end=now - timedelta(seconds=1), **fields)
    attempts = [
        attempt.__class__(
            **{name: getattr(attempt, name) for name in attempt.__slots__} | {"total_ms": total_ms}
        )
        if attempt.outcome == "ok"
        else attempt
        for attempt in series
    ]
    store_attempts(attempts, now=now)
    judge_endpoints([endpoint.pk], now=now)


def compare(*slugs: str, now: datetime, **wish: Any) -> Comparison:
    """As readers get it."""
    return kept_comparison(CompareWish(slugs, **wish), now=now).value


def three(now: datetime) -> tuple[Endpoint, Endpoint, Endpoint]:
    """ant: measured, priced, all stated. bee: measured, half as dear, little stated. cat: nothing known."""
    make_pop(now=now)
    ant = make_served(
        "ant", context_window=200_000, max_output_tokens=8_000, released_on=date(2026, 1, 2),
        open_weights=False, reasoning=True, knowledge_cutoff="2025-10",
    )  # fmt: skip
    bee = make_served("bee", context_window=1_000_000, open_weights=True)
    cat = make_served("cat", modalities_in=[], modalities_out=[], capabilities=[])
    Endpoint.objects.filter(pk=cat.pk).update(watched=False)
    measure(ant, "+" * 25, total_ms=900, now=now)
    measure(bee, "+" * 25, total_ms=400, now=now)
    make_price(ant, cache_read_usd_per_mtok=Decimal("0.2"), valid_from=now, retrieved_at=now)
    make_price(
        bee, input_usd_per_mtok=Decimal(1), output_usd_per_mtok=Decimal(8), valid_from=now, retrieved_at=now
    )
    DocRef.objects.create(provider=ant.provider, kind="changelog", url="https://p-ant.test/changes")
    return ant, bee, cat

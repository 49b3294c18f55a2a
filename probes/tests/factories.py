"""Rows for tests: plain functions with overrides."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from catalog.models import AIModel, Creator, Endpoint, Provider
from probes.attempts import Attempt, Tier
from probes.models import DueProbe, Origin, Pop, ProbeResult, ProbeTarget
from probes.outcomes import counts
from probes.services import orders, provenances
from probes.services.targets import target_of, tiers_of

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


def deciding_tier(tiers: Sequence[Tier]) -> Tier:
    """The tier that decides an endpoint's colour."""
    return "B" if "B" in tiers else min(tiers)


def make_endpoint(
    provider: str = "nimbus", model: str = "nimbus-1", *, tiers: str = "", **fields: Any
) -> Endpoint:
    """A watched, simulated chat endpoint with its targets, provider, model and creator.

    tiers: those it is asked in, of the ones that `sync_targets` gives it; "" = the one that decides its
    colour (B, else A).
    """
    creator, _ = Creator.objects.get_or_create(slug="nimbus", defaults={"name": "Nimbus"})
    simulated = fields.pop("simulated", True)
    model_row, _ = AIModel.objects.get_or_create(
        slug=model,
        defaults={
            "name": model.title(),
            "creator": creator,
            "functions": fields.pop("functions", ["chat"]),
            "simulated": simulated,
            "reasoning": fields.pop("reasoning", False),
        },
    )
    provider_row, _ = Provider.objects.get_or_create(
        slug=provider, defaults={"name": provider.title(), "simulated": simulated}
    )
    defaults = {
        "provider": provider_row,
        "model": model_row,
        "provider_model_id": model,
        "protocol": "openai_chat",
        "base_url": f"simulator:/{provider}/v1",
        "watched": True,
        "simulated": simulated,
    }
    endpoint = Endpoint.objects.create(slug=f"{provider}--{model}", **defaults | fields)
    ((_, given),) = tiers_of([endpoint])
    asked = [tier for tier in given if tier in tiers] if tiers else [deciding_tier(given)]
    ProbeTarget.objects.bulk_create([target_of(endpoint, tier) for tier in asked])
    return endpoint


def make_pop(
    region: str = "seoul", *, real: bool = False, keys: list[str] | None = None, now: datetime = NOW
) -> Pop:
    """A worker that was seen just now."""
    return Pop.objects.create(
        region=region, worker=f"{region}-1", real=real, keys=keys or [], last_seen_at=now
    )


def make_attempt(endpoint: Endpoint, outcome: str = "ok", *, at: datetime = NOW, **fields: Any) -> Attempt:
    """An attempt of the endpoint's target in `tier` (by default the deciding one), started at `at`."""
    tiers: list[Any] = list(endpoint.targets.values_list("tier", flat=True))
    target = endpoint.targets.get(tier=fields.get("tier") or deciding_tier(tiers))
    good = outcome == "ok"
    defaults: dict[str, Any] = {
        "target_id": target.pk,
        "endpoint": endpoint.slug,
        "region": "seoul",
        "tier": target.tier,
        "worker": "test",
        "due_at": at.timestamp(),
        "started_at": at.timestamp(),
        "outcome": outcome,
        "total_ms": 500.0 if good else None,
        "first_token_ms": 200.0 if good else None,
        "first_answer_ms": 200.0 if good else None,
        "http_status": 200 if good else None,
    }
    return Attempt(**defaults | fields)


def make_result(endpoint: Endpoint, outcome: str = "ok", *, at: datetime = NOW, **fields: Any) -> ProbeResult:
    """A row as ingest makes it, not stored: `rows.write([make_result(endpoint)])` does that."""
    origin = Origin(worker="test", method_version="test")
    defaults: dict[str, Any] = {
        "region": "seoul",
        "tier": "B",
        "due_at": at,
        "started_at": at,
        "provenance_id": provenances.numbers([origin], day=at.date())[origin],
        "outcome": outcome,
        "counts": counts(outcome),
        "total_ms": 500.0 if outcome == "ok" else None,
    }
    return ProbeResult(endpoint=endpoint, **defaults | fields)


def make_due(
    endpoint: Endpoint, *, due_at: datetime = NOW, region: str = "seoul", sent: bool = True
) -> DueProbe:
    """An order of the endpoint's target that has not been answered."""
    target = ProbeTarget.objects.get(endpoint=endpoint)
    (pk,) = orders.place(region, [(target, due_at.timestamp())], now=due_at)
    if sent:
        orders.note_sent([pk], now=due_at)
    return DueProbe.objects.get(pk=pk)


def make_series(
    endpoint: Endpoint, pattern: str, *, every_s: float = 60, end: datetime = NOW, **fields: Any
) -> list[Attempt]:
    """ "++-" → attempts at even distance, the newest at `end`: + is right, - an HTTP 500, ? our own fault."""
    words = {"+": "ok", "-": "http_5xx", "?": "rate_limited"}
    start = end - timedelta(seconds=every_s * (len(pattern) - 1))
    return [
        make_attempt(endpoint, words[sign], at=start + timedelta(seconds=every_s * n), **fields)
        for n, sign in enumerate(pattern)
    ]

"""The last hour of the showcase, attempt by attempt through the product's own ingest, and what goes on."""

import random
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from catalog.models import Endpoint
from probes.attempts import Attempt
from probes.models import ProbeTarget
from probes.services.ingest import store_attempts
from status.services import judge_endpoints, tend_incidents
from testing.showcase import cast
from testing.showcase.cast import MINUTE, REGIONS
from testing.showcase.store import RAW_MIN, limit_ms

#: States are judged, and incidents opened, as of these moments of the past: minutes before now.
LOOKED_AT = (24, 12, 6, 2, 0)
#: Tier C is asked once an hour, from these regions only, so that there is a throughput to show.
FAST_REGIONS = ("seoul", "frankfurt", "virginia")
FAST_HOURS = 24


class Players:
    """The simulated endpoints with their targets; makes any minute's attempts, always the same."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        rows = ProbeTarget.objects.filter(endpoint__simulated=True)
        rows = rows.select_related("endpoint__model", "endpoint__provider")
        self.targets: dict[str, dict[str, ProbeTarget]] = {}
        for target in rows.order_by("endpoint__slug", "tier"):
            self.targets.setdefault(target.endpoint.slug, {})[target.tier] = target

    @property
    def ids(self) -> list[int]:
        return self.ids_of(self.targets)

    def ids_of(self, slugs: Iterable[str]) -> list[int]:
        return [next(iter(self.targets[slug].values())).endpoint_id for slug in sorted(slugs)]

    def phase_s(self, slug: str) -> int:
        """When in its minute an endpoint is asked, the same in every region."""
        return list(self.targets).index(slug) * 60 // len(self.targets)

    def attempts_between(self, since: datetime, until: datetime) -> Iterator[Attempt]:
        """Those of tier B that are due then, oldest first."""
        first = int(since.timestamp()) // 60
        for minute in range(first, int(until.timestamp()) // 60 + 1):
            for slug, tiers in self.targets.items():
                due_s = minute * 60 + self.phase_s(slug)
                if "B" in tiers and since.timestamp() <= due_s < until.timestamp():
                    yield from self._of_moment(tiers["B"], due_s)

    def fast_attempts(self) -> Iterator[Attempt]:
        """Those of tier C of the last day."""
        hour = int(self.now.timestamp()) // 3600
        for slug, tiers in self.targets.items():
            for ago in range(FAST_HOURS) if "C" in tiers else ():
                due_s = (hour - ago) * 3600 + self.phase_s(slug) * 20
                if due_s < self.now.timestamp():
                    yield from self._of_moment(tiers["C"], due_s, FAST_REGIONS)

    def _of_moment(
        self, target: ProbeTarget, due_s: int, regions: Iterable[str] = REGIONS
    ) -> Iterator[Attempt]:
        slug = target.endpoint.slug
        ago = (self.now.timestamp() - due_s) / 60
        for region in regions:
            if cast.is_measured(slug, region, ago):
                yield _attempt(target, region, due_s, ago)


def _attempt(target: ProbeTarget, region: str, due_s: int, ago: float) -> Attempt:
    endpoint: Endpoint = target.endpoint
    who = cast.character(endpoint.slug, region, limit_ms(endpoint))
    chance = random.Random(f"{endpoint.slug} {target.tier} {region} {due_s}")
    trouble = next((t for t in cast.ONGOING if t.holds(endpoint.slug, region, ago)), None)
    fails = chance.random() < (trouble.share if trouble else who.failing)
    facts = _failed(trouble) if fails else _answered(target, region, who, chance)
    return Attempt(
        target_id=target.pk, endpoint=endpoint.slug, region=region, tier=target.tier,  # type: ignore[arg-type]
        worker=f"{region}-1", due_at=due_s, started_at=due_s + round(0.004 * chance.random(), 4),
        lag_ms=round(4 * chance.random(), 3), request_id=f"req_{chance.getrandbits(64):016x}", **facts,
    )  # fmt: skip


def _failed(trouble: cast.Trouble | None) -> dict[str, Any]:
    outcome = trouble.outcome if trouble else "http_5xx"
    status = {"http_5xx": 503, "overloaded": 529}.get(outcome)
    detail = {"http_5xx": "503 Service Unavailable", "overloaded": "529 Overloaded"}.get(outcome, outcome)
    return {"outcome": outcome, "http_status": status, "error_detail": detail, "first_byte_ms": 180.0}


def _answered(target: ProbeTarget, region: str, who: cast.Character, chance: random.Random) -> dict[str, Any]:
    far = cast.NETWORK_MS[region] * chance.uniform(0.95, 1.1)
    slower = chance.lognormvariate(0, who.spread)
    total = who.total_ms * slower
    tokens = chance.randrange(6, 12)
    speed = None
    if target.tier == "C":
        tokens, speed = (
            chance.randrange(470, 520),
            round(who.tokens_per_s * chance.lognormvariate(0, 0.07), 1),
        )
        total = min(who.total_ms * who.ttft_share + 1000 * tokens / speed, 55_000)
    first = min(who.total_ms * who.ttft_share * slower, total * 0.9)
    return {
        "outcome": "ok", "http_status": 200, "dns_ms": round(chance.uniform(0.4, 4), 2),
        "connect_ms": round(far, 2), "tls_ms": round(far * 1.2, 2), "sent_ms": round(far * 2.3 + 3, 2),
        "first_byte_ms": round(first * 0.93, 2), "first_event_ms": round(first * 0.95, 2),
        "first_token_ms": round(first, 2), "first_answer_ms": round(first, 2),
        "last_token_ms": round(total * 0.99, 2), "total_ms": round(total, 2),
        "inter_token_p50_ms": round((total - first) / tokens, 2), "receive_clock": "kernel",
        "tls_version": "TLSv1.3", "remote_ip": "192.0.2.10", "chunks": tokens, "output_tokens": tokens,
        "input_tokens": 1012 if target.tier == "C" else 31, "tokens_per_s": speed,
        "answered_model": target.endpoint.provider_model_id, "fingerprint": "fp_1",
    }  # fmt: skip


def play(players: Players) -> None:
    """Store the last hour, looking at it as the judge and the alerts did."""
    now = players.now
    store_attempts(list(players.fast_attempts()), now=now)
    since = datetime.fromtimestamp((int(now.timestamp()) // 60 - RAW_MIN) * 60, UTC)
    for ago in LOOKED_AT:
        until = now - ago * MINUTE
        store_attempts(list(players.attempts_between(since, until)), now=until)
        judge_endpoints(players.ids, now=until)
        tend_incidents(now=until)
        since = until

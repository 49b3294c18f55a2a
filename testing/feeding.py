"""The same few thousand attempts for any database, through the program's own ingest.

python -m testing.feeding 2026-11-21T12:00:00+00:00 in_time      with DATABASE_URL; then `late` for in_time

Three days of five endpoints in three regions up to the given moment: retries, failures of every class, an
outage, a region whose own network fails, names that do not resolve from one region and from two, late and
doubled deliveries, moments given up as missed and answered afterwards, and rows that cannot be believed.
Prints what was stored and what was refused, as JSON. The same moment gives the same attempts.
"""

import json
import random
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import cycle, groupby
from typing import Any

import django

if __name__ == "__main__":
    django.setup()

from django.core.management import call_command

from probes.attempts import Attempt
from probes.models import DispatchCursor, Pop, ProbeTarget
from probes.outcomes import OUTCOMES
from probes.services import orders, rollups
from probes.services.ingest import read_attempts, store_attempts
from probes.tests.factories import make_endpoint
from probes.tests.money import make_price
from status.services import judge_endpoints

REGIONS = ("seoul", "tokyo", "virginia")
DENSE = timedelta(hours=2)
SPARSE = timedelta(days=3)
#: Rows of one delivery.
BATCH = 400
#: What an outcome brings beside itself: (HTTP status, something was received)
RECEIVED = {"timeout": False, "connect_error": False, "tls_error": False, "dns_error": False}
#: What only the centre says, or what stands for a failure of the whole region.
NOT_SENT = {"missed", "pop_offline"}

INCREDIBLE: tuple[dict[str, Any], ...] = (
    {"total_ms": float("nan")},
    {"total_ms": float("inf")},
    {"first_byte_ms": -1.0},
    {"outcome": "splendid"},
    {"endpoint": "nobody--nothing"},
    {"region": "atlantis"},
    {"tier": "Z"},
    {"started_at": 4_000_000_000.0},
    {"due_at": 0.0},
    {"error_detail": "끝\0"},
    {"error_detail": "\ud83d"},
    {"error_detail": "x" * 5_000},
    {"chunks": -1},
    {"input_tokens": 2**40},
    {"http_status": 99_999},
    {"attempt": 0},
    {"total_ms": "soon"},
    {"no_such_fact": 1},
)


class Feed:
    """The attempts as of a moment, and the deliveries they come in."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.failures = cycle(sorted(OUTCOMES.keys() - NOT_SENT - {"ok", "dns_error"}))
        self.stored: list[int] = []
        self.refused: list[str] = []

    def catalogue(self) -> None:
        """Five endpoints of four providers in three tiers, with a price each, and a worker in each region."""
        for provider, model in (
            ("nimbus", "nimbus-1"), ("nimbus", "nimbus-2"), ("cirrus", "cirrus-1"), ("stratus", "stratus-1"),
            ("altus", "altus-1"),
        ):  # fmt: skip
            endpoint = make_endpoint(provider, model, tiers="ABC")
            make_price(endpoint, "2", "8", valid_from=self.now - timedelta(days=10))
        for region in REGIONS:
            Pop.objects.create(region=region, worker=f"{region}-1", keys=[], last_seen_at=self.now)
            DispatchCursor.objects.create(region=region, dispatched_until=self.now)

    def targets(self) -> list[ProbeTarget]:
        return list(ProbeTarget.objects.select_related("endpoint").order_by("endpoint__slug", "tier"))

    def attempts(self) -> list[Attempt]:
        """All that are delivered in time, oldest first."""
        made = [
            attempt
            for target in self.targets()
            for due in self.moments(target.tier)
            for region in REGIONS
            for attempt in self.of_moment(target, region, due)
        ]
        return sorted(made, key=lambda attempt: (attempt.due_at, attempt.region, attempt.endpoint))

    def moments(self, tier: str) -> Iterator[datetime]:
        """Every half hour, and of the last two hours every minute; tier A and C less often."""
        sparse, dense = {"A": (360, 10), "B": (30, 1), "C": (180, 60)}[tier]
        moment = self.now - SPARSE
        while moment < self.now:
            yield moment
            last = self.now - moment <= DENSE
            moment += timedelta(minutes=dense if last else sparse)

    def of_moment(self, target: ProbeTarget, region: str, due: datetime) -> Iterator[Attempt]:
        chance = random.Random(
            f"{target.endpoint.slug} {target.tier} {region} {(self.now - due).total_seconds()}"
        )
        due += timedelta(microseconds=chance.randrange(30_000_000))
        outcome = self.outcome(target, region, due, chance)
        yield self.attempt(target, region, due, outcome, chance)
        if outcome in ("timeout", "overloaded"):
            yield self.attempt(target, region, due, outcome, chance, number=2)
            yield self.attempt(target, region, due, "ok", chance, number=3)

    def outcome(self, target: ProbeTarget, region: str, due: datetime, chance: random.Random) -> str:
        minutes_ago = (self.now - due) / timedelta(minutes=1)
        if target.endpoint.slug == "nimbus--nimbus-1" and 26 * 60 <= minutes_ago <= 27 * 60:
            return "http_5xx"  # an outage a day ago
        if region == "tokyo" and 40 <= minutes_ago <= 50:
            return "connect_error"  # of the region's own network
        if target.endpoint.slug == "cirrus--cirrus-1" and region == "tokyo" and 20 <= minutes_ago <= 25:
            return "dns_error"  # from one region alone
        if target.endpoint.slug == "stratus--stratus-1" and region != "seoul" and 10 <= minutes_ago <= 14:
            return "dns_error"  # from two
        return "ok" if chance.random() < 0.95 else next(self.failures)

    def attempt(
        self,
        target: ProbeTarget,
        region: str,
        due: datetime,
        outcome: str,
        chance: random.Random,
        *,
        number: int = 1,
    ) -> Attempt:
        lag_ms = chance.expovariate(0.5)
        facts: dict[str, Any] = {
            "lag_ms": lag_ms,
            "error_detail": "" if outcome == "ok" else f"까닭: {outcome}",
        }
        if RECEIVED.get(outcome, True):
            total_ms = chance.lognormvariate(6.2, 0.7)
            facts |= {
                "sent_ms": 0.2, "dns_ms": chance.uniform(0.1, 5), "connect_ms": chance.uniform(1, 90),
                "first_byte_ms": total_ms * 0.3, "total_ms": total_ms, "http_status": 200,
                "remote_ip": f"192.0.2.{chance.randrange(4)}", "receive_clock": "kernel",
                "tls_version": "TLSv1.3",
            }  # fmt: skip
        if outcome == "ok":
            facts |= {
                "first_token_ms": total_ms * 0.4, "first_answer_ms": total_ms * 0.5,
                "chunks": chance.randrange(1, 90),
                "input_tokens": chance.randrange(10, 900), "output_tokens": chance.randrange(1, 400),
                "answered_model": f"{target.endpoint.provider_model_id}-2026", "fingerprint": "지문-1",
            }  # fmt: skip
        return Attempt(
            target_id=target.pk, endpoint=target.endpoint.slug, region=region, tier=target.tier,  # type: ignore[arg-type]
            worker=f"{region}-{chance.randrange(2)}", due_at=due.timestamp(), attempt=number, outcome=outcome,
            started_at=due.timestamp() + lag_ms / 1000 + 3 * (number - 1), **facts,
        )  # fmt: skip

    def deliver(self, rows: list[dict[str, Any]], region: str, *, at: datetime) -> None:
        """One delivery as the ingest task takes it."""
        attempts, refused = read_attempts(rows, region=region, now=at)
        self.refused += [row.refusal.detail for row in refused]
        self.stored.append(len(store_attempts(attempts, now=at)))

    def deliveries(self, attempts: list[Attempt]) -> Iterator[tuple[str, list[Attempt]]]:
        """(region, its attempts of up to ten minutes), oldest first."""

        def stretch(attempt: Attempt) -> int:
            dense = self.now.timestamp() - attempt.due_at < DENSE.total_seconds()
            return int(attempt.due_at // (600 if dense else 86_400))

        for _, together in groupby(attempts, key=stretch):
            for region, rows in groupby(sorted(together, key=lambda a: a.region), key=lambda a: a.region):
                of_region = list(rows)
                yield from ((region, of_region[n : n + BATCH]) for n in range(0, len(of_region), BATCH))

    def in_time(self) -> None:
        """What came when it was due, some of it twice, and what nobody answered; buckets when over."""
        self.catalogue()
        attempts, _, absent = self.parted()
        for number, (region, delivery) in enumerate(self.deliveries(attempts)):
            rows = [attempt.to_json() for attempt in delivery]
            at = min(self._utc(max(a.started_at for a in delivery)) + timedelta(seconds=20), self.now)
            self.deliver(rows, region, at=at)
            if number % 5 == 0:
                self.deliver(rows[::-1], region, at=at)
            if number % 20 == 0:
                rollups.roll_up(now=at)
        self.give_up([attempt for attempt in absent if attempt.attempt == 1])
        rollups.roll_up(now=self.now)

    def late(self) -> None:
        """What came long after, half of it for moments that were given up, and what nobody can believe."""
        attempts, late, absent = self.parted()
        for region in REGIONS:
            rows = [a.to_json() for a in (*late, *absent[::2]) if a.region == region]
            self.deliver(rows, region, at=self.now)
        self.deliver(list(self.incredible(attempts[-1])), attempts[-1].region, at=self.now)
        judge_endpoints(sorted({target.endpoint_id for target in self.targets()}), now=self.now)

    def parted(self) -> tuple[list[Attempt], list[Attempt], list[Attempt]]:
        """The attempts in time, those that come late, and those of moments that are given up."""
        attempts = self.attempts()
        late = [a for a in attempts if a.region == "virginia" and self._is_between(a, 50, 62)]
        absent = [a for a in attempts if a.endpoint == "nimbus--nimbus-2" and self._is_between(a, 4, 8)]
        held_back = {id(attempt) for attempt in late + absent}
        return [attempt for attempt in attempts if id(attempt) not in held_back], late, absent

    def give_up(self, absent: list[Attempt]) -> None:
        """Order what these attempts answer, and wait for it in vain."""
        targets = {target.pk: target for target in self.targets()}
        for attempt in absent:
            due = self._utc(attempt.due_at)
            placed = orders.place(attempt.region, [(targets[attempt.target_id], attempt.due_at)], now=due)
            orders.note_sent(placed, now=due)
        self.stored.append(orders.give_up(now=self.now - timedelta(hours=1)))

    def incredible(self, good: Attempt) -> Iterator[dict[str, Any]]:
        """Rows that nobody can believe or store, each but for one fact a good one, and good ones between."""
        for place, fact in enumerate(INCREDIBLE):
            row = good.to_json() | {
                "due_at": good.due_at - 7 - place,
                "started_at": good.started_at - 7 - place,
            }
            yield row | fact
            yield row | {"due_at": row["due_at"] - 0.5}

    def _is_between(self, attempt: Attempt, since_h: float, until_h: float) -> bool:
        return since_h * 3600 <= self.now.timestamp() - attempt.due_at <= until_h * 3600

    def _utc(self, moment: float) -> datetime:
        return datetime.fromtimestamp(moment, UTC)


def main(moment: str, part: str) -> None:
    feed = Feed(datetime.fromisoformat(moment))
    if part == "in_time":
        call_command("migrate", verbosity=0)
        feed.in_time()
    else:
        feed.late()
    json.dump({"stored": feed.stored, "refused": feed.refused}, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])

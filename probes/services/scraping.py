"""Reading servers' metrics and keeping what they tell."""

import logging
import os
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.db.models import DateTimeField, F, Value
from django.db.models.functions import Coalesce, Greatest

from probes.models import Server, ServerSample
from probes.scraping import windows
from probes.scraping.fetching import BACKOFFS_S, Fetched, Target, fetch_all
from probes.scraping.figures import Figures
from probes.scraping.kinds import digest
from probes.scraping.problems import Problem, ScrapeError
from probes.scraping.windows import Reading

logger = logging.getLogger(__name__)

KEPT: Final = timedelta(hours=24)
#: Counters are large and only the next readings need them.
COUNTERS_KEPT: Final = 2 * windows.OLDEST
#: Between two refreshes by hand, whoever asks, in seconds.
BY_HAND_S: Final = 10
_BY_HAND_KEY: Final = "probes.servers.refreshed"


def scrape_servers(
    *, now: datetime, servers: Iterable[Server] | None = None, backoffs_s: Iterable[float] = BACKOFFS_S
) -> int:
    """Read all enabled servers (or `servers`) at once, keep each answer as it comes; how many told something.

    A server that does not answer is tried again after `backoffs_s`; what fails keeps its last good values.
    """
    chosen = {
        server.pk: server for server in (Server.objects.filter(enabled=True) if servers is None else servers)
    }
    earlier = _earlier_readings(chosen, now)
    told = 0
    targets = [_target(server) for server in chosen.values()]
    for fetched in fetch_all(targets, backoffs_s=backoffs_s, allowed=settings.FETCH_ALLOWED_NETWORKS):
        at = now + timedelta(seconds=fetched.elapsed_s)
        told += _keep(chosen[fetched.key], fetched, at, earlier.get(fetched.key, ()))
    prune_samples(now=now)
    return told


def scrape_server(server: Server, *, now: datetime) -> bool:
    """Read one server, enabled or not; True where it told its figures."""
    return scrape_servers(now=now, servers=[server]) == 1


def refresh_servers(*, now: datetime) -> int | None:
    """Read all enabled servers by hand: one try each, so that whoever waits waits 5 s at most.

    None where somebody did so within the last 10 s.
    """
    if not cache.add(_BY_HAND_KEY, 1, BY_HAND_S):
        return None
    return scrape_servers(now=now, backoffs_s=())


@transaction.atomic
def save_server(*, server: Server, changed: Iterable[str]) -> None:
    """Save what an operator entered. Another address or kind is another server: it begins without samples."""
    if server.pk and {"metrics_url", "kind"} & set(changed):
        server.samples.all().delete()
        server.last_seen_at = server.last_tried_at = None
        server.problem, server.error, server.failures = "", "", 0
    server.save()


def prune_samples(*, now: datetime) -> None:
    """Drop what is older than a day, but never a server's newest, and the counters nobody needs any more."""
    ServerSample.objects.filter(at__lt=now - KEPT).exclude(at=F("server__last_seen_at")).delete()
    too_old = ServerSample.objects.filter(at__lt=now - COUNTERS_KEPT, at__gte=now - COUNTERS_KEPT - KEPT / 24)
    too_old.filter(counters__isnull=False).update(counters=None)


def _target(server: Server) -> Target:
    token = os.environ.get(server.token_env, "").strip() if server.token_env else ""
    return Target(server.pk, server.metrics_url, server.token_env, token)


def _earlier_readings(server_ids: Iterable[int], now: datetime) -> dict[int, list[Reading]]:
    """Server → the readings that the next is set against, oldest first."""
    kept = ServerSample.objects.filter(
        server__in=list(server_ids), at__gte=now - windows.OLDEST, counters__isnull=False
    )
    readings: dict[int, list[Reading]] = {}
    for server_id, at, counters in kept.order_by("at").values_list("server_id", "at", "counters"):
        readings.setdefault(server_id, []).append(Reading(at, counters or {}))
    return readings


def _keep(server: Server, fetched: Fetched, at: datetime, earlier: Sequence[Reading]) -> bool:
    try:
        if fetched.error:
            raise fetched.error
        figures, reading = digest(server.kind, fetched.body, at=at, earlier=earlier)
    except ScrapeError as error:
        return _keep_failure(server, error, at)
    except Exception:  # one server's text must not keep the others' figures from being stored
        logger.exception("the metrics of %s cannot be read", server.slug)
        return _keep_failure(server, ScrapeError(Problem.INVALID, "it cannot be read; the log says more"), at)
    return _keep_sample(server, figures, reading)


def _keep_failure(server: Server, error: ScrapeError, at: datetime) -> bool:
    Server.objects.filter(pk=server.pk).update(
        last_tried_at=at, problem=error.problem.value, error=error.detail[:300], failures=F("failures") + 1
    )
    return False


@transaction.atomic
def _keep_sample(server: Server, figures: Figures, reading: Reading) -> bool:
    """False where the server was removed meanwhile."""
    at = Value(reading.at, output_field=DateTimeField())
    there = Server.objects.filter(pk=server.pk).update(
        last_tried_at=at,
        # Two runs may overlap: the newest sample stays the one that the card shows.
        last_seen_at=Greatest(Coalesce("last_seen_at", at), at),
        problem="",
        error="",
        failures=0,
    )
    if there:
        ServerSample.objects.create(
            server=server, at=reading.at, figures=figures.to_json(), counters=reading.counters
        )
    return bool(there)

"""Celery's side of probing.

`announce`, `run_batch` and `read_listing` run where a POP stands, without a database; the rest at the centre.
"""

import atexit
import logging
import os
import socket
import time
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

from celery import shared_task
from celery.exceptions import Reject
from django.conf import settings
from django.utils import timezone

from aigo.lib.kept import AWAY
from aigo.lib.once import once
from aigo.lib.signing import Delivery, Unbelievable, open_delivery
from catalog import services as catalogue
from probes.attempts import Attempt, ProbeSpec
from probes.engine_client import EngineClient
from probes.listings import ListingOrder, fetch_listing
from probes.selectors import reaches
from probes.services import dispatch as dispatching
from probes.services import ingest as ingesting
from probes.services import orders, pops, rollups, scraping, spending, targets, upkeep
from probes.services.dispatch import Batch
from probes.services.patience import can_pass, patiently

logger = logging.getLogger(__name__)
#: Results wait this way for a broker that is away, about two minutes; the engine's pipe holds what follows,
#: and what is lost all the same is ordered again and answered from the engine's memory.
PATIENCE = {"max_retries": 30, "interval_start": 0.2, "interval_step": 0.5, "interval_max": 5}


#: An announcement that lay in its queue for longer is of the past.
ANNOUNCED_FOR_S = 60


@once
def _engine() -> EngineClient:
    """This worker's engine: one child process, started with the first batch."""
    client = EngineClient(_worker_name())
    client.start()
    atexit.register(close_engine)
    return client


@once
def _listings() -> ThreadPoolExecutor:
    """The thread that reads model lists."""
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="listings")


def _worker_name() -> str:
    return f"{socket.gethostname()}-{os.getpid()}"


def _held_names() -> list[str]:
    """Names of the key and base address variables that are set where this worker stands."""
    return sorted(
        n for n, value in os.environ.items() if n.endswith(("_API_KEY", "_BASE_URL")) and value.strip()
    )


def close_engine() -> None:
    """End the engine's process, where one was started."""
    if client := _engine.take():
        client.close()


def _send(batches: Iterable[Batch]) -> None:
    """Send orders to their regions; an order is noted as sent once the broker has it."""
    for batch in batches:
        specs = [spec.to_json() for spec in batch.specs]
        run_batch.apply_async(
            args=(_ordered("batch", batch.region, specs),),
            queue=f"probes.{batch.region}",
            expires=orders.GIVEN_UP_AFTER.total_seconds(),
        )
        orders.note_sent(batch.order_ids, now=timezone.now())


@shared_task(name="probes.dispatch")
def dispatch() -> None:
    """Send out what is due in the next seconds, and again what was not answered."""
    _send(dispatching.due_batches(now=timezone.now()))
    resend()


def resend() -> None:
    """Send the orders again whose answer is overdue."""
    _send(dispatching.overdue_batches(now=timezone.now()))


@shared_task(name="probes.run_batch")
def run_batch(message: dict[str, str]) -> None:
    """Hand a batch to the engine; signed results travel to the ingest queue as they come."""
    if opened := _order_opened("batch", message):
        region, specs = opened
        done = _engine().submit(
            [ProbeSpec.from_json(spec) for spec in specs], lambda attempts: _emit(region, attempts)
        )
        done.add_done_callback(_log_loss)


def _order_opened(kind: str, message: Any) -> tuple[str, Any] | None:
    """Region and content of an order; a key goes nowhere that the centre did not name."""
    region = str(message.get("region", "")) if isinstance(message, dict) else ""
    try:
        _, content = open_delivery(message, {region: _own_key(region)}, kind=kind, called="an order")
    except Unbelievable as error:
        logger.error("an order for %.40r is not obeyed: %s", region, error)
        return None
    return region, content


def _log_loss(done: Future[None]) -> None:
    """A batch that the engine did not end is ordered again; the log says why."""
    if error := done.exception():
        logger.error("a batch of probes was lost: %s", error)


def _emit(region: str, attempts: list[Attempt]) -> None:
    content = [attempt.to_json() for attempt in attempts]
    ingest.apply_async(
        args=(_signed("results", region, content),), queue="ingest", retry=True, retry_policy=PATIENCE
    )


def _own_key(region: str) -> str:
    """The key this worker shares with the centre."""
    return str(settings.POP_HMAC_KEY or settings.POP_HMAC_KEYS.get(region, ""))


def _signed(kind: str, region: str, content: Any) -> dict[str, str]:
    """A delivery of this worker to the centre."""
    return Delivery.make(kind, region, _worker_name(), content, key=_own_key(region)).to_json()


def _ordered(kind: str, region: str, content: Any) -> dict[str, str]:
    """An order of the centre to the workers of a region."""
    return Delivery.make(kind, region, "centre", content, key=settings.POP_HMAC_KEYS[region]).to_json()


def _opened(kind: str, message: Any) -> tuple[Delivery, Any] | None:
    """The delivery and its content; one that cannot be believed goes to the dead letters instead."""
    try:
        return open_delivery(message, settings.POP_HMAC_KEYS, kind=kind)
    except Unbelievable as error:
        claimed = message if isinstance(message, dict) else {}
        pops.bury(
            kind=kind,
            region=str(claimed.get("region", "")),
            worker=str(claimed.get("worker", "")),
            reason=str(error),
            body=str(claimed.get("body", message)),
            now=timezone.now(),
        )
        return None


def _bury(delivery: Delivery, reason: str) -> None:
    pops.bury(
        kind=delivery.kind,
        region=delivery.region,
        worker=delivery.worker,
        reason=reason,
        body=delivery.body,
        now=timezone.now(),
    )


@shared_task(name="probes.ingest", acks_late=True, reject_on_worker_lost=True)
def ingest(message: dict[str, str]) -> None:
    """Store results; ask at once about everything near a confirmed surprise.

    While the database is away this worker waits here, and the results behind it in their queue, in their
    order. What dies meanwhile, or waits for too long, is delivered again: storing twice changes nothing. What
    no waiting changes fails at once, for the results behind it must not wait; its orders are sent again.
    """
    try:
        patiently(lambda: _take_in(message))
    except AWAY as error:
        if not can_pass(error):
            raise
        raise Reject(error, requeue=True) from error


def _take_in(message: dict[str, str]) -> None:
    if (opened := _opened("results", message)) is None:
        return
    delivery, content = opened
    now = timezone.now()
    rows, refused = ingesting.read_attempts(content, region=delivery.region, now=now)
    aside = {(delivery.region, delivery.worker): refused} if refused else {}
    stored = ingesting.store_attempts(rows, now=now, aside=aside)
    _send(dispatching.suspicion_batches(stored, now=now))


@shared_task(name="probes.sync_listings")
def sync_listings() -> None:
    """Ask, per provider whose key some real POP holds, one of those for the provider's own model list."""
    now = timezone.now()
    held = {reach.region: reach.keys for reach in reaches(now=now) if reach.real}
    for due in catalogue.claim_syncs(held=held, now=now):
        order = _ordered("list", due.region, due.to_json())
        read_listing.apply_async(args=(order,), queue=f"probes.{due.region}", expires=240)


@shared_task(name="probes.read_listing")
def read_listing(message: dict[str, str]) -> None:
    """Fetch a model list beside the probes: one at a time, in a thread that no batch waits for."""
    if opened := _order_opened("list", message):
        _listings().submit(_read_listing, ListingOrder.from_json(opened[1]))


def _read_listing(order: ListingOrder) -> None:
    try:
        found = fetch_listing(order, os.environ)
        message = _signed("listing", found.region, found.to_json())
        take_listing.apply_async(args=(message,), queue="ingest", retry=True, retry_policy=PATIENCE)
    except Exception:  # nobody waits for this thread's result
        logger.exception("the model list of %s was not read", order.provider)


@shared_task(name="probes.take_listing")
def take_listing(message: dict[str, str]) -> None:
    """What a provider's own list says differently becomes proposals."""
    if opened := _opened("listing", message):
        delivery, content = opened
        try:
            catalogue.take_listing({**content, "region": delivery.region}, now=timezone.now())
        except (KeyError, TypeError, ValueError) as error:
            _bury(delivery, f"no model list: {type(error).__name__} {error}")


@shared_task(name="probes.announce_pops")
def announce_pops() -> None:
    """Ask every region's workers to say that they are there."""
    for region in settings.PROBE_REGIONS:
        announce.apply_async(args=(region,), queue=f"probes.{region}", expires=30)


@shared_task(name="probes.announce")
def announce(region: str) -> None:
    """This worker reads the region's queue: tell the database so, with the names of the keys it holds."""
    real = region == settings.POP_REGION
    content = {"at": time.time(), "real": real, "keys": _held_names() if real else []}
    register.apply_async(args=(_signed("announcement", region, content),), expires=ANNOUNCED_FOR_S)


@shared_task(name="probes.register")
def register(message: dict[str, str]) -> None:
    """Keep what a worker said of itself."""
    if (opened := _opened("announcement", message)) is None:
        return
    delivery, content = opened
    try:
        real, keys = bool(content["real"]), [str(name) for name in content["keys"]]
        announced_at = datetime.fromtimestamp(float(content["at"]), UTC)
    except (KeyError, TypeError, ValueError, OverflowError, OSError) as error:
        _bury(delivery, f"no announcement: {type(error).__name__} {error}")
        return
    pops.register_pop(
        region=delivery.region,
        worker=delivery.worker,
        real=real,
        keys=keys,
        announced_at=announced_at,
        now=timezone.now(),
    )


@shared_task(name="probes.sync_targets")
def sync_targets() -> None:
    """Newly watched endpoints get their targets."""
    targets.sync_targets()


@shared_task(name="probes.pace")
def pace() -> None:
    """Stretch the cadence of what costs money, so that each provider's budget lasts the day."""
    spending.pace(now=timezone.now())


@shared_task(name="probes.scrape_servers")
def scrape_servers() -> None:
    """Read the metrics of every server that is watched."""
    scraping.scrape_servers(now=timezone.now())


@shared_task(name="probes.roll_up")
def roll_up() -> None:
    """Sum up the hours that are over into wider buckets."""
    rollups.roll_up(now=timezone.now())


@shared_task(name="probes.keep_store")
def keep_store() -> None:
    """Days ahead, days behind, and what is older than it is kept."""
    upkeep.keep_store(now=timezone.now())

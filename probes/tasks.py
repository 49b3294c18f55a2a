"""Celery's side of probing. `announce` and `run_batch` run where a POP stands, without a database."""

import atexit
import logging
import os
import socket
from concurrent.futures import Future
from typing import Any

from celery import shared_task
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from aigo.lib.once import once
from probes import schedule, services
from probes.attempts import Attempt, ProbeSpec
from probes.engine_client import EngineClient

logger = logging.getLogger(__name__)
#: Results wait this way for a broker that is away, about two minutes; the engine's pipe holds what follows.
PATIENCE = {"max_retries": 30, "interval_start": 0.2, "interval_step": 0.5, "interval_max": 5}


@once
def _engine() -> EngineClient:
    """This worker's engine: one child process, started with the first batch."""
    client = EngineClient(_worker_name())
    client.start()
    atexit.register(close_engine)
    return client


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


def _send(batches: services.Batches) -> None:
    for region, specs in batches.items():
        run_batch.apply_async(
            args=([spec.to_json() for spec in specs],),
            queue=f"probes.{region}",
            expires=schedule.LEAD_S + max(spec.timeout_s for spec in specs),
        )


@shared_task(name="probes.dispatch")
def dispatch() -> None:
    """Send out what is due in the next seconds."""
    _send(services.due_batches(now=timezone.now()))


@shared_task(name="probes.run_batch")
def run_batch(specs: list[dict[str, Any]]) -> None:
    """Hand a batch to the engine; results travel to the ingest queue as they come."""
    done = _engine().submit([ProbeSpec.from_json(spec) for spec in specs], _emit)
    done.add_done_callback(_log_loss)


def _log_loss(done: Future[None]) -> None:
    """A batch that the engine did not end leaves a gap; the log says why."""
    if error := done.exception():
        logger.error("a batch of probes was lost: %s", error)


def _emit(attempts: list[Attempt]) -> None:
    ingest.apply_async(
        args=([attempt.to_json() for attempt in attempts],), queue="ingest", retry=True, retry_policy=PATIENCE
    )


@shared_task(
    name="probes.ingest",
    acks_late=True,
    reject_on_worker_lost=True,
    autoretry_for=(OperationalError, InterfaceError),
    retry_backoff=True,
    retry_backoff_max=30,
    max_retries=40,
)
def ingest(attempts: list[dict[str, Any]]) -> None:
    """Store results; ask at once about everything near a confirmed surprise.

    While the database is away the results wait here (about 20 minutes); storing twice changes nothing.
    """
    now = timezone.now()
    rows = [Attempt.from_json(attempt) for attempt in attempts]
    services.store_attempts(rows, now=now)
    _send(services.suspicion_batches(rows, now=now))


@shared_task(name="probes.announce_pops")
def announce_pops() -> None:
    """Ask every region's workers to say that they are there."""
    for region in settings.PROBE_REGIONS:
        announce.apply_async(args=(region,), queue=f"probes.{region}", expires=30)


@shared_task(name="probes.announce")
def announce(region: str) -> None:
    """This worker reads the region's queue: tell the database so, with the names of the keys it holds."""
    real = region == settings.POP_REGION
    register.apply_async(
        args=(
            region,
            _worker_name(),
            real,
            _held_names() if real else [],
        )
    )


@shared_task(name="probes.register")
def register(region: str, worker: str, real: bool, keys: list[str]) -> None:
    """Keep what a worker said of itself."""
    services.register_pop(region=region, worker=worker, real=real, keys=keys, now=timezone.now())


@shared_task(name="probes.sync_targets")
def sync_targets() -> None:
    """Newly watched endpoints get their targets."""
    services.sync_targets()

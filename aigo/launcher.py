"""Everything in one process: daphne in the main thread; Celery's threads, consumers, sender beside it.

Two children: the probe engine (started by the worker) and the simulator.

    CannotStart    the operator's: one line that says what to change
"""

import errno
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit

import redis
from celery.beat import Service
from django.conf import settings
from django.core.management import call_command
from django.db import OperationalError, connection
from kombu.exceptions import OperationalError as BrokerError

from aigo import collected
from aigo.celery import app
from aigo.lib.consuming import Consumers
from aigo.lib.events import LogUnavailable, event_log
from aigo.serving import Server
from catalog.models import Endpoint
from probes.services.targets import sync_targets
from probes.tasks import close_engine
from status.groups import FOLLOWERS
from status.sending.loop import Sender

#: Tasks are short (the engine measures); this many run side by side.
WORKER_THREADS = 4
#: A simulator that does not listen after so many seconds has failed.
SIMULATOR_START_S = 20.0

Say = Callable[[str], Any]


class CannotStart(Exception):
    """Something outside the program must be changed first."""


def run(say: Say) -> None:
    """Prepare, start all parts, serve until Ctrl-C, end all parts."""
    _check_port(settings.HOST, settings.PORT, remedy=f"PORT={settings.PORT + 10}")
    _check_servers()
    _prepare(say)
    with ExitStack() as parts:
        if settings.SIMULATION:
            parts.callback(_start_simulator().communicate, timeout=10)
        parts.callback(close_engine)
        parts.callback(_start_consumers().stop)
        parts.callback(_start_sender().stop)
        parts.callback(_start_worker().stop)
        parts.callback(_start_beat().stop)
        _introduce(say)
        _serve()
        say("Ending …")


def _check_port(host: str, port: int, *, remedy: str) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                why = f"Port {port} is in use. Stop what listens there, or choose another"
            else:
                why = f"Cannot listen on {host}:{port} ({error.strerror}). Choose another"
            raise CannotStart(f"{why}: {remedy}.") from None


def _check_servers() -> None:
    """Ask the servers that the environment names whether they are there, before anything is started."""
    try:
        connection.ensure_connection()
    except OperationalError as error:
        first = str(error).strip().splitlines()[0]
        raise CannotStart(f"DATABASE_URL: the database cannot be reached ({first}).") from None
    if settings.REDIS_URL:
        try:
            redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=3).ping()
        except redis.RedisError as error:
            raise CannotStart(f"REDIS_URL: the server cannot be reached ({error}).") from None
    try:
        event_log().last_id()
    except LogUnavailable as error:
        raise CannotStart(f"{error}.") from None
    try:
        with app.connection_for_write(connect_timeout=3) as broker:
            broker.ensure_connection(max_retries=1)
    except (BrokerError, OSError) as error:
        raise CannotStart(f"BROKER_URL: the broker cannot be reached ({error}).") from None


def _prepare(say: Say) -> None:
    say("Preparing the database …")
    call_command("migrate", interactive=False, verbosity=0)
    if not Endpoint.objects.exists():
        say("Importing the catalogue …")
    call_command("import_catalog", quiet=True)
    call_command("import_suites", quiet=True)
    call_command("import_scores", quiet=True)
    call_command("seed_news", quiet=True)
    sync_targets()
    collected.collect()


def _start_simulator() -> subprocess.Popen[bytes]:
    """The simulator as a server of its own; it must be there before the first probe."""
    port = urlsplit(settings.SIMULATOR_URL).port or 80
    _check_port("127.0.0.1", port, remedy=f"SIMULATOR_URL=http://127.0.0.1:{port + 10}")
    # The engine, a child without settings, reads the address there.
    os.environ["SIMULATOR_URL"] = settings.SIMULATOR_URL
    simulator = subprocess.Popen(  # noqa: S603 (our own command)
        [
            *(sys.executable, "-m", "probes.simulator", "--until-eof"),
            *("--port", str(port), "--scenario", settings.SIMULATOR_SCENARIO),
        ],
        cwd=settings.BASE_DIR,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C is ours; the simulator ends when its standard input closes
    )
    _await_simulator(simulator, port)
    return simulator


def _await_simulator(simulator: subprocess.Popen[bytes], port: int) -> None:
    """Return once the simulator listens; the first probe must not find it absent."""
    deadline = time.monotonic() + SIMULATOR_START_S
    while simulator.poll() is None and time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    simulator.kill()
    raise CannotStart(
        "The simulator did not start; its own message stands above. SIMULATION=0 runs without it."
    )


def _start_worker() -> Any:
    worker = app.WorkController(
        pool="threads",
        concurrency=WORKER_THREADS,
        hostname=f"run@{socket.gethostname()}",
        loglevel="WARNING",
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
    )
    threading.Thread(target=worker.start, name="celery-worker", daemon=True).start()
    return worker


def _start_consumers() -> Consumers:
    consumers = Consumers(FOLLOWERS)
    consumers.start()
    return consumers


def _start_sender() -> Sender:
    sender = Sender()
    sender.start()
    return sender


def _start_beat() -> Service:
    beat = Service(app, max_interval=app.conf.beat_max_loop_interval, scheduler_cls=app.conf.beat_scheduler)
    threading.Thread(target=beat.start, name="celery-beat", daemon=True).start()
    return beat


def _introduce(say: Say) -> None:
    base = f"http://{settings.HOST}:{settings.PORT}"
    say(f"AI-GO serves {base}/")
    say(f"  API        {base}/api/v1/status   (also /api/v1/stats, /api/v1/models, /api/v1/schema/)")
    say(f"  Admin      {base}/admin/   (manage.py createsuperuser makes the first account)")
    say(f"  Readiness  {base}/readyz")
    if settings.SIMULATION:
        say(f"  Simulator  {settings.SIMULATOR_URL}   (invented providers are measured until a key is set)")
    say("Ctrl-C ends all of it.")


def _serve() -> None:
    from aigo.asgi import application  # the application registers its metrics only where it is served

    endpoint = f"tcp:port={settings.PORT}:interface={settings.HOST}"
    Server(application, endpoints=[endpoint], server_name="AI-GO", verbosity=0).run()

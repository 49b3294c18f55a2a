"""`manage.py consume` and its processes, with PostgreSQL and Redis, both of which go away."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from aigo.lib.events import RedisLog
from testing import services
from testing.environment import ROOT, clean_environment
from testing.processes import ServerProcess, until

CONSUME = [sys.executable, "manage.py", "consume"]
#: A consumer of one's own group that hangs in its batch or tells of it. What it holds is another's after 1 s.
CONSUMER = """
import sys, threading, time
import django
django.setup()
from aigo.lib.consuming import Consuming, Follower

def handle(events):
    for event in events:
        print("got", event.data["slug"], flush=True)
    if sys.argv[1] == "hangs":
        time.sleep(3600)
    print("handled", len(events), flush=True)

follower = Follower("tests", handle, lambda: None)
Consuming(follower, consumer=sys.argv[1], stop=threading.Event(), claim_after_s=1.0).run()
"""
MEASURED = """
from django.utils import timezone
from probes.services.ingest import store_attempts
from probes.tests.factories import make_attempt, make_endpoint
endpoint = make_endpoint()
store_attempts([make_attempt(endpoint, at=timezone.now(), region="seoul")], now=timezone.now())
print("endpoint", endpoint.pk)
"""


@pytest.fixture
def consumer(redis_url: str) -> Iterator[Callable[[str], ServerProcess]]:
    started: list[ServerProcess] = []

    def start(name: str) -> ServerProcess:
        environment = {"REDIS_URL": redis_url, "DJANGO_SETTINGS_MODULE": "aigo.settings"}
        started.append(ServerProcess([sys.executable, "-c", CONSUMER, name], environment=environment))
        return started[-1]

    yield start
    for process in started:
        process.stop_quickly()


def test_a_group_that_does_not_exist_is_refused_by_name():
    with pytest.raises(CommandError, match=r"group='verdict' is not known.*verdicts"):
        call_command("consume", "verdict")


def test_what_a_killed_consumer_held_another_does(consumer, redis_url):
    log = RedisLog(redis_url, 1_000)
    slugs = ("a", "b", "c")
    for slug in slugs:
        log.append("article.published", {"slug": slug}, now=timezone.now())
    hanging = consumer("hangs")
    hanging.wait_for_line("got c")
    waiting = consumer("waits")
    hanging.process.send_signal(signal.SIGKILL)
    waiting.wait_for_line("handled 3")
    assert [line for line in waiting.lines if line.startswith("got")] == [f"got {slug}" for slug in slugs]
    until(lambda: pending(log), lambda left: left == 0, every_s=0.1, log=lambda: waiting.log)


def pending(log: RedisLog) -> int:
    return sum(report.pending + report.backlog for report in log.group_reports())


@pytest.fixture
def cluster() -> Iterator[services.Cluster]:
    with services.postgresql(migrated=True) as server:
        yield server


def test_verdicts_follow_results_and_wait_for_the_database(cluster, redis_url, start):
    settings = {"DATABASE_URL": cluster.url, "REDIS_URL": redis_url, "SIMULATION": "1"}
    process = start(CONSUME, **settings)
    process.wait_for_line("follows: verdicts")
    endpoint_id = int(manage(settings, "shell", "-v", "0", "-c", MEASURED).split()[-1])
    until(lambda: states(cluster), lambda found: found > 0, every_s=0.1, log=lambda: process.log)
    log = RedisLog(redis_url, 1_000)
    until(lambda: pending(log), lambda left: left == 0, every_s=0.1, log=lambda: process.log)
    assert manage(settings, "consume", "--check") == ""

    cluster.stop()
    log.append("results.stored", {"pairs": {"seoul": [endpoint_id]}}, now=timezone.now())
    process.wait_for_line("verdicts waits")
    assert pending(log) > 0
    cluster.start()
    until(lambda: pending(log), lambda left: left == 0, every_s=0.1, log=lambda: process.log)
    assert log.dead_letters() == []

    process.process.send_signal(signal.SIGTERM)
    process.wait_for_line("Ended.")
    process.stop()
    with pytest.raises(subprocess.CalledProcessError):
        manage(settings | {"REDIS_URL": redis_url.replace("/0", "/1")}, "consume", "--check")


def manage(settings: dict[str, str], *command: str) -> str:
    """What the command wrote to its standard output."""
    done = subprocess.run(
        [sys.executable, "manage.py", *command],
        env=clean_environment(**settings), cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return done.stdout


def states(cluster: services.Cluster) -> int:
    with psycopg.connect(cluster.url) as connection:
        (count,) = connection.execute("SELECT count(*) FROM status_endpointstate").fetchone() or (0,)
        return int(count)

"""Replicas, with two PostgreSQL clusters in streaming replication: how far behind, and who is read from."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from django.db.utils import ConnectionHandler
from pytest_django.plugin import DjangoDbBlocker

from aigo import env
from aigo.lib.replicas import BEHIND_S, Follower, ReplicaRouter, Standing, behind
from testing import services
from testing.environment import ROOT, clean_environment
from testing.patience import PATIENCE_S
from testing.processes import until


@pytest.mark.parametrize(
    ("replayed", "behind_s"), [(99, None), (100, 10.0), (149, 10.0), (150, 6.0), (200, 1.0), (999, 1.0)]
)
def test_a_replica_is_behind_since_the_last_moment_whose_log_it_has(replayed: int, behind_s: float | None):
    looks = [(90.0, 100), (94.0, 150), (96.0, 180), (99.0, 180)]
    assert behind(looks, replayed, 100.0) == behind_s
    assert behind([], replayed, 100.0) is None


@pytest.mark.parametrize(
    ("behind_s", "usable"), [(0.0, True), (BEHIND_S, True), (BEHIND_S + 0.1, False), (None, False)]
)
def test_what_is_far_behind_or_unknown_is_not_read_from(behind_s: float | None, usable: bool):
    assert Standing("replica1", "one:5432", behind_s, "").usable is usable


def test_writes_and_migrations_are_the_primarys_alone():
    router = ReplicaRouter()
    assert (router.db_for_write(object), router.db_for_read(object)) == ("default", "default")
    assert router.allow_migrate("default", "status")
    assert not router.allow_migrate("replica1", "status")


class Clock:
    """A monotonic clock that stands still until it is put forward."""

    ahead_s = 0.0

    def __call__(self) -> float:
        return 1_000.0 + self.ahead_s


class Pair:
    """Two clusters, a follower of the second one, and sessions of the test's own in both."""

    def __init__(self, primary: services.Cluster, replica: services.Cluster) -> None:
        self.primary, self.replica = primary, replica
        self.databases = ConnectionHandler({"default": _database(primary), "replica1": _database(replica)})
        self.clock = Clock()
        self.follower = Follower("replica1", databases=self.databases, clock=self.clock)

    def run(self, cluster: services.Cluster, *statements: str) -> None:
        with psycopg.connect(cluster.url, autocommit=True) as session:
            for statement in statements:
                session.execute(statement)

    def wait_for(self, cluster: services.Cluster, query: str, wanted: object) -> None:
        """Until the query's only value is that."""
        with psycopg.connect(cluster.url, autocommit=True) as session:
            until(
                lambda: session.execute(query).fetchone(),
                lambda row: row == (wanted,),
                every_s=0.05,
                log=lambda: cluster.process.log,
            )

    def write(self) -> None:
        self.run(self.primary, "CREATE TABLE IF NOT EXISTS x (i int)", "INSERT INTO x VALUES (1)")

    def look(self) -> Standing:
        self.follower.look()
        return self.follower.standing()

    def look_until(self, is_enough: Callable[[Standing], bool]) -> Standing:
        deadline = time.monotonic() + PATIENCE_S
        while not is_enough(standing := self.look()) and time.monotonic() < deadline:
            time.sleep(0.05)
        return standing


def _database(cluster: services.Cluster) -> dict[str, Any]:
    return env._database("DATABASE_URL", cluster.url)


@pytest.fixture(scope="module")
def clusters() -> Iterator[tuple[services.Cluster, services.Cluster]]:
    with services.replicated_postgresql() as pair:
        yield pair


@pytest.fixture
def pair(
    clusters: tuple[services.Cluster, services.Cluster], django_db_blocker: DjangoDbBlocker
) -> Iterator[Pair]:
    with django_db_blocker.unblock():
        pair = Pair(*clusters)
        assert pair.look_until(lambda standing: standing.usable).usable
        yield pair
        pair.databases.close_all()


def test_an_idle_primary_does_not_make_its_replica_old(pair: Pair):
    pair.write()
    assert pair.look_until(lambda standing: standing.behind_s == 0).usable
    time.sleep(1.5)
    with psycopg.connect(pair.replica.url) as session:
        told = session.execute("SELECT now() - pg_last_xact_replay_timestamp()").fetchone()
    assert told
    assert told[0].total_seconds() > 1.5  # what it says of itself
    pair.clock.ahead_s = 3600
    assert pair.look_until(lambda standing: standing.behind_s == 0).behind_s == 0


def test_a_measurement_that_is_not_renewed_grows_old(pair: Pair):
    pair.look()
    pair.clock.ahead_s = BEHIND_S + 1
    assert not pair.follower.standing().usable


def test_a_replica_whose_replay_is_paused_falls_behind_by_the_time_that_passes(pair: Pair):
    pair.look()
    pair.run(pair.replica, "SELECT pg_wal_replay_pause()")
    pair.wait_for(pair.replica, "SELECT pg_get_wal_replay_pause_state()", "paused")
    try:
        pair.write()
        pair.clock.ahead_s = 4
        assert pair.look().usable
        pair.clock.ahead_s = 6
        standing = pair.look()
        assert (standing.behind_s, standing.usable) == (6, False)
    finally:
        pair.run(pair.replica, "SELECT pg_wal_replay_resume()")
    assert pair.look_until(lambda standing: standing.behind_s == 0).usable


def test_a_replica_that_is_cut_off_falls_behind_though_it_answers(pair: Pair):
    with psycopg.connect(pair.replica.url, autocommit=True) as session:
        (told,) = session.execute("SHOW primary_conninfo").fetchone() or ("",)
    pair.run(
        pair.replica, "ALTER SYSTEM SET primary_conninfo = 'host=127.0.0.1 port=1'", "SELECT pg_reload_conf()"
    )
    try:
        pair.wait_for(pair.primary, "SELECT count(*) FROM pg_stat_replication", 0)
        pair.write()
        pair.clock.ahead_s = 6
        standing = pair.look()
        assert (standing.behind_s, standing.usable, standing.error) == (6, False, "")
    finally:
        restored = told.replace("'", "''")
        pair.run(pair.replica, f"ALTER SYSTEM SET primary_conninfo = '{restored}'", "SELECT pg_reload_conf()")
    assert pair.look_until(lambda standing: standing.usable).usable


def test_a_replica_that_is_stopped_is_left_out_until_it_is_back(pair: Pair):
    pair.replica.stop()
    standing = pair.look()
    assert (standing.usable, standing.behind_s) == (False, None)
    assert "OperationalError" in standing.error
    pair.replica.start()
    assert pair.look_until(lambda standing: standing.usable).error == ""


def test_without_the_primary_nobody_knows_how_far_a_replica_is_behind(pair: Pair):
    pair.primary.stop()
    assert pair.look().behind_s is None
    pair.primary.start()
    assert pair.look_until(lambda standing: standing.usable).usable


def test_another_cluster_passes_for_no_replica(pair: Pair, postgresql: services.Cluster):
    pair.databases.settings["replica1"] = ConnectionHandler({"default": _database(postgresql)}).settings[
        "default"
    ]
    standing = Follower("replica1", databases=pair.databases).standing()
    assert standing.error == "not looked at yet"
    pair.databases["replica1"].close()
    del pair.databases["replica1"]
    follower = Follower("replica1", databases=pair.databases)
    follower.look()
    assert "does not follow this primary" in follower.standing().error


READER = """
import json, sys, threading, time
import django; django.setup()
from django.core.management import call_command
from django.db import connections, transaction
from django.utils import timezone
import psycopg
from aigo.lib import replicas
from catalog.models import Creator
from probes.tests.factories import make_endpoint, make_pop
from status.kept import keeper, kept_board
from status.models import EndpointState

call_command("migrate", verbosity=0)

def where():
    with replicas.reading() as alias:
        assert EndpointState.objects.db == (alias or "default")
        return alias or "default"

def wait_for(alias):
    until = time.monotonic() + 120
    while where() != alias and time.monotonic() < until:
        time.sleep(0.1)
    return where()

def stop_looking():
    rests = threading.Event()
    replicas.Follower.look = lambda follower: rests.set()
    return rests

look = replicas.Follower.look
stop_looking()
found = {"first": where()}
replicas.Follower.look = look
found["then"] = wait_for("replica1")
with transaction.atomic():
    found["in a transaction"] = where()
with replicas.reading():
    creator = Creator.objects.create(slug="c0", name="C")
    found["written to"] = creator._state.db
waits_s, replicas.CATCH_UP_S, replicas.BEHIND_S = replicas.CATCH_UP_S, 90, 90
lacking, served = 0, []
for n in range(1, 60):
    Creator.objects.create(slug=f"c{n}", name="C")
    with replicas.reading() as alias:
        served.append(alias)
        lacking += Creator.objects.count() != n + 1
found |= {"lacking": lacking, "by the replica": served.count("replica1")}
replicas.CATCH_UP_S = waits_s
make_pop("seoul", now=timezone.now())
make_endpoint()
found["board"] = len(kept_board("all", now=timezone.now()).endpoints)
replica = psycopg.connect(sys.argv[1], autocommit=True)
replica.execute("SELECT pg_wal_replay_pause()")
while replica.execute("SELECT pg_get_wal_replay_pause_state()").fetchone() != ("paused",):
    time.sleep(0.05)
Creator.objects.create(slug="paused", name="C")
found["paused"] = where()
replica.execute("SELECT pg_wal_replay_resume()")
found["resumed"] = wait_for("replica1")
replica.close()

def half():
    if replicas._alias.get():
        raise django.db.OperationalError("canceling statement due to conflict with recovery")
    return "the primary's"
assert stop_looking().wait(120)  # a look that is under way would find it well again
found["failing in the middle"] = replicas.read(half)
found["left out"] = where()
replicas.Follower.look = look
wait_for("replica1")
print("ready", flush=True)
sys.stdin.readline()
keeper().forget()
found["board without it"] = len(kept_board("all", now=timezone.now()).endpoints)
found["stopped"] = where()
print(json.dumps(found))
"""


def test_public_reads_go_to_a_replica_that_has_everything_and_never_to_another(
    clusters: tuple[services.Cluster, services.Cluster], tmp_path
):
    primary, replica = clusters
    environment = clean_environment(
        DJANGO_SETTINGS_MODULE="aigo.settings",
        DATA_DIR=str(tmp_path),
        DATABASE_URL=primary.url,
        DATABASE_REPLICA_URLS=replica.url,
        SIMULATION="1",
    )
    with subprocess.Popen(
        [sys.executable, "-c", READER, replica.url],
        env=environment, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as reader:  # fmt: skip
        assert reader.stdout
        assert reader.stdout.readline() == "ready\n"
        replica.stop()
        try:
            answer, _ = reader.communicate("\n", timeout=PATIENCE_S)
        finally:
            replica.start()
    found = json.loads(answer)
    assert found == {
        "first": "default",  # nothing is known of it yet
        "then": "replica1",
        "in a transaction": "default",
        "written to": "default",
        "lacking": 0,
        "by the replica": 59,
        "board": 1,
        "paused": "default",
        "resumed": "replica1",
        "failing in the middle": "the primary's",
        "left out": "default",
        "board without it": 1,
        "stopped": "default",
    }

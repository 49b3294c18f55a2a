"""How the log reaches Redis: one server, or a cluster whose slots may move at any time."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol
from urllib.parse import unquote

import redis
from redis import exceptions
from redis.backoff import NoBackoff
from redis.cluster import ClusterNode
from redis.retry import Retry

from aigo.lib.events.interface import LogUnavailable
from aigo.lib.events.scripts import Script

CLUSTER = "redis+cluster://"
_node: Any = ClusterNode  # its constructor has no types
#: How long Redis may take to connect or to answer, in seconds.
PATIENCE_S = 5.0
#: One blocking read waits so long at most: less than the patience, and soon aware of a slot that has moved.
RING_S = 2.0
#: So long nobody is asked again after a blocking read failed, in seconds.
PAUSE_S = 0.05
_OPTIONS: dict[str, Any] = {
    "decode_responses": True,
    "socket_connect_timeout": PATIENCE_S,
    "socket_timeout": PATIENCE_S,
}
#: All of redis-py's; the one of clusters stands outside their tree.
_ERRORS = (exceptions.RedisError, exceptions.RedisClusterException)
_AWAY = (
    exceptions.ConnectionError,
    exceptions.TimeoutError,
    exceptions.ClusterError,  # no node has our slot, or the cluster is down
    exceptions.RedisClusterException,
    exceptions.ReadOnlyError,
    exceptions.OutOfMemoryError,
)
#: Errors that redis-py has no class for.
_AWAY_WORDS = ("MISCONF", "NOREPLICAS", "CLUSTERDOWN", "TRYAGAIN", "MASTERDOWN")


class Connection(Protocol):
    """Runs scripts and waits for entries. Safe to use from several threads."""

    def run(self, script: Script, keys: Sequence[str], *arguments: str | int) -> Any:
        """The script's answer. Raises LogUnavailable."""
        ...

    def wait(self, stream: str, after: str, wait_s: float, *, count: int = 1) -> list[Any]:
        """The entries behind `after`, once there are any; [] after RING_S at most, or where it went wrong."""
        ...

    def close(self) -> None:
        """Close its sockets now; what is asked afterwards opens others."""
        ...


class Server:
    """One Redis."""

    def __init__(self, url: str) -> None:
        # A connection that died unused is noticed by its next command: ask once more on a new one.
        retry = Retry(NoBackoff(), 1, supported_errors=(exceptions.ConnectionError,))
        self._client = redis.Redis.from_url(url, retry=retry, **_OPTIONS)

    def run(self, script: Script, keys: Sequence[str], *arguments: str | int) -> Any:
        with _unavailable():
            return _run(self._client, script, keys, arguments)

    def wait(self, stream: str, after: str, wait_s: float, *, count: int = 1) -> list[Any]:
        return _ring(self._client, stream, after, wait_s, count)

    def close(self) -> None:
        self._client.close()


class Cluster:
    """A Redis Cluster, by some of its nodes. Asked for its slots with the first command."""

    def __init__(self, url: str) -> None:
        self._made: Any = None  # a redis.RedisCluster, whose methods have no types
        self._lock = threading.Lock()
        account, _, nodes = url.removeprefix(CLUSTER).rpartition("@")
        name, _, password = account.partition(":")
        self._options = _OPTIONS | {"username": unquote(name) or None, "password": unquote(password) or None}
        self._nodes = [node.rpartition(":") for node in nodes.rstrip("/").split(",")]

    def run(self, script: Script, keys: Sequence[str], *arguments: str | int) -> Any:
        with _unavailable():
            try:
                return _run(self._client(), script, keys, arguments)
            except exceptions.RedisClusterException:
                self.close()  # it knows no node that answers; those of the setting may
                raise

    def wait(self, stream: str, after: str, wait_s: float, *, count: int = 1) -> list[Any]:
        # Straight to the node: redis-py asks another one, which may be down, where XREAD has its keys.
        try:
            client = self._client()
            node = client.get_redis_connection(client.get_node_from_key(stream))
        except _ERRORS:
            threading.Event().wait(min(PAUSE_S, wait_s))
            return []
        return _ring(node, stream, after, wait_s, count)

    def close(self) -> None:
        """Forget the client. redis-py closes no socket of a cluster before its objects are swept up."""
        with self._lock:
            if self._made is not None:
                self._made.disconnect_connection_pools()
            self._made = None

    __del__ = close

    def _client(self) -> Any:
        with self._lock:
            if self._made is None:
                nodes: list[Any] = [_node(host, int(port)) for host, _, port in self._nodes]
                self._made = redis.RedisCluster(
                    startup_nodes=nodes,
                    require_full_coverage=False,
                    retry=Retry(NoBackoff(), 1),
                    **self._options,
                )
            return self._made


def connected(url: str) -> Connection:
    """The connection that a URL of the setting EVENT_LOG_URL means; nothing is sent yet."""
    return Cluster(url) if url.startswith(CLUSTER) else Server(url)


def _run(client: Any, script: Script, keys: Sequence[str], arguments: Sequence[str | int]) -> Any:
    try:
        return client.evalsha(script.sha, len(keys), *keys, *arguments)
    except exceptions.NoScriptError:
        return client.eval(script.source, len(keys), *keys, *arguments)


def _ring(client: Any, stream: str, after: str, wait_s: float, count: int) -> list[Any]:
    """Whatever goes wrong here, the script that is run next will say so."""
    block_ms = max(1, int(min(wait_s, RING_S) * 1000))
    try:
        answer = client.xread({stream: after}, count=count, block=block_ms)
    except exceptions.RedisError:
        threading.Event().wait(min(PAUSE_S, wait_s))
        return []
    return list(answer[0][1]) if answer else []


@contextmanager
def _unavailable() -> Iterator[None]:
    try:
        yield
    except _ERRORS as error:
        if isinstance(error, _AWAY) or str(error).startswith(_AWAY_WORDS):
            raise LogUnavailable(f"EVENT_LOG_URL: the event log cannot be reached ({error})") from error
        raise

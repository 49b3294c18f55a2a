"""The event log in its three transports, and the showcase with a browser that looks at it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from aigo.lib.events import EventLog, MemoryLog, RedisLog
from testing import browser, services
from testing.quality.looking import Looker
from testing.quality.site import Site, standing

#: Opens the log that keeps so many events, as another process would.
Opener = Callable[[int], EventLog]


@pytest.fixture(scope="session")
def _cluster() -> Iterator[services.RedisCluster]:
    with services.redis_cluster() as cluster:
        yield cluster


@pytest.fixture
def redis_cluster(_cluster: services.RedisCluster) -> services.RedisCluster:
    """An empty Redis Cluster that this test process' tests share; none may leave it changed."""
    _cluster.empty()
    return _cluster


@pytest.fixture(params=["memory", "redis", "cluster"])
def opened(request: pytest.FixtureRequest) -> Opener:
    """The test is run over a log in memory, on one Redis and on a cluster."""
    if request.param == "memory":
        made: list[MemoryLog] = []

        def in_memory(length: int) -> EventLog:
            if not made:
                made.append(MemoryLog(length, now=datetime.now(UTC)))
            return made[0]

        return in_memory
    if request.param == "redis":
        url = request.getfixturevalue("redis_url")
    else:
        url = request.getfixturevalue("redis_cluster").url
    return lambda length: RedisLog(url, length)


@pytest.fixture
def log(opened: Opener) -> EventLog:
    """A log that is long enough."""
    return opened(1_000)


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    """The showcase, served by a process of its own."""
    with standing() as found:
        yield found


@pytest.fixture(scope="module")
def looker(site: Site) -> Iterator[Looker]:
    """A browser at the showcase."""
    with browser.chromium() as chromium:
        yield Looker(chromium, site.url)

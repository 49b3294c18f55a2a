"""Fixtures of the whole suite. The environment is cleaned before Django reads its settings."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime
from itertools import count

import django
import hypothesis
import pytest

from testing import environment

# Here and not in pyproject.toml: pytest-django would read the settings before any of our code runs.
environment.enter()
django.setup()

from django.conf import settings  # noqa: E402
from django.core.cache import cache  # noqa: E402
from django.db import connection  # noqa: E402
from django.utils import timezone, translation  # noqa: E402
from playwright.sync_api import Page  # noqa: E402
from pytest_django.plugin import DjangoDbBlocker  # noqa: E402
from rest_framework.throttling import SimpleRateThrottle  # noqa: E402

from benchmarks import kept as benchmarks_kept  # noqa: E402
from catalog import kept as catalog_kept  # noqa: E402
from compare import kept as compare_kept  # noqa: E402
from compare import shelf as compare_shelf  # noqa: E402
from compare.costing import kept as costing_kept  # noqa: E402
from news import kept as news_kept  # noqa: E402
from probes.services import provenances  # noqa: E402
from probes.timeseries import days  # noqa: E402
from status import baseline  # noqa: E402
from status.kept import keeper  # noqa: E402
from testing import browser, migrated, quickening, services, suites  # noqa: E402
from testing.processes import ServerProcess, free_port  # noqa: E402

quickening.quicken()
# How long an example takes says how busy the machine is.
hypothesis.settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("any machine")

END_OTHER_SESSIONS = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""

#: Cluster-wide names, one per database that a test asks for.
_database_numbers = count(1)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    kept, left_out = suites.select(items, backend=environment.backend())
    items[:] = kept
    config.hook.pytest_deselected(items=left_out)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> Iterator[None]:
    """The test database begins as a copy of a migrated one where there is such a one."""
    database = settings.DATABASES["default"]
    if environment.backend() == "sqlite":
        memory = migrated.sqlite_in_memory()
        yield
        memory.close()
        return
    if database["NAME"] == migrated.DATABASE:
        database["TEST"] = {**database.get("TEST", {}), "TEMPLATE": migrated.DATABASE}
    yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The test database; the sessions that threads of the tests left open end before it is dropped."""
    yield
    if environment.backend() == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(END_OTHER_SESSIONS)


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    """No test sees another's kept answers, nor what it stored and then rolled back, nor is it refused for the
    requests that others made."""
    cache.clear()
    keeper.take()
    benchmarks_kept.keeper.take()
    benchmarks_kept.past_keeper.take()
    compare_kept.keeper.take()
    compare_shelf.keeper.take()
    catalog_kept.keeper.take()
    costing_kept.keeper.take()
    news_kept.keeper.take()
    news_kept.page_keeper.take()
    baseline.forget()
    provenances.forget()
    days.forget()


@pytest.fixture(autouse=True)
def _first_language() -> None:
    """A page that a test read in Korean leaves its thread in Korean."""
    translation.activate(settings.LANGUAGE_CODE)


@pytest.fixture
def one_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test asks in turn is asked at once: no day ends meanwhile, nor a minute of the limits on
    requests, however slow the machine is."""
    _stop_clocks(monkeypatch, timezone.now())


@pytest.fixture
def half_past_noon(monkeypatch: pytest.MonkeyPatch) -> datetime:
    """One moment, too, and one before which no hour and no day has begun for half an hour."""
    now = timezone.now().replace(hour=12, minute=30)
    _stop_clocks(monkeypatch, now)
    return now


def _stop_clocks(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    monkeypatch.setattr(timezone, "now", lambda: now)
    monkeypatch.setattr(SimpleRateThrottle, "timer", lambda throttle: now.timestamp())


@pytest.fixture(scope="session")
def postgresql() -> Iterator[services.Service]:
    """A PostgreSQL server of this test process; see `postgresql_url` for a database of one's own."""
    with services.postgresql() as service:
        yield service


@pytest.fixture
def postgresql_url(postgresql: services.Service) -> Iterator[str]:
    """DATABASE_URL of an empty PostgreSQL database, dropped after the test."""
    with services.empty_database(postgresql, f"test_{next(_database_numbers)}") as url:
        yield url


@pytest.fixture
def redis_url() -> Iterator[str]:
    """REDIS_URL of an empty Redis server."""
    with services.redis() as service:
        yield service.url


@pytest.fixture
def node_exporter() -> Iterator[services.Service]:
    """A real node_exporter that tells of this machine."""
    with services.node_exporter() as service:
        yield service


@pytest.fixture
def timescale_url() -> Iterator[str]:
    """DATABASE_URL of an empty TimescaleDB that takes one connection at a time."""
    with services.timescale() as service:
        yield service.url


@pytest.fixture
def page() -> Iterator[Page]:
    """A page of a fresh browser, 1280 x 800. The test must not use the ORM: see `browser.chromium`."""
    with browser.chromium() as chromium:
        context = chromium.new_context(viewport={"width": 1280, "height": 800})
        context.set_default_timeout(60_000)
        yield context.new_page()
        context.close()


@pytest.fixture
def start() -> Iterator[Callable[..., ServerProcess]]:
    """Starts a server process with `ServerProcess`'s arguments; what still runs is ended after the test."""
    with ExitStack() as stack:

        def start_process(command: list[str], **environment_variables: str) -> ServerProcess:
            process = ServerProcess(command, environment=environment_variables)
            stack.callback(process.stop_quickly)
            return process

        yield start_process


@pytest.fixture
def port() -> int:
    """A free TCP port on 127.0.0.1."""
    return free_port()

"""A web process whose PostgreSQL and Redis are stopped and started again."""

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from aigo.lib.breaker import FAILURES
from testing import services
from testing.environment import ROOT, clean_environment
from testing.processes import ServerProcess, free_port, until

SEED = """
import django; django.setup()
from datetime import timedelta
from django.contrib.auth.models import User
from django.utils import timezone
from probes.services.ingest import store_attempts
from probes.tests.factories import make_endpoint, make_pop, make_series
from status.services import judge_endpoints
now = timezone.now()
make_pop("seoul", now=now)
endpoint = make_endpoint()
store_attempts(make_series(endpoint, "+" * 20, every_s=10, end=now), now=now)
judge_endpoints([endpoint.pk], now=now + timedelta(milliseconds=1))
"""


@dataclass
class Site:
    """A daphne process with a database, a Redis and one measured endpoint."""

    database: services.Cluster
    redis: services.Redis
    environment: dict[str, str]
    url: str

    def ask(self, path: str, **headers: str) -> tuple[int, str, str]:
        """Status, content type and body."""
        request = urllib.request.Request(self.url + path, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.headers["Content-Type"], answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.headers["Content-Type"], error.read().decode()

    def json(self, path: str) -> dict[str, Any]:
        body: dict[str, Any] = json.loads(self.ask(path)[2])
        return body

    def metric(self, name: str) -> list[str]:
        return [line for line in self.ask("/metrics")[2].splitlines() if line.startswith(name)]


@pytest.fixture
def site(tmp_path, start: Callable[..., ServerProcess]) -> Iterator[Site]:
    with services.postgresql(migrated=True) as database, services.redis() as redis:
        environment = {
            "DJANGO_SETTINGS_MODULE": "aigo.settings",
            "DATA_DIR": str(tmp_path),
            "DATABASE_URL": database.url,
            "REDIS_URL": redis.url,
            "STATIC_HASHED": "0",
            "SIMULATION": "1",
        }
        subprocess.run(
            [sys.executable, "-c", SEED], env=clean_environment(**environment), cwd=ROOT, check=True
        )
        port = free_port()
        command = [
            sys.executable,
            "-m",
            "daphne",
            "-b",
            "127.0.0.1",
            "-p",
            str(port),
            "aigo.asgi:application",
        ]
        server = start(command, **environment)
        server.wait_for_url(f"http://127.0.0.1:{port}/healthz")
        yield Site(database, redis, environment, f"http://127.0.0.1:{port}")


def without_moments(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name not in ("age_s", "away", "event_id")}


def test_the_last_good_answer_is_served_with_its_age_until_the_database_is_back(site: Site):
    good = site.json("/api/v1/status?region=seoul")
    assert (good["away"], good["counts"]["available"], good["counts"]["total"]) == (None, 1, 1)

    assert site.json("/api/v1/dashboard")["away"] is None
    site.redis.stop()
    for _ in range(FAILURES + 1):
        shown = site.json("/api/v1/status?region=seoul")
    assert (shown["away"], shown["counts"], shown["event_id"]) == (None, good["counts"], "")
    assert 'aigo_breaker_open{part="event log"} 1.0' in site.metric("aigo_breaker_open")
    site.redis.start()
    until(
        lambda: site.json("/api/v1/status?region=seoul")["event_id"],
        bool, every_s=0.5, log=lambda: "the event log did not come back",
    )  # fmt: skip

    good = site.json("/api/v1/status?region=seoul")
    site.database.stop()
    stopped_at = time.monotonic()
    time.sleep(1.1)
    site_is_served_from_what_was_kept(site, good)
    site.database.start()
    back = until(
        lambda: site.json("/api/v1/status?region=seoul"),
        lambda body: body["away"] is None, every_s=0.5, log=lambda: "still away",
    )  # fmt: skip
    assert back["age_s"] < time.monotonic() - stopped_at
    assert back["counts"]["total"] == 1
    assert json.loads(site.ask("/readyz")[2])["checks"]["database"]["ok"]
    assert 'aigo_breaker_open{part="database"} 0.0' in site.metric("aigo_breaker_open")


def site_is_served_from_what_was_kept(site: Site, good: dict[str, Any]) -> None:
    """Once an event, or thirty seconds, have overtaken what was kept."""
    append = (
        "import django; django.setup()\n"
        "from django.utils import timezone\n"
        "from aigo.lib.events import event_log\n"
        "event_log().append('status.update', {'changed': {'seoul': []}}, now=timezone.now())"
    )
    subprocess.run(
        [sys.executable, "-c", append], env=clean_environment(**site.environment), cwd=ROOT, check=True
    )
    ages = []
    for _ in range(FAILURES + 3):
        shown = site.json("/api/v1/status?region=seoul")
        assert shown["away"] == "database"
        assert without_moments(shown) == without_moments(good)
        ages.append(shown["age_s"])
    assert ages == sorted(ages)
    assert ages[0] >= 1
    assert 'aigo_breaker_open{part="database"} 1.0' in site.metric("aigo_breaker_open")
    assert site.metric("aigo_endpoints{") == []
    for path in ("/api/v1/stats", "/api/v1/dashboard"):
        assert site.json(path)["away"] == "database", path
    assert "(database away)" in site.ask("/?region=seoul")[2]
    assert "(데이터베이스 응답 없음)" in site.ask("/?region=seoul", **{"Accept-Language": "ko"})[2]
    assert "data-away" in site.json("/status/rows?region=seoul")["data"]["cards"]
    code, kind, body = site.ask("/api/v1/models")
    assert (code, kind) == (503, "application/problem+json")
    assert "database does not answer" in json.loads(body)["detail"]
    assert site.ask("/servers/")[0] == 503
    code, _kind, body = site.ask("/readyz")
    assert code == 503
    assert not json.loads(body)["checks"]["database"]["ok"]

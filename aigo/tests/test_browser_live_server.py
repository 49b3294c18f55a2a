"""An open page and a real web process: every way to the news, and a server that goes and comes back."""

import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Page, Route, expect

from testing import migrated, services
from testing.environment import ROOT, clean_environment
from testing.processes import ServerProcess, free_port

PLAY = """
import django; django.setup()
import sys
from datetime import timedelta
from django.utils import timezone
from aigo.lib.events import event_log
from catalog.models import Endpoint
from probes.services.ingest import store_attempts
from probes.tests.factories import make_endpoint, make_pop, make_series
from status.models import Incident, IncidentEndpoint
from status.services import judge_endpoints

def begin():
    make_pop("seoul", now=now)
    make_endpoint()
    attempts("+" * 20)

def attempts(pattern):
    store_attempts(make_series(endpoint(), pattern, every_s=0.2, end=now), now=now)
    judge_endpoints([endpoint().pk], now=now + timedelta(milliseconds=1))

def endpoint():
    return Endpoint.objects.get()

def incident():
    words = {"kind": "endpoint", "scope": "regional", "severity": "major", "cause": "confirmed_failures"}
    fields = {"provider": endpoint().provider, "regions": ["seoul"], "simulated": True}
    opened = Incident.objects.create(started_at=now, detected_at=now, **words, **fields)
    IncidentEndpoint.objects.create(
        incident=opened, endpoint=endpoint(), regions=["seoul"], worst="outage", joined_at=now
    )
    tell("opened", opened)

def end_incident():
    ended = Incident.objects.get()
    IncidentEndpoint.objects.update(left_at=now)
    Incident.objects.update(state="closed", ended_at=now)
    tell("closed", ended)

def tell(what, told):
    data = {name: getattr(told, name) for name in ("severity", "state", "scope", "regions")}
    data |= {"incident": told.pk, "provider": told.provider.slug, "slugs": [endpoint().slug]}
    data["at"] = now.isoformat()
    event_log().append(f"incident.{what}", data, now=now)

now = timezone.now()
globals()[sys.argv[1]](*sys.argv[2:])
"""
#: A page that polls asks every 15 s, give or take; one that lost its server climbs within as long.
BACK_MS = 120_000
#: The first of the board stand on cards.
ROW = ":is(tr.row, .top-card)"


class Site:
    """A web process with SQLite and Redis, and one measured endpoint. What is played is another process's."""

    def __init__(self, environment: dict[str, str], stack: ExitStack) -> None:
        self.environment, self.stack = environment, stack
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.play("begin")
        self.serve()

    def serve(self) -> None:
        command = [sys.executable, "-m", "aigo.serving", "-b", "127.0.0.1", "-p", str(self.port)]
        self.process = ServerProcess(command, environment=self.environment)
        self.stack.callback(self.process.stop_quickly)
        self.process.wait_for_url(f"{self.url}/healthz")

    def kill(self) -> None:
        self.process.process.send_signal(signal.SIGKILL)
        self.process.process.wait()

    def play(self, *what: str) -> None:
        command, environment = [sys.executable, "-c", PLAY, *what], clean_environment(**self.environment)
        done = subprocess.run(
            command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300
        )
        assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    data = tmp_path_factory.mktemp("data")
    migrated.sqlite_into(data)
    with services.redis() as redis, ExitStack() as stack:
        environment = {
            "DJANGO_SETTINGS_MODULE": "aigo.settings",
            "DATA_DIR": str(data),
            "REDIS_URL": redis.url,
            "STATIC_HASHED": "0",
            "SIMULATION": "1",
        }
        yield Site(environment, stack)


@pytest.fixture
def open_board(site: Site, page: Page) -> Iterator[Callable[[], None]]:
    """Opens the board; at the end nothing has been loaded anew and no script has failed."""
    site.play("attempts", "+++++")
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))

    def open_it() -> None:
        page.goto(f"{site.url}/?region=seoul")
        page.evaluate("window.sameDocument = true")
        shows_state(page, "operational")

    yield open_it
    assert page.evaluate("window.sameDocument") is True, "the page was loaded anew"
    assert troubles == []


def shows_state(page: Page, state: str) -> None:
    expect(page.locator(ROW)).to_have_attribute("data-state", state, timeout=BACK_MS)


def is_connected(page: Page, status: str, carrier: str = "websocket|sse|polling") -> None:
    """A server that begins to answer between two tries of a page has the second one, an event stream."""
    indicator = page.locator("[data-live-indicator]")
    expect(indicator).to_have_attribute("data-status", status, timeout=BACK_MS)
    expect(indicator).to_have_attribute("data-carrier", re.compile(carrier), timeout=BACK_MS)


def without_websockets(page: Page) -> None:
    page.route_web_socket("**/ws/status**", lambda socket: socket.close())


def without_events(page: Page) -> None:
    page.route("**/events/status**", lambda route: route.abort())


def events_kept_back(page: Page) -> None:
    """As by a proxy that collects the whole answer first."""

    def keep(route: Route) -> None:
        """Neither answered nor refused."""

    page.route("**/events/status**", keep)


def test_a_websocket_brings_a_changed_state(site: Site, page: Page, open_board):
    open_board()
    is_connected(page, "live", "websocket")
    site.play("attempts", "-----")
    shows_state(page, "outage")


def test_without_websockets_events_bring_a_changed_state(site: Site, page: Page, open_board):
    without_websockets(page)
    open_board()
    is_connected(page, "live", "sse")
    site.play("attempts", "-----")
    shows_state(page, "outage")


@pytest.mark.parametrize("hinder", [without_events, events_kept_back])
def test_without_any_stream_polling_brings_a_changed_state(
    site: Site, page: Page, open_board, hinder: Callable[[Page], None]
):
    without_websockets(page)
    hinder(page)
    open_board()
    is_connected(page, "polling", "polling")
    site.play("attempts", "-----")
    shows_state(page, "outage")


def test_a_server_that_was_killed_is_found_again_and_what_was_missed_is_shown(
    site: Site, page: Page, open_board
):
    open_board()
    is_connected(page, "live", "websocket")
    site.kill()
    is_connected(page, "offline", "polling")
    site.play("attempts", "-----")
    site.serve()
    is_connected(page, "live")
    shows_state(page, "outage")


def test_a_server_that_hangs_makes_the_page_stale_and_is_found_again(site: Site, page: Page, open_board):
    """No connection ends: what is told by nobody is noticed by the clock."""
    page.clock.install()
    open_board()
    is_connected(page, "live", "websocket")
    site.process.process.send_signal(signal.SIGSTOP)
    page.clock.fast_forward(31_000)
    is_connected(page, "stale")
    for _ in range(4):
        page.clock.fast_forward(11_000)
        page.evaluate("new Promise((done) => requestAnimationFrame(done))")
    is_connected(page, "offline", "polling")
    site.process.process.send_signal(signal.SIGCONT)
    page.clock.fast_forward(18_000)
    is_connected(page, "live")
    site.play("attempts", "-----")
    shows_state(page, "outage")


def test_a_page_that_was_frozen_in_the_background_shows_what_it_missed(site: Site, page: Page, open_board):
    open_board()
    is_connected(page, "live", "websocket")
    session = page.context.new_cdp_session(page)
    session.send("Page.setWebLifecycleState", {"state": "frozen"})
    site.play("attempts", "-----")
    session.send("Page.setWebLifecycleState", {"state": "active"})
    shows_state(page, "outage")
    is_connected(page, "live")


def test_the_strip_comes_and_goes_by_push(site: Site, page: Page, open_board):
    open_board()
    is_connected(page, "live", "websocket")
    site.play("incident")
    line = page.locator(".incident")
    expect(line).to_contain_text("Major")
    expect(line).to_contain_text("Requests fail")
    expect(page.locator("[data-live-incidents-announcer]")).to_contain_text("New incident:")
    site.play("end_incident")
    expect(line).to_have_count(0)

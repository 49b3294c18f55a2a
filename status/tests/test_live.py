"""Live push: the hub, the frames and the consumer, with the real event log and database."""

import asyncio
import json
import threading
from datetime import timedelta
from typing import Any

import pytest
from channels.db import database_sync_to_async
from channels.testing import WebsocketCommunicator
from django.db import OperationalError, transaction
from django.utils import timezone

from aigo.lib.breaker import FAILURES
from aigo.lib.events import event_log
from aigo.lib.kept import Unavailable
from probes.services.ingest import store_attempts
from probes.tests.factories import make_attempt, make_endpoint, make_pop
from status import kept
from status.consumers import status_socket
from status.kept import kept_board
from status.live import audience, source, wires
from status.live import hub as hubs
from status.live.audience import BAD_REQUEST, TRY_LATER
from status.live.frames import View
from status.live.hub import hub
from status.live.source import ready_resume, ready_snapshot, snapshot_of
from status.models import Incident, IncidentEndpoint
from status.selectors import load_board
from status.services import judge_endpoints
from testing.patience import PATIENCE_S

#: The push reads what selectors read; with PostgreSQL it runs in the drills, between processes.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.only_on("sqlite")]


@pytest.fixture(autouse=True)
def _own_hub():
    """Each test has a hub of its own, and leaves no thread with a connection behind."""
    hub.take()
    yield
    hub().stop()
    hub.take()


@pytest.fixture
def endpoint():
    now = timezone.now()
    make_pop("seoul", now=now)
    endpoint = make_endpoint()
    measure(endpoint, at=now - timedelta(seconds=30))
    return endpoint


def measure(endpoint, outcome="ok", *, at=None):
    now = at or timezone.now()
    store_attempts([make_attempt(endpoint, outcome, at=now)], now=now)
    judge_endpoints([endpoint.pk], now=now)


async def connected(query=""):
    socket = WebsocketCommunicator(status_socket, f"/ws/status?{query}")
    assert (await socket.connect(PATIENCE_S))[0]
    return socket


async def frame_of(socket, kind, timeout_s=PATIENCE_S):
    """The next frame of that kind; others before it are passed over."""
    while True:
        frame = json.loads(await socket.receive_from(timeout_s))
        if frame["type"] == kind:
            return frame


async def test_an_open_page_gets_a_snapshot_and_then_only_what_changed(endpoint):
    await database_sync_to_async(make_endpoint)(model="nimbus-2")
    socket = await connected("region=seoul")
    snapshot = await frame_of(socket, "snapshot")
    assert {row["slug"] for row in snapshot["data"]["rows"]} == {endpoint.slug, "nimbus--nimbus-2"}
    await database_sync_to_async(measure)(endpoint)
    update = await frame_of(socket, "update")
    assert [row["slug"] for row in update["data"]["rows"]] == [endpoint.slug]
    assert update["data"]["rows"][0]["samples"] == 2
    assert update["region"] == "seoul"
    await socket.disconnect(timeout=PATIENCE_S)


async def test_pushed_counts_are_the_boards(endpoint):
    socket = await connected("region=seoul")
    await frame_of(socket, "snapshot")
    for _ in range(3):
        await database_sync_to_async(measure)(endpoint, "http_5xx")
    while (stats := await frame_of(socket, "stats"))["data"]["counts"]["outage"] == 0:
        pass
    board = await database_sync_to_async(load_board)("seoul", now=timezone.now())
    assert stats["data"]["counts"] == board.counts.to_json()
    await socket.disconnect(timeout=PATIENCE_S)


async def test_a_region_that_nothing_changed_in_is_told_nothing(endpoint, monkeypatch):
    monkeypatch.setattr(audience, "HEARTBEAT_S", 0.8)
    monkeypatch.setattr(audience, "TICK_S", 0.1)
    socket = await connected("region=tokyo")
    await frame_of(socket, "snapshot")
    await database_sync_to_async(measure)(endpoint)
    assert json.loads(await socket.receive_from(PATIENCE_S))["type"] == "heartbeat"
    await socket.disconnect(timeout=PATIENCE_S)


async def test_rows_come_as_the_partial_the_page_renders_in_the_readers_language(endpoint):
    socket = await connected("region=seoul&format=html&lang=ko")
    snapshot = await frame_of(socket, "snapshot")
    (row,) = snapshot["data"]["rows"]
    assert f'id="row-{endpoint.slug}"' in row["html"]
    assert "정상" in row["html"]
    assert snapshot["data"]["cards"]
    await socket.disconnect(timeout=PATIENCE_S)


async def test_a_reader_that_returns_gets_what_it_missed(endpoint):
    since = event_log().last_id()
    await database_sync_to_async(measure)(endpoint)
    socket = await connected(f"region=seoul&since={since}")
    update = await frame_of(socket, "update")
    assert [row["slug"] for row in update["data"]["rows"]] == [endpoint.slug]
    assert update["id"] == event_log().last_id()
    await socket.disconnect(timeout=PATIENCE_S)


def test_a_reader_the_log_no_longer_reaches_back_to_gets_a_snapshot(endpoint):
    assert json.loads(ready_resume(View("seoul"), "5-0").text)["type"] == "snapshot"
    assert json.loads(ready_resume(View("seoul"), event_log().last_id()).text)["type"] == "update"


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("region=mars", "region"),
        ("sort=luck", "sort"),
        ("format=xml", "format"),
        ("lang=xx", "lang"),
        ("since=now", "since"),
    ],
)
async def test_an_address_that_cannot_be_accepted_is_closed_with_the_reason(query, parameter):
    socket = await connected(query)
    error = json.loads(await socket.receive_from(PATIENCE_S))
    assert error["type"] == "error"
    assert error["data"]["parameter"] == parameter
    closed = await socket.receive_output(PATIENCE_S)
    assert closed["code"] == BAD_REQUEST


async def test_a_frame_is_made_once_however_many_listen(endpoint, monkeypatch):
    made = []
    original = source.Cut.update

    def counted(cut, view, slugs):
        made.append(view)
        return original(cut, view, slugs)

    monkeypatch.setattr(source.Cut, "update", counted)
    sockets = [await connected("region=seoul") for _ in range(20)]
    for socket in sockets:
        await frame_of(socket, "snapshot")
    await database_sync_to_async(measure)(endpoint)
    for socket in sockets:
        await frame_of(socket, "update")
    assert made == [View("seoul")]
    for socket in sockets:
        await socket.disconnect(timeout=PATIENCE_S)


async def test_a_connection_that_fails_is_closed_and_leaves_nothing_behind(endpoint, monkeypatch):
    monkeypatch.setattr(source, "ready_snapshot", lambda view: 1 / 0)
    socket = await connected()
    await frame_of(socket, "hello")
    assert (await socket.receive_output(PATIENCE_S))["code"] == TRY_LATER
    await socket.disconnect(timeout=PATIENCE_S)
    assert len(hub()) == 0


async def test_the_hub_goes_on_after_a_fault_with_what_it_had_not_told(endpoint, monkeypatch):
    socket = await connected("region=seoul")
    await frame_of(socket, "snapshot")
    original, faults = source.Cut.update, [ValueError("a fault")]

    def faulty(*args):
        if faults:
            raise faults.pop()
        return original(*args)

    monkeypatch.setattr(source.Cut, "update", faulty)
    await database_sync_to_async(measure)(endpoint)
    again = await frame_of(socket, "snapshot")
    assert again["data"]["rows"][0]["samples"] == 2
    await database_sync_to_async(measure)(endpoint)
    assert [row["slug"] for row in (await frame_of(socket, "update"))["data"]["rows"]] == [endpoint.slug]
    assert hub().is_following()
    await socket.disconnect(timeout=PATIENCE_S)


async def test_silence_of_a_hub_that_cannot_follow_is_not_passed_off_as_no_news(endpoint, monkeypatch):
    monkeypatch.setattr(audience, "HEARTBEAT_S", 0.2)
    monkeypatch.setattr(audience, "TICK_S", 0.1)
    monkeypatch.setattr(hubs, "SILENT_AFTER_S", 0.0)
    socket = await connected("region=tokyo")
    await frame_of(socket, "snapshot")
    assert await socket.receive_nothing(1)
    await socket.disconnect(timeout=PATIENCE_S)


def test_those_who_come_together_share_one_snapshot(endpoint, django_assert_num_queries):
    first = ready_snapshot(View("seoul"))
    with django_assert_num_queries(0):
        assert ready_snapshot(View("seoul")) is not None
        assert ready_snapshot(View("seoul")) is first
    measure(endpoint)
    assert ready_snapshot(View("seoul")).text != first.text


def test_the_snapshot_says_that_rows_are_simulated(endpoint):
    frame = snapshot_of(View("seoul"))
    assert frame["data"]["simulated"] is True
    assert frame["data"]["rows"][0]["simulated"] is True


def test_the_last_answer_is_not_pushed_as_a_snapshot_while_the_database_is_away(endpoint, monkeypatch):
    def away(**wish):
        raise OperationalError("connection refused")

    view = View("all", "html", "ko")
    ready_snapshot(view)
    monkeypatch.setattr(kept, "load_snapshot", away)
    event_log().append("status.update", {"changed": {"all": [endpoint.slug]}}, now=timezone.now())
    for _ in range(FAILURES + 1):
        assert kept_board("all", now=timezone.now()).away == "database"
        with pytest.raises(Unavailable):
            ready_snapshot(view)


def test_a_pushed_snapshot_holds_no_longer_than_its_states_are_fresh(endpoint, monkeypatch):
    fresh = json.loads(ready_snapshot(View("all")).text)
    later = timezone.now() + timedelta(minutes=55)
    monkeypatch.setattr(timezone, "now", lambda: later)
    stale = json.loads(ready_snapshot(View("all")).text)
    assert (fresh["data"]["counts"]["unknown"], stale["data"]["counts"]["unknown"]) == (0, 1)


def test_polling_pages_are_told_the_same(endpoint, client):
    make_endpoint(model="nimbus-2")
    frame = client.get(f"/status/rows?region=seoul&models={endpoint.slug}").json()
    view = View("seoul", "html", "en", models=(endpoint.slug,))
    assert frame == json.loads(ready_snapshot(view).text)
    assert (frame["data"]["order"], frame["data"]["counts"]["total"]) == ([endpoint.slug], 2)
    assert (frame["data"]["incidents"], frame["data"]["strip"]) == ([], "")
    refused = client.get("/status/rows?models=no-such-model")
    assert (refused.status_code, refused.json()["parameter"]) == (400, "models")


async def test_the_first_event_is_told_at_once_and_those_that_follow_are_gathered(endpoint, monkeypatch):
    over = threading.Event()
    monkeypatch.setattr(hub()._stopped, "wait", lambda gathering_s: over.wait(2 * PATIENCE_S))
    socket = await connected("region=seoul")
    await frame_of(socket, "snapshot")

    def change():
        return event_log().append(
            "status.update", {"changed": {"seoul": [endpoint.slug]}}, now=timezone.now()
        )

    first = change()
    assert (await frame_of(socket, "update"))["id"] == first
    monkeypatch.setattr(hubs, "GATHER_S", 5 * PATIENCE_S)  # the machine is not too slow for it
    newest = [change() for _ in range(4)][-1]
    over.set()
    assert (await frame_of(socket, "update"))["id"] == newest
    await socket.disconnect(timeout=PATIENCE_S)


def open_incident(endpoint):
    now = timezone.now()
    incident = Incident.objects.create(
        provider=endpoint.provider,
        kind="endpoint",
        scope="regional",
        severity="minor",
        cause="errors",
        regions=["seoul"],
        started_at=now,
        detected_at=now,
        method_version="1",
    )
    IncidentEndpoint.objects.create(
        incident=incident, endpoint=endpoint, regions={"seoul": "errors"}, worst="degraded", joined_at=now
    )
    told = {
        "incident": incident.pk,
        "provider": endpoint.provider.slug,
        "severity": "minor",
        "state": "open",
        "scope": "regional",
        "slugs": [endpoint.slug],
        "regions": ["seoul"],
        "at": now.isoformat(),
    }
    event_log().append("incident.opened", told, now=now)
    return incident.pk


async def test_a_page_is_told_of_a_changed_catalogue_and_of_incidents(endpoint):
    socket = await connected("region=seoul")
    await frame_of(socket, "snapshot")
    await database_sync_to_async(transaction.atomic(make_endpoint))(model="nimbus-2")
    assert len((await frame_of(socket, "snapshot"))["data"]["rows"]) == 2
    opened = await database_sync_to_async(open_incident)(endpoint)
    incident = await frame_of(socket, "incident")
    assert [line["id"] for line in incident["data"]["incidents"]] == [opened]
    await socket.disconnect(timeout=PATIENCE_S)


async def test_who_takes_nothing_for_too_long_is_disconnected(endpoint, monkeypatch):
    """A server that waits for its client, and a client that takes the first frame and no other."""
    monkeypatch.setattr(wires, "LIMIT_BYTES", 0)
    monkeypatch.setattr(audience, "BEHIND_S", 0.2)
    monkeypatch.setattr(audience, "TICK_S", 0.05)
    told: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    said: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    never = asyncio.Event()

    async def send(message):
        told.put_nowait(message)
        if message["type"] == "websocket.send":
            await never.wait()

    said.put_nowait({"type": "websocket.connect"})
    scope: dict[str, Any] = {
        "type": "websocket",
        "path": "/ws/status",
        "query_string": b"",
        "headers": [],
        "client": None,
    }
    page = asyncio.create_task(status_socket(scope, said.get, send))
    await asyncio.wait_for(page, PATIENCE_S)
    assert [told.get_nowait()["type"], json.loads(told.get_nowait()["text"])["type"]] == [
        "websocket.accept",
        "hello",
    ]
    assert told.empty()
    assert len(hub()) == 0

"""The live push of real web processes with a real Redis, over both kinds of wire."""

import asyncio
import re
import socket
from contextlib import ExitStack, suppress

import pytest
import websockets
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory

from testing.live import LiveSite, Socket
from testing.patience import PATIENCE_S

#: More of them (130 KB) than the kernel keeps for a connection on loopback: 4 MB (net.ipv4.tcp_wmem).
SNAPSHOTS_THE_KERNEL_HOLDS = 60
#: For both directions of one connection, in bytes.
MOST_THE_KERNEL_HOLDS = 30_000_000

#: Kind of wire, and the server: ours that writes straight to the socket, and any other.
WAYS = [("websocket", "direct"), ("websocket", "asgi"), ("sse", "direct"), ("sse", "asgi")]


@pytest.mark.parametrize(("kind", "server"), WAYS)
async def test_a_page_gets_hello_then_a_snapshot_then_what_changes(
    live_site: LiveSite, visitor, kind, server
):
    page = await visitor.open(kind, at=server)
    hello, snapshot = await page.frame(), await page.frame()
    assert (hello["type"], hello["id"], hello["data"]["heartbeat_s"]) == ("hello", "", 15.0)
    assert len(hello["data"]["connection"]) >= 20
    assert (snapshot["type"], snapshot["region"], snapshot["data"]["incidents"]) == ("snapshot", "all", [])
    assert len(snapshot["data"]["rows"]) > 10
    update = await page.until(live_site.change(live_site.slugs[0]))
    assert (update["type"], [row["slug"] for row in update["data"]["rows"]]) == (
        "update",
        [live_site.slugs[0]],
    )


@pytest.mark.parametrize(("kind", "server"), WAYS)
async def test_frames_of_every_length_arrive_whole(live_site: LiveSite, visitor, kind, server):
    """The length of a WebSocket frame has three forms: below 126 bytes, below 64 KB, and above."""
    page = await visitor.open(kind, "format=html&lang=ko", at=server)
    snapshot = await page.next("snapshot")
    assert snapshot["data"]["strip"] == ""
    slugs = [row["slug"] for row in snapshot["data"]["rows"]]
    update = await page.until(live_site.change(*slugs, "no--more"))
    assert update["data"]["rows"] == snapshot["data"]["rows"]
    live_site.append("incident.closed", INCIDENT)
    incident = await page.next("incident")
    assert incident["data"] == {"incidents": [], "strip": ""}


INCIDENT = {
    "incident": 1,
    "provider": "aurora-labs",
    "severity": "minor",
    "state": "closed",
    "scope": "regional",
    "slugs": ["aurora-labs--aurora-1"],
    "regions": ["seoul"],
    "at": "2026-01-01T00:00:00+00:00",
}


@pytest.mark.parametrize(("kind", "server"), WAYS)
async def test_a_page_that_returns_gets_what_it_missed(live_site: LiveSite, visitor, kind, server):
    since = live_site.change(live_site.slugs[0])
    missed = live_site.change(live_site.slugs[1])
    page = await visitor.open(kind, f"since={since}", at=server)
    update = await page.next("update")
    assert ([row["slug"] for row in update["data"]["rows"]], update["id"]) == ([live_site.slugs[1]], missed)
    assert update["data"]["counts"]
    old = await visitor.open(kind, "since=5-0", at=server)
    assert (await old.frame())["type"] == "hello"
    assert (await old.frame())["type"] == "snapshot"


async def test_a_stream_goes_on_by_the_browsers_own_header(live_site: LiveSite, visitor):
    since = live_site.change(live_site.slugs[0])
    live_site.change(live_site.slugs[1])
    page = await visitor.stream("since=0-1", **{"Last-Event-ID": since})
    assert [row["slug"] for row in (await page.next("update"))["data"]["rows"]] == [live_site.slugs[1]]


async def test_a_stream_says_what_proxies_and_browsers_must_know(visitor):
    response = await visitor.request()
    assert response.headers["Content-Type"] == "text/event-stream; charset=utf-8"
    assert response.headers["Cache-Control"] == "no-cache, no-transform"
    assert response.headers["X-Accel-Buffering"] == "no"
    assert await response.content.readline() == b"retry: 3000\n"


async def test_a_client_of_http_1_0_gets_the_stream_without_chunks(live_site: LiveSite):
    host, port = live_site.urls["direct"].removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port), limit=2**24)
    writer.write(b"GET /events/status HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE_S)
    assert b"chunked" not in head.lower()
    assert await asyncio.wait_for(reader.readuntil(b"\n\n"), PATIENCE_S) == b"retry: 3000\n\n"
    assert (await asyncio.wait_for(reader.readuntil(b"\n\n"), PATIENCE_S)).startswith(
        b"event: hello\ndata: {"
    )
    writer.close()


@pytest.mark.parametrize(("kind", "person"), [("websocket", "anna"), ("sse", "ben")])
async def test_who_signs_out_anywhere_is_disconnected_and_nobody_else(
    live_site: LiveSite, visitor, kind, person
):
    theirs = await visitor.open(kind, Cookie=f"sessionid={live_site.sessions[person]}")
    others = await visitor.open(kind, Cookie=f"sessionid={live_site.sessions['carla']}")
    await theirs.next("snapshot")
    await others.next("snapshot")
    assert await visitor.post("/accounts/logout/", at="other", session=live_site.sessions[person]) == 302
    assert await theirs.next("signed_out")
    assert await theirs.closed() == {"websocket": 4401, "sse": None}[kind]
    live_site.change(live_site.slugs[0])
    assert await others.next("update")


async def test_operators_ask_all_open_pages_to_reload(live_site: LiveSite, visitor):
    pages = [await visitor.socket(), await visitor.stream(), await visitor.socket(at="other")]
    for page in pages:
        await page.next("snapshot")
    assert await visitor.post("/operations/reload", at="other", session=live_site.sessions["carla"]) == 302
    for page in pages:
        assert (await page.next("reload"))["data"] == {"within_s": 10}


@pytest.fixture
def slow_pages(live_site):
    """A socket that takes little, for every way."""
    with ExitStack() as stack:
        yield [stack.enter_context(_slow_page(kind, live_site.urls[server])) for kind, server in WAYS]


def _slow_page(kind: str, url: str) -> socket.socket:
    page = socket.socket()
    page.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    host, port = url.removeprefix("http://").split(":")
    page.connect((host, int(port)))
    page.sendall(_request(kind))
    return page


async def test_who_does_not_read_gets_the_present_instead_of_a_backlog(
    live_site: LiveSite, visitor, slow_pages
):
    watchers = [await visitor.socket(at=server) for server in ("direct", "asgi")]
    tokens = [await asyncio.to_thread(_token, page) for page in slow_pages]
    for sort in ("latency", "usage") * (SNAPSHOTS_THE_KERNEL_HOLDS // 2):
        for token in tokens:
            wish = {"connection": token, "sort": sort}
            async with visitor.http.post(
                live_site.urls["other"] + "/events/subscription", json=wish
            ) as answer:
                assert answer.status == 202
    events = []
    for _ in range(3):  # none of which they are given
        events.append(live_site.change(*live_site.slugs))
        for watcher in watchers:
            await watcher.until(events[-1])
    reads = [asyncio.to_thread(_read_until, page, events[-1].encode()) for page in slow_pages]
    for received in await asyncio.gather(*reads):
        assert b'"type":"snapshot","id":"%b"' % events[-1].encode() in received
        for event_id in events:
            assert b'"type":"update","id":"%b"' % event_id.encode() not in received


def test_who_pings_and_does_not_read_is_not_read_either(live_site: LiveSite):
    """Else the pongs would pile up in the server's memory."""
    with _slow_page("websocket", live_site.urls["direct"]) as page:
        _token(page)
        page.settimeout(3)
        assert _pinged(page) < MOST_THE_KERNEL_HOLDS


def _pinged(page: socket.socket) -> int:
    """How many bytes of pings the other end took."""
    pings, sent = (b"\x89\xfd\0\0\0\0" + b"x" * 125) * 100, 0
    with suppress(OSError):  # it takes no more, or has had enough
        while sent < MOST_THE_KERNEL_HOLDS:
            sent += page.send(pings[sent % len(pings) :])
    return sent


def _token(page: socket.socket) -> str:
    page.settimeout(PATIENCE_S)
    received = b""
    while not (found := re.search(rb'"connection":"([^"]+)"', received)):
        received += _taken(page, 100)
    return found[1].decode()


def _request(kind: str) -> bytes:
    path = {"websocket": "/ws/status", "sse": "/events/status"}[kind]
    handshake = (
        b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    )
    head = f"GET {path}?format=html HTTP/1.1\r\nHost: 127.0.0.1\r\n".encode()
    return head + (handshake if kind == "websocket" else b"") + b"\r\n"


def _read_until(slow: socket.socket, what: bytes) -> bytes:
    slow.settimeout(PATIENCE_S)
    slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**20)
    received = b""
    while what not in received:
        received += _taken(slow, 65_536)
    return received


def _taken(page: socket.socket, most: int) -> bytes:
    taken = page.recv(most)
    assert taken, "it was disconnected"
    return taken


async def test_pages_stay_while_redis_is_away_and_miss_nothing(live_site: LiveSite, visitor):
    pages = [await visitor.socket(), await visitor.stream()]
    for page in pages:
        await page.next("snapshot")
    token = (await (extra := await visitor.socket()).frame())["data"]["connection"]
    await extra.next("snapshot")
    live_site.redis.kill()
    await asyncio.sleep(1.5)  # longer than a read of the log waits: its absence is noticed
    live_site.redis.start()
    for page in pages:  # nobody knows what happened meanwhile: everybody gets the whole
        assert await page.next("snapshot")
    event_id = live_site.change(live_site.slugs[0])
    for page in pages:
        await page.until(event_id)
    async with asyncio.timeout(PATIENCE_S):  # the listener for control messages is back, too
        region = ""
        while region != "tokyo":
            wish = {"connection": token, "region": "tokyo"}
            async with visitor.http.post(live_site.urls["other"] + "/events/subscription", json=wish):
                pass
            with suppress(TimeoutError):  # it was not back yet
                region = (await extra.next("snapshot", timeout_s=3))["region"]


@pytest.mark.parametrize(
    ("offer", "is_accepted"),
    [
        (None, False),
        (ClientPerMessageDeflateFactory(), True),
        (ClientPerMessageDeflateFactory(client_no_context_takeover=True), True),
        # Cannot inflate what was deflated for all.
        (ClientPerMessageDeflateFactory(server_max_window_bits=10), False),
    ],
)
async def test_who_inflates_and_who_does_not_get_the_same_frames(
    live_site: LiveSite, visitor, offer: ClientPerMessageDeflateFactory | None, is_accepted: bool
):
    url = live_site.urls["direct"].replace("http", "ws") + "/ws/status"
    headers = {"X-Forwarded-For": visitor.address}
    async with websockets.connect(
        url, extensions=[offer] if offer else None, compression=None, additional_headers=headers
    ) as connection:
        page = Socket(connection)
        snapshot = await page.next("snapshot")
        await page.say({"type": "subscribe", "models": [live_site.slugs[0]]})
        picked = await page.next("snapshot")

        assert bool(connection.protocol.extensions) is is_accepted
        assert len(snapshot["data"]["rows"]) > 10
        assert [row["slug"] for row in picked["data"]["rows"]] == [live_site.slugs[0]]

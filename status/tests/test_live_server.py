"""The live push of real web processes with a real Redis, over both kinds of wire."""

import asyncio
import itertools
import re
import socket
from contextlib import ExitStack

import pytest
import websockets
from websockets.extensions.permessage_deflate import ClientPerMessageDeflateFactory

from testing.live import Client, LiveSite, Socket, running_site

addresses = itertools.count(1)
#: More of them (130 KB) than the kernel keeps for a connection on loopback: 4 MB (net.ipv4.tcp_wmem).
SNAPSHOTS_THE_KERNEL_HOLDS = 60

#: Kind of wire, and the server: ours that writes straight to the socket, and any other.
WAYS = [("websocket", "direct"), ("websocket", "asgi"), ("sse", "direct"), ("sse", "asgi")]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with running_site(tmp_path_factory.mktemp("live"), LIVE_MAX_PER_ADDRESS="3") as running:
        yield running


@pytest.fixture
async def client(site):
    made = Client(site, f"192.0.2.{next(addresses)}")
    yield made
    await made.close()


@pytest.mark.parametrize(("kind", "server"), WAYS)
async def test_a_page_gets_hello_then_a_snapshot_then_what_changes(site: LiveSite, client, kind, server):
    page = await client.open(kind, at=server)
    hello, snapshot = await page.frame(), await page.frame()
    assert (hello["type"], hello["id"], hello["data"]["heartbeat_s"]) == ("hello", "", 15.0)
    assert len(hello["data"]["connection"]) >= 20
    assert (snapshot["type"], snapshot["region"], snapshot["data"]["incidents"]) == ("snapshot", "all", [])
    assert len(snapshot["data"]["rows"]) > 10
    update = await page.until(site.change(site.slugs[0]))
    assert (update["type"], [row["slug"] for row in update["data"]["rows"]]) == ("update", [site.slugs[0]])


@pytest.mark.parametrize(("kind", "server"), WAYS)
async def test_frames_of_every_length_arrive_whole(site: LiveSite, client, kind, server):
    """The length of a WebSocket frame has three forms: below 126 bytes, below 64 KB, and above."""
    page = await client.open(kind, "format=html&lang=ko", at=server)
    snapshot = await page.next("snapshot")
    assert snapshot["data"]["strip"] == ""
    slugs = [row["slug"] for row in snapshot["data"]["rows"]]
    update = await page.until(site.change(*slugs, "no--more"))
    assert update["data"]["rows"] == snapshot["data"]["rows"]
    site.append("incident.closed", INCIDENT)
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
async def test_a_page_that_returns_gets_what_it_missed(site: LiveSite, client, kind, server):
    since = site.change(site.slugs[0])
    missed = site.change(site.slugs[1])
    page = await client.open(kind, f"since={since}", at=server)
    update = await page.next("update")
    assert ([row["slug"] for row in update["data"]["rows"]], update["id"]) == ([site.slugs[1]], missed)
    assert update["data"]["counts"]
    old = await client.open(kind, "since=5-0", at=server)
    assert (await old.frame())["type"] == "hello"
    assert (await old.frame())["type"] == "snapshot"


async def test_a_stream_goes_on_by_the_browsers_own_header(site: LiveSite, client):
    since = site.change(site.slugs[0])
    site.change(site.slugs[1])
    page = await client.stream("since=0-1", **{"Last-Event-ID": since})
    assert [row["slug"] for row in (await page.next("update"))["data"]["rows"]] == [site.slugs[1]]


async def test_a_stream_says_what_proxies_and_browsers_must_know(client):
    response = await client.request()
    assert response.headers["Content-Type"] == "text/event-stream; charset=utf-8"
    assert response.headers["Cache-Control"] == "no-cache, no-transform"
    assert response.headers["X-Accel-Buffering"] == "no"
    assert await response.content.readline() == b"retry: 3000\n"


async def test_a_client_of_http_1_0_gets_the_stream_without_chunks(site: LiveSite):
    host, port = site.urls["direct"].removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port), limit=2**24)
    writer.write(b"GET /events/status HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
    assert b"chunked" not in head.lower()
    assert await asyncio.wait_for(reader.readuntil(b"\n\n"), 10) == b"retry: 3000\n\n"
    assert (await asyncio.wait_for(reader.readuntil(b"\n\n"), 10)).startswith(b"event: hello\ndata: {")
    writer.close()


BAD = [
    ("region=mars", "region"),
    ("sort=luck", "sort"),
    ("format=xml", "format"),
    ("since=now", "since"),
    ("since=99999999999999-0", "since"),
    ("models=no-such-model", "models"),
    ("models=" + ",".join(f"m{n}" for n in range(21)), "models"),
]


@pytest.mark.parametrize(("query", "parameter"), BAD)
async def test_an_address_that_cannot_be_accepted_is_told_why(client, query, parameter):
    page = await client.socket(query)
    error = await page.next("error")
    assert (error["data"]["parameter"], error["data"]["status"]) == (parameter, 400)
    assert error["data"]["value"] in query
    assert error["data"]["accepted"]
    assert await page.closed() == 4400
    response = await client.request(query)
    assert (response.status, response.content_type) == (400, "application/problem+json")
    assert (await response.json())["parameter"] == parameter


@pytest.mark.parametrize(
    ("said", "parameter"),
    [
        ("{", "message"),
        ("[]", "message"),
        (b"\x00", "message"),
        ("[" * 4000, "message"),
        ({"type": "unsubscribe"}, "type"),
        ({"type": "subscribe", "region": "mars"}, "region"),
        ({"type": "subscribe", "region": ["seoul"]}, "region"),
        ({"type": "subscribe", "sort": None}, "sort"),
        ({"type": "subscribe", "models": "aurora-1"}, "models"),
        ({"type": "subscribe", "models": ["no-such-model"]}, "models"),
    ],
)
async def test_a_message_that_cannot_be_accepted_is_answered_and_ends_nothing(
    site: LiveSite, client, said, parameter
):
    page = await client.socket()
    await page.next("snapshot")
    await page.say(said)
    error = await page.next("error")
    if "no-such-model" in str(said):  # only a look at the board tells that; then the former view begins anew
        await page.next("snapshot")
    assert (error["data"]["parameter"], error["data"]["title"] != "") == (parameter, True)
    site.change(site.slugs[0])
    assert await page.next("update")


@pytest.mark.parametrize("server", ["direct", "asgi"])
async def test_a_page_looks_at_something_else_without_a_new_connection(site: LiveSite, client, server):
    page = await client.socket(at=server)
    before = await page.next("snapshot")
    await page.say({"type": "subscribe", "region": "seoul", "models": [site.slugs[1]]})
    snapshot = await page.next("snapshot")
    assert (snapshot["region"], snapshot["data"]["order"]) == ("seoul", [site.slugs[1]])
    assert snapshot["data"]["counts"]["total"] == before["data"]["counts"]["total"]
    site.change(site.slugs[0], region="seoul")
    update = await page.until(site.change(*site.slugs, region="seoul"))
    assert [row["slug"] for row in update["data"]["rows"]] == [site.slugs[1]]


async def test_who_says_too_much_is_cut_off(client):
    page = await client.socket()
    await page.say("x" * 4097)
    assert await page.closed() == 4413
    page = await client.socket()
    for _ in range(21):
        await page.say({"type": "subscribe"})
    assert await page.closed() == 4429


@pytest.mark.parametrize("server", ["direct", "asgi"])
async def test_one_address_has_so_many_connections_of_both_kinds(client, server):
    first = [await client.socket(at=server), await client.stream(at=server), await client.socket(at=server)]
    fourth = await client.socket(at=server)
    error = await fourth.frame()
    assert (error["type"], error["data"]["status"]) == ("error", 429)
    assert "LIVE_MAX_PER_ADDRESS=3" in error["data"]["detail"]
    assert await fourth.closed() == 4429
    refused = await client.request(at=server)
    assert (refused.status, int(refused.headers["Retry-After"]) > 0) == (429, True)
    assert refused.content_type == "application/problem+json"
    await first[0].connection.close()
    async with asyncio.timeout(10):
        while (await client.request(at=server)).status == 429:  # noqa: ASYNC110 (another process)
            await asyncio.sleep(0.05)


async def test_pages_of_other_sites_are_refused(site: LiveSite, client):
    for origin in ("https://evil.example", "null", "http://127.0.0.1.evil.example"):
        with pytest.raises(websockets.InvalidStatus) as refused:
            await client.socket(Origin=origin)
        assert refused.value.response.status_code == 403
        assert (await client.request(Origin=origin)).status == 403
    page = await client.socket(Origin=site.urls["direct"])
    assert (await page.frame())["type"] == "hello"


@pytest.mark.parametrize("kind", ["websocket", "sse"])
async def test_any_process_changes_what_a_connection_looks_at(site: LiveSite, client, kind):
    page = await client.open(kind)
    token = (await page.frame())["data"]["connection"]
    await page.next("snapshot")
    wish = {"connection": token, "region": "tokyo", "sort": "latency"}
    async with client.http.post(site.urls["other"] + "/events/subscription", json=wish) as answer:
        assert answer.status == 202
    assert (await page.next("snapshot"))["region"] == "tokyo"
    async with client.http.post(
        site.urls["other"] + "/events/subscription", json={"connection": token, "models": ["no-such-model"]}
    ) as answer:
        assert answer.status == 202
    assert (await page.next("error"))["data"]["parameter"] == "models"
    assert (await page.next("snapshot"))["region"] == "tokyo"


@pytest.mark.parametrize(
    ("body", "status", "parameter"),
    [
        ("{", 400, "body"),
        ("{}", 400, "connection"),
        ('{"connection": "x", "region": "mars"}', 400, "region"),
        ('{"connection": "' + "x" * 5000 + '"}', 413, "body"),
    ],
)
async def test_a_subscription_that_cannot_be_accepted_is_told_why(site, client, body, status, parameter):
    async with client.http.post(site.urls["other"] + "/events/subscription", data=body) as answer:
        assert (answer.status, (await answer.json())["parameter"]) == (status, parameter)


@pytest.mark.parametrize(("kind", "person"), [("websocket", "anna"), ("sse", "ben")])
async def test_who_signs_out_anywhere_is_disconnected_and_nobody_else(site: LiveSite, client, kind, person):
    theirs = await client.open(kind, Cookie=f"sessionid={site.sessions[person]}")
    others = await client.open(kind, Cookie=f"sessionid={site.sessions['carla']}")
    await theirs.next("snapshot")
    await others.next("snapshot")
    assert await client.post("/accounts/logout/", at="other", session=site.sessions[person]) == 302
    assert await theirs.next("signed_out")
    assert await theirs.closed() == {"websocket": 4401, "sse": None}[kind]
    site.change(site.slugs[0])
    assert await others.next("update")


async def test_operators_ask_all_open_pages_to_reload(site: LiveSite, client):
    pages = [await client.socket(), await client.stream(), await client.socket(at="other")]
    for page in pages:
        await page.next("snapshot")
    assert await client.post("/operations/reload", at="other", session=site.sessions["carla"]) == 302
    for page in pages:
        assert (await page.next("reload"))["data"] == {"within_s": 10}


@pytest.fixture
def slow_pages(site):
    """A socket that takes little, for every way."""
    with ExitStack() as stack:
        yield [stack.enter_context(_slow_page(kind, site.urls[server])) for kind, server in WAYS]


def _slow_page(kind: str, url: str) -> socket.socket:
    page = socket.socket()
    page.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    host, port = url.removeprefix("http://").split(":")
    page.connect((host, int(port)))
    page.sendall(_request(kind))
    return page


async def test_who_does_not_read_gets_the_present_instead_of_a_backlog(site: LiveSite, client, slow_pages):
    watchers = [await client.socket(at=server) for server in ("direct", "asgi")]
    tokens = [await asyncio.to_thread(_token, page) for page in slow_pages]
    for sort in ("latency", "usage") * (SNAPSHOTS_THE_KERNEL_HOLDS // 2):
        for token in tokens:
            wish = {"connection": token, "sort": sort}
            async with client.http.post(site.urls["other"] + "/events/subscription", json=wish) as answer:
                assert answer.status == 202
    for _ in range(3):  # none of which they are given
        newest = site.change(*site.slugs)
        for watcher in watchers:
            await watcher.until(newest)
    reads = [asyncio.to_thread(_read_until, page, newest.encode()) for page in slow_pages]
    for received in await asyncio.gather(*reads):
        assert b'"type":"snapshot","id":"%b"' % newest.encode() in received
        assert b'"type":"update"' not in received


def _token(page: socket.socket) -> str:
    page.settimeout(20)
    received = b""
    while not (found := re.search(rb'"connection":"([^"]+)"', received)):
        received += page.recv(100)
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
    slow.settimeout(20)
    slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2**20)
    received = b""
    while what not in received:
        received += slow.recv(65_536)
    return received


async def test_pages_stay_while_redis_is_away_and_miss_nothing(site: LiveSite, client):
    pages = [await client.socket(), await client.stream()]
    for page in pages:
        await page.next("snapshot")
    token = (await (extra := await client.socket()).frame())["data"]["connection"]
    await extra.next("snapshot")
    site.redis.kill()
    await asyncio.sleep(1.5)  # longer than a read of the log waits: its absence is noticed
    site.redis.start()
    for page in pages:  # nobody knows what happened meanwhile: everybody gets the whole
        assert await page.next("snapshot", timeout_s=20)
    event_id = site.change(site.slugs[0])
    for page in pages:
        await page.until(event_id)
    async with asyncio.timeout(30):  # the listener for control messages is back, too
        region = ""
        while region != "tokyo":
            wish = {"connection": token, "region": "tokyo"}
            async with client.http.post(site.urls["other"] + "/events/subscription", json=wish):
                pass
            region = (await extra.next("snapshot", timeout_s=20))["region"]


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
    site: LiveSite, offer: ClientPerMessageDeflateFactory | None, is_accepted: bool
):
    url = site.urls["direct"].replace("http", "ws") + "/ws/status"
    headers = {"X-Forwarded-For": f"192.0.2.{next(addresses)}"}
    async with websockets.connect(
        url, extensions=[offer] if offer else None, compression=None, additional_headers=headers
    ) as connection:
        page = Socket(connection)
        snapshot = await page.next("snapshot")
        await page.say({"type": "subscribe", "models": [site.slugs[0]]})
        picked = await page.next("snapshot")

        assert bool(connection.protocol.extensions) is is_accepted
        assert len(snapshot["data"]["rows"]) > 10
        assert [row["slug"] for row in picked["data"]["rows"]] == [site.slugs[0]]

"""What addresses, messages and subscriptions may ask of real web processes, and who may come in."""

import asyncio

import pytest
import websockets

from status.live.doors import address_of
from testing.live import LiveSite
from testing.patience import PATIENCE_S

BAD = [
    ("region=mars", "region"),
    ("sort=luck", "sort"),
    ("format=xml", "format"),
    ("since=now", "since"),
    ("since=99999999999999-0", "since"),
    ("models=no-such-model", "models"),
    ("models=" + ",".join(f"m{n}" for n in range(21)), "models"),
    ("&".join(["a"] * 1001), "query"),
]


@pytest.mark.parametrize(("query", "parameter"), BAD)
async def test_an_address_that_cannot_be_accepted_is_told_why(visitor, query, parameter):
    page = await visitor.socket(query)
    error = await page.next("error")
    assert (error["data"]["parameter"], error["data"]["status"]) == (parameter, 400)
    assert error["data"]["value"] in query
    assert error["data"]["accepted"]
    assert await page.closed() == 4400
    response = await visitor.request(query)
    assert (response.status, response.content_type) == (400, "application/problem+json")
    assert (await response.json())["parameter"] == parameter


@pytest.mark.parametrize(
    ("said", "parameter"),
    [
        ("{", "message"),
        ("[]", "message"),
        (b"\x00", "message"),
        ("[" * 4000, "message"),
        (r'{"type": "subscribe", "region": "\ud800"}', "message"),
        (r'{"type": "subscribe", "models": ["\ud800"]}', "message"),
        ({"type": "unsubscribe"}, "type"),
        ({"type": "subscribe", "region": "mars"}, "region"),
        ({"type": "subscribe", "region": ["seoul"]}, "region"),
        ({"type": "subscribe", "sort": None}, "sort"),
        ({"type": "subscribe", "models": "aurora-1"}, "models"),
        ({"type": "subscribe", "models": ["no-such-model"]}, "models"),
    ],
)
async def test_a_message_that_cannot_be_accepted_is_answered_and_ends_nothing(
    live_site: LiveSite, visitor, said, parameter
):
    page = await visitor.socket()
    await page.next("snapshot")
    await page.say(said)
    error = await page.next("error")
    if "no-such-model" in str(said):  # only a look at the board tells that; then the former view begins anew
        await page.next("snapshot")
    assert (error["data"]["parameter"], error["data"]["title"] != "") == (parameter, True)
    live_site.change(live_site.slugs[0])
    assert await page.next("update")


@pytest.mark.parametrize("server", ["direct", "asgi"])
async def test_a_page_looks_at_something_else_without_a_new_connection(live_site: LiveSite, visitor, server):
    page = await visitor.socket(at=server)
    before = await page.next("snapshot")
    await page.say({"type": "subscribe", "region": "seoul", "models": [live_site.slugs[1]]})
    snapshot = await page.next("snapshot")
    assert (snapshot["region"], snapshot["data"]["order"]) == ("seoul", [live_site.slugs[1]])
    assert snapshot["data"]["counts"]["total"] == before["data"]["counts"]["total"]
    live_site.change(live_site.slugs[0], region="seoul")
    update = await page.until(live_site.change(*live_site.slugs, region="seoul"))
    assert [row["slug"] for row in update["data"]["rows"]] == [live_site.slugs[1]]


async def test_who_says_too_much_is_cut_off(visitor):
    page = await visitor.socket()
    await page.say("x" * 4097)
    assert await page.closed() == 4413
    page = await visitor.socket()
    for _ in range(21):
        await page.say({"type": "subscribe"})
    assert await page.closed() == 4429


@pytest.mark.parametrize("server", ["direct", "asgi"])
async def test_one_address_has_so_many_connections_of_both_kinds(visitor, server):
    first = [
        await visitor.socket(at=server),
        await visitor.stream(at=server),
        await visitor.socket(at=server),
    ]
    fourth = await visitor.socket(at=server)
    error = await fourth.frame()
    assert (error["type"], error["data"]["status"]) == ("error", 429)
    assert "LIVE_MAX_PER_ADDRESS=3" in error["data"]["detail"]
    assert await fourth.closed() == 4429
    refused = await visitor.request(at=server)
    assert (refused.status, int(refused.headers["Retry-After"]) > 0) == (429, True)
    assert refused.content_type == "application/problem+json"
    await first[0].connection.close()
    async with asyncio.timeout(PATIENCE_S):
        while (await visitor.request(at=server)).status == 429:  # noqa: ASYNC110 (another process)
            await asyncio.sleep(0.05)


def test_an_address_is_what_the_proxy_says_in_whichever_line(settings):
    settings.NUM_PROXIES = 1
    lines = [(b"x-forwarded-for", b"10.9.9.9, 10.9.9.8"), (b"x-forwarded-for", b"198.51.100.7")]
    assert address_of({"headers": lines, "client": ["127.0.0.1", 1]}) == "198.51.100.7"


async def test_pages_of_other_sites_are_refused(live_site: LiveSite, visitor):
    for origin in ("https://evil.example", "null", "http://127.0.0.1.evil.example"):
        with pytest.raises(websockets.InvalidStatus) as refused:
            await visitor.socket(Origin=origin)
        assert refused.value.response.status_code == 403
        assert (await visitor.request(Origin=origin)).status == 403
    assert (await visitor.request(Origin="http://[")).status == 403
    page = await visitor.socket(Origin=live_site.urls["direct"])
    assert (await page.frame())["type"] == "hello"


@pytest.mark.parametrize("kind", ["websocket", "sse"])
async def test_any_process_changes_what_a_connection_looks_at(live_site: LiveSite, visitor, kind):
    page = await visitor.open(kind)
    token = (await page.frame())["data"]["connection"]
    await page.next("snapshot")
    wish = {"connection": token, "region": "tokyo", "sort": "latency"}
    async with visitor.http.post(live_site.urls["other"] + "/events/subscription", json=wish) as answer:
        assert answer.status == 202
    assert (await page.next("snapshot"))["region"] == "tokyo"
    async with visitor.http.post(
        live_site.urls["other"] + "/events/subscription",
        json={"connection": token, "models": ["no-such-model"]},
    ) as answer:
        assert answer.status == 202
    assert (await page.next("error"))["data"]["parameter"] == "models"
    assert (await page.next("snapshot"))["region"] == "tokyo"


@pytest.mark.parametrize(
    ("body", "status", "parameter"),
    [
        ("{", 400, "body"),
        (r'{"connection": "\ud800"}', 400, "body"),
        ("{}", 400, "connection"),
        ('{"connection": "x", "region": "mars"}', 400, "region"),
        ('{"connection": "' + "x" * 5000 + '"}', 413, "body"),
    ],
)
async def test_a_subscription_that_cannot_be_accepted_is_told_why(
    live_site, visitor, body, status, parameter
):
    async with visitor.http.post(live_site.urls["other"] + "/events/subscription", data=body) as answer:
        assert (answer.status, (await answer.json())["parameter"]) == (status, parameter)

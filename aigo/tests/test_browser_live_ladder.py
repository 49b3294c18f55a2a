"""How an open page finds, loses and regains its connection; every moment of its streams is the test's."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from aigo.styleguide import sample_row
from aigo.tests.pages import SITE, frame_row, make_board, render_board, serve, stop_clock, three_rows

#: Streams that do nothing by themselves. `fail` ends one, `say` lets one tell a frame.
SCRIPTED = """
  window.sockets = []
  window.sources = []
  window.WebSocket = class {
    constructor(url) { this.url = String(url); sockets.push(this) }
    close() { this.closed = true }
  }
  window.EventSource = class extends EventTarget {
    constructor(url) { super(); this.url = String(url); sources.push(this) }
    close() { this.closed = true }
  }
  window.fail = (stream) => stream.onclose ? stream.onclose() : stream.dispatchEvent(new Event("error"))
  window.say = (stream, frame) => {
    const data = JSON.stringify(frame)
    if (stream.onmessage) stream.onmessage({ data })
    else stream.dispatchEvent(new MessageEvent(frame.type, { data }))
  }
  window.failAll = () => [...sockets, ...sources].filter((s) => !s.closed && !s.failed).forEach((s) => {
    s.failed = true
    fail(s)
  })
  window.look = (visible) => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => !visible })
    document.dispatchEvent(new Event("visibilitychange"))
  }
"""
HELLO: dict[str, Any] = {
    "type": "hello",
    "id": "",
    "region": "all",
    "data": {"connection": "c", "heartbeat_s": 15},
}
HEARTBEAT = {"type": "heartbeat", "id": "10-0", "region": "all", "data": {}}
INDICATOR = "[data-live-indicator]"


def snapshot(*, p50_ms: float = 321.0, event_id: str = "9-0") -> dict[str, Any]:
    rows = three_rows()
    data = {"rows": [frame_row(sample_row(slug="sample--a", name="A", p50_ms=p50_ms))]}
    return {
        "type": "snapshot",
        "id": event_id,
        "region": "all",
        "data": data | {"order": [r.slug for r in rows]},
    }


class Board:
    """An open board and its scripted streams."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def count(self, kind: str) -> int:
        return int(self.page.evaluate(f"{kind}.length"))

    def newest(self, kind: str) -> dict[str, Any]:
        found: dict[str, Any] = self.page.evaluate(
            f"({{ url: {kind}.at(-1).url, closed: !!{kind}.at(-1).closed }})"
        )
        return found

    def fail(self, kind: str) -> None:
        self.page.evaluate(f"fail({kind}.at(-1))")

    def say(self, kind: str, *frames: dict[str, Any]) -> None:
        for frame in frames:
            self.page.evaluate(f"(frame) => say({kind}.at(-1), frame)", frame)

    def run_for(self, seconds: float) -> None:
        """Lets the page's clock run, in steps, so that answers to its requests arrive meanwhile."""
        for _ in range(int(seconds)):
            self.page.clock.run_for(1_000)
        self.page.clock.run_for(round(1_000 * (seconds % 1)))

    def run_until_tried(self) -> None:
        """Until the page opens another socket; its own chance decides when."""
        known = self.count("sockets")
        for _ in range(60):
            if self.count("sockets") == known:
                self.run_for(1)

    def shows(self, status: str, carrier: str = "") -> None:
        expect(self.page.locator(INDICATOR)).to_have_attribute("data-status", status)
        if carrier:
            expect(self.page.locator(INDICATOR)).to_have_attribute("data-carrier", carrier)

    def figure(self) -> str:
        return self.page.locator("#row-sample--a [data-figure=p50] [data-value]").inner_text()

    def down_to_polling(self) -> None:
        self.fail("sockets")
        self.fail("sources")
        self.shows("polling", "polling")


@pytest.fixture
def open_board(page: Page) -> Callable[..., Board]:
    def open_it(**served: Any) -> Board:
        page.add_init_script(SCRIPTED)
        stop_clock(page, at=served.pop("time", None))
        serve(page, render_board(make_board(three_rows())), **served)
        page.goto(SITE + "/")
        board = Board(page)
        board.shows("connecting")
        return board

    return open_it


def test_where_websockets_are_blocked_events_arrive_and_a_socket_that_works_takes_over_without_a_gap(
    open_board,
):
    board = open_board()
    board.fail("sockets")
    assert "/events/status?" in board.newest("sources")["url"]
    board.say("sources", HELLO, snapshot())
    board.shows("live", "sse")
    assert board.figure() == "321"
    while board.count("sockets") == 1:
        board.run_for(5)
        board.say("sources", HEARTBEAT)
    assert not board.newest("sources")["closed"]
    assert "since=10-0" in board.newest("sockets")["url"]
    board.say("sockets", HELLO)
    assert not board.newest("sources")["closed"], "a greeting is no news"
    board.say("sockets", snapshot(p50_ms=77.0))
    board.shows("live", "websocket")
    assert board.newest("sources")["closed"]
    assert board.figure() == "77"
    known = board.count("sockets")
    for _ in range(10):
        board.run_for(15)
        board.say("sockets", HEARTBEAT)
    board.shows("live", "websocket")
    assert board.count("sockets") == known, "at the top there is nothing to climb to"


def test_a_proxy_that_keeps_events_back_leads_to_polling(open_board):
    board = open_board(rows=snapshot(p50_ms=55.0))
    board.fail("sockets")
    board.run_for(9)
    board.shows("connecting")
    board.run_for(2)
    assert board.newest("sources")["closed"]
    board.shows("polling")
    assert board.figure() == "55"


def test_climbing_back_grows_rarer_is_bounded_and_happens_at_once_when_the_network_returns(open_board):
    board = open_board(rows=snapshot())
    board.down_to_polling()
    tries = []
    for _minute in range(60):
        before = board.count("sockets")
        for _ in range(12):
            board.page.clock.run_for(5_000)
            board.page.evaluate("failAll(), failAll()")
        tries.append(board.count("sockets") - before)
    assert sum(tries[:10]) >= 3
    assert 3 <= sum(tries[30:]) <= 30, "at most one climb in half a minute, one in five minutes at the latest"
    board.shows("polling")
    known = board.count("sockets")
    board.page.evaluate("dispatchEvent(new Event('online'))")
    board.run_for(4.1)
    assert board.count("sockets") == known + 1


def test_a_stream_that_breaks_is_tried_again_soon_and_goes_on_from_the_last_event(open_board):
    board = open_board()
    board.say("sockets", HELLO, snapshot(event_id="41-0"))
    board.shows("live")
    board.run_for(25)
    board.say("sockets", {**HEARTBEAT, "id": "41-0"})
    board.run_for(10)
    board.shows("live", "websocket")
    board.fail("sockets")
    board.shows("connecting")
    board.run_for(3.1)
    assert board.count("sockets") == 2
    assert "since=41-0" in board.newest("sockets")["url"]


def test_without_any_server_the_page_says_since_when_and_comes_back_with_the_first_answer(
    open_board, page: Page
):
    board = open_board()
    board.say("sockets", HELLO, snapshot())
    board.shows("live")
    board.fail("sockets")
    for _ in range(12):
        board.run_for(4)
        board.page.evaluate("failAll()")
    board.run_until_tried()
    board.shows("offline")
    expect(page.locator(INDICATOR)).to_contain_text("Offline since")
    page.route("**/status/rows**", lambda route: route.fulfill(json=snapshot(p50_ms=99.0)))
    board.run_until_tried()
    assert board.figure() == "99"
    board.say("sockets", HELLO, snapshot(p50_ms=98.0))
    board.shows("live", "websocket")
    assert board.figure() == "98"


def test_an_id_that_the_server_does_not_know_is_forgotten_and_the_same_way_tried_again(open_board):
    board = open_board()
    board.say("sockets", HELLO, snapshot(event_id="99-0"))
    board.fail("sockets")
    board.run_until_tried()
    assert "since=99-0" in board.newest("sockets")["url"]
    problem = {"type": "about:blank", "status": 400, "parameter": "since", "value": "99-0"}
    board.say("sockets", {"type": "error", "id": "", "region": "all", "data": problem})
    assert board.count("sockets") == 3
    assert "since=" not in board.newest("sockets")["url"]
    assert board.count("sources") == 0
    board.say("sockets", {"type": "error", "id": "", "region": "all", "data": problem})
    assert board.count("sockets") == 3, "once is enough"


def test_a_refused_event_stream_is_asked_for_a_snapshot_next_time(open_board):
    board = open_board()
    board.fail("sockets")
    board.say("sources", HELLO, snapshot(event_id="99-0"))
    board.fail("sources")
    while board.count("sources") < 3:
        board.run_for(5)
        board.page.evaluate("failAll()")
    urls = board.page.evaluate("sources.map((s) => s.url)")
    assert "since=99-0" in urls[1]
    assert "since=" not in urls[2]


def test_a_hidden_page_does_not_try_and_one_that_is_looked_at_does_at_once(open_board):
    board = open_board()
    board.say("sockets", HELLO, snapshot())
    board.page.evaluate("look(false)")
    board.fail("sockets")
    board.run_for(120)
    assert board.count("sockets") == 1
    board.page.evaluate("look(true)")
    board.shows("stale")
    board.run_for(0.1)
    assert board.count("sockets") == 2


def test_a_hidden_page_gives_back_the_connection_that_browsers_have_few_of(open_board):
    board = open_board()
    board.fail("sockets")
    board.say("sources", HELLO, snapshot())
    board.page.evaluate("look(false)")
    board.run_for(31)
    assert board.newest("sources")["closed"]
    board.page.evaluate("look(true)")
    board.run_for(0.1)
    assert board.count("sockets") == 2


def test_a_machine_that_slept_knows_that_its_connection_is_old(open_board):
    board = open_board()
    board.say("sockets", HELLO, snapshot())
    board.shows("live")
    board.page.clock.fast_forward(3_600_000)
    board.shows("stale")
    assert board.newest("sockets")["closed"]
    board.run_for(3.1)
    assert board.count("sockets") == 2


def test_a_page_in_the_back_forward_cache_holds_nothing_and_goes_on_where_it_stopped(open_board):
    board = open_board()
    board.say("sockets", HELLO, snapshot(event_id="12-0"))
    board.page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))")
    assert board.newest("sockets")["closed"]
    board.run_for(60)
    assert board.count("sockets") == 1
    board.page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    assert "since=12-0" in board.newest("sockets")["url"]
    board.say("sockets", HELLO, snapshot(p50_ms=11.0))
    board.shows("live", "websocket")


def test_ages_are_told_by_the_servers_clock(open_board):
    now = datetime.now(UTC)
    board = open_board(time=now + timedelta(hours=1))
    row = sample_row(slug="sample--a", name="A", last_sample_at=now - timedelta(seconds=20))
    hello = {**HELLO, "data": {"connection": "c", "heartbeat_s": 15, "at": now.isoformat()}}
    data = {"rows": [frame_row(row)], "order": ["sample--a"]}
    board.say("sockets", hello, {**snapshot(), "data": data})
    expect(board.page.locator("#row-sample--a .col-last")).to_contain_text("sec. ago")


def test_a_reload_that_is_asked_for_waits_for_a_reader_and_happens_once(open_board, page: Page):
    board = open_board()
    board.say("sockets", HELLO, snapshot())
    page.evaluate("window.sameDocument = true")
    page.locator("#row-sample--b .samples").click()
    expect(page.locator("#about-row")).to_be_visible()
    board.say("sockets", {"type": "reload", "id": "", "region": "all", "data": {}})
    board.run_for(15)
    assert page.evaluate("window.sameDocument") is True
    page.keyboard.press("Escape")
    with page.expect_navigation():
        page.clock.run_for(1_100)
    assert page.evaluate("window.sameDocument") is None


def test_a_page_whose_session_has_ended_is_loaded_anew(open_board, page: Page):
    board = open_board()
    with page.expect_navigation():
        board.say("sockets", HELLO, {"type": "signed_out", "id": "", "region": "all", "data": {}})


MANY = """async () => {
  const { Feed } = await import("aigo/feed")
  const tries = []
  const links = []
  const rung = { open: (handlers) => { tries.push(Date.now()); links.push(handlers); return { close() {} } } }
  const polling = { running: false, start() {}, stop() {}, fetch() {} }
  for (let n = 0; n < 1000; n += 1) {
    const feed = new Feed({ rungs: [rung], polling, heartbeatS: 15, onFrame() {}, onStatus() {} })
    feed.start()
    links[n].onFrame({ type: "snapshot" })
  }
  window.crowd = { tries, links, lost: Date.now() }
  links.slice().forEach((handlers) => handlers.onEnd())
}"""


def test_a_thousand_pages_that_lose_their_server_do_not_come_back_in_one_moment(open_board, page: Page):
    open_board()
    page.evaluate(MANY)
    for _ in range(70):
        page.clock.run_for(100)
    waits = page.evaluate("crowd.tries.slice(1000).map((at) => at - crowd.lost)")
    assert len(waits) == 1000
    tenths = [int(wait / 100) for wait in waits]
    # 37 fall into each by chance, which comes to 75 in one once in three million times
    assert max(map(tenths.count, set(tenths))) < 75
    assert min(waits) >= 300


def test_a_day_of_frames_leaves_nothing_behind_in_memory(open_board, page: Page):
    board = open_board()
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")

    def kept() -> dict[str, float]:
        session.send("HeapProfiler.collectGarbage")
        metrics = {m["name"]: m["value"] for m in session.send("Performance.getMetrics")["metrics"]}
        return {name: metrics[name] for name in ("Nodes", "JSEventListeners", "JSHeapUsedSize")}

    frames = json.dumps([snapshot(p50_ms=float(n)) for n in range(1, 41)])
    tell = f"""() => {{
      const frames = {frames}
      for (let round = 0; round < 25; round += 1) for (const frame of frames) say(sockets[0], frame)
    }}"""
    board.say("sockets", HELLO)
    page.evaluate(tell)
    board.run_for(2)
    before = kept()
    page.evaluate(tell)
    board.run_for(2)
    after = kept()
    assert after["Nodes"] <= before["Nodes"] + 50
    assert after["JSEventListeners"] <= before["JSEventListeners"] + 2
    assert after["JSHeapUsedSize"] <= before["JSHeapUsedSize"] + 300_000

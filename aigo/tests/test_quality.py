"""The whole site in a real browser, as a demanding reader would look at it: every theme, language and width.

The board, a model's page and its slide-over in all of them, the other pages in three looks each that hold all
themes, languages and widths (`testing.quality.looks`). What `faults` says is what is wrong. Screenshots are
kept in var/screenshots/.
"""

import json
import sys
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from testing import browser
from testing.processes import ServerProcess, free_port
from testing.quality import keyboard
from testing.quality.looking import SCREENSHOTS, Looker, Watched, opened
from testing.quality.looks import EVERY, Look, some

MODEL = "/models/lanternfell--wick-pro/"
#: In every look.
WHOLE = {"board": "/", "model": MODEL}
#: In three looks each.
OTHERS = {
    "incidents": "/incidents/",
    "incident": "/incidents/{incident}/",
    "models": "/models/aurora-1/",
    "live": f"{MODEL}live/",
    "history": f"{MODEL}history/",
    "pricing": f"{MODEL}pricing/",
    "search": "/search/?q=aurora",
    "providers": "/providers/",
    "provider": "/providers/lanternfell/",
    "servers": "/servers/",
    "methodology": "/methodology/",
    "operations": "/operations/",
    "cost": "/operations/cost/",
    "subscriptions": "/subscriptions/",
    "benchmarks": "/benchmarks/",
    "compare": "/compare/",
    "news": "/news/",
    "styleguide": "/styleguide/",
    "nowhere": "/nowhere/",
}


def looks() -> Iterator[Any]:
    for name in WHOLE:
        yield from (pytest.param(WHOLE[name], look, id=f"{name}-{look}") for look in EVERY)
    for number, name in enumerate(OTHERS):
        yield from (pytest.param(OTHERS[name], look, id=f"{name}-{look}") for look in some(number))


class Site:
    """The showcase: a real server on a store of ninety days."""

    def __init__(self, url: str) -> None:
        self.url = url
        opened = self.ask("/api/v1/incidents?state=open")["results"]
        self.names = {"incident": next(row["id"] for row in opened if row["provider"] == "lanternfell")}

    def ask(self, path: str) -> Any:
        with urllib.request.urlopen(self.url + path, timeout=30) as answer:
            return json.load(answer)


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    port = free_port()
    server = ServerProcess([sys.executable, "-m", "testing.showcase", "--port", str(port)])
    try:
        server.wait_for_line("the showcase stands", timeout_s=240)
        url = f"http://127.0.0.1:{port}"
        server.wait_for_url(f"{url}/healthz")
        yield Site(url)
    finally:
        server.stop_quickly()


@pytest.fixture(scope="module")
def looker(site: Site) -> Iterator[Looker]:
    with browser.chromium() as chromium:
        yield Looker(chromium, site.url)


@pytest.mark.parametrize(("path", "look"), list(looks()))
def test_a_page_is_without_fault(
    path: str, look: Look, site: Site, looker: Looker, request: pytest.FixtureRequest
):
    with opened(looker, look, path.format(**site.names)) as page:
        page.keep(request.node.callspec.id)
        assert page.faults(look.lang) == []


@pytest.mark.parametrize("look", EVERY, ids=str)
def test_a_model_over_the_page_is_without_fault(look: Look, looker: Looker):
    with opened(looker, look, "/") as board:
        page = board.page
        link = page.locator("[data-slide-over]:visible").first
        before = page.url
        link.focus()
        page.keyboard.press("Enter")
        dialog = page.locator("dialog[open]")
        expect(dialog.locator("h1, h2").first).to_be_visible(timeout=20_000)
        assert page.url != before
        board.settle()
        board.keep(f"slide-over-{look}")
        assert board.faults(look.lang) == []
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('dialog[open]') !== null")
        page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)
        expect(link).to_be_focused()
        assert page.url == before


DESK, PHONE = Look("dark", "en", 1440), Look("light", "ko", 360)


@pytest.mark.parametrize("look", [DESK, PHONE], ids=str)
@pytest.mark.parametrize("name", WHOLE)
def test_the_focus_is_seen_and_goes_down_the_page(name: str, look: Look, looker: Looker):
    with opened(looker, look, WHOLE[name]) as page:
        stops, faults = keyboard.walk(page.page)
        assert faults == []
        assert len(stops) > 20


@pytest.mark.parametrize("name", [*WHOLE, "incidents", "incident", "search", "methodology"])
def test_without_javascript_a_page_is_whole(name: str, site: Site, looker: Looker):
    path = (WHOLE | OTHERS)[name].format(**site.names)
    context = looker.fresh(PHONE, java_script_enabled=False)
    page = Watched(context.new_page(), site.url)
    page.page.goto(site.url + path)
    page.page.screenshot(path=SCREENSHOTS / f"{name}-without-javascript.png")
    expect(page.page.locator("h1").first).to_be_visible()
    expect(page.page.locator("html.no-js")).to_be_attached()
    for waiting in page.page.locator(".skeleton").all():
        expect(waiting).to_be_hidden()
    # scripts that the page asked for early are dropped
    assert [trouble for trouble in page.troubles if not trouble.endswith(".js")] == []
    context.close()


def test_with_websocket_blocked_the_board_goes_on_by_events(site: Site, looker: Looker):
    context = looker.fresh(DESK)
    page = Watched(context.new_page(), site.url)
    page.page.route_web_socket("**/ws/**", lambda socket: socket.close())
    page.open("/")
    indicator = page.page.locator("[data-live-indicator]").first
    expect(indicator).to_have_attribute("data-status", "live", timeout=15_000)
    expect(indicator).to_have_attribute("data-carrier", "sse")
    assert page.troubles == []
    context.close()

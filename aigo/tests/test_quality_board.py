"""The board, what opens over it, and a model's page, in a real browser: all pairs of theme, language and
width.

What `faults` says is what is wrong. Screenshots are kept in var/screenshots/. The other pages:
test_quality_pages.py; the two take about as long as each other, on a worker each.
"""

import pytest
from playwright.sync_api import expect

from testing.quality import keyboard
from testing.quality.looking import Looker, Watched, opened
from testing.quality.looks import PAIRS, Look
from testing.quality.site import Site

MODEL = "/models/lanternfell--wick-pro/"
#: Each text of the indicator with each kind of age: the place it takes and where the page goes on.
_INDICATED = """() => {
  const indicator = document.querySelector("[data-live-indicator]")
  const texts = Object.entries(indicator.dataset).filter(([name]) => name.startsWith("text"))
  const ages = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "auto", style: "short" })
  const places = [[0, "second"], [-1, "second"], [-59, "second"], [-59, "minute"], [-23, "hour"]].flatMap(
    ([number, unit]) => texts.map(([name, text]) => {
      indicator.dataset.status = name.slice(4).toLowerCase()
      indicator.querySelector("[data-live-text]").textContent = text
      indicator.querySelector("time").textContent = ages.format(number, unit)
      const { x, y, width } = indicator.getBoundingClientRect()
      return [x, y, width, document.querySelector("h1").getBoundingClientRect().y].join()
    }))
  return { said: places.length, places: [...new Set(places)] }
}"""
DESK, PHONE = Look("dark", "en", 1440), Look("light", "ko", 360)
#: English words are longer than Korean ones.
NARROW = Look("light", "en", 360)


@pytest.mark.parametrize("look", PAIRS, ids=str)
def test_the_board_and_a_model_over_it_are_without_fault(look: Look, looker: Looker):
    with opened(looker, look, "/") as board:
        board.keep(f"board-{look}")
        assert board.faults(look.lang) == []
        board.moved()
        page = board.page
        link = page.locator("[data-slide-over]:visible").first
        before = page.url
        link.focus()
        page.keyboard.press("Enter")
        dialog = page.locator("dialog[open]")
        expect(dialog.locator("h1, h2").first).to_be_visible()
        assert page.url != before
        board.settle()
        board.keep(f"slide-over-{look}")
        assert board.faults(look.lang) == []
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('dialog[open]') !== null")
        page.keyboard.press("Escape")
        expect(dialog).to_have_count(0)
        expect(link).to_be_focused()
        expect(page).to_have_url(before)


@pytest.mark.parametrize("look", PAIRS, ids=str)
def test_a_model_s_page_is_without_fault(look: Look, looker: Looker):
    with opened(looker, look, MODEL) as page:
        page.keep(f"model-{look}")
        assert page.faults(look.lang) == []


@pytest.mark.parametrize("look", [DESK, PHONE], ids=str)
@pytest.mark.parametrize("path", ["/", MODEL], ids=["board", "model"])
def test_the_focus_is_seen_and_goes_down_the_page(path: str, look: Look, looker: Looker):
    with opened(looker, look, path) as page:
        stops, faults = keyboard.walk(page.page)
        assert faults == []
        assert len(stops) > 20


@pytest.mark.parametrize("look", [DESK, PHONE, NARROW], ids=str)
@pytest.mark.parametrize("path", ["/", MODEL], ids=["board", "model"])
def test_nothing_moves_whatever_the_live_indicator_says(path: str, look: Look, looker: Looker):
    with opened(looker, look, path) as page:
        indicated = page.page.evaluate(_INDICATED)
        assert indicated["said"] == 25
        assert len(indicated["places"]) == 1


@pytest.mark.parametrize("look", [DESK, PHONE, NARROW], ids=str)
def test_nothing_moves_while_time_passes(look: Look, site: Site, looker: Looker):
    incident = f"/incidents/{site.names['incident']}/"
    provider = "/providers/lanternfell/"
    for path in ("/", MODEL, "/incidents/", incident, "/servers/", provider, "/compare/", "/operations/"):
        with opened(looker, look, path) as page:
            page.moved()
            for seconds in (5, 15, 60, 600, 3_600, 40_000):
                page.age(seconds)
                assert page.moved() == [], (path, seconds)


def test_with_websocket_blocked_the_board_goes_on_by_events(site: Site, looker: Looker):
    context = looker.fresh(DESK)
    page = Watched(context.new_page(), site.url)
    page.page.route_web_socket("**/ws/**", lambda socket: socket.close())
    page.open("/")
    indicator = page.page.locator("[data-live-indicator]").first
    expect(indicator).to_have_attribute("data-status", "live")
    expect(indicator).to_have_attribute("data-carrier", "sse")
    assert page.troubles == []
    context.close()

"""Every page but the board and a model's, in a real browser, in each theme, language and width.

What `faults` says is what is wrong. Screenshots are kept in var/screenshots/. Those two pages in every look:
test_quality_board.py.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from testing.quality.looking import SCREENSHOTS, Looker, Watched, opened
from testing.quality.looks import PAIRS, Look, some
from testing.quality.site import Site

MODEL = "/models/lanternfell--wick-pro/"
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
    "styleguide": "/styleguide/",
    "nowhere": "/nowhere/",
}
#: One page with other words: two looks each are six together.
ALIKE = {"benchmarks": "/benchmarks/", "compare": "/compare/", "news": "/news/"}
WITHOUT_JAVASCRIPT = {"board": "/", "model": MODEL} | {
    name: OTHERS[name] for name in ("incidents", "incident", "search", "methodology")
}
PHONE = Look("light", "ko", 360)


def looks() -> Iterator[Any]:
    for number, (name, path) in enumerate(OTHERS.items()):
        yield from (pytest.param(path, look, id=f"{name}-{look}") for look in some(number))
    for number, (name, path) in enumerate(ALIKE.items()):
        yield from (pytest.param(path, look, id=f"{name}-{look}") for look in PAIRS[number::3])


@pytest.mark.parametrize(("path", "look"), list(looks()))
def test_a_page_is_without_fault(
    path: str, look: Look, site: Site, looker: Looker, request: pytest.FixtureRequest
):
    with opened(looker, look, path.format(**site.names)) as page:
        page.keep(request.node.callspec.id)
        assert page.faults(look.lang) == []


@pytest.mark.parametrize("name", WITHOUT_JAVASCRIPT)
def test_without_javascript_a_page_is_whole(name: str, site: Site, looker: Looker):
    path = WITHOUT_JAVASCRIPT[name].format(**site.names)
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

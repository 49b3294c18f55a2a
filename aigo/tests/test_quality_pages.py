"""Every page but the board and a model's, in a real browser, in each theme, language and width.

What `faults` says is what is wrong. Screenshots are kept in var/screenshots/. Those two pages in every look:
test_quality_board.py. Last, what a reader does with the matrix of scores.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

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
    "benchmarks": "/benchmarks/",
    "suite": "/benchmarks/gpqa-diamond/",
    "cell": "/benchmarks/gpqa-diamond/o3/",
    "score": "/benchmarks/scores/{score}/",
    "styleguide": "/styleguide/",
    "nowhere": "/nowhere/",
}
#: One page with other words: three looks each are six together.
ALIKE = {"compare": "/compare/", "news": "/news/"}
WITHOUT_JAVASCRIPT = {"board": "/", "model": MODEL} | {
    name: OTHERS[name] for name in ("incidents", "incident", "search", "methodology", "benchmarks", "suite")
}
PHONE = Look("light", "ko", 360)


def looks() -> Iterator[Any]:
    for number, (name, path) in enumerate(OTHERS.items()):
        yield from (pytest.param(path, look, id=f"{name}-{look}") for look in some(number))
    for number, (name, path) in enumerate(ALIKE.items()):
        yield from (pytest.param(path, look, id=f"{name}-{look}") for look in PAIRS[number::2])


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


# --- the matrix of scores: here, where a showcase with scores stands --------------------------------------


@pytest.fixture
def matrix(site: Site, looker: Looker) -> Iterator[Page]:
    """The page Benchmark on a desk."""
    context = looker.fresh(Look("dark", "en", 1440))
    page = context.new_page()
    page.goto(f"{site.url}/benchmarks/")
    yield page
    context.close()


def test_a_reader_finds_sorts_and_compares_scores(matrix: Page):
    rows = matrix.locator("[data-matrix-box] tbody tr")
    expect(rows).to_have_count(50)
    matrix.locator("[data-matrix-box]").evaluate("(box) => box.scrollTo(0, 1e6)")
    expect(rows).not_to_have_count(50)
    matrix.locator("#sort-mmlu").click()
    expect(matrix).to_have_url(re.compile(r"\?sort=mmlu$"))
    expect(matrix.locator("#sort-mmlu")).to_be_focused()
    expect(matrix.locator("th[aria-sort=descending]")).to_contain_text("MMLU")
    matrix.go_back()
    expect(matrix).to_have_url(re.compile(r"/benchmarks/$"))
    expect(matrix.locator("th[aria-sort=descending]")).to_contain_text("Composite")
    matrix.get_by_label("Model or maker").fill("claude")
    expect(rows.first).to_contain_text("Claude")
    expect(matrix).to_have_url(re.compile(r"\?q=claude$"))


def test_a_cell_says_where_it_is_from_and_opens_all_values(matrix: Page):
    cell = matrix.locator("[data-matrix-box] tbody td a").first
    cell.hover()
    about = matrix.locator("[data-about-panel]")
    expect(about).to_contain_text("Who says so")
    cell.click()
    dialog = matrix.locator("[data-slide-over-dialog]")
    expect(dialog.locator(".values")).to_be_visible()
    expect(about).to_be_hidden()
    expect(matrix).to_have_url(re.compile(r"/benchmarks/[\w-]+/[^/]+/$"))
    dialog.locator(".values tbody th a").first.click()
    expect(dialog).to_contain_text("What the source states")
    matrix.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(cell).to_be_focused()
    matrix.keyboard.press("Escape")
    expect(about).to_be_hidden()
    matrix.keyboard.press("ArrowDown")
    expect(matrix.locator("[data-matrix-box] tbody tr:nth-child(n + 2) a:focus")).to_have_count(1)

"""Every page but the board and a model's, in a real browser, in each theme, language and width.

What `faults` says is what is wrong. Screenshots are kept in var/screenshots/. Those two pages in every look:
test_quality_board.py. Last, what a reader does with the matrix of scores, and with a comparison.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from benchmarks.views import PER_PAGE
from testing.quality.looking import SCREENSHOTS, Looker, Watched, opened
from testing.quality.looks import WALL, Look, two
from testing.quality.pieces import in_pieces
from testing.quality.site import Site

MODEL = "/models/lanternfell--wick-pro/"
#: On a phone and on a desk, which is then widened to a wall.
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
    "whose": "/is-it-me/",
    "whose-answer": "/is-it-me/?model=lanternfell--wick-pro&status=503",
    "methodology": "/methodology/",
    "operations": "/operations/",
    "cost": "/operations/cost/",
    "calculator": "/cost/?models=aurora-1,lanternfell--wick-pro",
    "subscriptions": "/subscriptions/",
    "benchmarks": "/benchmarks/",
    "suite": "/benchmarks/gpqa-diamond/",
    "cell": "/benchmarks/gpqa-diamond/o3/",
    "score": "/benchmarks/scores/{score}/",
    "compare": "/compare/?models=aurora-1,o3,wick-pro,gpt-4.1",
    "compare-two": "/compare/?models=o3,gpt-4.1,nobody&norm=raw",
    "choosing": "/compare/",
    "value": "/compare/value/?quality=gpqa-diamond&speed=p95",
    "prices": "/pricing/",
    "price": "/pricing/quillmarsh--quill-large-2/",
    "price-corrected": "/pricing/bramblewick--thicket-3/",
    "styleguide": "/styleguide/",
    "news": "/news/",
    "article": "/news/lanternfell-halves-what-wick-pro-costs-for-cached-input/",
    "topic": "/news/topics/model/wick-pro/?form=list",
    "topics": "/news/topics/",
    "nowhere": "/nowhere/",
}
WITHOUT_JAVASCRIPT = {"board": "/", "model": MODEL} | {
    name: OTHERS[name]
    for name in (
        *("incidents", "incident", "search", "whose-answer", "methodology", "benchmarks", "suite"),
        *("compare", "choosing", "prices", "value", "news", "article"),
    )
}
PHONE, DESK = Look("light", "ko", 360), Look("dark", "en", 1440)


def looks() -> Iterator[Any]:
    for number, (name, path) in enumerate(OTHERS.items()):
        yield from (pytest.param(path, look, id=f"{name}-{look}") for look in two(number))


@pytest.mark.parametrize(("path", "look"), list(looks()))
def test_a_page_is_without_fault(
    path: str, look: Look, site: Site, looker: Looker, request: pytest.FixtureRequest
):
    with opened(looker, look, path.format(**site.names)) as page:
        page.keep(request.node.callspec.id)
        assert page.faults(look.lang) == []
        if look.width != PHONE.width:
            assert page.resized(WALL).overflowing() == []


@pytest.mark.parametrize("path", ["/", MODEL, "/benchmarks/"])
def test_a_page_that_comes_in_pieces_moves_nothing(path: str, site: Site, looker: Looker):
    with in_pieces(site.url) as slow, opened(Looker(looker.browser, slow), DESK, path) as page:
        assert page.moved() == []


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
    context = looker.fresh(DESK)
    page = context.new_page()
    page.goto(f"{site.url}/benchmarks/")
    yield page
    context.close()


def test_a_reader_finds_sorts_and_compares_scores(matrix: Page):
    rows = matrix.locator("[data-matrix-box] tbody tr")
    expect(rows).to_have_count(PER_PAGE)
    matrix.locator("[data-matrix-box]").evaluate("(box) => box.scrollTo(0, 1e6)")
    expect(rows).not_to_have_count(PER_PAGE)
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


# --- comparisons -----------------------------------------------------------------------------------------


def test_a_reader_chooses_folds_and_freezes(site: Site, looker: Looker):
    context = looker.fresh(DESK)
    page = context.new_page()
    page.goto(f"{site.url}/compare/")
    search = page.get_by_label("Model, maker or provider")
    search.fill("gpt-4.1")
    expect(page.locator("[data-compare-lines] li").first).to_contain_text("GPT-4.1")
    page.locator("#take-gpt-4\\.1").click()
    expect(page).to_have_url(re.compile(r"models=gpt-4\.1&q=gpt-4\.1$"))
    expect(page.locator("#take-gpt-4\\.1")).to_be_focused()
    search.fill("wick")
    page.locator("#take-wick-pro").click()
    heads = page.locator(".versus__name")
    expect(heads).to_have_text(["GPT-4.1", "Wick Pro"])
    expect(page.locator("[data-compare-live] [data-status=live]")).to_be_visible()
    page.locator("#earlier-wick-pro").click()
    expect(heads).to_have_text(["Wick Pro", "GPT-4.1"])

    page.locator("#title-api").click()
    expect(page.locator("#section-api table")).to_be_hidden()
    page.locator("#norm-raw").click()
    expect(page).to_have_url(re.compile("norm=raw"))
    expect(page.locator("#section-api table")).to_be_hidden()

    page.locator("#price-input td a").first.hover()
    expect(page.locator("[data-about-panel]")).to_contain_text("List price of a million input tokens")
    page.get_by_role("button", name="Freeze these figures").click()
    expect(page).to_have_url(re.compile(r"/compare/as-of/\w+/$"))
    expect(page.locator(".frozen")).to_contain_text("Figures of")
    expect(heads).to_have_text(["Wick Pro", "GPT-4.1"])
    expect(page.locator("#section-api table")).to_be_hidden()
    context.close()


def test_on_a_phone_the_list_is_a_sheet(site: Site, looker: Looker):
    context = looker.fresh(Look("dark", "en", 360))
    page = context.new_page()
    page.goto(f"{site.url}/compare/?models=o3,gpt-4.1,wick-pro,aurora-1")
    box = page.locator("[data-versus]")
    assert box.evaluate("(box) => box.scrollWidth > box.clientWidth")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    box.evaluate("(box) => box.scrollTo(500, 900)")
    expect(page.locator(".versus__heads")).to_be_in_viewport()
    page.get_by_role("button", name="Models 4").click()
    sheet = page.locator("#choose")
    expect(sheet).to_be_visible()
    sheet.get_by_role("link", name="Leave out o3").first.click()
    expect(sheet.locator(".chosen__one")).to_have_count(3)
    expect(sheet).to_be_visible()
    page.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    expect(page.locator(".versus__name")).to_have_text(["GPT-4.1", "Wick Pro", "Aurora 1"])
    context.close()

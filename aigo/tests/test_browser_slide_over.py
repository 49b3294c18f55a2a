"""A model over the page that links to it: address, focus and the way back, as readers meet them."""

import re

import pytest
from django.template.loader import render_to_string
from playwright.sync_api import Page, Route, expect

from aigo.tests.pages import SITE, render_page, serve

LINK = "/models/sample-works--sample-1/"
PART = (
    '<article class="dossier" data-model="sample-1" data-tab="{tab}" data-region="all" data-endpoint="">'
    '<h1>Sample 1</h1><a href="{link}" data-model-link>Overview</a>'
    '<a href="{link}docs/" data-model-link>Docs</a>'
    "<p>{tab}</p></article>"
)


@pytest.fixture
def board(page: Page):
    """A page with links to models; each part is asked for once."""
    links = "".join(f'<p><a href="{LINK}?n={n}" data-slide-over>Sample {n}</a></p>' for n in range(60))
    html = render_page("404.html", {}).replace('tabindex="-1">', f'tabindex="-1">{links}', 1)
    troubles = serve(page, html)

    def part(route: Route) -> None:
        tab = "docs" if "/docs/" in route.request.url else "overview"
        html = PART.format(tab=tab, link=LINK)
        route.fulfill(json={"type": "model", "data": {"html": html, "title": "Sample 1", "url": LINK}})

    page.route(re.compile(r"/models/.*fragment"), part)
    page.goto(f"{SITE}/")
    yield page
    assert troubles == []


def opened(page: Page, number: int = 40) -> None:
    page.get_by_role("link", name=f"Sample {number}", exact=True).click()
    expect(page.get_by_role("dialog", name="Sample 1")).to_contain_text("overview")


def test_a_model_opens_under_its_own_address_and_every_way_leads_back(board):
    link = board.get_by_role("link", name="Sample 40", exact=True)
    link.scroll_into_view_if_needed()
    place = board.evaluate("scrollY")
    for leave in (
        lambda: board.keyboard.press("Escape"),
        lambda: board.get_by_role("button", name="Close").click(),
        board.go_back,
    ):
        opened(board)
        expect(board).to_have_url(f"{SITE}{LINK}?n=40")
        expect(board).to_have_title("Sample 1 · AI-GO")
        leave()
        expect(board.get_by_role("dialog")).to_have_count(0)
        expect(board).to_have_url(f"{SITE}/")
        expect(link).to_be_focused()
        assert board.evaluate("scrollY") == place


def test_tabs_are_swapped_in_place_and_one_step_back_leads_out(board):
    opened(board)
    board.get_by_role("link", name="Docs").click()
    expect(board.get_by_role("dialog")).to_contain_text("docs")
    expect(board).to_have_url(f"{SITE}{LINK}docs/")
    expect(board.get_by_role("link", name="Docs")).to_be_focused()
    board.go_back()
    expect(board).to_have_url(f"{SITE}/")
    board.go_forward()
    expect(board.get_by_role("dialog")).to_contain_text("docs")


def test_a_link_that_is_to_open_elsewhere_is_left_alone(board):
    with board.context.expect_page() as other:
        board.get_by_role("link", name="Sample 3", exact=True).click(modifiers=["ControlOrMeta"])
    other.value.close()
    expect(board.get_by_role("dialog")).to_have_count(0)


def test_what_does_not_come_is_said_and_asked_for_again(page: Page):
    html = render_page("404.html", {}).replace(
        'tabindex="-1">', f'tabindex="-1"><a href="{LINK}" data-slide-over>Sample 7</a>', 1
    )
    serve(page, html)
    page.goto(f"{SITE}/")
    page.get_by_role("link", name="Sample 7").click()
    expect(page.get_by_text("This part could not be loaded.")).to_be_visible()
    part = {"html": PART.format(tab="overview", link=LINK), "title": "Sample 1", "url": LINK}
    page.route(re.compile(r"/models/.*fragment"), lambda route: route.fulfill(json={"data": part}))
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("dialog")).to_contain_text("overview")
    expect(page.locator("dialog [data-panel-body]")).to_be_focused()

    page.unroute_all()
    page.route(re.compile(r"/models/.*fragment"), lambda route: route.abort())
    page.get_by_role("link", name="Docs").click()
    again = page.get_by_role("button", name="Try again")
    expect(again).to_be_in_viewport(ratio=1)
    again.click(trial=True)  # nothing lies over it
    expect(page).to_have_url(f"{SITE}{LINK}")


def test_a_region_that_is_not_well_says_so_in_words():
    for state in ("operational", "degraded", "outage", "unknown"):
        entry = {"url": "/", "label": "Seoul", "state": state, "active": False}
        html = render_to_string("status/model/_regions_menu.html", {"model_regions": [entry]})
        assert (state.title() in html) is (state != "operational")

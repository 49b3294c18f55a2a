"""The search box and saved views in a real browser: by keyboard, by pointer, and where nothing answers."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template.loader import render_to_string
from django.test import RequestFactory
from playwright.sync_api import Locator, Page, Route, expect

from aigo.findable import Thing
from aigo.lib.matching import Grade, query_of
from aigo.lib.words import Words
from aigo.search import Hit
from aigo.search_views import Group
from aigo.tests.pages import SITE, render_page, serve
from compare.saved import SavedComparisons
from status.filtering import BoardWish


def suggestions(typed: str) -> str:
    """Two models and a provider, whatever is typed."""
    things = [
        Thing("model", "sample-1", Words("Sample 1"), "/models/sample-1/", "Sample Works", endpoints=3),
        Thing("model", "sample-2", Words("Sample <2>"), "/models/sample-2/", "Sample Works", endpoints=1),
    ]
    provider = Thing("provider", "works", Words("Sample Works"), "/providers/works/", endpoints=4)
    groups = [
        Group("model", "Models", [Hit(thing, Grade.PREFIX, None) for thing in things], 2, "/search/"),
        Group("provider", "Providers", [Hit(provider, Grade.PREFIX, None)], 1, "/search/"),
    ]
    return render_to_string("search/_suggestions.html", {"searched": typed, "found": "xxx", "groups": groups})


@pytest.fixture
def box(page: Page) -> Locator:
    """The header's search box on a page whose search answers."""
    found = {"by_kind": {}, "query": query_of(""), "at": datetime.now(UTC)}
    begin: dict[str, list[Thing]] = {"functions": [], "providers": []}
    serve(page, render_page("search/index.html", {"searched": "", "found": found, "begin": begin}))

    def answer(route: Route) -> None:
        typed = route.request.url.partition("q=")[2]
        if typed == "broken":
            route.fulfill(status=500)
        else:
            route.fulfill(body=suggestions(typed), content_type="text/html")

    page.route("**/search/suggest**", answer)
    page.goto(SITE + "/")
    return page.locator("#site-search")


def test_arrows_choose_enter_follows_and_escape_closes(page: Page, box: Locator):
    box.fill("sam")
    options = page.get_by_role("option")
    expect(options).to_have_count(4)
    expect(box).to_have_attribute("aria-expanded", "true")
    expect(page.locator("[data-search-status]")).to_have_text("3 results")
    box.press("ArrowDown")
    box.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    expect(options.nth(1)).to_contain_text("Sample <2>")
    assert box.get_attribute("aria-activedescendant") == options.nth(1).get_attribute("id")
    expect(box).to_be_focused()
    box.press("Escape")
    expect(box).to_have_attribute("aria-expanded", "false")
    expect(box).to_have_value("sam")
    assert box.get_attribute("aria-activedescendant") is None
    box.press("ArrowUp")
    expect(options.last).to_have_attribute("aria-selected", "true")
    box.press("ArrowUp")
    with page.expect_request("**/providers/works/"):
        box.press("Enter")


def test_without_a_choice_enter_leads_to_the_page_of_results(page: Page, box: Locator):
    box.fill("sample one")
    with page.expect_request("**/search/?q=sample+one"):
        box.press("Enter")


def test_leaving_the_box_closes_the_list_and_a_second_escape_empties_it(page: Page, box: Locator):
    box.fill("sam")
    expect(page.get_by_role("listbox")).to_be_visible()
    box.press("Tab")
    expect(page.get_by_role("listbox")).to_be_hidden()
    box.focus()
    expect(page.get_by_role("listbox")).to_be_visible()
    box.press("Escape")
    box.press("Escape")
    expect(box).to_have_value("")
    expect(page.get_by_role("option")).to_have_count(0)


def test_a_search_that_fails_says_so_and_the_next_letter_tries_again(page: Page, box: Locator):
    box.fill("broken")
    expect(page.locator("[data-search-status]")).to_have_text(
        "The search does not answer. Press Enter to try again."
    )
    box.fill("sam")
    expect(page.get_by_role("option")).to_have_count(4)


def test_the_list_fits_a_phone(page: Page, box: Locator):
    page.set_viewport_size({"width": 360, "height": 780})
    box.fill("sam")
    listbox = page.locator(".search__panel")
    expect(listbox).to_be_visible()
    frame = listbox.bounding_box()
    assert frame is not None
    assert frame["x"] >= 0
    assert frame["x"] + frame["width"] <= 360
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_views_of_a_reader_without_an_account_stay_in_the_browser(page: Page):
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    part = render_to_string("status/_saved_views.html", {"wish": BoardWish()}, request=request)
    found = {"by_kind": {}, "query": query_of(""), "at": datetime.now(UTC)}
    html = render_page("search/index.html", {"searched": "x", "found": found})
    script = '<script type="module" src="/static/js/saved_views.js"></script>'
    troubles = serve(page, html.replace("</main>", f"{part}</main>{script}"))
    page.goto(f"{SITE}/?function=chat&page=2&sort=latency")
    button = page.get_by_role("button", name="My views")
    button.click()
    page.get_by_label("Save what is shown as").fill(" My <b>chat</b> ")
    page.get_by_role("button", name="Save", exact=True).click()
    view = page.get_by_role("link", name="My <b>chat</b>")
    expect(view).to_have_attribute("href", "/?function=chat&sort=latency")
    expect(view).to_have_attribute("aria-current", "true")
    page.goto(SITE + "/")
    button.click()
    expect(view).to_be_visible()
    assert view.get_attribute("aria-current") is None
    page.get_by_role("button", name="Delete My <b>chat</b>").click()
    expect(view).to_have_count(0)
    expect(page.get_by_text("No view is saved yet.")).to_be_visible()
    page.keyboard.press("Escape")
    expect(button).to_be_focused()
    assert troubles == []


def test_comparisons_of_a_reader_without_an_account_stay_in_the_browser(page: Page):
    request = RequestFactory().get("/compare/")
    saved = SavedComparisons(signed_in=False, query="models=o3,gpt-4.1")
    part = render_to_string("compare/_saved.html", {"saved": saved}, request=request)
    found = {"by_kind": {}, "query": query_of(""), "at": datetime.now(UTC)}
    html = render_page("search/index.html", {"searched": "x", "found": found})
    script = '<script type="module" src="/static/js/compare_saved.js"></script>'
    troubles = serve(page, html.replace("</main>", f"{part}</main>{script}"))
    page.goto(f"{SITE}/")
    page.get_by_role("button", name="My comparisons").click()
    page.get_by_label("Save what is shown as").fill("Two")
    page.get_by_role("button", name="Save", exact=True).click()
    kept = page.get_by_role("link", name="Two", exact=True)
    expect(kept).to_have_attribute("href", "/compare/?models=o3,gpt-4.1")
    expect(kept).to_have_attribute("aria-current", "true")
    page.get_by_role("button", name="Delete Two").click()
    expect(kept).to_have_count(0)
    assert troubles == []

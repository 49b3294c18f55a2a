"""The pages in a real browser: policy, width, theme, keyboard, and life without JavaScript."""

import re

import pytest
from playwright.sync_api import Page, expect

from aigo.tests.pages import SITE, live_socket, render_board, render_styleguide, serve

PAGES = {"board": render_board, "styleguide": render_styleguide}


@pytest.mark.parametrize("lang", ["en", "ko"])
@pytest.mark.parametrize("name", PAGES)
def test_pages_fit_every_width_and_break_no_policy(page: Page, name: str, lang: str):
    with live_socket(page):
        troubles = serve(page, PAGES[name](lang=lang))
        page.goto(SITE + "/")
        for width in (360, 700, 1024, 1100, 1440):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, f"overflow at {width}"
        assert troubles == []


def test_rows_stay_a_table_for_assistive_technology_on_a_phone(page: Page):
    with live_socket(page):
        serve(page, render_board())
        page.set_viewport_size({"width": 390, "height": 800})
        page.goto(SITE + "/")
        board = page.get_by_role("table", name="Endpoints, ranked")
        assert board.get_by_role("row").count() == 7
        assert board.get_by_role("rowheader").first.inner_text().startswith("Sample 1")
        expect(page.get_by_role("columnheader", name="Availability")).to_have_count(1)


def test_the_theme_is_dark_until_switched_and_is_remembered_before_the_first_paint(page: Page):
    with live_socket(page):
        serve(page, render_board())
        page.goto(SITE + "/")
        expect(page.locator("html")).to_have_css("background-color", "rgb(14, 18, 21)")
        page.get_by_role("button", name="Switch to the light theme").click()
        expect(page.locator("html")).to_have_css("background-color", "rgb(247, 248, 246)")
        page.add_init_script(
            """new MutationObserver(() => {
              if (document.body) window.early ??= document.documentElement.dataset.theme ?? "none"
            }).observe(document, { childList: true, subtree: true })"""
        )
        page.reload()
        assert page.evaluate("window.early") == "light"
        expect(page.get_by_role("button", name="Switch to the dark theme")).to_be_visible()


def test_the_keyboard_reaches_content_first_and_the_reason_of_every_missing_figure(page: Page):
    with live_socket(page):
        serve(page, render_board())
        page.goto(SITE + "/")
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
        page.locator("#row-sample-works--sample-2 .samples").focus()
        for _ in range(4):
            page.keyboard.press("ArrowLeft")
        figure = page.locator("#row-sample-works--sample-2 [data-figure=p95]")
        expect(figure).to_be_focused()
        reason = page.locator("#about-row [data-current]")
        expect(reason).to_be_visible()
        expect(reason).to_contain_text("Needs 20 attempts, has 12.")
        page.keyboard.press("ArrowDown")
        expect(page.locator("#row-sample-works--sample-3 [data-figure=p95]")).to_be_focused()


def test_hovering_a_figure_shows_what_it_was_computed_from(page: Page):
    with live_socket(page):
        serve(page, render_board())
        page.goto(SITE + "/")
        page.locator("#row-sample-works--sample-1 [data-figure=p50]").hover()
        panel = page.locator("#about-row")
        expect(panel).to_be_visible()
        for said in ("43 attempts that count", "5 minutes", "Seoul", "Tier B", "2026.11.1", "simulator"):
            expect(panel).to_contain_text(said)


def test_without_javascript_the_board_is_whole_and_its_samples_lead_to_what_they_are_from(page: Page):
    context = page.context.browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    serve(plain, render_board())
    plain.goto(SITE + "/")
    expect(plain.locator("#region-menu a", has_text="Seoul")).to_have_attribute("href", "/?region=seoul")
    expect(plain.locator("[data-theme-toggle]").first).to_be_hidden()
    plain.locator("#row-sample-works--sample-1 .samples").click()
    plain.wait_for_url(re.compile("/status/about/sample-works--sample-1"))
    expect(plain.get_by_text("43 attempts that count")).to_be_visible()
    context.close()


def test_a_choice_that_is_not_answered_keeps_the_list_and_offers_to_try_again(page: Page):
    html = render_board()
    serve(page, html)
    page.goto(SITE + "/")
    page.route("**/?*state=outage*", lambda route: route.fulfill(status=503, body="busy"))
    page.click("#pick-state-button")
    page.check("#pick-state [value=outage]")
    notice = page.locator("[data-board-list] > [data-panel-notice]")
    expect(notice).to_be_visible()
    assert page.locator("[data-live-rows] .row").count() > 0
    assert page.url == SITE + "/"
    page.unroute("**/?*state=outage*")
    page.route("**/?*state=outage*", lambda route: route.fulfill(body=html, content_type="text/html"))
    notice.get_by_role("button").click()
    expect(notice).to_be_hidden()
    expect(page.locator("[data-board-list]")).not_to_have_attribute("aria-busy", "true")


def test_the_answer_stands_above_what_is_wrong_and_within_a_phones_first_view(page: Page):
    page.set_viewport_size({"width": 360, "height": 640})
    serve(page, render_board(lang="ko"))
    page.goto(SITE + "/")
    headline = page.locator(".headline").bounding_box()
    counts = page.locator(".counts").bounding_box()
    assert headline
    assert counts
    assert headline["y"] + headline["height"] < 400
    assert counts["y"] + counts["height"] < 640

"""Every figure tells where it is from: the envelope, and the popover that shows it."""

from datetime import UTC, datetime
from typing import get_args

import pytest
from django.template import engines
from django.test import RequestFactory
from django.utils import translation
from playwright.sync_api import Page, Route, expect

from aigo.lib.provenance import Kind, Provenance, Rule
from aigo.tests.pages import SITE, render_styleguide, serve

AT = datetime(2026, 11, 21, 3, 4, 5, tzinfo=UTC)
MEASURED = Provenance(
    "measured", samples=43, window_s=300, region="seoul", last_at=AT, tier="B", method_version="2026.11.1"
)
PRICE = Provenance(
    "cited", source_name="Price list", source_url="https://example.org/prices", seen_at=AT, licence="MIT"
)


def render(template: str, **context: object) -> str:
    source = "{% load provenance %}" + template
    return engines["django"].from_string(source).render(context, RequestFactory().get("/"))


def test_the_envelope_says_null_for_whatever_does_not_apply():
    told = PRICE.to_json()
    assert told["source_name"] == "Price list"
    assert told["seen_at"] == "2026-11-21T03:04:05Z"
    assert [name for name, value in told.items() if value is None] == [
        *("samples", "window_s", "region", "last_sample_at", "tier", "method_version", "note")
    ]


def test_a_figure_carries_number_unit_and_all_that_is_known_of_it():
    html = render('{% traced "99.49" "%" about label="Availability" name="availability" %}', about=MEASURED)
    for part in (
        "99.49",
        "43 attempts that count",
        "5 minutes",
        "Seoul",
        "2026-11-21T03:04:05Z",
        "2026.11.1",
    ):
        assert part in html
    assert 'data-figure="availability"' in html


def test_every_rule_that_a_figure_may_name_has_its_anchor_on_the_methodology_page(client):
    page = client.get("/methodology/").content.decode()
    rules = [rule for rule in get_args(Rule) if rule]
    assert [rule for rule in rules if f'id="{rule}"' not in page] == []
    assert {Provenance(kind).anchor for kind in get_args(Kind)} <= set(rules)


@pytest.mark.parametrize(
    ("about", "link"),
    [
        (MEASURED, '<a href="/methodology/#figures">2026.11.1</a>'),
        (PRICE, '<a href="/methodology/#provenance">Methodology</a>'),
        (Provenance("counted"), '<a href="/methodology/#counts">Methodology</a>'),
        (Provenance("computed", rule="budgets"), '<a href="/methodology/#budgets">Methodology</a>'),
    ],
)
def test_a_figure_links_the_rule_by_which_it_comes_about(about: Provenance, link: str):
    assert link in render('{% traced "1" "" about label="Figure" %}', about=about)


@pytest.mark.parametrize(("window_s", "written"), [(86_400, "24 hours"), (90 * 86_400, "90 days")])
def test_a_window_of_days_is_told_in_days(window_s: int, written: str):
    about = Provenance("measured", window_s=window_s)
    assert f"<span>{written}</span>" in render('{% traced "1" "" about label="Figure" %}', about=about)


def test_a_cited_figure_links_its_source_and_says_that_it_was_not_measured():
    html = render('{% traced "1.50" "$" about label="Input" %}', about=PRICE)
    assert '<a href="https://example.org/prices" rel="nofollow noopener">Price list</a>' in html
    assert "not what we measured" in html


@pytest.mark.parametrize("written", [None, "", "—"])
def test_a_missing_figure_is_a_dash_with_its_reason_and_without_a_unit(written: str | None):
    html = render(
        '{% traced written "ms" about label="p95" missing="Too few." %}', written=written, about=None
    )
    assert all(part in html for part in ("—", "Too few.", "not known"))
    assert "ms<" not in html


def test_two_alike_on_a_page_have_ids_of_their_own_the_same_on_every_rendering():
    twice = '{% traced "1" "" about label="Outage" %}{% traced "1" "" about label="Outage" %}'
    html = render(twice, about=MEASURED)
    ids = [part.split('"')[0] for part in html.split('popovertarget="')[1:]]
    assert len(set(ids)) == 2
    assert all(f'id="{found}"' in html for found in ids)
    assert render(twice, about=MEASURED) == html


def test_the_popover_speaks_the_page_s_language():
    with translation.override("ko"):
        assert "서울" in render('{% traced "1" "" about label="x" %}', about=MEASURED)


def test_a_figure_tells_its_provenance_on_hover_focus_and_tap_and_escape_closes_it(page: Page):
    serve(page, render_styleguide())
    page.goto(SITE + "/#provenance")
    figure = page.locator("#provenance .traced__figure").first
    about = page.locator("#provenance [data-provenance]").first
    figure.hover()
    expect(about).to_be_visible()
    page.mouse.move(0, 0)
    expect(about).to_be_hidden()
    figure.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")
    expect(about).to_be_visible()
    page.keyboard.press("Escape")
    expect(about).to_be_hidden()
    expect(figure).to_be_focused()
    figure.click()
    expect(about).to_be_visible()


def test_without_scripts_a_tap_shows_the_provenance(page: Page):
    context = page.context.browser.new_context(java_script_enabled=False)
    bare = context.new_page()
    serve(bare, render_styleguide())
    bare.goto(SITE + "/")
    bare.locator("#provenance .traced__figure").first.click()
    expect(bare.locator("#provenance [data-provenance]").first).to_be_visible()
    context.close()


def test_a_panel_keeps_its_last_good_content_with_its_age_and_tries_again(page: Page):
    answers = [(200, "<p>one</p>"), (500, ""), (200, "<p>two</p>")]
    serve(page, render_styleguide())

    def answer(route: Route) -> None:
        status, body = answers.pop(0)
        route.fulfill(status=status, body=body)

    page.route("**/sample-part", answer)
    page.goto(SITE + "/")
    load = """async () => {
      const { Panel, fetched } = await import("aigo/panel")
      window.panel ??= new Panel(document.querySelector("[data-panel-sample=fresh]"))
      return window.panel.load(fetched("/sample-part"))
    }"""
    panel = page.locator("[data-panel-sample=fresh]")
    expect(panel.locator("[data-skeleton]")).to_be_visible()
    assert page.evaluate(load) is True
    expect(panel.locator("[data-panel-body]")).to_have_text("one")
    assert page.evaluate(load) is False
    expect(panel.locator("[data-panel-body]")).to_have_text("one")
    expect(panel.locator("[data-panel-age] time")).to_be_visible()
    panel.get_by_role("button", name="Try again").click()
    expect(panel.locator("[data-panel-body]")).to_have_text("two")
    expect(panel.locator("[data-panel-notice]")).to_be_hidden()

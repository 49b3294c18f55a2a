"""The charts in a browser: drawn twice alike, read by pointer and keys, fed without a jump."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.template import engines
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation
from playwright.sync_api import Page, Route, expect

from aigo.sample_charts import sample_history, sample_trend
from aigo.tests.pages import SITE, serve
from testing.processes import until

PAGE = """{% extends "base.html" %}{% load assets %}
{% block sheets %}{% stylesheets "board" "models" %}{% endblock %}
{% block extra_head %}{% page_module "chart" %}{% page_module "trend" %}{% endblock %}
{% block main %}
{% include "_components/history_chart.html" %}
{% include "_components/trend_chart.html" %}
{% endblock %}"""


def render(*, lang: str = "en") -> str:
    choices = [{"label": name, "url": f"?window={name}", "window": name} for name in ("24h", "7d")]
    context = {"history": sample_history(), "trend": sample_trend(), "chart_windows": choices}
    with translation.override(lang):
        return engines["django"].from_string(PAGE).render(context, RequestFactory().get("/"))


@pytest.fixture
def chart(page: Page) -> Iterator[Page]:
    """Both charts, drawn, in the reader's zone of Seoul; console errors end the test."""
    troubles = serve(page, render())
    page.set_viewport_size({"width": 800, "height": 900})
    page.goto(SITE + "/")
    expect(page.locator("[data-history-chart][data-drawn]")).to_have_count(1)
    yield page
    assert [trouble for trouble in troubles if "Failed to load resource" not in trouble] == []


def answer(page: Page, html: str | None) -> list[str]:
    """What /charts/… says from now on, None = 503. Returns the addresses asked for."""
    asked: list[str] = []

    def tell(route: Route) -> None:
        asked.append(route.request.url)
        if html is None:
            route.abort()
        else:
            route.fulfill(body=html, content_type="text/html; charset=utf-8")

    page.route("**/charts/**", tell)
    return asked


def test_echarts_draws_where_the_server_did(chart: Page):
    canvas = chart.locator("[data-chart-canvas] canvas")
    expect(canvas).to_have_count(1)
    drawn = chart.evaluate(
        """() => {
          const canvas = document.querySelector("[data-chart-canvas] canvas")
          const plot = document.querySelector("[data-chart-plot]").getBoundingClientRect()
          const box = canvas.getBoundingClientRect(), scale = canvas.width / box.width
          const inked = (...at) => canvas.getContext("2d").getImageData(...at.map((value) => value * scale))
            .data.some((value, n) => n % 4 === 3 && value)
          const left = plot.left - box.left, top = plot.top - box.top
          const gap = left + plot.width * 39 / 96
          return {
            line: inked(left + 10, top, plot.width / 4, plot.height),
            gap: inked(gap, top, plot.width * 5 / 96, plot.height),
            beside: inked(plot.right - box.left + 4, 0, 100, box.height),
          }
        }"""
    )
    assert drawn == {"line": True, "gap": False, "beside": False}
    assert chart.locator(".chart__data").first.evaluate("svg => getComputedStyle(svg).visibility") == "hidden"


def test_keys_and_pointer_read_single_points_and_the_legend_takes_lines_away(chart: Page):
    slider = chart.get_by_role("slider", name="Points of time of the chart").first
    readout = chart.locator("[data-chart-readout]").first
    slider.press("Home")
    expect(slider).to_have_attribute(
        "aria-valuetext",
        "04:00, p95 930 ms, p50 620 ms, Availability 100 %, Worst 5 minutes 100 %, Attempts 60, Failed 0",
    )
    slider.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuenow", "2")
    expect(readout).to_contain_text("04:15")
    marks = chart.locator(".chart__dot")
    assert [marks.nth(n).get_attribute("data-of") for n in range(3)] == ["p95", "p50", "availability"]
    around, dot = (chart.locator(at).first.bounding_box() for at in ("[data-chart-plot]", ".chart__dot"))
    assert around
    assert dot
    assert around["y"] < dot["y"] < around["y"] + around["height"]
    slider.press("Escape")
    expect(marks.first).to_be_hidden()
    expect(readout).to_contain_text("Point at the chart")

    plot = chart.locator("[data-chart-plot]").first
    box = plot.bounding_box()
    assert box
    chart.mouse.move(box["x"] + box["width"] * 41.5 / 96, box["y"] + 30)
    expect(readout).to_contain_text("no worker of the region answered")
    assert plot.bounding_box() == box

    before = chart.locator("[data-chart-canvas] canvas").screenshot()
    chart.get_by_role("checkbox", name="p95").uncheck()
    expect(chart.locator('.chart__data [data-of="p95"]').first).to_be_hidden()
    canvas = chart.locator("[data-chart-canvas] canvas")
    until(canvas.screenshot, lambda shown: shown != before, every_s=0.2, log=lambda: "the line stays")


def test_another_window_is_put_in_place_and_a_failure_keeps_what_was_good(chart: Page):
    html = render_to_string(
        "_components/_history_body.html", {"history": replace(sample_history(), window="7d")}
    )
    asked = answer(chart, html)
    chart.get_by_role("link", name="7d").first.click()
    expect(chart.locator(".chart__caption").first).to_contain_text("Last 7 days")
    assert "window=7d" in asked[0]
    expect(chart.locator("[data-chart-canvas] canvas")).to_have_count(1)
    chart.unroute("**/charts/**")
    answer(chart, None)
    chart.evaluate("document.querySelector('[data-history-chart]').historyChart.refresh()")
    expect(chart.get_by_text("This part could not be loaded.").first).to_be_visible()
    expect(chart.locator(".chart__caption").first).to_contain_text("Last 7 days")


def test_without_javascript_lines_legend_and_table_are_there(page: Page):
    assert page.context.browser
    context = page.context.browser.new_context(java_script_enabled=False)
    plain = context.new_page()
    plain.set_viewport_size({"width": 360, "height": 800})
    serve(plain, render(lang="ko"))
    plain.goto(SITE + "/")
    line = plain.locator('.chart__data [data-of="p95"]').last
    expect(line).to_be_visible()
    plain.get_by_role("checkbox", name="p95").uncheck()
    expect(line).to_be_hidden()
    plain.get_by_text("표로 보기").first.click()
    expect(plain.get_by_role("region", name="차트 표").get_by_role("row")).to_have_count(97)
    context.close()

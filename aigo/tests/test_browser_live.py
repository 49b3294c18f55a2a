"""The open board in a real browser: what pushes do to it, and what it does when they stop."""

import json
from dataclasses import replace
from typing import Any

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from aigo.lib.words import Words
from aigo.styleguide import sample_news
from aigo.tests.pages import (
    SITE,
    frame_row,
    live_socket,
    make_board,
    render_board,
    serve,
    stop_clock,
    three_rows,
)
from news.selectors.lines import NewsLine
from status.board import BoardRow
from status.rules import State


@pytest.fixture
def sockets(page: Page):
    with live_socket(page) as opened:
        yield opened


def open_board(page: Page, **served: Any) -> list[str]:
    troubles = serve(page, render_board(make_board(three_rows())), **served)
    page.goto(SITE + "/")
    page.evaluate("0")  # a round trip: what the page has begun by now has reached the test
    return troubles


def send(socket: WebSocketRoute, *rows: BoardRow, order: str = "abc", kind: str = "update") -> None:
    data = {
        "rows": [frame_row(row) for row in rows],
        "order": [f"sample--{letter}" for letter in order],
        "ranks": list(range(1, len(order) + 1)),
    }
    socket.send(json.dumps({"type": kind, "id": "7-0", "region": "all", "data": data}))


def line_of(slug: str) -> NewsLine:
    return replace(sample_news()[0], url=f"/news/{slug}/", title=Words(f"Of {slug}"))


def names(page: Page) -> list[str]:
    return page.locator("[data-live-rows] .row__name").all_inner_texts()


def test_a_pushed_row_is_shown_without_reload_and_takes_its_rank(page: Page, sockets: list[WebSocketRoute]):
    open_board(page)
    expect(page.locator("[data-live-indicator]")).to_have_attribute("data-status", "connecting")
    send(sockets[0], replace(three_rows()[2], p50_ms=77.0, rank=1), order="cab")
    expect(page.locator("[data-live-indicator]")).to_have_attribute("data-status", "live")
    expect(page.locator("#row-sample--c [data-figure=p50] [data-value]")).to_have_text("77")
    assert names(page) == ["C", "A", "B"]
    assert page.locator("[data-rank-label]").all_inner_texts() == ["1", "2", "3"]


def test_an_open_panel_and_the_focus_survive_a_push_and_rows_move_when_it_closes(
    page: Page, sockets: list[WebSocketRoute]
):
    open_board(page)
    button = page.locator("#row-sample--c .samples")
    button.focus()
    panel = page.locator("#about-row")
    expect(panel).to_be_visible()
    send(sockets[0], replace(three_rows()[2], samples=44), order="cab")
    expect(button.locator("[data-value]")).to_have_text("44")
    expect(panel).to_be_visible()
    expect(button).to_be_focused()
    assert names(page) == ["A", "B", "C"]
    page.keyboard.press("Escape")
    expect(page.locator("[data-live-rows] .row__name").first).to_have_text("C")
    expect(button).to_be_focused()


def test_a_changed_state_is_announced_and_a_changed_figure_is_not(page: Page, sockets: list[WebSocketRoute]):
    open_board(page)
    a, b, _c = three_rows()
    send(sockets[0], replace(a, p50_ms=500.0), replace(b, state=State.OUTAGE, reason="confirmed_failures"))
    expect(page.locator("[data-live-announcer]")).to_have_text("B, Sample Works: Outage")
    expect(page.locator("#row-sample--b")).to_have_attribute("data-state", "outage")


def test_rows_come_and_go_with_the_board(page: Page, sockets: list[WebSocketRoute]):
    open_board(page)
    newcomer = replace(three_rows()[0], slug="sample--d", name="D")
    send(sockets[0], newcomer, order="dab", kind="snapshot")
    expect(page.locator("#row-sample--c")).to_have_count(0)
    assert names(page) == ["D", "A", "B"]


def test_cards_follow_the_counts(page: Page, sockets: list[WebSocketRoute]):
    from django.template.loader import render_to_string

    open_board(page)
    counts = replace(make_board(three_rows()).counts, operational=2, outage=1)
    cards = render_to_string("status/_cards.html", {"counts": counts})
    sockets[0].send(json.dumps({"type": "stats", "id": "8-0", "region": "all", "data": {"cards": cards}}))
    expect(page.locator("[data-count=outage] [data-value]")).to_have_text("1")
    expect(page.locator("[data-live-headline]")).to_have_text("2 of 3 measured endpoints are operational")


def test_lines_of_news_come_onto_an_open_card_change_and_go(page: Page, sockets: list[WebSocketRoute]):
    serve(page, render_board(make_board(three_rows()), cards=True))
    page.goto(SITE + "/")
    lines = page.locator("#top-sample--a [data-card-news]")
    expect(lines).to_be_hidden()
    told = replace(three_rows()[0], news=(line_of("first"), line_of("second")))
    send(sockets[0], told)
    expect(lines.get_by_role("link")).to_have_text(["Of first", "Of second"])
    expect(lines.get_by_role("link").first).to_have_attribute("href", "/news/first/")
    expect(page.locator("#top-sample--b [data-card-news]")).to_be_hidden()
    send(sockets[0], replace(told, news=(line_of("second"),)))
    expect(lines.get_by_role("link")).to_have_text(["Of second"])
    send(sockets[0], three_rows()[0])
    expect(lines).to_be_hidden()
    expect(lines.get_by_role("link")).to_have_count(0)


def test_two_silent_heartbeats_make_the_page_stale_and_it_recovers_by_itself(
    page: Page, sockets: list[WebSocketRoute]
):
    stop_clock(page)
    open_board(page)
    send(sockets[0])
    indicator = page.locator("[data-live-indicator]")
    expect(indicator).to_have_attribute("data-status", "live")
    page.clock.run_for(29_000)
    expect(indicator).to_have_attribute("data-status", "live")
    page.clock.run_for(2_500)
    expect(indicator).to_have_attribute("data-status", "stale")
    expect(indicator).to_contain_text("Stale since")
    page.clock.run_for(3_500)
    page.evaluate("0")
    send(sockets[-1])
    expect(indicator).to_have_attribute("data-status", "live")
    assert len(sockets) == 2
    assert "since=7-0" in sockets[1].url


def test_without_a_websocket_the_page_polls_the_same_rows(page: Page):
    page.route_web_socket("**/ws/status**", lambda socket: socket.close())
    page.clock.install()
    changed = replace(three_rows()[0], p50_ms=321.0)
    data = {"rows": [frame_row(changed)], "order": [f"sample--{letter}" for letter in "abc"]}
    open_board(page, rows={"type": "snapshot", "id": "9-0", "region": "all", "data": data})
    page.clock.run_for(5_000)
    expect(page.locator("[data-live-indicator]")).to_have_attribute("data-status", "polling")
    expect(page.locator("#row-sample--a [data-figure=p50] [data-value]")).to_have_text("321")

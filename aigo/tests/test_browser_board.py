"""The board's list in a real browser: other filters, the way back, following rows, cards under pushes."""

import json
from dataclasses import replace

import pytest
from playwright.sync_api import Page, Route, WebSocketRoute, expect

from aigo.styleguide import sample_row
from aigo.tests.pages import SITE, frame_row, live_socket, make_board, render_board, serve, three_rows
from status.board import BoardRow
from status.filtering import BoardWish
from status.rules import State


@pytest.fixture
def sockets(page: Page):
    with live_socket(page) as opened:
        yield opened


def names(page: Page) -> list[str]:
    return page.locator("[data-live-rows] .row__name").all_inner_texts()


def many_rows(count: int) -> list[BoardRow]:
    return [sample_row(slug=f"sample--n{n}", name=f"N{n}", rank=n) for n in range(1, count + 1)]


def test_a_filter_swaps_the_list_and_back_and_forward_lead_to_what_was(
    page: Page, sockets: list[WebSocketRoute]
):
    a, b, c = three_rows()
    chat, code_too = ("chat",), ("code",)
    board = make_board(
        [replace(a, functions=chat), replace(b, functions=code_too), replace(c, functions=chat)]
    )
    troubles = serve(page, render_board(board))
    code = render_board(board, wish=BoardWish(function=("code",)))

    def filtered(route: Route) -> None:
        route.fulfill(body=code, content_type="text/html; charset=utf-8")

    page.route(f"{SITE}/?function=code", filtered)
    page.goto(SITE + "/")
    page.evaluate("window.sameDocument = true")
    before = names(page)
    page.locator(".index-tabs a[href='/?function=code']").click()
    expect(page.locator("[data-live-rows] .row__name")).to_have_text([b.name])
    expect(page).to_have_url(f"{SITE}/?function=code")
    page.go_back()
    expect(page.locator("[data-live-rows] .row__name")).to_have_text(before)
    expect(page).to_have_url(f"{SITE}/")
    page.go_forward()
    expect(page.locator("[data-live-rows] .row__name")).to_have_text([b.name])
    assert page.evaluate("window.sameDocument")
    assert troubles == []


def test_the_following_rows_come_as_they_are_scrolled_to(page: Page, sockets: list[WebSocketRoute]):
    rows = many_rows(60)
    following = {
        "rows": [frame_row(row) for row in rows[50:]],
        "order": [row.slug for row in rows[50:]],
        "ranks": [row.rank for row in rows[50:]],
        "count": 60,
        "measured": 60,
    }
    troubles = serve(
        page,
        render_board(make_board(rows), cards=True),
        rows={"type": "snapshot", "id": "7-0", "data": following},
    )
    page.goto(SITE + "/")
    assert page.locator("[data-live-rows] .row").count() == 46  # and four cards
    page.locator("[data-more]").scroll_into_view_if_needed()
    expect(page.locator("[data-live-rows] .row")).to_have_count(56)
    assert names(page)[-1] == rows[-1].name
    expect(page.locator("[data-more-next]")).to_have_count(0)
    assert troubles == []


def test_a_card_above_the_list_follows_a_push(page: Page, sockets: list[WebSocketRoute]):
    rows = many_rows(6)
    troubles = serve(page, render_board(make_board(rows), cards=True))
    page.goto(SITE + "/")
    page.evaluate("0")
    pushed = replace(rows[0], p95_ms=4321.0, samples=77, state=State.DEGRADED, reason="latency")
    order = [row.slug for row in rows]
    data = {"rows": [frame_row(pushed)], "order": order, "ranks": [*range(1, 7)], "top": order[:4]}
    sockets[0].send(json.dumps({"type": "update", "id": "7-0", "region": "all", "data": data}))
    card = page.locator(f"[data-top] [data-slug='{rows[0].slug}']")
    expect(card).to_have_attribute("data-state", "degraded")
    expect(card.locator("[data-figure=p95]")).to_contain_text("4,321")
    expect(card.locator(".samples [data-value]")).to_have_text("77")
    assert names(page) == [row.name for row in rows[4:]]
    assert troubles == []

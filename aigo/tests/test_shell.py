"""What stands around every page: menus, pickers, the head."""

import re
from dataclasses import replace
from typing import Any

import pytest
from django.template.loader import render_to_string
from django.test import RequestFactory
from playwright.sync_api import Page, expect

from aigo import context
from aigo.tests.pages import SITE, live_socket, render_board, serve


def lines(path: str) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """(sections, pages of this section): name and aria-current of each."""
    given = context.site(RequestFactory().get(path))
    return named(given["menu"]), named(given["submenu"]["entries"] if given["submenu"] else [])


def named(menu: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(str(line["label"]), line["current"]) for line in menu]


@pytest.mark.parametrize(
    ("path", "section", "page", "state"),
    [
        ("/", "Server Status", "Overview", "page"),
        ("/models/sample/", "Server Status", "Overview", "true"),
        ("/incidents/", "Server Status", "Incidents", "page"),
        ("/incidents/7/", "Server Status", "Incidents", "true"),
        ("/subscriptions/", "Server Status", "Incidents", "true"),
        ("/operations/cost/", "Server Status", "Operations", "true"),
        ("/news/", "News", None, ""),
        ("/accounts/login/", None, None, ""),
    ],
)
def test_the_menus_say_where_a_page_is(path: str, section: str | None, page: str | None, state: str):
    sections, pages = lines(path)
    assert [label for label, current in sections if current] == ([section] if section else [])
    assert [line for line in pages if line[1]] == ([(page, state)] if page else [])


def test_an_entry_appears_with_its_address(monkeypatch):
    nowhere = replace(context.MENU[0], name="no-such-address")
    monkeypatch.setattr(context, "MENU", (*context.MENU, nowhere))
    assert [label for label, _current in lines("/")[0]] == ["Server Status", "Benchmark", "Compare", "News"]


def test_a_page_of_no_section_has_one_row_of_header():
    page = render_to_string("404.html", request=RequestFactory().get("/nowhere"))
    assert "site-header" in page
    assert "site-section" not in page
    assert "site-section" in render_board()


def test_on_a_phone_a_menu_holds_the_sections_and_escape_gives_the_focus_back(page: Page):
    with live_socket(page):
        page.set_viewport_size({"width": 360, "height": 780})
        serve(page, render_board())
        page.goto(f"{SITE}/")
        button = page.get_by_role("button", name="Menu")
        button.press("Enter")
        expect(page.locator("#site-menu").get_by_role("link", name="Benchmark")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator("#site-menu")).to_be_hidden()
        expect(button).to_be_focused()
        expect(page.locator(".site-nav")).to_be_hidden()


def test_the_frame_holds_no_second_search_box():
    assert len(re.findall("data-search-input", render_board())) <= 1

"""What stands around every page: menus, pickers, the head."""

import re
from dataclasses import replace
from typing import Any

import pytest
from django.http import StreamingHttpResponse
from django.template.loader import render_to_string
from django.test import RequestFactory
from playwright.sync_api import Page, expect

from aigo import context
from aigo.middleware import pack
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


def test_a_page_tells_its_one_address_and_itself_to_previews(client, db):
    html = client.get("/incidents/?page=1").content.decode()
    assert '<link rel="canonical" href="http://127.0.0.1:8000/incidents/">' in html
    title = re.search(r'<meta property="og:title" content="([^"]+)">', html)
    description = re.search(r'<meta name="description" content="([^"]+)">', html)
    assert title
    assert f"<title>{title[1]} · AI-GO</title>" in html
    assert description
    assert f'<meta property="og:description" content="{description[1]}">' in html


def test_robots_are_shown_the_pages_and_nothing_else(client, db):
    assert "Sitemap: http://127.0.0.1:8000/sitemap.xml" in client.get("/robots.txt").content.decode()
    addresses = re.findall("<loc>([^<]+)</loc>", client.get("/sitemap.xml").content.decode())
    assert "http://127.0.0.1:8000/" in addresses
    assert "http://127.0.0.1:8000/methodology/" in addresses
    assert len(addresses) == len({*addresses})


@pytest.mark.parametrize(
    ("path", "accepted", "used"),
    [
        ("/", "gzip", "gzip"),
        ("/", "gzip, br", "br"),
        ("/", "gzip, br;q=0", "gzip"),
        ("/status/rows", "gzip, br", "gzip"),  # kept as it went to the last reader
    ],
)
def test_texts_go_compressed_and_an_etag_still_saves_them(client, db, path, accepted, used):
    packed = client.get(path, headers={"accept-encoding": accepted})
    assert packed["Content-Encoding"] == used
    assert int(packed["Content-Length"]) == len(packed.content)
    assert "Accept-Encoding" in packed["Vary"]
    assert "Content-Encoding" not in client.get(path)
    if path != "/":
        again = client.get(path, headers={"accept-encoding": accepted, "if-none-match": packed["ETag"]})
        assert packed["ETag"].startswith('W/"')
        assert again.status_code == 304


def test_what_streams_is_not_packed():
    request = RequestFactory().get("/", headers={"accept-encoding": "gzip"})
    stream = StreamingHttpResponse(iter(["data: {}\n\n" * 99]), content_type="text/event-stream")
    assert "Content-Encoding" not in pack(lambda request: stream)(request)  # type: ignore[arg-type, return-value]

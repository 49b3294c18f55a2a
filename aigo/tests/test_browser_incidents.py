"""The strip of open incidents in a real browser: it comes with a push, keeps the reader's place, and goes."""

import json
from dataclasses import replace
from typing import Any

import pytest
from django.template.loader import render_to_string
from playwright.sync_api import Page, WebSocketRoute, expect

from aigo.styleguide import sample_incident, sample_incidents
from aigo.tests.pages import SITE, live_socket, make_board, render_board, serve, three_rows
from status.incidents import IncidentLine


@pytest.fixture
def sockets(page: Page):
    with live_socket(page) as opened:
        yield opened


def open_board(page: Page, *incidents: IncidentLine) -> list[str]:
    troubles = serve(page, render_board(replace(make_board(three_rows()), incidents=incidents)))
    page.goto(SITE + "/")
    page.evaluate("0")  # a round trip: what the page has begun by now has reached the test
    return troubles


def push(socket: WebSocketRoute, *incidents: IncidentLine) -> None:
    data: dict[str, Any] = {"incidents": [line.to_json() for line in incidents]}
    data["strip"] = render_to_string("status/_incidents.html", {"incidents": incidents})
    socket.send(json.dumps({"type": "incident", "id": "7-0", "region": "all", "data": data}))


def test_an_incident_appears_is_announced_politely_and_goes(page: Page, sockets: list[WebSocketRoute]):
    troubles = open_board(page)
    strip, announcer = page.locator(".incidents"), page.locator("[data-live-incidents-announcer]")
    expect(strip).to_have_count(0)
    push(sockets[0], sample_incident(severity="major", scope="global"))
    expect(strip.get_by_role("heading", name="1 open incident")).to_be_visible()
    expect(strip.get_by_role("listitem")).to_contain_text("Major")
    expect(strip.get_by_role("listitem")).to_contain_text("Global")
    expect(announcer).to_have_text("New incident: Sample Works, Requests fail: Major")
    expect(announcer).to_have_attribute("aria-live", "polite")
    push(sockets[0])
    expect(strip).to_have_count(0)
    assert troubles == []


def test_what_the_page_already_shows_is_not_announced_again(page: Page, sockets: list[WebSocketRoute]):
    known = sample_incident(id=1)
    open_board(page, known)
    push(sockets[0], replace(known, severity="major"), sample_incident(id=2, provider="Other Works"))
    announcer = page.locator("[data-live-incidents-announcer]")
    expect(announcer).to_have_text("New incident: Other Works, Requests fail: Minor")
    expect(page.locator("#incident-1")).to_have_attribute("data-severity", "major")


def test_focus_and_folding_survive_what_is_pushed(page: Page, sockets: list[WebSocketRoute]):
    lines = sample_incidents()
    open_board(page, *lines)
    page.locator("summary", has_text="2 more").click()
    link = page.locator("#incident-3 .incident__where a")
    link.focus()
    newest = sample_incident(id=9, severity="critical", provider="Ninth Works")
    push(sockets[0], newest, *lines)
    expect(page.locator("#incident-9")).to_be_visible()
    expect(page.locator("summary", has_text="3 more")).to_be_visible()
    expect(page.locator("#incident-5")).to_be_visible()
    expect(page.locator("#incidents-folded #incident-3 .incident__where a")).to_be_focused()
    push(sockets[0], *lines)
    expect(page.locator("#incident-9")).to_have_count(0)
    expect(page.locator("#incidents-in-sight #incident-3 .incident__where a")).to_be_focused()
    assert page.locator(".incident").evaluate_all("(all) => all.map((line) => line.id)") == [
        f"incident-{line.id}" for line in lines
    ]


def test_an_incident_leads_to_the_page_of_its_endpoint(page: Page, sockets: list[WebSocketRoute]):
    open_board(page, sample_incident(slugs=("sample--b",), names=("B",)))
    link = page.locator("#incident-1 .incident__where a")
    expect(link).to_have_attribute("href", "/models/sample--b/")


def test_a_severity_is_told_by_shape_and_word_as_well_as_by_colour(page: Page, sockets: list[WebSocketRoute]):
    open_board(page, *sample_incidents())
    page.locator(".incidents__more summary").click()
    seen = {}
    for line in page.locator(".incident").all():
        icon = str(line.locator("svg").get_attribute("data-icon"))
        drawn = line.locator("svg").inner_html()
        seen[icon] = (line.locator(".incident__severity").inner_text().strip(), drawn)
    assert {icon: word for icon, (word, _drawn) in seen.items()} == {
        **{"critical": "Critical", "major": "Major", "minor": "Minor", "info": "Notice"}
    }
    assert len({drawn for _word, drawn in seen.values()}) == 4


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_the_strip_fits_every_width(page: Page, sockets: list[WebSocketRoute], lang: str):
    board = replace(make_board(three_rows()), incidents=tuple(sample_incidents()))
    serve(page, render_board(board, lang=lang))
    page.goto(SITE + "/")
    page.locator(".incidents__more summary").click()
    for width in (360, 641, 768, 1024, 1440, 2560):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"overflow at {width}"
        for part in page.locator(".incident > *").all():
            assert part.evaluate("(part) => part.scrollWidth <= part.clientWidth + 1"), f"cut at {width}"

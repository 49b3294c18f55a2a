"""Notifications of a real browser: once per incident, its end too, and honest where there are none."""

import json
from typing import Any

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from aigo.styleguide import sample_incident
from aigo.tests.pages import live_socket
from aigo.tests.test_browser_incidents import open_board, push

#: Keeps what is shown, in place of the desktop that a headless browser has not.
KEEPER = """
  window.shown = []
  window.Notification = class extends EventTarget {
    static permission = "%(permission)s"
    static async requestPermission() { return (this.permission = this.answer ?? "granted") }
    constructor(title, options) { super(); window.shown.push({ title, ...options }) }
    close() {}
  }
  Object.defineProperty(window, "isSecureContext", { value: %(secure)s })
"""


@pytest.fixture
def sockets(page: Page):
    with live_socket(page) as opened:
        yield opened


def keep(page: Page, *, permission: str = "default", secure: str = "true") -> None:
    page.add_init_script(KEEPER % {"permission": permission, "secure": secure})


def shown(page: Page) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(page.evaluate("JSON.stringify(window.shown)"))
    return found


def test_what_opens_is_shown_once_and_so_is_its_end(page: Page, sockets: list[WebSocketRoute]):
    keep(page, permission="granted")
    known = sample_incident(id=1)
    troubles = open_board(page, known)
    button = page.locator("[data-notify]")
    expect(button).to_have_text("Notify me here")
    push(sockets[0], known, sample_incident(id=2))
    expect(page.locator("#incident-2")).to_be_visible()
    assert shown(page) == []  # nobody has asked for it yet
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(button).to_have_text("Notifies you here")
    news = sample_incident(id=3, severity="critical", provider="Third Works")
    push(sockets[0], known, news)
    push(sockets[0], known, news)
    push(sockets[0], known)
    expect(page.locator("#incident-3")).to_have_count(0)
    assert [(it["title"], it["tag"]) for it in shown(page)] == [
        ("Critical: Third Works, Requests fail", "incident-3"),
        ("Over: Third Works, Requests fail", "incident-3"),
    ]
    assert "Seoul" in shown(page)[0]["body"]
    assert "simulated" in shown(page)[0]["body"]
    page.reload()
    page.evaluate("0")
    expect(page.locator("[data-notify]")).to_have_text("Notifies you here")
    push(sockets[-1], known, news)
    expect(page.locator("#incident-3")).to_be_visible()
    assert shown(page) == []  # this browser has told of it
    page.locator("[data-notify]").click()
    expect(page.locator("[data-notify]")).to_have_attribute("aria-pressed", "false")
    assert troubles == []


def test_what_a_provider_wide_incident_takes_in_is_not_over(page: Page, sockets: list[WebSocketRoute]):
    keep(page, permission="granted")
    open_board(page)
    page.locator("[data-notify]").click()
    push(sockets[0], sample_incident(id=1))
    push(sockets[0], sample_incident(id=2, kind="provider", cause="provider_wide"))
    expect(page.locator("#incident-2")).to_be_visible()
    assert [it["tag"] for it in shown(page)] == ["incident-1", "incident-2"]


@pytest.mark.parametrize(
    ("permission", "secure", "said"),
    [
        ("denied", "true", "This browser blocks notifications"),
        ("default", "false", "No notifications here: they need HTTPS"),
    ],
)
def test_the_button_says_when_there_are_none(
    page: Page, sockets: list[WebSocketRoute], permission: str, secure: str, said: str
):
    keep(page, permission=permission, secure=secure)
    open_board(page)
    button = page.locator("[data-notify]")
    expect(button).to_have_text(said)
    expect(button).to_have_attribute("aria-disabled", "true")
    push(sockets[0], sample_incident(id=1))
    expect(page.locator("#incident-1")).to_be_visible()
    assert shown(page) == []


def test_chromium_itself_makes_one_where_it_is_allowed(page: Page, monkeypatch):
    """Its own Notification with its own permission, at an address that it takes for secure."""
    for module in ("pages", "test_browser_incidents"):
        monkeypatch.setattr(f"aigo.tests.{module}.SITE", "http://localhost")
    page.context.grant_permissions(["notifications"], origin="http://localhost")
    page.add_init_script(
        "window.made = []; const Real = Notification; window.Notification = class extends Real {"
        "constructor(title, more) { super(title, more); made.push([this.title, this.tag, this.lang]) } }"
    )
    with live_socket(page) as sockets:
        open_board(page)
        page.locator("[data-notify]").click()
        expect(page.locator("[data-notify]")).to_have_attribute("aria-pressed", "true")
        push(sockets[0], sample_incident(id=4))
        expect(page.locator("#incident-4")).to_be_visible()
        assert page.evaluate("window.made") == [["Minor: Sample Works, Requests fail", "incident-4", "en"]]

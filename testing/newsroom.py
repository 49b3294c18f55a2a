"""Three people of a newsroom, each with a browser of their own, and the readers."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from testing import browser, migrated
from testing.environment import ROOT, clean_environment
from testing.processes import ServerProcess, free_port

#: Ada writes, Ed edits, Pia publishes. Says the session of each, who needs no password then.
PEOPLE = """
import django; django.setup()
from django.contrib.auth.models import Group, User
from testing.sessions import new_session

for name, role in (("ada", "Author"), ("ed", "Editor"), ("pia", "Publisher")):
    user = User.objects.create_user(name, f"{name}@example.org", "a-password", is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    print(name, new_session(user))
"""


class Newsroom:
    """A web process, and a browser of each person's own. sessions: name → key."""

    def __init__(self, url: str, chromium: Browser, sessions: dict[str, str]) -> None:
        self.url, self._chromium, self._sessions = url, chromium, sessions

    def desk(self, name: str = "", lang: str = "en") -> Page:
        """The page in front of somebody who has signed in; "" = of a reader."""
        context = self._chromium.new_context(locale={"en": "en-US", "ko": "ko-KR"}[lang])
        cookies = {"django_language": lang} | ({"sessionid": self._sessions[name]} if name else {})
        context.add_cookies([{"name": key, "value": cookies[key], "url": self.url} for key in cookies])
        page = context.new_page()
        page.set_default_timeout(60_000)
        return page


def environment_of(data: Path, **more: str) -> dict[str, str]:
    """Of all processes of a newsroom that keeps its rows in that folder, which gets a migrated store."""
    migrated.sqlite_into(data)
    return {
        "DJANGO_SETTINGS_MODULE": "aigo.settings",
        "DATA_DIR": str(data),
        "SECRET_KEY": "of this newsroom alone",
        "STATIC_HASHED": "0",
    } | more


def said_by(environment: dict[str, str], *command: str, asked: str = "") -> str:
    """What a Python process says that is told `asked`; AssertionError where it fails."""
    done = subprocess.run(
        [sys.executable, *command], env=clean_environment(**environment), cwd=ROOT, input=asked,
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextmanager
def standing(environment: dict[str, str], *, seed: str = "") -> Iterator[Newsroom]:
    """The people, what `seed` makes (Python, after Django is set up), and the site until the block ends."""
    sessions = dict(line.split() for line in said_by(environment, "-c", PEOPLE + seed).splitlines())
    port = free_port()
    server = ServerProcess(
        [sys.executable, "-m", "aigo.serving", "-b", "127.0.0.1", "-p", str(port)], environment=environment
    )
    try:
        server.wait_for_url(f"http://127.0.0.1:{port}/healthz")
        with browser.chromium() as chromium:
            yield Newsroom(f"http://127.0.0.1:{port}", chromium, sessions)
    finally:
        server.stop_quickly()


def press(page: Page, move: str) -> None:
    """A move's button, with nothing to fill in."""
    page.locator(f'.work__moves form[action$="/move/{move}/"] button').click()


def fill(page: Page, move: str, field: str, typed: str) -> None:
    """A move's button that unfolds a field."""
    form = page.locator(f'form[action$="/move/{move}/"]')
    page.locator("details.work__move", has=form).locator("summary").click()
    form.locator(f"[name={field}]").fill(typed)
    form.get_by_role("button").click()


def state(page: Page, expected: str) -> None:
    expect(page.locator(".work__way .work-state")).to_have_attribute("data-state", expected)

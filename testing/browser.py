"""Chromium through Playwright: the machine's own browser, which asks nothing of any network."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, expect, sync_playwright

from testing.services import ServiceMissing

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

#: What a page is to show comes at once, but not on a machine on which three browsers start.
expect.set_options(timeout=30_000)


def executable() -> str:
    """Path of the browser: CHROMIUM where that names one, else the machine's."""
    for name in filter(None, (os.environ.get("CHROMIUM"), *NAMES)):
        if found := shutil.which(name):
            return found
    raise ServiceMissing("Chromium is not installed. Run `make test`, or: apt-get install chromium")


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser. While it is open this thread's event loop counts as running: no ORM, no coroutines."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()

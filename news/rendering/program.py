"""Which browser, how far it can be walled in here, and what is missing."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache
from importlib.util import find_spec
from typing import Final

from news.rendering.rules import ANY

_NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_WHERE: Final = "docs/news.md says how (Sources that need JavaScript)"


def path_of(chosen: str) -> str:
    """The program of NEWS_BROWSER; "" = there is none."""
    names = _NAMES if chosen == ANY else (chosen,)
    return next((found for name in names if name and (found := shutil.which(name))), "")


def what_is_missing(chosen: str) -> str:
    """Why no page can be shown here, with the remedy; "" = one can. chosen: NEWS_BROWSER."""
    if not chosen:
        return f"it needs a browser: set NEWS_BROWSER=1; {_WHERE}"
    if not path_of(chosen):
        named = "no Chromium is in the PATH" if chosen == ANY else f"NEWS_BROWSER={chosen} is no program"
        return f"{named}: install Chromium on the worker of the queue browser; {_WHERE}"
    if find_spec("playwright") is None:
        return f"Playwright is missing: pip install -r requirements-browser.txt; {_WHERE}"
    return ""


@cache
def without_network() -> tuple[str, ...]:
    """What a command is begun with so that it has no network, not even loopback; () = not granted here."""
    program = shutil.which("unshare")
    own = ("--user", "--map-current-user") if os.geteuid() else ()
    command = (program or "", *own, "--net", "--")
    return command if program and _works(*command) else ()


@cache
def can_sandbox() -> bool:
    """Whether Chromium's own sandbox works: it wants user namespaces, and not to be root."""
    unshare = shutil.which("unshare")
    return os.geteuid() != 0 and unshare is not None and _works(unshare, "--user", "--")


def _works(*command: str) -> bool:
    try:
        tried = subprocess.run([*command, "true"], capture_output=True, timeout=10, check=False)  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return False
    return tried.returncode == 0

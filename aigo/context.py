"""What every page's template is given."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from aigo.lib.kept import AWAY
from probes.attempts import METHOD_VERSION


@dataclass(frozen=True)
class Entry:
    """A line of the menu.

    name: the address' name; an entry whose address does not exist is left out. below: beginnings of the paths
    that stand under it. entries: its section's own menu.
    """

    label: Promise
    name: str
    below: tuple[str, ...] = ()
    entries: tuple["Entry", ...] = ()


MENU = (
    Entry(
        _("Server Status"),
        "status",
        below=("/subscriptions/", "/models/"),
        entries=(
            Entry(_("Overview"), "status", below=("/models/",)),
            Entry(_("Incidents"), "incidents", below=("/incidents/", "/subscriptions/")),
            Entry(_("Providers"), "providers", below=("/providers/",)),
            Entry(_("Servers"), "servers", below=("/servers/",)),
            Entry(_("Is it me?"), "is-it-me", below=("/is-it-me/",)),
            Entry(_("Methodology"), "methodology", below=("/methodology/",)),
            Entry(_("Operations"), "operations", below=("/operations/",)),
        ),
    ),
    Entry(_("Benchmark"), "benchmarks", below=("/benchmarks/",)),
    Entry(
        _("Compare"),
        "compare",
        below=("/compare/",),
        entries=(
            Entry(_("Models side by side"), "compare", below=("/compare/",)),
            Entry(_("Prices"), "pricing", below=("/pricing/",)),
            Entry(_("What it costs"), "cost", below=("/cost/",)),
            Entry(_("Price and quality"), "value", below=("/compare/value/",)),
        ),
    ),
    Entry(_("News"), "news", below=("/news/",)),
)


def site(request: HttpRequest) -> dict[str, Any]:
    """Menus, simulation notice and method version, and whether the reader is known.

    simulation: this site has simulated figures; a page that shows none of them says `simulated` = False.
    menu: the sections; submenu: the pages of the section that this page is in, where it has a menu.
    """
    menu = [_line(entry, request.path) for entry in MENU]
    return {
        "menu": [line for line in menu if line["url"]],
        "submenu": next((line["submenu"] for line in menu if line["current"] and line["submenu"]), None),
        "signed_in": _known(request),
        "simulation": settings.SIMULATION,
        "method_version": METHOD_VERSION,
    }


def _line(entry: Entry, path: str) -> dict[str, Any]:
    """current is the entry's aria-current: "page" on its page, "true" on one below it, "" elsewhere."""
    url = _address(entry.name)
    below = [_line(one, path) for one in entry.entries]
    pages = [line for line in below if line["url"]]
    if any(line["current"] == "page" for line in pages):  # it may lie below the address of another
        pages = [line if line["current"] == "page" else {**line, "current": ""} for line in pages]
    inside = path.startswith(entry.below) or any(line["current"] for line in below)
    current = "page" if path == url else "true" if inside else ""
    return {
        "label": entry.label,
        "url": url,
        "current": current,
        "submenu": {"label": entry.label, "entries": pages} if pages else None,
    }


def _address(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


def _known(request: HttpRequest) -> bool:
    """Whether somebody is signed in.

    While the database is away nobody is known: public pages are shown to all alike.
    """
    user = getattr(request, "user", None)
    try:
        return bool(user is not None and user.is_authenticated)
    except AWAY:
        return False

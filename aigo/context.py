"""What every page's template is given."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from aigo.lib.kept import AWAY
from probes.attempts import METHOD_VERSION

#: (label, address, name of the permission needed, "" = everybody). An entry is added with its page.
MENU = (
    (_("Server Status"), "/", ""),
    (_("Incidents"), "/incidents/", ""),
    (_("Servers"), "/servers/", ""),
    (_("Operations"), "/operations/", "aigo.operate"),
)


def site(request: HttpRequest) -> dict[str, Any]:
    """Menu, simulation notice and method version, and whether the reader is known."""
    user = _known(request)
    return {
        "menu": [
            {"label": label, "url": url, "current": _current(request.path, url)}
            for label, url, permission in MENU
            if not permission or (user and _may(user, permission))
        ],
        "signed_in": user is not None,
        "simulation": settings.SIMULATION,
        "method_version": METHOD_VERSION,
    }


def _current(path: str, url: str) -> str:
    """The entry's aria-current: "page" on its page, "true" on one below it, "" elsewhere."""
    if path == url:
        return "page"
    return "true" if url != "/" and path.startswith(url) else ""


def _known(request: HttpRequest) -> Any:
    """Who is signed in. While the database is away nobody is known: public pages are shown to all alike."""
    user = getattr(request, "user", None)
    try:
        return user if user is not None and user.is_authenticated else None
    except AWAY:
        return None


def _may(user: Any, permission: str) -> bool:
    try:
        return bool(user.has_perm(permission))
    except AWAY:
        return False

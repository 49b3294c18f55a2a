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
    (_("Servers"), "/servers/", ""),
    (_("Operations"), "/operations/", "aigo.operate"),
)


def site(request: HttpRequest) -> dict[str, Any]:
    """Menu, simulation notice and method version."""
    user = getattr(request, "user", None)
    return {
        "menu": [
            {"label": label, "url": url, "active": request.path == url}
            for label, url, permission in MENU
            if not permission or _may(user, permission)
        ],
        "simulation": settings.SIMULATION,
        "method_version": METHOD_VERSION,
    }


def _may(user: Any, permission: str) -> bool:
    """While the database is away nobody is known, and the public pages are shown to all alike."""
    try:
        return user is not None and bool(user.has_perm(permission))
    except AWAY:
        return False

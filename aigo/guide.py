"""What /styleguide/ shows, in its order: groups of parts, and the scales of the design."""

import re
from functools import cache
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

#: (anchor, title, its parts: (anchor = template in templates/styleguide/, title)).
GROUPS: Final[tuple[tuple[str, Promise, tuple[tuple[str, Promise], ...]], ...]] = (
    (
        "foundations",
        _("Foundations"),
        (
            ("colours", _("Colours")),
            ("palette", _("Colours of charts")),
            ("type", _("Type")),
            ("spacing", _("Distances")),
            ("focus", _("Focus")),
            ("icons", _("Icons")),
        ),
    ),
    (
        "components",
        _("Components"),
        (
            ("state", _("State")),
            ("live", _("Live indicator")),
            ("buttons", _("Buttons")),
            ("notices", _("Notices")),
            ("simulation", _("Simulated figures")),
        ),
    ),
    (
        "figures",
        _("Figures"),
        (
            ("provenance", _("Provenance")),
            ("courses", _("Scales and courses")),
            ("charts", _("Charts")),
            ("counts", _("Summary")),
            ("uptime", _("Uptime")),
        ),
    ),
    ("parts", _("Parts that load"), (("panels", _("Panels")), ("skeletons", _("Skeletons")))),
    (
        "lists",
        _("Lists"),
        (
            ("top-cards", _("Top cards")),
            ("rows", _("Endpoints, ranked")),
            ("unmeasured", _("Not measured")),
            ("incidents", _("Incidents")),
            ("story", _("Course of an incident")),
        ),
    ),
    ("pages", _("Whole pages"), (("errors", _("Error pages")),)),
)
PALETTE: Final = ("chart-1", "chart-2", "chart-3", "chart-4", "chart-5")
#: (token, its size in CSS pixels).
TYPES: Final = (
    *(("text-xs", "12"), ("text-s", "13"), ("text-m", "15"), ("text-l", "18"), ("text-xl", "24")),
    ("text-headline", "26–40"),
)
GAPS: Final = (
    *(("gap-1", "4"), ("gap-2", "8"), ("gap-3", "12"), ("gap-4", "16")),
    *(("gap-5", "24"), ("gap-6", "40"), ("gap-7", "64")),
)
SKELETONS: Final = ("lines", "figure", "rows", "chart")


@cache
def icon_names() -> tuple[str, ...]:
    """Every name that the icon's template knows, in its order."""
    template = Path(settings.BASE_DIR, "templates", "_components", "icon.html").read_text()
    return tuple(dict.fromkeys(re.findall(r'name == "([\w-]+)"', template)))


def contents() -> dict[str, Any]:
    """The template's context but for the samples."""
    return {
        "guide": [{"anchor": anchor, "title": title, "parts": parts} for anchor, title, parts in GROUPS],
        "palette": PALETTE,
        "types": TYPES,
        "gaps": GAPS,
        "skeletons": SKELETONS,
        "icons": icon_names(),
    }

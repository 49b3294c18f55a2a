"""Style sheets, modules and the import map, from the files under static/.

The import map is the one inline script of a page. Its SHA-256 goes into the Content-Security-Policy, so that
no other inline script runs.
"""

import hashlib
import json
from base64 import b64encode
from functools import cache
from pathlib import Path
from typing import Final

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe

register = template.Library()

#: In the order of their cascade layers; tokens.css declares the order.
STYLESHEETS: Final[tuple[str, ...]] = (
    "tokens",
    "fonts",
    "base",
    "layout",
    "button",
    "state",
    "notice",
    "live",
    "tabs",
    "cards",
    "incidents",
    "entries",
    "story",
    "uptime",
    "palette",
    "sparkline",
    "chart",
    "leads",
    "board",
    "provenance",
    "panel",
    "skeleton",
    "styleguide",
    "unmeasured",
    "servers",
    "first-page",
    "forms",
    "filters",
    "subscriptions",
    "telling",
    "tables",
    "cost",
    "prose",
    "print",
)


@cache
def module_names() -> tuple[str, ...]:
    """Names of the ES modules under static/js, sorted; `boot` is a classic script and not one of them."""
    folder = Path(settings.BASE_DIR) / "static" / "js"
    return tuple(sorted(file.stem for file in folder.glob("*.js") if file.stem != "boot"))


@cache
def import_map_json() -> str:
    """{"imports": {"aigo/<module>": <address>}}; addresses carry hashes once static files are collected."""
    imports = {f"aigo/{name}": static(f"js/{name}.js") for name in module_names()}
    return json.dumps({"imports": imports}, separators=(",", ":")).replace("<", "\\u003c")


@cache
def import_map_hash() -> str:
    """The CSP source expression of the import map: 'sha256-…' with its quotes."""
    digest = hashlib.sha256(import_map_json().encode()).digest()
    return f"'sha256-{b64encode(digest).decode()}'"


@register.simple_tag
def import_map() -> SafeString:
    """The import map's script element."""
    return mark_safe(f'<script type="importmap">{import_map_json()}</script>')  # noqa: S308 (our own file names)


@register.simple_tag
def stylesheets() -> SafeString:
    """One link per style sheet."""
    links = ((static(f"css/{name}.css"),) for name in STYLESHEETS)
    return format_html_join("\n", '<link rel="stylesheet" href="{}">', links)


@register.simple_tag
def module_preloads() -> SafeString:
    """One modulepreload per module, so that the browser need not discover them one by one."""
    links = ((static(f"js/{name}.js"),) for name in module_names())
    return format_html_join("\n", '<link rel="modulepreload" href="{}">', links)

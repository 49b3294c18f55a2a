"""Style sheets, modules and the import map, from the files under static/: nothing here is kept by hand.

The import map is the one inline script of a page. Its SHA-256 goes into the Content-Security-Policy, so that
no other inline script runs.
"""

import hashlib
import json
import re
from base64 import b64encode
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, Final, cast

from django import template
from django.conf import settings
from django.template.context import Context
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from aigo.collected import OVER, sheet_names

register = template.Library()

#: `import … from "aigo/x"`, `export … from "aigo/x"`, `import "aigo/x"`; import("aigo/x") waits until asked.
_IMPORT: Final = re.compile(
    r"""^\s*(?:import|export)\b(?:[^"'();]*?\bfrom)?\s*["']aigo/([\w-]+)["']""", re.MULTILINE
)
_PRINTED: Final = "assets.modules"
#: What stands in the first view is fetched before what makes it live.
_PRELOAD: Final = '<link rel="modulepreload" fetchpriority="low" href="{}">'
_SCRIPT: Final = '<script type="module" fetchpriority="low" src="{}"></script>'


def _folder() -> Path:
    return Path(settings.BASE_DIR) / "static" / "js"


@cache
def module_names() -> tuple[str, ...]:
    """Names of the ES modules under static/js, sorted; `boot` is a classic script and not one of them."""
    return tuple(sorted(file.stem for file in _folder().glob("*.js") if file.stem != "boot"))


@cache
def imports_of(name: str) -> tuple[str, ...]:
    """The module and all that it imports, directly or not, without what it imports only when needed.

    Unknown modules are a LookupError: at the first render, not in some reader's console.
    """
    found: list[str] = []
    waiting = [name]
    while waiting:
        module = waiting.pop(0)
        if module in found:
            continue
        if module not in module_names():
            raise LookupError(f"static/js/{module}.js does not exist, but {name} needs it.")
        found.append(module)
        waiting += _IMPORT.findall((_folder() / f"{module}.js").read_text())
    return tuple(found)


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
def hangul(*files: str) -> SafeString:
    """Preloads of the frame's Hangul and of these font files on a Korean page; nothing on any other."""
    if get_language() != "ko":
        return mark_safe("")
    return format_html_join(
        "\n",
        '<link rel="preload" href="{}" as="font" type="font/woff2" crossorigin>',
        ((static(f"fonts/{file}.woff2"),) for file in ("hangul", *files)),
    )


@register.simple_tag
def stylesheets(*sections: str) -> SafeString:
    """Links to the frame's sheet and the sections'; where files are not collected, one link per file."""
    return format_html_join("\n", '<link rel="stylesheet" href="{}">', ((url,) for url in _sheets(sections)))


@register.simple_tag
def sheets_over() -> str:
    """Addresses of what pages that open over this one are styled by, divided by blanks."""
    return " ".join(_sheets(OVER))


def _sheets(sections: Iterable[str]) -> list[str]:
    if settings.STATIC_HASHED:
        return [static("css/site.css"), *(static(f"css/site-{section}.css") for section in sections)]
    return [static(f"css/{name}.css") for name in sheet_names(sections)]


@register.simple_tag(takes_context=True)
def page_module(context: Context, name: str) -> SafeString:
    """A module's script element, and preloads of what it imports unless this page has printed them already:
    the browser need not discover them one by one."""
    whole_page = cast(dict[Any, Any], context.render_context.dicts[0])  # the others end with their template
    printed = whole_page.setdefault(_PRINTED, set())
    fresh = [module for module in imports_of(name) if module not in printed]
    printed.update(fresh)
    preloads = format_html_join("\n", _PRELOAD, ((static(f"js/{module}.js"),) for module in fresh))
    return format_html("{}\n{}", preloads, format_html(_SCRIPT, static(f"js/{name}.js")))

"""The search page, and what stands under the search box while somebody types."""

from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from aigo.findable import KINDS
from aigo.lib.answers import page_number
from aigo.lib.matching import MOST_LETTERS
from aigo.search import Found, Hit, kept_beginnings, kept_search

#: What stands under the box: so many of a kind, so many at all.
SUGGESTED_OF_KIND: Final = 4
SUGGESTED: Final = 10
#: What the page shows of each kind; of a kind that was chosen, a page of them.
SHOWN_OF_KIND: Final = 6
PER_PAGE: Final = 50
LABELS: Final[dict[str, str | Promise]] = {kind.name: kind.label for kind in KINDS}


@dataclass(frozen=True, slots=True)
class Group:
    """Hits of one kind; `count`: how many there are of it, `url`: the page of them all."""

    kind: str
    label: str | Promise
    hits: list[Hit]
    count: int
    url: str


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """`/search/?q=`: what is found by kind; `&kind=model&page=2` all of a kind. An unknown kind is none."""
    typed, kind = _typed(request), request.GET.get("kind", "")
    kind = kind if kind in LABELS else ""
    found = kept_search(typed, now=timezone.now())
    number = page_number(request.GET)
    context = {
        "searched": typed,
        "found": found,
        "kind": kind,
        "tabs": _tabs(typed, kind, found),
        "groups": [_page_of(found, typed, kind, number)] if kind else _groups(found, typed, SHOWN_OF_KIND),
        "pager": _pager(found, typed, kind, number),
        "begin": None if found.query else kept_beginnings(now=timezone.now()),
    }
    response = render(request, "search/index.html", context)
    response["Cache-Control"] = "private, no-cache"
    return response


@require_safe
def suggest(request: HttpRequest) -> HttpResponse:
    """`/search/suggest?q=`: the same, short, as a part of a page."""
    typed = _typed(request)
    found = kept_search(typed, now=timezone.now())
    context = {"searched": typed, "found": found, "groups": _suggested(found, typed)}
    response = render(request, "search/_suggestions.html", context)
    response["Cache-Control"] = "private, no-cache"
    return response


def _typed(request: HttpRequest) -> str:
    return request.GET.get("q", "").replace("\0", "")[:MOST_LETTERS].strip()


def _address(typed: str, kind: str = "", page: int = 1) -> str:
    asked = {"q": typed, "kind": kind, "page": page if page > 1 else ""}
    return f"/search/?{urlencode({name: value for name, value in asked.items() if value})}"


def _groups(found: Found, typed: str, most: int) -> list[Group]:
    """By kind, that of the best hit first."""
    return [
        Group(kind, LABELS[kind], found.of(kind)[:most], count, _address(typed, kind))
        for kind, count in found.by_kind.items()
    ]


def _suggested(found: Found, typed: str) -> list[Group]:
    """At most SUGGESTED in all. Of a model with one endpoint, whichever comes first stands for both."""
    groups, left = [], SUGGESTED
    shown: set[str] = set()
    for group in _groups(found, typed, SUGGESTED):
        fresh = [hit for hit in group.hits if hit.thing.slug not in shown and hit.thing.sole not in shown]
        hits = fresh[: min(SUGGESTED_OF_KIND, left)]
        shown.update(slug for hit in hits for slug in (hit.thing.slug, hit.thing.sole) if slug)
        left -= len(hits)
        if hits:
            groups.append(Group(group.kind, group.label, hits, group.count, group.url))
    return groups


def _page_of(found: Found, typed: str, kind: str, number: int) -> Group:
    own = found.of(kind)
    part = own[(number - 1) * PER_PAGE : number * PER_PAGE]
    return Group(kind, LABELS[kind], part, len(own), _address(typed, kind))


def _pager(found: Found, typed: str, kind: str, number: int) -> dict[str, Any] | None:
    """The neighbours of a page; None where one page holds all."""
    pages = -(-found.by_kind.get(kind, 0) // PER_PAGE) if kind else 1
    if pages < 2:
        return None
    return {
        "number": number,
        "pages": pages,
        "before": _address(typed, kind, min(number - 1, pages)) if number > 1 else "",
        "after": _address(typed, kind, number + 1) if number < pages else "",
    }


def _tabs(typed: str, kind: str, found: Found) -> list[dict[str, Any]]:
    """All, and each kind of which anything was found."""
    every = {"label": _("All"), "count": len(found), "url": _address(typed), "active": not kind}
    shown = [name for name in LABELS if name in found.by_kind or name == kind]
    return [every] + [
        {
            "label": LABELS[name],
            "count": found.by_kind.get(name, 0),
            "url": _address(typed, name),
            "active": name == kind,
        }
        for name in shown
    ]

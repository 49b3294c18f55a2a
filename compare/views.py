"""The page Compare, and where one of its figures is from."""

from collections import Counter
from dataclasses import replace
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from aigo.lib.answers import page_number
from aigo.lib.site import absolute
from benchmarks.kept import kept_store
from compare.asking import CompareWish, Refusal
from compare.choosing import ListWish, listed
from compare.examples import examples_of
from compare.kept import kept_asked, kept_comparison, kept_lines
from compare.reasons import refusal_words
from compare.saved import saved_comparisons_of
from compare.shelf import kept_list, kept_shelf
from compare.table import Cell, Comparison, Row
from compare.telling import called, minute, names_of
from compare.toolbar import address, list_choices, table_choices
from news.selectors.lines import NewsLine

_DARK: Final = pgettext_lazy("a file", "dark")
#: What the link says, the form of the file, and what else its address asks for.
FILES: Final[tuple[tuple[str | Promise, str, dict[str, str]], ...]] = (
    (gettext_lazy("CSV of all figures"), "csv", {}),
    (gettext_lazy("CSV of the table"), "csv", {"layout": "table"}),
    ("PDF", "pdf", {}),
    (format_lazy("PDF, {}", _DARK), "pdf", {"theme": "dark"}),
    ("PNG", "png", {}),
    (format_lazy("PNG, {}", _DARK), "png", {"theme": "dark"}),
)


@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    """`/compare/`: up to four models side by side, and the list that they are chosen from."""
    now = timezone.now()
    wanted = kept_asked(dict(request.GET.lists()), now=now)
    shelf = kept_shelf(now=now)
    chosen = listed(dict(request.GET.lists()), shelf.value.known)
    choices = list_choices(
        wanted.wish, kept_list(chosen.wish, now=now), shelf.value, page_number(request.GET)
    )
    context = {
        "refusals": [_told(refusal, wanted.wish, chosen.wish) for refusal in wanted.refusals],
        "list_refused": chosen.refused,
        "generated_at": shelf.at,
        "away": shelf.away,
        "saved": saved_comparisons_of(request.user, wanted.wish),
        **choices,
        **_table(wanted.wish, chosen.wish, choices["chosen"], now),
    }
    if not wanted.wish.models:
        context["examples"] = _examples(chosen.wish, now)
    return uncached(render(request, "compare/index.html", context))


@require_safe
def about(request: HttpRequest, place: int, line: str) -> HttpResponse:
    """`/compare/about/<column>/<line>`: where a figure is from; `fragment`: without the page around."""
    now = timezone.now()
    wanted = kept_asked(dict(request.GET.lists()), now=now)
    return about_of(request, kept_comparison(wanted.wish, now=now).value, place, line)


def about_of(request: HttpRequest, comparison: Comparison, place: int, line: str) -> HttpResponse:
    """The same of any comparison, frozen ones too."""
    row = comparison.row(line)
    if row is None or place >= len(comparison.columns):
        raise Http404
    cell = row.cells[place]
    frozen = comparison.frozen
    context = {
        "row": row,
        "column": comparison.columns[place],
        "cell": cell,
        "is_best": place in row.best,
        "apart": _apart(row, cell) if place in row.apart else "",
        "back_url": frozen.url if frozen else comparison.wish.address(),
    }
    template = "compare/_about.html" if "fragment" in request.GET else "compare/about.html"
    return uncached(render(request, template, context))


def _apart(row: Row, cell: Cell) -> str:
    """Why a known figure does not compare with the others of its row."""
    invented = {one.provenance.simulated for one in row.cells if one.known and one.provenance}
    if len(invented) > 1:
        return _("Simulated figures are not held against real ones: it is left out of “best”.")
    if cell.extra.get("setting"):
        return _("Another setting than the other scores of this row: it is left out of “best”.")
    return _("Not measured or stated in the same way as the others of this row: it is left out of “best”.")


def _told(refusal: Refusal, wish: CompareWish, chosen: ListWish) -> dict[str, Any]:
    """A refusal in words, and what would have been meant."""
    near = [
        {"name": name, "url": address(wish.with_model(slug), chosen)}
        for slug, name in refusal.near
        if not wish.full
    ]
    return {"words": refusal_words(refusal), "near": near}


def _table(
    wish: CompareWish, chosen: ListWish, models: list[dict[str, Any]], now: datetime
) -> dict[str, Any]:
    """What the table is rendered from; `comparison` None = nothing is compared."""
    if not wish.models:
        return {"comparison": None}
    kept = kept_comparison(wish, now=now)
    comparison = replace(kept.value, away=kept.away)
    acts = {one["slug"]: one for one in models}
    return {
        "comparison": comparison,
        "heads": [(column, acts.get(column.slug, {})) for column in comparison.columns],
        "names": names_of(comparison),
        "news": news_of(comparison, now),
        "live": any(column.state for column in comparison.columns),
        "about": about_address(comparison),
        "files": files_of(wish),
        "ways": ways_of(comparison),
        "canonical": CompareWish(wish.models).address(),
        **preview_of(comparison),
        "away": kept.away,
        "generated_at": kept.at,
        **table_choices(wish, chosen),
    }


def news_of(comparison: Comparison, now: datetime) -> list[tuple[str, tuple[NewsLine, ...]]]:
    """Each column's name with its newest articles; none where no column has any."""
    lines = kept_lines(comparison, now=now)
    return list(zip(called(comparison), lines, strict=True)) if any(lines) else []


def about_address(comparison: Comparison) -> str:
    """The address of where a figure is from, with `{place}` and `{line}` to fill in."""
    if comparison.frozen:
        return f"{comparison.frozen.url}about/{{place}}/{{line}}"
    return f"{reverse('compare')}about/{{place}}/{{line}}?{comparison.wish.query}"


def files_of(wish: CompareWish, token: str = "") -> list[dict[str, Any]]:
    """The comparison as a file, in the reader's language: label and address."""
    language = get_language() or settings.LANGUAGE_CODE
    found = []
    for label, form, more in FILES:
        names = ["compare-frozen-export", token, form] if token else ["compare-export", form]
        pairs = [*([] if token else wish.pairs), *more.items(), ("lang", language)]
        where = reverse(names[0], args=names[1:])
        found.append({"label": label, "url": f"{where}?{urlencode(pairs, safe=',')}"})
    return found


def preview_of(comparison: Comparison) -> dict[str, str]:
    """The whole address of the picture that stands for it where its link is shared, and what it says."""
    frozen = comparison.frozen
    where = reverse("compare-frozen-preview", args=[frozen.token]) if frozen else reverse("compare-preview")
    pairs = [] if frozen else comparison.wish.pairs
    query = urlencode([*pairs, ("lang", get_language() or settings.LANGUAGE_CODE)], safe=",")
    says = _("%(names)s side by side, figures of %(moment)s UTC") % {
        "names": names_of(comparison),
        "moment": minute(comparison.generated_at),
    }
    return {"preview": absolute(f"{where}?{query}"), "preview_says": says}


def ways_of(comparison: Comparison) -> list[dict[str, Any]]:
    """Where else these models stand: together, then the prices of each since they were first read."""
    query = CompareWish(comparison.wish.models).query
    together = [
        {"label": _("What a text of yours costs"), "url": f"{reverse('cost')}?{query}"},
        {"label": _("Price, quality and speed in one chart"), "url": reverse("value")},
    ]
    priced = [
        {
            "label": _("Prices of %(name)s over time") % {"name": name},
            "url": reverse("price", args=[column.slug]),
        }
        for name, column in zip(called(comparison), comparison.columns, strict=True)
    ]
    return together + priced


def _examples(chosen: ListWish, now: datetime) -> list[dict[str, Any]]:
    covered = Counter(model for _suite, model in kept_store(now=now).value.cells)
    return [
        {
            "title": example.title,
            "why": example.why,
            "names": example.names,
            "url": address(CompareWish(example.slugs), chosen),
        }
        for example in examples_of(kept_shelf(now=now).value, covered)
    ]


def uncached(response: HttpResponse) -> HttpResponse:
    """For this reader, and asked for anew each time."""
    response["Cache-Control"] = "private, no-cache"
    return response

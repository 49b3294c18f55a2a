"""The cost calculator: `/cost/`."""

from typing import Any, Final

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from aigo.lib.answers import page_number
from aigo.lib.paging import pager_of
from aigo.lib.sheets import sheet
from aigo.lib.throttles import CountingThrottle
from compare.costing.asking import MOST_TEXT, Asked, asked, too_long
from compare.costing.kept import kept_offers
from compare.costing.page import (
    PER_PAGE,
    SAMPLES,
    counted_facts,
    error_facts,
    headline,
    makers,
    sellers,
    shown,
    to_add,
    ways,
)
from compare.costing.table import CostTable, cost_table
from compare.costing.telling import refusal_text, sheet_rows

#: What the form sends beside the wish.
TEXT: Final = "text"


@require_http_methods(["GET", "HEAD", "POST"])
def cost(request: HttpRequest) -> HttpResponse:
    """`/cost/`: what requests cost over models. A text is sent by POST, counted, shown again and forgotten;
    without one a POST leads to the address of what was asked.
    """
    if request.method != "POST":
        return _page(request, request.GET, "")
    text = request.POST.get(TEXT, "")
    if not text.strip():
        wish = asked(_lists(request.POST)).wish
        number = page_number(request.POST)
        return redirect(wish.address(page=number) if number > 1 else wish.address())
    return _page(request, request.POST, text)


def _lists(query: QueryDict) -> dict[str, list[str]]:
    """The parameters; `clear` = every model again."""
    lists = dict(query.lists())
    if query.get("clear"):
        lists.pop("models", None)
    return lists


def _page(request: HttpRequest, query: QueryDict, text: str) -> HttpResponse:
    now = timezone.now()
    wanted = asked(_lists(query))
    refusal = too_long(text)
    hurried = bool(text) and not CountingThrottle().allows(request)
    if refusal is not None:
        wanted = Asked(wanted.wish, (*wanted.refusals, refusal))
    kept = kept_offers(now=now)
    counted = text if refusal is None and not hurried else ""
    table = cost_table(wanted, kept.value, text=counted, now=now)
    if query.get("as") == "csv":
        return _sheet(table)
    context = {
        **_shown(table, page_number(query)),
        "text": text if refusal is None else "",
        "most_text": MOST_TEXT,
        "hurried": hurried,
        "away": kept.away,
        "generated_at": kept.at,
        "regions": kept.value.regions,
        "makers": makers(table.wish, kept.value),
        "sellers": sellers(table.wish, kept.value),
        "offered": to_add(table.wish, table, kept.value),
    }
    response = render(request, "compare/cost.html", context, status=429 if hurried else 200)
    response["Cache-Control"] = "private, no-store" if text else "private, no-cache"
    return response


def _shown(table: CostTable, number: int) -> dict[str, Any]:
    """What is drawn of a table. number: of the page; past the last one it is that."""
    wish = table.wish
    pager = pager_of(Paginator(table.lines, PER_PAGE).get_page(number), lambda page: wish.address(page=page))
    return {
        "table": table,
        "simulated": table.simulated,
        "wish": wish,
        "lines": shown(table, pager["offset"], pager["last"]),
        "refusals": [refusal_text(refusal) for refusal in table.refusals],
        "headline": headline(table),
        "unmeasured": sum(not line.reasoning_known for line in table.lines),
        "counted": counted_facts(table),
        "ways": ways(table),
        "errors": error_facts(),
        "samples": [
            (name, label, wish.with_(sample=name).address(), wish.sample == name)
            for name, label in SAMPLES.items()
        ],
        "plain_url": wish.with_(sample="").address(),
        "all_url": wish.with_(models=(), q="").address(),
        "nearby": [refusal.near for refusal in table.refusals if refusal.near],
        "count": len(table.lines),
        "pager": pager,
        "sheet_url": f"/api/v1/cost.csv?{wish.query}",
        "json_url": f"/api/v1/cost?{wish.query}",
        "free_url": wish.with_(free="1").address(),
    }


def _sheet(table: CostTable) -> HttpResponse:
    """The table as a download; of a reader's own text nothing is kept."""
    response = HttpResponse(sheet(sheet_rows(table)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="ai-go-cost.csv"'
    response["Cache-Control"] = "private, no-store"
    return response

"""A model's live state as a part of other pages: articles, and whatever else names a model."""

from dataclasses import dataclass
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.views.decorators.http import require_safe

from aigo.lib.answers import tag_of
from aigo.lib.regions import ALL
from status.board import BoardRow
from status.dossier import Dossier
from status.kept_model import kept_dossier
from status.story import NoSuchModel

#: So many endpoints are told; the model's page has all.
MOST_ENDPOINTS: Final = 4


@dataclass(frozen=True, slots=True)
class StateNow:
    """How a model, or one endpoint of it, stands over all regions.

    `rows`: endpoints on the board, the first MOST_ENDPOINTS; none = nobody measures it. `more`: how many
    others are on the board.
    """

    dossier: Dossier
    rows: tuple[BoardRow, ...]
    more: int

    @classmethod
    def of(cls, dossier: Dossier) -> "StateNow":
        chosen = dossier.chosen
        alone = chosen is not None and chosen.endpoint.slug == dossier.slug
        told = [chosen] if chosen and alone else dossier.live_served
        rows = [one.row for one in told if one.row]
        return cls(dossier, tuple(rows[:MOST_ENDPOINTS]), max(0, len(rows) - MOST_ENDPOINTS))


@require_safe
def state(request: HttpRequest, slug: str) -> HttpResponse:
    """`/status/state/<slug>`: of a model or endpoint, a part of a page; with ETag. 404: there is no such."""
    try:
        now = StateNow.of(kept_dossier(slug, ALL, now=timezone.now()))
    except NoSuchModel:
        return _answer(request, render_to_string("status/_state_of_none.html"), status=404)
    return _answer(request, render_to_string("status/_state_of.html", {"now": now}))


def _answer(request: HttpRequest, html: str, status: int = 200) -> HttpResponse:
    response = HttpResponse(html, status=status)
    response["Cache-Control"] = "private, no-cache"
    if status != 200:
        return response
    tag = quote_etag(tag_of(html))
    response["ETag"] = tag
    return get_conditional_response(request, etag=tag, response=response) or response

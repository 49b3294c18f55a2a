"""Comparisons as files and as pictures of links: `/compare/export.<csv|pdf|png>`, `/compare/preview.png`.

For the wish of the page's own address, and of frozen ones below theirs. `layout=figures|table` of the sheet,
`theme=light|dark` of what is drawn, `lang=en|ko` of all. A file of models that cannot be had would be one of
others, so such an address leads to the page, which says what was left out.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_safe

from aigo.lib import printing_card
from aigo.lib.answers import tag_of
from aigo.lib.downloads import BUSY_S, MEDIA, file_answer, language_of
from aigo.lib.printing import THEMES, Busy, FontsMissing, Theme
from aigo.lib.printing_card import Card
from aigo.lib.printing_sides import Sides, pdf, png
from aigo.lib.sheets import sheet
from aigo.lib.site import absolute
from aigo.lib.throttles import PictureThrottle
from compare.cards import card_of
from compare.exports import LAYOUTS, sheet_rows
from compare.kept import kept_asked, kept_comparison, load_frozen
from compare.papers import sides_of
from compare.table import Comparison

logger = logging.getLogger(__name__)
FORMS: Final = ("csv", "pdf", "png")
DRAWN: Final[dict[str, Callable[[Sides, Theme], bytes]]] = {"pdf": pdf, "png": png}
#: Letters of an address that the page is told whole; of longer ones what is understood of them.
MOST_QUERY: Final = 4_000
#: Pictures of links that a process keeps: some 40 kB each.
MOST_CARDS: Final = 64
#: Who shows links keeps their pictures for long anyway.
CARD_CACHE: Final = "public, max-age=300, stale-while-revalidate=600"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file of a comparison. `stated`: the address says in which language, so that caches may keep it."""

    form: str
    comparison: Comparison
    layout: str
    theme: Theme
    language: str
    stated: bool

    @property
    def tag(self) -> str:
        """The same for the same file."""
        told = self.comparison
        parts = (self.form, self.layout, self.theme, self.language, told.wish.query)
        return quote_etag(tag_of("\x1f".join((*parts, str(told.generated_at), str(told.frozen)))))

    @property
    def name(self) -> str:
        """Of the file: what it is, of which day."""
        what = self.layout if self.form == "csv" else self.theme
        return f"ai-go-compare-{what}-{self.comparison.generated_at:%Y-%m-%d}.{self.form}"

    @property
    def address(self) -> str:
        """The whole one of the page that shows the same."""
        frozen = self.comparison.frozen
        return absolute(frozen.url if frozen else self.comparison.wish.address())


@require_safe
def export(request: HttpRequest, form: str) -> HttpResponse:
    """A file to keep. 304 where the reader has it, 429 where one asks too often, 503 where others draw."""
    now = timezone.now()
    asked = kept_asked(dict(request.GET.lists()), now=now)
    if asked.refusals or not asked.wish.models:
        query = request.GET.urlencode()
        query = query if len(query) <= MOST_QUERY else asked.wish.query
        return redirect(f"{reverse('compare')}?{query}" if query else reverse("compare"))
    return _file(request, form, lambda: kept_comparison(asked.wish, now=now).value)


@require_safe
def export_frozen(request: HttpRequest, token: str, form: str) -> HttpResponse:
    """The same of figures that were frozen."""
    return _file(request, form, lambda: _frozen(token))


@require_safe
def preview(request: HttpRequest) -> HttpResponse:
    """The picture of a link: of the models that can be had, the site's own where there is none."""
    now = timezone.now()
    wish = kept_asked(dict(request.GET.lists()), now=now).wish
    comparison = kept_comparison(wish, now=now).value
    return _picture(request, comparison) if comparison.columns else redirect(static("img/card.png"))


@require_safe
def preview_frozen(request: HttpRequest, token: str) -> HttpResponse:
    """The same of figures that were frozen."""
    return _picture(request, _frozen(token))


@lru_cache(maxsize=MOST_CARDS)
def drawn_card(card: Card) -> bytes:
    """The picture, as long as it is among those that were asked for last. Raises FontsMissing, Busy."""
    return printing_card.png(card)


def _frozen(token: str) -> Comparison:
    comparison = load_frozen(token)
    if comparison is None:
        raise Http404(f"There is no frozen comparison {token[:40]}.")
    return comparison


def _file(request: HttpRequest, form: str, comparison: Callable[[], Comparison]) -> HttpResponse:
    if form not in FORMS:
        raise Http404(f"There is no form {form[:20]}.")
    wanted = _wanted(request, form, comparison())
    return file_answer(request, wanted, lambda: _body(wanted), back=_("Back to the comparison"))


def _wanted(request: HttpRequest, form: str, comparison: Comparison) -> Wanted:
    layout, theme = (request.GET.get(name, "") for name in ("layout", "theme"))
    language, stated = language_of(request)
    return Wanted(
        form=form,
        comparison=comparison,
        layout=layout if layout in LAYOUTS else LAYOUTS[0],
        theme=theme if theme in THEMES else THEMES[0],
        language=language,
        stated=stated,
    )


def _body(wanted: Wanted) -> bytes:
    site, comparison = settings.SITE_URL, wanted.comparison
    with override(wanted.language):
        if wanted.form == "csv":
            return sheet(sheet_rows(comparison, wanted.layout, site=site)).encode()
        return DRAWN[wanted.form](sides_of(comparison, address=wanted.address, site=site), wanted.theme)


def _picture(request: HttpRequest, comparison: Comparison) -> HttpResponse:
    language, stated = language_of(request)
    with override(language):
        card = card_of(comparison, site=settings.SITE_URL)
    tag = quote_etag(tag_of(repr(card)))
    if unchanged := get_conditional_response(request, etag=tag):
        return unchanged
    throttle = PictureThrottle()
    if not throttle.allows(request):
        return _no_picture(429, int(throttle.wait() or 60))
    try:
        body = drawn_card(card)
    except (Busy, FontsMissing) as error:
        logger.warning("The picture of %s is not drawn: %s", comparison.wish.query, error)
        return _no_picture(503, BUSY_S)
    response = HttpResponse(body, content_type=MEDIA["png"])
    response["ETag"] = tag
    response["Cache-Control"] = CARD_CACHE if stated else "private, no-cache"
    return response


def _no_picture(status: int, wait_s: int) -> HttpResponse:
    return HttpResponse(status=status, headers={"Retry-After": str(wait_s), "Cache-Control": "no-store"})

"""The matrix as a file: `/benchmarks/export.<csv|json|png|pdf>` for the wish of the page's own address.

`layout=scores|matrix` of the CSV, `theme=light|dark` and `lang=en|ko` of what is drawn. What nobody knows
falls back, as on the page; the API's forms (benchmarks.api.files) refuse it.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.translation import get_language, override
from django.views.decorators.http import require_safe

from aigo.lib.answers import PUBLIC_CACHE, packed, tag_of
from aigo.lib.printing import THEMES, Busy, FontsMissing, Paper, Theme, pdf, png
from aigo.lib.sheets import sheet
from aigo.lib.throttles import DrawingThrottle, SheetThrottle
from benchmarks.exports import LAYOUTS, scores_of, sheet_rows
from benchmarks.interchange import records_text
from benchmarks.kept import kept_matrix, kept_store, kept_wish
from benchmarks.matrix import Matrix
from benchmarks.papers import paper_of
from benchmarks.store import Store

logger = logging.getLogger(__name__)
#: Form → its media type. json: Every Eval Ever.
MEDIA: Final = {
    "csv": "text/csv; charset=utf-8",
    "json": "application/json",
    "pdf": "application/pdf",
    "png": "image/png",
}
DRAWN: Final[dict[str, Callable[[Paper, Theme], bytes]]] = {"pdf": pdf, "png": png}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file of a matrix. `stated`: the address says in which language, so that caches may keep it."""

    form: str
    matrix: Matrix
    store: Store
    layout: str
    theme: Theme
    language: str
    stated: bool

    @property
    def tag(self) -> str:
        """The same for the same file."""
        parts = (self.form, self.layout, self.theme, self.language, self.matrix.wish.query)
        return quote_etag(tag_of("\x1f".join((*parts, str(self.matrix.generated_at)))))

    @property
    def name(self) -> str:
        """Of the file: what it is, of which day."""
        what = {"json": "every-eval-ever", "csv": self.layout}.get(self.form, self.theme)
        return f"ai-go-benchmarks-{what}-{self.matrix.generated_at:%Y-%m-%d}.{self.form}"


@require_safe
def export(request: HttpRequest, form: str) -> HttpResponse:
    """A file to keep. 304 where the reader has it, 429 where one asks too often, 503 where others draw."""
    if form not in MEDIA:
        raise Http404(f"There is no form {form}.")
    wanted = _wanted(request, form)
    if unchanged := get_conditional_response(request, etag=wanted.tag):
        return unchanged
    throttle = DrawingThrottle() if form in DRAWN else SheetThrottle()
    if not throttle.allows(request):
        return _later(request, 429, int(throttle.wait() or 60))
    try:
        body = _body(wanted)
    except (Busy, FontsMissing) as error:
        logger.warning("%s is not drawn: %s", wanted.name, error)
        return _later(request, 503, 30)
    response = HttpResponse(body, content_type=MEDIA[form])
    response["Content-Disposition"] = f'attachment; filename="{wanted.name}"'
    response["X-Robots-Tag"] = "noindex"
    response["ETag"] = wanted.tag
    response["Cache-Control"] = PUBLIC_CACHE if wanted.stated else "private, no-cache"
    return response if form in DRAWN else packed(request, response)


def _wanted(request: HttpRequest, form: str) -> Wanted:
    now = timezone.now()
    wish = kept_wish(dict(request.GET.lists()), now=now).wish
    layout, theme, lang = (request.GET.get(name, "") for name in ("layout", "theme", "lang"))
    known = dict(settings.LANGUAGES)
    return Wanted(
        form=form,
        matrix=kept_matrix(wish, now=now).value,
        store=kept_store(wish.as_of, now=now).value,
        layout=layout if layout in LAYOUTS else LAYOUTS[0],
        theme=theme if theme in THEMES else THEMES[0],
        language=lang if lang in known else (get_language() or settings.LANGUAGE_CODE),
        stated=lang in known,
    )


def _body(wanted: Wanted) -> bytes:
    site, matrix = settings.SITE_URL, wanted.matrix
    if wanted.form == "csv":
        return sheet(sheet_rows(wanted.store, matrix, wanted.layout, site=site)).encode()
    if wanted.form == "json":
        scores = [score for _row, _cell, score in scores_of(wanted.store, matrix)]
        return records_text(wanted.store, scores, site=site).encode()
    with override(wanted.language):
        paper = paper_of(wanted.store, matrix, address=page_address(matrix), site=site)
        return DRAWN[wanted.form](paper, wanted.theme)


def page_address(matrix: Matrix) -> str:
    """The whole address of the page that shows the same."""
    page = f"{settings.SITE_URL.rstrip('/')}{reverse('benchmarks')}"
    return f"{page}?{matrix.wish.query}" if matrix.wish.query else page


def _later(request: HttpRequest, status: int, wait_s: int) -> HttpResponse:
    response = render(request, "benchmarks/later.html", {"too_often": status == 429}, status=status)
    response["Retry-After"] = str(wait_s)
    response["Cache-Control"] = "no-store"
    return response

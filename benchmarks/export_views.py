"""The matrix as a file: `/benchmarks/export.<csv|json|png|pdf>` for the wish of the page's own address.

`layout=scores|matrix` of the CSV, `theme=light|dark` and `lang=en|ko` of what is drawn. What nobody knows
falls back, as on the page; the API's forms (benchmarks.api.files) refuse it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import quote_etag
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_safe

from aigo.lib.answers import tag_of
from aigo.lib.downloads import MEDIA, file_answer, language_of
from aigo.lib.printing import THEMES, Paper, Theme, pdf, png
from aigo.lib.sheets import sheet
from aigo.lib.site import absolute
from benchmarks.exports import LAYOUTS, scores_of, sheet_rows
from benchmarks.interchange import records_text
from benchmarks.kept import kept_matrix, kept_store, kept_wish
from benchmarks.matrix import Matrix
from benchmarks.papers import paper_of
from benchmarks.store import Store

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

    @property
    def address(self) -> str:
        """The whole one of the page that shows the same."""
        query = self.matrix.wish.query
        page = absolute(reverse("benchmarks"))
        return f"{page}?{query}" if query else page


@require_safe
def export(request: HttpRequest, form: str) -> HttpResponse:
    """A file to keep."""
    if form not in MEDIA:
        raise Http404(f"There is no form {form}.")
    wanted = _wanted(request, form)
    return file_answer(request, wanted, lambda: _body(wanted), back=_("Back to Benchmark"))


def _wanted(request: HttpRequest, form: str) -> Wanted:
    now = timezone.now()
    wish = kept_wish(dict(request.GET.lists()), now=now).wish
    layout, theme = (request.GET.get(name, "") for name in ("layout", "theme"))
    language, stated = language_of(request)
    return Wanted(
        form=form,
        matrix=kept_matrix(wish, now=now).value,
        store=kept_store(wish.as_of, now=now).value,
        layout=layout if layout in LAYOUTS else LAYOUTS[0],
        theme=theme if theme in THEMES else THEMES[0],
        language=language,
        stated=stated,
    )


def _body(wanted: Wanted) -> bytes:
    site, matrix = settings.SITE_URL, wanted.matrix
    if wanted.form == "csv":
        return sheet(sheet_rows(wanted.store, matrix, wanted.layout, site=site)).encode()
    if wanted.form == "json":
        scores = [score for _row, _cell, score in scores_of(wanted.store, matrix)]
        return records_text(wanted.store, scores, site=site).encode()
    with override(wanted.language):
        paper = paper_of(wanted.store, matrix, address=wanted.address, site=site)
        return DRAWN[wanted.form](paper, wanted.theme)

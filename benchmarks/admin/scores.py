"""Scores on their editorial way."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import admin, messages
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from benchmarks.models import Score
from benchmarks.services.drafting import source_by_hand
from benchmarks.services.publishing import draft_correction
from editorial.admin import EditorialAdmin
from editorial.selectors import changes_between
from editorial.services import Refused
from editorial.workflow import State

#: What an editor looks at of a correction.
COMPARED: Final = frozenset(
    {
        *("raw", "value", "uncertainty", "evidence", "setting_text", "evaluated_as", "source_url", "note"),
        *("suspect", "label", "model"),
    }
)
#: What the form of a new one does not show.
_LATER: Final = frozenset({"cited", "difference", "source"})


def _without(fields: Any) -> tuple[Any, ...]:
    return tuple(field for field in fields if field not in _LATER)


@admin.register(Score)
class ScoreAdmin(EditorialAdmin):
    list_display = (
        *("named", "known_as", "figure", "evidence", "cited"),
        *EditorialAdmin.work_columns,
    )
    list_display_links = ("named",)
    list_filter = (
        *EditorialAdmin.list_filter,
        ("model", admin.EmptyFieldListFilter),
        *("suite", "evidence", "suspect", "source"),
    )
    list_select_related = ("suite", "model", "author", "reviewer", "supersedes")
    search_fields = ("label", "model__slug", "model__name", "suite__slug", "suite__name", "source_name")
    autocomplete_fields = ("model", "suite")
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    readonly_fields = ("cited", "difference", "source")
    fieldsets = (
        (None, {"fields": ("difference", "cited", ("suite", "model"), ("label", "maker"))}),
        (
            _("Figure"),
            {"fields": (("raw", "value", "uncertainty"), "setting_text", "evaluated_as", "suspect")},
        ),
        (
            _("Source"),
            {
                "fields": (
                    ("source_name", "source_version"),
                    "source_url",
                    ("evidence", "evidence_note"),
                    ("licence", "licence_class"),
                    "source",
                    "note",
                )
            },
        ),
    )

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Of a new one without what nobody knows yet."""
        found = super().get_fieldsets(request, obj)
        return found if obj else [(title, {"fields": _without(told["fields"])}) for title, told in found]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            obj.source = source_by_hand()
        super().save_model(request, obj, form, change)

    # --- corrections -----------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_POST(self.correct_view))
        return [path("<path:object_id>/correct/", view, name="benchmarks_score_correct"), *super().get_urls()]

    def correct_url(self, request: HttpRequest, work: Any) -> str:
        allowed = work.state == State.PUBLISHED and self.has_add_permission(request)
        return reverse("admin:benchmarks_score_correct", args=[work.pk]) if allowed else ""

    def correct_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """To the draft that will take its place; the one that is on its way, where there is one."""
        score = self._work(request, object_id)
        try:
            draft = draft_correction(score, by=request.user, now=timezone.now())
        except Refused as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return HttpResponseRedirect(self._address(score))
        text = gettext("This takes the place of the published score once it is published itself.")
        self.message_user(request, text, messages.SUCCESS)
        return HttpResponseRedirect(self._address(draft))

    # --- what is shown of one --------------------------------------------------------------------

    @admin.display(description=_("label in the source"), ordering="label")
    def named(self, score: Any) -> SafeString:
        """With the suite, so that the column tells a figure from its neighbours."""
        return format_html('{}<br><span class="quiet">{}</span>', score.label, score.suite)

    @admin.display(description=_("model"), ordering="model")
    def known_as(self, score: Any) -> str:
        """The catalogue's name, "—" while nobody knows which model it is."""
        return str(score.model.slug) if score.model else "—"

    @admin.display(description=_("value"), ordering="value")
    def figure(self, score: Any) -> SafeString:
        """As the source writes it, beside what it corrects, with the setting that it states."""
        stated = score.setting_text or _("not stated")
        old = score.supersedes.raw if score.supersedes else score.raw
        corrected = "" if old == score.raw else format_html("<del>{}</del> → ", old)
        return format_html(
            '{}<strong class="work-figure">{}</strong> <span class="quiet">{}</span>',
            *(corrected, score.raw, stated),
        )

    @admin.display(description=_("takes the place of"))
    def difference(self, score: Any) -> SafeString | str:
        """What it would change of the published score, field by field."""
        old = score.supersedes if score.pk else None
        if old is None:
            return "—"  # a page shows no `empty_value`
        changes = changes_between(Score, old.content(), score.content())
        lines = [(one.label, one.old, one.new) for one in changes if one.field in COMPARED]
        address = reverse("admin:benchmarks_score_change", args=[old.pk])
        rows = format_html_join("", "<li>{}: <del>{}</del> → <ins>{}</ins></li>", lines)
        return format_html('<a href="{}">{}</a><ul>{}</ul>', address, old, rows)

    @admin.display(description=_("cited source"))
    def cited(self, score: Any) -> SafeString | str:
        if not score.source_url.startswith(("https://", "http://")):
            return str(score.source_name)
        return format_html('<a href="{}" rel="noreferrer">{}</a>', score.source_url, score.source_name)

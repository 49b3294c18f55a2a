"""Scores on their editorial way."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import admin
from django.db import models
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from benchmarks.models import Score
from editorial.admin import EditorialAdmin

#: What an editor looks at of a correction.
COMPARED: Final = frozenset(
    {
        *("raw", "value", "uncertainty", "evidence", "setting_text", "evaluated_as", "source_url", "note"),
        *("suspect", "label", "model"),
    }
)


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
    readonly_fields = ("cited", "difference")
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

    @admin.display(description=_("takes the place of"), empty_value="—")
    def difference(self, score: Any) -> SafeString | None:
        """What it would change of the published score, field by field."""
        old = score.supersedes if score.pk else None
        if old is None:
            return None
        before, now = old.content(), score.content()
        names = [name for name in now if name in COMPARED and before[name] != now[name]]
        lines = [(score._meta.get_field(name).verbose_name, before[name], now[name]) for name in names]
        address = reverse("admin:benchmarks_score_change", args=[old.pk])
        rows = format_html_join("", "<li>{}: <del>{}</del> → <ins>{}</ins></li>", lines)
        return format_html('<a href="{}">{}</a><ul>{}</ul>', address, old, rows)

    @admin.display(description=_("cited source"))
    def cited(self, score: Any) -> SafeString | str:
        if not score.source_url.startswith(("https://", "http://")):
            return str(score.source_name)
        return format_html('<a href="{}" rel="noreferrer">{}</a>', score.source_url, score.source_name)

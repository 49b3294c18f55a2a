"""Scores on their editorial way."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from benchmarks.models import Score
from editorial.admin import EditorialAdmin


@admin.register(Score)
class ScoreAdmin(EditorialAdmin):
    list_display = (
        *("named", "known_as", "figure", "evidence", "cited"),
        *EditorialAdmin.work_columns,
    )
    list_display_links = ("named",)
    list_filter = (*EditorialAdmin.list_filter, "suite", "evidence", "suspect", "source")
    list_select_related = ("suite", "model", "author", "reviewer")
    search_fields = ("label", "model__slug", "model__name", "suite__slug", "suite__name", "source_name")
    autocomplete_fields = ("model", "suite")

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
        """As the source writes it, with the setting that it states."""
        stated = score.setting_text or _("not stated")
        return format_html(
            '<strong class="work-figure">{}</strong> <span class="quiet">{}</span>', score.raw, stated
        )

    @admin.display(description=_("cited source"))
    def cited(self, score: Any) -> SafeString | str:
        if not score.source_url.startswith(("https://", "http://")):
            return str(score.source_name)
        return format_html('<a href="{}" rel="noreferrer">{}</a>', score.source_url, score.source_name)

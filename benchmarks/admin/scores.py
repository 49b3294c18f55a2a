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
        *("suite", "label", "model", "raw", "setting_text", "evidence", "cited"),
        *EditorialAdmin.work_columns,
    )
    list_display_links = ("label",)
    list_filter = (*EditorialAdmin.list_filter, "suite", "evidence", "suspect", "source")
    list_select_related = ("suite", "model", "author", "reviewer")
    search_fields = ("label", "model__slug", "model__name", "suite__slug", "suite__name", "source_name")
    autocomplete_fields = ("model", "suite")

    @admin.display(description=_("cited source"))
    def cited(self, score: Any) -> SafeString | str:
        if not score.source_url.startswith(("https://", "http://")):
            return str(score.source_name)
        return format_html('<a href="{}" rel="noreferrer">{}</a>', score.source_url, score.source_name)

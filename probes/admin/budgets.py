"""Operators set how much the probes of a provider may cost."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from probes.admin.operating import OperatedAdmin
from probes.models import ProbeBudget


@admin.register(ProbeBudget)
class ProbeBudgetAdmin(OperatedAdmin):
    """Caps per provider and day (UTC); a provider without one has the default of the settings."""

    list_display = ("provider", "usd_per_day")
    list_editable = ("usd_per_day",)
    list_select_related = ("provider",)
    search_fields = ("provider__name", "provider__slug")
    autocomplete_fields = ("provider",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """A budget does not move from one provider to another."""
        return ("provider",) if obj else ()

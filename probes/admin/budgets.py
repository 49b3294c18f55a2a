"""Operators set how much the probes of a provider may cost."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from probes.models import ProbeBudget


@admin.register(ProbeBudget)
class ProbeBudgetAdmin(admin.ModelAdmin):
    """Caps per provider and day (UTC); a provider without one has the default of the settings."""

    list_display = ("provider", "usd_per_day")
    list_editable = ("usd_per_day",)
    list_select_related = ("provider",)
    search_fields = ("provider__name", "provider__slug")
    autocomplete_fields = ("provider",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """A budget does not move from one provider to another."""
        return ("provider",) if obj else ()

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("aigo.operate")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("aigo.operate")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("aigo.operate")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("aigo.operate")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("aigo.operate")

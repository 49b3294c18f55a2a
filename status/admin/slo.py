"""Targets are operators' to set; burn alerts follow from measurements."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from catalog.admin.imported import ReadOnlyAdmin
from status import services
from status.models import BurnAlert, SloTarget


@admin.register(SloTarget)
class SloTargetAdmin(admin.ModelAdmin):
    """Saves through the service, which leaves the audit row; a target does not move to another endpoint."""

    list_display = ("endpoint", "target_pct", "period_days", "by", "changed_at")
    list_select_related = ("endpoint", "by")
    list_filter = ("period_days", ("endpoint__provider", admin.RelatedOnlyFieldListFilter))
    search_fields = ("endpoint__slug",)
    autocomplete_fields = ("endpoint",)
    fields = ("endpoint", "target_pct", "period_days")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("endpoint",) if obj else ()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        row = services.set_target(
            endpoint=obj.endpoint,
            target_pct=obj.target_pct,
            period_days=obj.period_days,
            by=request.user,  # type: ignore[arg-type]  # nobody else gets here
            now=timezone.now(),
        )
        obj.pk = row.pk

    # The service has written it down.
    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> None:  # type: ignore[override]
        """Nothing to add."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> None:  # type: ignore[override]
        """Nothing to add."""


@admin.register(BurnAlert)
class BurnAlertAdmin(ReadOnlyAdmin):
    show_full_result_count = False
    list_display = (
        *("began_at", "endpoint", "pair", "severity", "burn_long", "burn_short", "samples"),
        *("held_by", "told_at", "ended_at", "ended_why"),
    )
    list_select_related = ("endpoint",)
    list_filter = ("severity", "pair", "held_by", ("endpoint__provider", admin.RelatedOnlyFieldListFilter))
    search_fields = ("endpoint__slug",)
    date_hierarchy = "began_at"

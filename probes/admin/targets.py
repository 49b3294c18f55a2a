"""What is asked and how often: operators switch tiers of an endpoint off or change their cadence."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from probes.models import ProbeTarget


@admin.register(ProbeTarget)
class ProbeTargetAdmin(admin.ModelAdmin):
    list_display = ("endpoint", "tier", "interval_s", "stretch", "timeout_s", "enabled")
    list_filter = ("tier", "enabled", "endpoint__provider")
    list_select_related = ("endpoint",)
    list_editable = ("enabled",)
    search_fields = ("endpoint__slug",)
    fields = ("endpoint", "tier", "interval_s", "timeout_s", "expected_answer", "enabled", "stretch")
    readonly_fields = ("endpoint", "tier", "stretch")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """A watched endpoint's targets are made by the job sync-targets."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Disable it instead: the job would make it again."""
        return False

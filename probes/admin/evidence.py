"""What came in, to look at: gaps, who answered, and deliveries that were not believed. Nothing is edited."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from catalog.admin.imported import ReadOnlyAdmin
from probes.models import AnsweringIdentity, DeadLetter, Gap


@admin.register(Gap)
class GapAdmin(ReadOnlyAdmin):
    show_full_result_count = False
    list_display = ("region", "reason", "started_at", "ended_at", "probes")
    list_filter = ("region", "reason")


@admin.register(AnsweringIdentity)
class AnsweringIdentityAdmin(ReadOnlyAdmin):
    show_full_result_count = False
    list_display = ("endpoint", "kind", "previous", "value", "appeared_at", "last_seen_at")
    list_filter = ("kind",)
    list_select_related = ("endpoint",)
    search_fields = ("endpoint__slug", "value")


@admin.register(DeadLetter)
class DeadLetterAdmin(admin.ModelAdmin):
    """Operators look at them, find the cause and drop them."""

    show_full_result_count = False
    list_display = ("received_at", "kind", "region", "worker", "reason", "repeats")
    list_filter = ("kind", "region")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

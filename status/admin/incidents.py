"""Incidents with whom they hold and their timeline."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from catalog.admin.imported import ReadOnlyAdmin
from status.models import Incident, IncidentChange, IncidentEndpoint


class _ReadOnlyInline(admin.TabularInline):
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class MemberInline(_ReadOnlyInline):
    model = IncidentEndpoint
    verbose_name_plural = _("endpoints")
    fields = ("endpoint", "worst", "regions", "joined_at", "left_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[IncidentEndpoint]:
        return super().get_queryset(request).select_related("endpoint")


class TimelineInline(_ReadOnlyInline):
    model = IncidentChange
    verbose_name_plural = _("timeline")
    fields = ("at", "kind", "data", "event_id")
    readonly_fields = ("event_id",)


@admin.register(Incident)
class IncidentAdmin(ReadOnlyAdmin):
    show_full_result_count = False
    list_display = (
        *("started_at", "provider", "kind", "severity", "scope", "state", "cause", "members_count"),
        *("ended_at", "simulated"),
    )
    list_filter = (
        *("state", "severity", "kind", "scope", "simulated"),
        ("provider", admin.RelatedOnlyFieldListFilter),
    )
    list_select_related = ("provider",)
    search_fields = ("provider__slug", "members__endpoint__slug")
    date_hierarchy = "started_at"
    inlines = (MemberInline, TimelineInline)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Incident]:
        incidents: QuerySet[Incident] = super().get_queryset(request)
        return incidents.annotate(held=Count("members__endpoint", distinct=True))

    @admin.display(description=_("endpoints"))
    def members_count(self, incident: Any) -> int:
        return int(incident.held)

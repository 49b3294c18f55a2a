"""Who told first, row by row. Nothing is edited: leads follow from what both sides said."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from catalog.admin.imported import ReadOnlyAdmin
from status.models import DetectionLead


@admin.register(DetectionLead)
class DetectionLeadAdmin(ReadOnlyAdmin):
    show_full_result_count = False
    list_display = (
        *("at", "provider", "verdict", "lead", "ours", "theirs", "basis", "fit", "counted", "simulated"),
    )
    list_filter = (
        *("verdict", "basis", "fit", "counted", "simulated"),
        ("provider", admin.RelatedOnlyFieldListFilter),
    )
    search_fields = ("provider__slug", "official__title", "official__external_id")
    date_hierarchy = "at"

    def get_queryset(self, request: HttpRequest) -> QuerySet[DetectionLead]:
        return super().get_queryset(request).select_related("provider", "incident", "official")

    @admin.display(description=_("lead"), ordering="lead_s")
    def lead(self, row: Any) -> str:
        return "—" if row.lead_s is None else f"{row.lead_s:+.0f} s ± {row.error_s:.0f} s"

    @admin.display(description=_("our incident"))
    def ours(self, row: Any) -> SafeString | str:
        return _link("admin:status_incident_change", row.incident_id, str(row.incident_id))

    @admin.display(description=_("their incident"))
    def theirs(self, row: Any) -> SafeString | str:
        title = row.official.title if row.official else ""
        return _link("admin:status_officialincident_change", row.official_id, title)


def _link(name: str, pk: int | None, text: str) -> SafeString | str:
    return "—" if pk is None else format_html('<a href="{}">{}</a>', reverse(name, args=[pk]), text)

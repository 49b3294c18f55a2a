"""Every change of state."""

from django.contrib import admin

from catalog.admin.imported import ReadOnlyAdmin
from status.models import StatusChange


@admin.register(StatusChange)
class StatusChangeAdmin(ReadOnlyAdmin):
    show_full_result_count = False
    list_display = ("at", "endpoint", "region", "from_state", "to_state", "reason", "event_id")
    list_filter = ("to_state", "reason", "region", ("endpoint__provider", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("endpoint",)
    search_fields = ("endpoint__slug",)
    date_hierarchy = "at"

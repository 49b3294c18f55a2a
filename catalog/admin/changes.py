"""What the providers' own lists say differently, and deciding on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from catalog import services
from catalog.models import CatalogChange, Endpoint
from catalog.stated import shown

#: So many refusals and new models are named one by one; the rest is counted.
_NAMED = 10


@admin.register(CatalogChange)
class CatalogChangeAdmin(admin.ModelAdmin):
    """Proposals are approved or rejected as they are: nobody adds, edits or deletes one."""

    list_display = (
        *("provider", "provider_model_id", "kind", "field", "difference", "source"),
        *("first_seen_at", "last_seen_at", "times_seen", "state", "decided_by"),
    )
    list_display_links = ("provider_model_id",)
    list_filter = ("state", "kind", ("provider", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("provider", "decided_by")
    search_fields = ("provider_model_id", "endpoint__slug")
    fields = (
        *("provider", "endpoint", "provider_model_id", "kind", "field", "difference", "facts", "source"),
        *("content_hash", "first_seen_at", "last_seen_at", "times_seen", "state", "decided_by"),
        *("decided_at", "lapsed_at"),
    )
    actions = ("approve", "reject")
    list_per_page = 100

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """For the decisions of the list; a single proposal is looked at only."""
        return obj is None and super().has_change_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description=_("change"))
    def difference(self, change: CatalogChange) -> SafeString:
        return format_html("<del>{}</del> → <ins>{}</ins>", shown(change.old_value), shown(change.new_value))

    @admin.display(description=_("source"))
    def source(self, change: CatalogChange) -> SafeString | str:
        if not change.source_url.startswith(("https://", "http://")):
            return change.source_name
        return format_html(
            '<a href="{}" rel="noreferrer">{}</a>', change.source_url, change.source_name or change.source_url
        )

    @admin.action(description=_("Approve the chosen changes"), permissions=["change"])
    def approve(self, request: HttpRequest, queryset: QuerySet[CatalogChange]) -> None:
        added: list[Endpoint] = []

        def decide(change: CatalogChange) -> None:
            endpoint = services.approve_change(change, by=request.user, now=timezone.now())
            if change.kind == CatalogChange.Kind.NEW_MODEL:
                added.append(endpoint)

        count = self._decide(request, queryset, decide)
        for endpoint in added[:_NAMED]:
            address = reverse("admin:catalog_endpoint_change", args=[endpoint.pk])
            review = _("is new and not watched yet: review it.")
            link = format_html('<a href="{}">{}</a> {}', address, endpoint, review)
            self.message_user(request, link, messages.INFO)
        text = ngettext("%d change was approved.", "%d changes were approved.", count)
        self.message_user(request, text % count, messages.SUCCESS)

    @admin.action(description=_("Reject the chosen changes"), permissions=["change"])
    def reject(self, request: HttpRequest, queryset: QuerySet[CatalogChange]) -> None:
        count = self._decide(
            request,
            queryset,
            lambda change: services.reject_change(change, by=request.user, now=timezone.now()),
        )
        text = ngettext("%d change was rejected.", "%d changes were rejected.", count)
        self.message_user(request, text % count, messages.SUCCESS)

    def _decide(
        self,
        request: HttpRequest,
        queryset: QuerySet[CatalogChange],
        decide: Callable[[CatalogChange], None],
    ) -> int:
        """Decide on each by itself, the oldest first; how many went through. The others are named."""
        refused: list[str] = []
        count = 0
        for change in queryset.order_by("first_seen_at", "pk"):
            try:
                decide(change)
                count += 1
            except (services.Undecidable, ValueError) as refusal:
                refused.append(f"{change}: {refusal}")
        for text in refused[:_NAMED]:
            self.message_user(request, text, messages.WARNING)
        return count

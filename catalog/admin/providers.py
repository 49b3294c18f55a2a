"""Providers, and how the reading of their lists goes."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import localize
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from catalog import services
from catalog.admin.imported import HTTPS_LINKS, ImportedAdmin
from catalog.models import DocRef, Provider, ProviderSync


class DocRefInline(admin.TabularInline):
    model = DocRef
    extra = 0
    formfield_overrides = HTTPS_LINKS


@admin.register(Provider)
class ProviderAdmin(ImportedAdmin):
    list_display = ("name", "slug", "protocol", "key_env", "last_sync", "curated", "simulated")
    list_filter = ("simulated", "curated", "sync_trusted", "protocol", "status_page_kind")
    list_select_related = ("sync",)
    search_fields = ("name", "slug")
    readonly_fields = ("source_name", "edited_fields", "curated", "simulated", "sync_state")
    operator_fields = ("base_url", "base_url_env", "key_env", "sync_trusted")
    inlines = (DocRefInline,)
    actions = ("sync_now",)

    def has_operate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("aigo.operate")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        fields = super().get_readonly_fields(request, obj)
        offered = obj is not None and not obj.simulated and self.has_operate_permission(request)
        return (*fields, "sync_button") if offered else fields

    @admin.display(description=_("sync"), ordering="sync__last_ok_at")
    def last_sync(self, provider: Provider) -> str:
        sync = _sync_of(provider)
        return "—" if sync is None else sync.error or str(localize(sync.last_ok_at) or "—")

    @admin.display(description=_("sync"))
    def sync_state(self, provider: Provider) -> SafeString | str:
        """When its list was last asked for and read, with what result."""
        sync = _sync_of(provider)
        if sync is None:
            return gettext("Never asked: no POP has said that it holds the key.")
        names = ("region", "last_tried_at", "last_ok_at", "model_count", "complete", "error", "failures")
        lines = [
            (sync._meta.get_field(name).verbose_name, _shown(getattr(sync, name)))  # type: ignore[union-attr]
            for name in (*names, "next_try_at")
        ]
        waiting = provider.catalog_changes.proposed().count()
        address = f"{reverse('admin:catalog_catalogchange_changelist')}?provider__id__exact={provider.pk}"
        return format_html(
            '<ul>{}<li><a href="{}&amp;state__exact=proposed">{}</a></li></ul>',
            format_html_join("", "<li>{}: {}</li>", lines),
            address,
            ngettext("%d proposed change", "%d proposed changes", waiting) % waiting,
        )

    @admin.display(description="")
    def sync_button(self, provider: Provider) -> SafeString:
        return format_html('<button type="submit" name="_sync_now" class="button">{}</button>', _("Sync now"))

    def response_change(self, request: HttpRequest, obj: Provider) -> HttpResponse:
        if "_sync_now" in request.POST and self.has_operate_permission(request):
            self._ask(request, obj)
            return HttpResponseRedirect(request.path)
        return super().response_change(request, obj)

    @admin.action(description=_("Sync now"), permissions=["operate"])
    def sync_now(self, request: HttpRequest, queryset: QuerySet[Provider]) -> None:
        for provider in queryset.filter(simulated=False):
            self._ask(request, provider)

    def _ask(self, request: HttpRequest, provider: Provider) -> None:
        try:
            services.request_sync(provider, by=request.user, now=timezone.now())
        except services.TooSoon:
            text = gettext("%s was asked less than a minute ago.")
            self.message_user(request, text % provider.name, messages.WARNING)
        else:
            text = gettext("The list of %s is read as soon as a POP that holds its key takes the order.")
            self.message_user(request, text % provider.name, messages.SUCCESS)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        formset.save(commit=False)
        for row, fields in formset.changed_objects:
            services.record_edit(row=row, fields=fields)
        for row in formset.new_objects:
            row.save()
        for row in formset.deleted_objects:
            row.delete()


def _sync_of(provider: Provider) -> ProviderSync | None:
    return getattr(provider, "sync", None)


def _shown(value: Any) -> Any:
    return "—" if value in (None, "") else localize(value)

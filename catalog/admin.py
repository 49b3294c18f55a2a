"""Editors' view of the catalogue. What an editor changes here, imports leave alone from then on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import models
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from catalog import services
from catalog.models import AIModel, Creator, DocRef, Endpoint, Price, Provider

_HTTPS_LINKS: Mapping[type[models.Field[Any, Any]], Mapping[str, Any]] = {
    models.URLField: {"assume_scheme": "https"}
}


class ImportedAdmin(admin.ModelAdmin):
    """Saves through the service that remembers which fields an editor has decided."""

    formfield_overrides = _HTTPS_LINKS
    actions = ("follow_sources",)
    identity_fields: tuple[str, ...] = ("slug",)
    #: Where a provider's key goes, and which one: whoever sets these can have it sent to a server of theirs.
    operator_fields: tuple[str, ...] = ()

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """What imports and links know a row by cannot change once it exists; where keys go, operators say."""
        fields = tuple(super().get_readonly_fields(request, obj))
        if not request.user.has_perm("aigo.operate"):
            fields += self.operator_fields
        return (*fields, *self.identity_fields) if obj else fields

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        services.record_edit(row=obj, fields=form.changed_data)

    @admin.action(description=_("Give all fields back to the sources (from the next import on)"))
    def follow_sources(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        count = services.follow_sources(rows=queryset, by=request.user)
        text = ngettext("%d row follows its source again.", "%d rows follow their sources again.", count)
        self.message_user(request, text % count, messages.SUCCESS)


@admin.register(Creator)
class CreatorAdmin(admin.ModelAdmin):
    list_display = ("name", "slug", "model_count")
    search_fields = ("name", "slug")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Creator]:
        creators: QuerySet[Creator] = super().get_queryset(request)
        return creators.annotate(models_total=Count("models"))

    @admin.display(description=_("models"), ordering="models_total")
    def model_count(self, creator: Any) -> int:
        return int(creator.models_total)


class DocRefInline(admin.TabularInline):
    model = DocRef
    extra = 0
    formfield_overrides = _HTTPS_LINKS


@admin.register(Provider)
class ProviderAdmin(ImportedAdmin):
    list_display = ("name", "slug", "protocol", "key_env", "status_page_kind", "curated", "simulated")
    list_filter = ("simulated", "curated", "protocol", "status_page_kind")
    search_fields = ("name", "slug")
    readonly_fields = ("source_name", "edited_fields", "curated", "simulated")
    operator_fields = ("base_url", "base_url_env", "key_env")
    inlines = (DocRefInline,)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        formset.save(commit=False)
        for row, fields in formset.changed_objects:
            services.record_edit(row=row, fields=fields)
        for row in formset.new_objects:
            row.save()
        for row in formset.deleted_objects:
            row.delete()


@admin.register(AIModel)
class AIModelAdmin(ImportedAdmin):
    list_display = ("name", "slug", "creator", "family", "lifecycle", "released_on", "reasoning", "simulated")
    list_filter = ("simulated", "lifecycle", "reasoning", "open_weights")
    list_select_related = ("creator",)
    search_fields = ("name", "slug", "family")
    autocomplete_fields = ("creator",)
    date_hierarchy = "released_on"
    readonly_fields = ("source_name", "edited_fields", "simulated")


class EndpointForm(forms.ModelForm):
    """Says in words what the database would refuse: a watched endpoint that nobody could probe."""

    def clean(self) -> dict[str, Any]:
        values = {**forms.model_to_dict(self.instance), **(super().clean() or {})}
        if values.get("watched") and not (values.get("protocol") and values.get("base_url")):
            raise forms.ValidationError(
                _("A watched endpoint needs a protocol and a base URL. Fill them in, then watch it."),
                code="not_probeable",
            )
        return self.cleaned_data


class PriceInline(admin.TabularInline):
    model = Price
    fields = ("tier", "region_scope", "input_usd_per_mtok", "output_usd_per_mtok", "valid_from", "valid_to")
    readonly_fields = fields
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Endpoint)
class EndpointAdmin(ImportedAdmin):
    form = EndpointForm
    list_display = ("slug", "watched", "provider", "model", "protocol", "lifecycle", "simulated")
    list_editable = ("watched",)
    list_filter = (
        "watched",
        "simulated",
        "lifecycle",
        "protocol",
        ("provider", admin.RelatedOnlyFieldListFilter),
    )
    list_select_related = ("provider", "model")
    search_fields = ("slug", "provider_model_id", "model__name", "provider__name")
    autocomplete_fields = ("provider", "model")
    readonly_fields = ("source_name", "edited_fields", "simulated", "last_seen_in_source_at")
    inlines = (PriceInline,)
    list_per_page = 100
    identity_fields = ("slug", "provider", "provider_model_id")
    operator_fields = ("base_url", "base_url_env", "key_env", "probe_options", "protocol")

    def get_changelist_form(self, request: HttpRequest, **kwargs: Any) -> Any:
        return super().get_changelist_form(request, form=EndpointForm, **kwargs)


@admin.register(Price)
class PriceAdmin(admin.ModelAdmin):
    """Read only: a price is a dated fact, and only an import adds one."""

    formfield_overrides = _HTTPS_LINKS
    list_display = (
        "endpoint",
        "tier",
        "input_usd_per_mtok",
        "output_usd_per_mtok",
        "valid_from",
        "valid_to",
        "source_name",
    )
    list_filter = (("valid_to", admin.EmptyFieldListFilter), "tier", "source_name")
    list_select_related = ("endpoint",)
    search_fields = ("endpoint__slug",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

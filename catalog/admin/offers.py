"""Creators, models, endpoints, and what they cost and allow."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog import services
from catalog.admin.imported import HTTPS_LINKS, ImportedAdmin, ReadOnlyAdmin
from catalog.models import AIModel, Creator, Endpoint, Price, RateLimit


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
    readonly_fields = (
        *("source_name", "edited_fields", "simulated", "last_seen_in_source_at"),
        *("deprecated_at", "retires_at", "dates_source_url", "dates_seen_at"),
    )
    inlines = (PriceInline,)
    list_per_page = 100
    identity_fields = ("slug", "provider", "provider_model_id")
    operator_fields = ("base_url", "base_url_env", "key_env", "probe_options", "protocol")

    def get_changelist_form(self, request: HttpRequest, **kwargs: Any) -> Any:
        return super().get_changelist_form(request, form=EndpointForm, **kwargs)


@admin.register(Price)
class PriceAdmin(ReadOnlyAdmin):
    """Read only: a price is a dated fact, and only a source adds one."""

    formfield_overrides = HTTPS_LINKS
    list_display = (
        "endpoint",
        "tier",
        "input_usd_per_mtok",
        "output_usd_per_mtok",
        "valid_from",
        "valid_to",
        "source_name",
        "last_checked_at",
        "struck_at",
    )
    list_filter = (
        ("valid_to", admin.EmptyFieldListFilter),
        ("struck_at", admin.EmptyFieldListFilter),
        "tier",
        "source_name",
    )
    list_select_related = ("endpoint",)
    search_fields = ("endpoint__slug",)


class RateLimitForm(forms.ModelForm):
    """A limit that a document states: its address is what makes it a fact."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "source_url" in self.fields:
            self.fields["source_url"].required = True


@admin.register(RateLimit)
class RateLimitAdmin(ReadOnlyAdmin):
    """What documents state is added by hand; what headers tell comes by itself. Nothing is changed."""

    form = RateLimitForm
    formfield_overrides = HTTPS_LINKS
    list_display = (
        *("endpoint", "kind", "window", "limit", "remaining", "tier", "source", "region"),
        *("first_seen_at", "last_seen_at", "ended_at"),
    )
    list_filter = (
        ("ended_at", admin.EmptyFieldListFilter),
        "source",
        "kind",
        "window",
        "region",
        ("endpoint__provider", admin.RelatedOnlyFieldListFilter),
    )
    list_select_related = ("endpoint",)
    search_fields = ("endpoint__slug",)
    autocomplete_fields = ("endpoint",)
    stated_fields = ("endpoint", "tier", "kind", "window", "limit", "retry_advice", "source_url")
    seen_fields = ("source", "region", "remaining", "first_seen_at", "last_seen_at", "ended_at")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return (*self.stated_fields, *self.seen_fields) if obj else self.stated_fields

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("catalog.add_ratelimit")

    def save_model(self, request: HttpRequest, obj: RateLimit, form: Any, change: bool) -> None:
        services.state_documented_limit(obj, now=timezone.now())

"""The base of all pages whose rows imports keep up to date."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import admin, messages
from django.db import models
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from catalog import services

HTTPS_LINKS: Mapping[type[models.Field[Any, Any]], Mapping[str, Any]] = {
    models.URLField: {"assume_scheme": "https"}
}


class ImportedAdmin(admin.ModelAdmin):
    """Saves through the service that remembers which fields an editor has decided."""

    formfield_overrides = HTTPS_LINKS
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


class ReadOnlyAdmin(admin.ModelAdmin):
    """For dated facts: people look at them, nobody edits or deletes them."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

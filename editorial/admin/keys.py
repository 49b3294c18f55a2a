"""API keys in the admin: made, shown once, revoked."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from editorial.models import ApiKey
from editorial.services.keys import SCOPES, create_key, revoke_key


class KeyForm(forms.ModelForm):
    scopes = forms.MultipleChoiceField(
        label=_("scopes"), choices=[(scope, scope) for scope in SCOPES], widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = ApiKey
        fields = ("user", "name", "scopes")


@admin.register(ApiKey)
class ApiKeyAdmin(admin.ModelAdmin):
    """What a key may do is settled when it is made; afterwards it can only be revoked."""

    form = KeyForm
    list_display = ("name", "prefix", "user", "scopes", "created_at", "last_used_at", "revoked_at")
    list_filter = (("revoked_at", admin.EmptyFieldListFilter),)
    search_fields = ("name", "prefix", "user__username")
    list_select_related = ("user",)
    autocomplete_fields = ("user",)
    actions = ("revoke",)

    def has_change_permission(self, request: HttpRequest, obj: ApiKey | None = None) -> bool:
        return obj is None and super().has_change_permission(request, obj)

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:
        assert request.user.is_authenticated  # noqa: S101  (the admin has asked)
        row, text = create_key(obj.user, obj.name, scopes=obj.scopes, by=request.user, now=timezone.now())
        obj.pk = row.pk
        words = gettext("The key, shown only this once: %(key)s")
        messages.warning(request, words % {"key": text})

    @admin.action(description=_("Revoke the chosen keys"), permissions=["change"])
    def revoke(self, request: HttpRequest, keys: QuerySet[ApiKey]) -> None:
        revoked = [key for key in keys if revoke_key(key, now=timezone.now())]
        for key in revoked:
            self.log_change(request, key, gettext("revoked"))
        text = ngettext("%(count)d key was revoked.", "%(count)d keys were revoked.", len(revoked))
        messages.success(request, text % {"count": len(revoked)})

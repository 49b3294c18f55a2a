"""The base of the pages that belong to whoever operates, from looking at a row to deleting it."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest


class OperatedAdmin(admin.ModelAdmin):
    """One permission for everything, `aigo.operate`; the model's own are not asked."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("aigo.operate")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("aigo.operate")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("aigo.operate")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("aigo.operate")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("aigo.operate")

"""Who is told by e-mail: operators see it, and end it; nobody edits it. Nobody else sees addresses."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.auth.models import AbstractBaseUser
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from catalog.admin.imported import ReadOnlyAdmin
from status.models import Subscription
from status.services import subscriptions


@admin.register(Subscription)
class SubscriptionAdmin(ReadOnlyAdmin):
    show_full_result_count = False
    list_display = (
        *("email", "language", "min_severity", "created_at", "confirmed_at", "unsubscribed_at"),
        *("bounced_at", "bounce_reason"),
    )
    list_filter = (
        *("language", "min_severity", ("confirmed_at", admin.EmptyFieldListFilter)),
        *(("unsubscribed_at", admin.EmptyFieldListFilter), ("bounced_at", admin.EmptyFieldListFilter)),
    )
    search_fields = ("email",)
    date_hierarchy = "created_at"
    fields = (*list_display, "providers", "models")
    actions = ("unsubscribe", "lift_bounce")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("status.delete_subscription")

    has_operate_permission = has_view_permission

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    @admin.action(description=_("Unsubscribe"), permissions=["operate"])
    def unsubscribe(self, request: HttpRequest, queryset: QuerySet[Subscription]) -> None:
        by, now = _who(request), timezone.now()
        self._each(request, queryset, lambda row: subscriptions.unsubscribe(uid=row.uid, by=by, now=now))

    @admin.action(description=_("The mailbox takes letters again"), permissions=["operate"])
    def lift_bounce(self, request: HttpRequest, queryset: QuerySet[Subscription]) -> None:
        bounced = queryset.exclude(bounced_at=None)
        self._each(request, bounced, lambda row: subscriptions.lift_bounce(uid=row.uid, by=_who(request)))

    def _each(
        self, request: HttpRequest, rows: QuerySet[Subscription], act: Callable[[Subscription], None]
    ) -> None:
        count = 0
        for row in rows:
            act(row)
            count += 1
        text = ngettext("%(n)d subscription was changed.", "%(n)d subscriptions were changed.", count)
        self.message_user(request, text % {"n": count}, messages.SUCCESS)


def _who(request: HttpRequest) -> AbstractBaseUser:
    """Signed in, as the admin's permission says."""
    return cast(AbstractBaseUser, request.user)

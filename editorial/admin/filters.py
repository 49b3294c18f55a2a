"""The filters of lists of editorial work. What waits is asked of the same selector as on the queue page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from editorial.selectors import QUEUES, name_of, overdue, right_name, waiting
from editorial.workflow import EDITABLE


class QueueFilter(admin.SimpleListFilter):
    """Those of the person's roles."""

    title = _("queue")
    parameter_name = "queue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        self.user = request.user
        held = [q for q in QUEUES if request.user.has_perm(right_name(model_admin.model, q.right))]
        return [(queue.key, queue.title) for queue in held]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return waiting(queryset, self.value() or "", user=request.user) if self.value() else queryset


class MineFilter(admin.SimpleListFilter):
    title = _("mine")
    parameter_name = "mine"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("author", _("I wrote it")),
            ("edited", _("I edited it last")),
            ("reviewer", _("I review it")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        column = {"author": "author", "edited": "edited_by", "reviewer": "reviewer"}.get(self.value() or "")
        return queryset.filter(**{column: request.user.pk}) if column else queryset


class DueFilter(admin.SimpleListFilter):
    title = pgettext_lazy("editorial", "due")
    parameter_name = "due"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("overdue", _("overdue")), ("week", _("within 7 days")), ("none", _("no date"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        today = timezone.now().date()
        if self.value() == "overdue":
            return overdue(queryset, today=today)
        if self.value() == "week":
            week = (today, today + timedelta(days=7))
            return queryset.filter(state__in=EDITABLE, due_on__range=week)
        return queryset.filter(state__in=EDITABLE, due_on=None) if self.value() == "none" else queryset


class ReviewerFilter(admin.SimpleListFilter):
    """Those who review something; nobody first."""

    title = _("reviewer")
    parameter_name = "reviewer"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        reviewing = model_admin.model._default_manager.exclude(reviewer=None).values("reviewer")
        people = get_user_model()._default_manager.filter(pk__in=reviewing).order_by("username")
        return [("nobody", _("nobody")), *((str(person.pk), name_of(person)) for person in people)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        asked = self.value() or ""
        if asked == "nobody":
            return queryset.filter(reviewer=None)
        return queryset.filter(reviewer=int(asked)) if asked.isdecimal() else queryset

"""How items find those that they may belong to, and what people decided about it."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import pgettext_lazy

from news.models.raw import RawItem
from news.models.stories import Story


class ItemKey(models.Model):
    """A number that an item shares with what it may belong to (news.grouping.keys).

    `at` None: of its page, title or text, for all times. Else of what its event has: the item's moment, and
    only items within the days of an event are found by it.
    """

    item = models.ForeignKey(RawItem, on_delete=models.CASCADE, related_name="keys")
    key = models.BigIntegerField()
    at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        indexes: ClassVar = [
            # news.services.grouping: what may belong to a new item.
            models.Index(fields=["key", "at"], name="itemkey_by_key"),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} {self.key}"


class GroupingTurn(models.Model):
    """One row, held by whoever puts an item into a story: two at once would not see each other's."""

    taken_at = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.taken_at:%Y-%m-%d %H:%M}"


class Regrouping(models.Model):
    """A person moved an item to another story. Nothing is done by this row: it says who did it."""

    at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    item = models.ForeignKey(RawItem, on_delete=models.CASCADE, related_name="regroupings")
    source = models.ForeignKey(Story, on_delete=models.PROTECT, related_name="+")
    target = models.ForeignKey(Story, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = pgettext_lazy("news", "regrouping")
        verbose_name_plural = pgettext_lazy("news", "regroupings")
        ordering: ClassVar = ["-at", "-pk"]
        default_permissions = ("view",)

    def __str__(self) -> str:
        return f"{self.item_id}: {self.source_id} → {self.target_id}"

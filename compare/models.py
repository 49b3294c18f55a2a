"""Comparisons that were kept: figures as they were shown, and what readers keep for themselves."""

from __future__ import annotations

from typing import ClassVar, Final

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

#: Comparisons of one person, characters of a name and of an address.
MOST_SAVED: Final = 30
NAME_MOST: Final = 60
ADDRESS_MOST: Final = 1_000
TOKEN_LETTERS: Final = 12


class FrozenComparison(models.Model):
    """The figures of a comparison as somebody saw them. Never changes (`compare.immutability`).

    `token`: in its address. `content_hash`: SHA-256 of the figures and of the day they are of: the same ones
    on the same day are one row. `body`: `compare.table.comparison_json`. `address`: the live comparison that
    it was made of. `made_at`: when, UTC.
    """

    token = models.CharField(max_length=TOKEN_LETTERS, unique=True)
    content_hash = models.CharField(max_length=64, unique=True)
    body = models.JSONField()
    made_at = models.DateTimeField(_("made"))
    address = models.CharField(_("address"), max_length=ADDRESS_MOST)

    class Meta:
        verbose_name = _("frozen comparison")
        verbose_name_plural = _("frozen comparisons")
        ordering: ClassVar = ["-made_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.token} {self.address}"


class SavedComparison(models.Model):
    """A comparison that somebody named. A person's names differ by more than case.

    `address`: the canonical query of the wish (`compare.asking.CompareWish.query`). `made_at`: when it was
    saved first, UTC.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_comparisons"
    )
    name = models.CharField(_("name"), max_length=NAME_MOST)
    address = models.CharField(_("address"), max_length=ADDRESS_MOST)
    made_at = models.DateTimeField(_("made"))

    class Meta:
        verbose_name = _("saved comparison")
        verbose_name_plural = _("saved comparisons")
        ordering: ClassVar = ["user", Lower("name")]
        constraints: ClassVar = [
            models.UniqueConstraint("user", Lower("name"), name="savedcomparison_one_name_each"),
            models.CheckConstraint(condition=~Q(name=""), name="savedcomparison_has_a_name"),
            models.CheckConstraint(condition=~Q(address=""), name="savedcomparison_compares_something"),
        ]

    def __str__(self) -> str:
        return self.name

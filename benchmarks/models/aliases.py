"""Which model of the catalogue a source means."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from catalog.models import AIModel


class ModelAlias(models.Model):
    """What sources call a model → the catalogue's model. Only accepted ones join scores to models.

    `label` and `maker` as sources write them (`maker` "" = any). `model` None: the catalogue does not know it
    (rejected), or nobody has found it yet (proposed). `how`: what proposed or decided it.
    """

    class State(models.TextChoices):
        PROPOSED = "proposed", _("proposed")
        ACCEPTED = "accepted", _("accepted")
        REJECTED = "rejected", _("not in the catalogue")

    class How(models.TextChoices):
        SEED = "seed", _("shipped with the project")
        SAME_NAME = "same_name", _("same name")
        SIMILAR = "similar", _("similar name")
        PERSON = "person", _("by hand")

    label = models.CharField(_("label in the source"), max_length=200)
    maker = models.CharField(_("maker in the source"), max_length=120, blank=True, default="")
    model = models.ForeignKey(
        AIModel,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="aliases",
        verbose_name=_("model"),
    )
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.PROPOSED)
    how = models.CharField(_("found by"), max_length=12, choices=How)
    note = models.CharField(pgettext_lazy("score", "note"), max_length=300, blank=True, default="")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)

    class Meta:
        verbose_name = _("name of a model in sources")
        verbose_name_plural = _("names of models in sources")
        ordering: ClassVar = ["label", "maker"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["label", "maker"], name="modelalias_once_per_name"),
            models.CheckConstraint(
                name="modelalias_accepted_names_a_model",
                condition=~Q(state="accepted") | Q(model__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label} ({self.maker})" if self.maker else self.label

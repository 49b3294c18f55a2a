"""What a provider's own list says that the catalogue does not: proposed, then decided."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.models.offers import Endpoint
from catalog.models.providers import Provider


class CatalogChangeQuerySet(models.QuerySet["CatalogChange"]):
    def proposed(self) -> CatalogChangeQuerySet:
        """What waits for a decision."""
        return self.filter(state=CatalogChange.State.PROPOSED)

    def standing_rejections(self) -> CatalogChangeQuerySet:
        """What was rejected and is still said: not proposed again."""
        return self.filter(state=CatalogChange.State.REJECTED, lapsed_at__isnull=True)


class CatalogChange(models.Model):
    """One difference between a provider's list and the catalogue.

    `field`: "presence" (listed or not), a field of Endpoint or of AIModel, or "price" (the standard rates per
    million tokens in USD, as decimal strings by name; what is not stated is left out). Values are JSON,
    None = nothing stated. `facts`: all that the list says of a model that the catalogue does not know.

    `lapsed_at`: when the source said something else after a rejection, which ends the rejection. `decided_by`
    None: decided by the sync itself (superseded, or approved because the provider is trusted).
    """

    class Kind(models.TextChoices):
        NEW_MODEL = "new_model", _("new model")
        GONE = "gone", _("gone")
        LIFECYCLE = "lifecycle", _("lifecycle")
        PRICE = "price", _("price")
        LIMIT = "limit", _("limit")

    class State(models.TextChoices):
        PROPOSED = "proposed", _("proposed")
        APPROVED = "approved", _("approved")
        REJECTED = "rejected", _("rejected")
        SUPERSEDED = "superseded", _("superseded")

    provider = models.ForeignKey(
        Provider, on_delete=models.CASCADE, related_name="catalog_changes", verbose_name=_("provider")
    )
    endpoint = models.ForeignKey(
        Endpoint, null=True, blank=True, on_delete=models.SET_NULL, related_name="catalog_changes"
    )
    provider_model_id = models.CharField(_("model id"), max_length=200)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    field = models.CharField(_("field"), max_length=40)
    old_value = models.JSONField(null=True, blank=True)
    new_value = models.JSONField(null=True, blank=True)
    facts = models.JSONField(default=dict, blank=True)
    source_name = models.CharField(max_length=40)
    source_url = models.CharField(max_length=300, blank=True, default="")
    content_hash = models.CharField(max_length=64, blank=True, default="")
    first_seen_at = models.DateTimeField(_("first seen"))
    last_seen_at = models.DateTimeField(_("last seen"))
    times_seen = models.PositiveIntegerField(_("times seen"), default=1)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.PROPOSED)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    lapsed_at = models.DateTimeField(null=True, blank=True)

    objects = CatalogChangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("catalogue change")
        verbose_name_plural = _("catalogue changes")
        ordering: ClassVar = ["-first_seen_at", "provider", "provider_model_id", "field"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["provider", "provider_model_id", "field"],
                condition=Q(state="proposed"),
                name="catalogchange_one_open",
            ),
            models.UniqueConstraint(
                fields=["provider", "provider_model_id", "field"],
                condition=Q(state="rejected", lapsed_at__isnull=True),
                name="catalogchange_one_standing_rejection",
            ),
            models.CheckConstraint(
                name="catalogchange_kind_known",
                condition=Q(kind__in=["new_model", "gone", "lifecycle", "price", "limit"]),
            ),
            models.CheckConstraint(
                name="catalogchange_state_known",
                condition=Q(state__in=["proposed", "approved", "rejected", "superseded"]),
            ),
            models.CheckConstraint(
                name="catalogchange_decided_with_moment",
                condition=(
                    Q(state="proposed", decided_at__isnull=True, decided_by__isnull=True)
                    | (~Q(state="proposed") & Q(decided_at__isnull=False))
                ),
            ),
            models.CheckConstraint(
                name="catalogchange_only_rejections_lapse",
                condition=Q(lapsed_at__isnull=True) | Q(state="rejected"),
            ),
            models.CheckConstraint(
                name="catalogchange_seen_in_order", condition=Q(last_seen_at__gte=models.F("first_seen_at"))
            ),
        ]
        indexes: ClassVar = [
            # catalog.admin: the newest changes, of one state or of all.
            models.Index(fields=["state", "-first_seen_at"], name="catalogchange_newest_in_state"),
            models.Index(fields=["-first_seen_at"], name="catalogchange_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.provider_id} {self.provider_model_id} {self.field}"


class ProviderSync(models.Model):
    """How the reading of a provider's model list goes. A provider without a row was never asked.

    `model_count`: how many the last list that was read had, None before the first. `complete`: it was read to
    its end. `etag`, `content_hash`: what the next request may refer to. `heard_at`: the moment, by the POP's
    clock, of the newest answer taken in. `compared_at`: the last time a list was compared with the catalogue
    model by model. `missing`: how many complete lists in a row lacked a model, by its id. `error` "" after a
    good answer. `next_try_at` None = as soon as possible.
    """

    provider = models.OneToOneField(Provider, on_delete=models.CASCADE, related_name="sync")
    region = models.CharField(_("region"), max_length=20, blank=True, default="")
    last_tried_at = models.DateTimeField(_("last tried"), null=True, blank=True)
    last_ok_at = models.DateTimeField(_("last success"), null=True, blank=True)
    heard_at = models.DateTimeField(null=True, blank=True)
    compared_at = models.DateTimeField(null=True, blank=True)
    model_count = models.PositiveIntegerField(_("models"), null=True, blank=True)
    complete = models.BooleanField(_("complete"), default=False)
    source_url = models.CharField(max_length=300, blank=True, default="")
    etag = models.CharField(max_length=200, blank=True, default="")
    content_hash = models.CharField(max_length=64, blank=True, default="")
    missing = models.JSONField(default=dict, blank=True)
    error = models.CharField(_("error"), max_length=300, blank=True, default="")
    failures = models.PositiveIntegerField(_("failures in a row"), default=0)
    next_try_at = models.DateTimeField(_("next try"), null=True, blank=True)

    class Meta:
        verbose_name = _("sync")
        verbose_name_plural = _("syncs")

    def __str__(self) -> str:
        return f"{self.provider_id} {self.error or 'ok'}"

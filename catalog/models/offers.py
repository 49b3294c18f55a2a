"""Models, and each of them as one provider serves it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.listing import day_text
from catalog.models.providers import Creator, Imported, Provider


class Lifecycle(models.TextChoices):
    ACTIVE = "active", _("active")
    DEPRECATED = "deprecated", _("deprecated")
    RETIRED = "retired", _("retired")


class AIModelQuerySet(models.QuerySet["AIModel"]):
    def known(self) -> AIModelQuerySet:
        """What the catalogue knows: every real model; invented (simulated) ones are not counted."""
        return self.filter(simulated=False)


class AIModel(Imported):
    """A model, whoever serves it. Limits are in tokens; None means that no source states it."""

    slug = models.CharField(max_length=160, unique=True)
    creator = models.ForeignKey(Creator, on_delete=models.PROTECT, related_name="models")
    name = models.CharField(max_length=200)
    family = models.CharField(max_length=80, blank=True, default="")
    modalities_in = models.JSONField(default=list, blank=True)
    modalities_out = models.JSONField(default=list, blank=True)
    capabilities = models.JSONField(default=list, blank=True)
    functions = models.JSONField(
        default=list, blank=True, help_text=_("chat code vision audio embedding image")
    )
    reasoning = models.BooleanField(default=False)
    context_window = models.PositiveIntegerField(null=True, blank=True)
    max_output_tokens = models.PositiveIntegerField(null=True, blank=True)
    knowledge_cutoff = models.CharField(
        max_length=10,
        blank=True,
        default="",
        help_text=_("As precise as the source: 2024, 2024-04 or 2024-04-30"),
    )
    released_on = models.DateField(null=True, blank=True)
    released_precision = models.CharField(
        max_length=5,
        choices=[("day", _("day")), ("month", _("month"))],
        default="day",
        help_text=_("Where the source names only a month, the date is its first day."),
    )
    open_weights = models.BooleanField(null=True, blank=True)
    lifecycle = models.CharField(max_length=12, choices=Lifecycle, default=Lifecycle.ACTIVE)
    description = models.TextField(blank=True, default="")
    simulated = models.BooleanField(default=False)

    objects = AIModelQuerySet.as_manager()

    class Meta:
        verbose_name = _("model")
        verbose_name_plural = _("models")
        ordering: ClassVar = ["name", "slug"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="aimodel_lifecycle_known", condition=Q(lifecycle__in=Lifecycle.values)
            ),
            # "--" marks an endpoint slug, so that one name space can hold both.
            models.CheckConstraint(name="aimodel_slug_not_endpoint", condition=~Q(slug__contains="--")),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def released(self) -> str:
        """As precise as the source: "2024-09-05", "2024-09", "" = not stated."""
        return day_text(self.released_on, self.released_precision)


class EndpointQuerySet(models.QuerySet["Endpoint"]):
    def for_board(self, simulation: bool) -> EndpointQuerySet:
        """Watched endpoints that still exist; invented ones only while the simulation runs."""
        shown = self.filter(watched=True).exclude(lifecycle=Lifecycle.RETIRED)
        return shown if simulation else shown.filter(simulated=False)


class Endpoint(Imported):
    """One model as served by one provider: the unit of board, counts, verdicts and rollups.

    `base_url` is the vendor's documented one; a POP may override it by the environment variable named in
    `base_url_env`. A simulated endpoint holds `simulator:/<provider-slug><path>`.

    `deprecated_at`, `retires_at`: moments that the provider names, UTC; None = it names none. `dates_*`:
    where both were read, and when last; a `dates_source_url` of "" is an address of the operator's own.
    """

    slug = models.CharField(max_length=240, unique=True)
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="endpoints")
    model = models.ForeignKey(AIModel, on_delete=models.PROTECT, related_name="endpoints")
    provider_model_id = models.CharField(max_length=200)
    protocol = models.CharField(
        max_length=40, blank=True, default="", help_text=_("Name in the protocol registry")
    )
    base_url = models.CharField(max_length=300, blank=True, default="")
    key_env = models.CharField(max_length=80, blank=True, default="")
    base_url_env = models.CharField(max_length=80, blank=True, default="")
    regions = models.JSONField(
        default=list, blank=True, help_text=_("Regions it is probed from; empty = all")
    )
    probe_options = models.JSONField(default=dict, blank=True)
    watched = models.BooleanField(default=False, help_text=_("Shown on the board and probed"))
    simulated = models.BooleanField(default=False)
    lifecycle = models.CharField(max_length=12, choices=Lifecycle, default=Lifecycle.ACTIVE)
    deprecated_at = models.DateTimeField(null=True, blank=True, editable=False)
    retires_at = models.DateTimeField(null=True, blank=True, editable=False)
    dates_source_name = models.CharField(max_length=40, blank=True, default="", editable=False)
    dates_source_url = models.CharField(max_length=300, blank=True, default="", editable=False)
    dates_seen_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_seen_in_source_at = models.DateTimeField(null=True, blank=True)

    objects = EndpointQuerySet.as_manager()

    class Meta:
        verbose_name = _("endpoint")
        verbose_name_plural = _("endpoints")
        ordering: ClassVar = ["slug"]
        constraints: ClassVar = [
            models.UniqueConstraint("provider", "provider_model_id", name="endpoint_once_per_provider"),
            models.CheckConstraint(
                name="endpoint_lifecycle_known", condition=Q(lifecycle__in=Lifecycle.values)
            ),
            models.CheckConstraint(name="endpoint_slug_has_both", condition=Q(slug__contains="--")),
            models.CheckConstraint(
                name="endpoint_watched_is_probeable",
                condition=Q(watched=False) | (~Q(protocol="") & ~Q(base_url="")),
            ),
            models.CheckConstraint(
                name="endpoint_dates_have_a_source",
                condition=(
                    Q(deprecated_at__isnull=True, retires_at__isnull=True)
                    | (~Q(dates_source_name="") & Q(dates_seen_at__isnull=False))
                ),
            ),
        ]
        indexes: ClassVar = [
            # Endpoint.objects.for_board(): a few dozen of several thousand rows.
            models.Index(fields=["slug"], name="endpoint_watched", condition=Q(watched=True)),
        ]

    def __str__(self) -> str:
        return self.slug

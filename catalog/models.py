"""Creator → AIModel ← Endpoint → Provider, and the dated prices of an endpoint.

One model is served by many providers: the *endpoint* (one model as served by one provider) is what the
board, the counts and the verdicts count; the *model* groups its endpoints; the *creator* made the model.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Lifecycle(models.TextChoices):
    ACTIVE = "active", _("active")
    DEPRECATED = "deprecated", _("deprecated")
    RETIRED = "retired", _("retired")


class Imported(models.Model):
    """A row that an import keeps up to date, except where an editor has decided.

    `edited_fields` names the fields an editor set by hand; imports leave those fields alone.
    `source_name` is the import source that lists the row ("" = made by hand, never retired by an import).
    """

    source_name = models.CharField(max_length=40, blank=True, default="", editable=False)
    edited_fields = models.JSONField(default=list, blank=True, editable=False)

    class Meta:
        abstract = True


class Creator(models.Model):
    """Who made a model. `unknown` stands for all whose creator no source names."""

    slug = models.SlugField(max_length=80, unique=True)
    name = models.CharField(max_length=120)

    class Meta:
        ordering: ClassVar = ["name", "slug"]

    def __str__(self) -> str:
        return self.name


class Provider(Imported):
    """Who serves models over an API. `curated`: catalog/data/providers.json has its protocol and links."""

    slug = models.CharField(max_length=80, unique=True)
    name = models.CharField(max_length=120)
    url = models.URLField(max_length=300, blank=True, default="")
    docs_url = models.URLField(max_length=300, blank=True, default="")
    status_page_url = models.URLField(max_length=300, blank=True, default="")
    status_page_kind = models.CharField(
        max_length=40, blank=True, default="", help_text=_("Format of the page")
    )
    key_env = models.CharField(
        max_length=80,
        blank=True,
        default="",
        help_text=_("Name of the environment variable that holds the key"),
    )
    base_url = models.CharField(max_length=300, blank=True, default="")
    base_url_env = models.CharField(
        max_length=80, blank=True, default="", help_text=_("Environment variable that overrides the base URL")
    )
    protocol = models.CharField(max_length=40, blank=True, default="")
    icon = models.JSONField(default=dict, blank=True, help_text=_('{"monogram": "OA", "color": "#0a7d5a"}'))
    simulated = models.BooleanField(default=False)
    curated = models.BooleanField(default=False)

    class Meta:
        ordering: ClassVar = ["name", "slug"]

    def __str__(self) -> str:
        return self.name


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


class EndpointQuerySet(models.QuerySet["Endpoint"]):
    def for_board(self, simulation: bool) -> EndpointQuerySet:
        """Watched endpoints that still exist; invented ones only while the simulation runs."""
        shown = self.filter(watched=True).exclude(lifecycle=Lifecycle.RETIRED)
        return shown if simulation else shown.filter(simulated=False)


class Endpoint(Imported):
    """One model as served by one provider: the unit of board, counts, verdicts and rollups.

    `base_url` is the vendor's documented one; a POP may override it by the environment variable named in
    `base_url_env`. A simulated endpoint holds `simulator:/<provider-slug><path>`.
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
    last_seen_in_source_at = models.DateTimeField(null=True, blank=True)

    objects = EndpointQuerySet.as_manager()

    class Meta:
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
        ]
        indexes: ClassVar = [
            # Endpoint.objects.for_board(): a few dozen of several thousand rows.
            models.Index(fields=["slug"], name="endpoint_watched", condition=Q(watched=True)),
        ]

    def __str__(self) -> str:
        return self.slug


class PriceQuerySet(models.QuerySet["Price"]):
    def current(self) -> PriceQuerySet:
        """The open rows: what the source said last."""
        return self.filter(valid_to__isnull=True)


# Per million tokens, in the order a price table shows them.
RATE_FIELDS = (
    "input_usd_per_mtok",
    "output_usd_per_mtok",
    "cache_read_usd_per_mtok",
    "cache_write_usd_per_mtok",
    "reasoning_usd_per_mtok",
    "input_audio_usd_per_mtok",
    "output_audio_usd_per_mtok",
)


def _rate() -> models.DecimalField:
    return models.DecimalField(max_digits=16, decimal_places=8, null=True, blank=True)


class Price(models.Model):
    """What an endpoint cost from `valid_from` on; None = the source states no such rate, 0 = free of charge.

    Never overwritten: a change closes the row (`valid_to`) and adds a new one. `valid_from` is the moment we
    first read the price in the source, not the vendor's own announcement. `tier` is "standard" or a step such
    as "over_200k" (prompts longer than 200,000 tokens); `region_scope` "all" or the vendor's own region name.
    """

    endpoint = models.ForeignKey(Endpoint, on_delete=models.CASCADE, related_name="prices")
    tier = models.CharField(max_length=40, default="standard")
    region_scope = models.CharField(max_length=40, default="all")
    currency = models.CharField(max_length=3, default="USD")
    input_usd_per_mtok = _rate()
    output_usd_per_mtok = _rate()
    cache_read_usd_per_mtok = _rate()
    cache_write_usd_per_mtok = _rate()
    reasoning_usd_per_mtok = _rate()
    input_audio_usd_per_mtok = _rate()
    output_audio_usd_per_mtok = _rate()
    valid_from = models.DateTimeField()
    valid_to = models.DateTimeField(null=True, blank=True)
    source_name = models.CharField(max_length=40)
    source_url = models.URLField(max_length=300, blank=True, default="")
    retrieved_at = models.DateTimeField()
    content_hash = models.CharField(max_length=64)

    objects = PriceQuerySet.as_manager()

    class Meta:
        ordering: ClassVar = ["endpoint", "tier", "region_scope", "-valid_from"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["endpoint", "tier", "region_scope"],
                condition=Q(valid_to__isnull=True),
                name="price_one_open_row",
            ),
            models.CheckConstraint(
                name="price_not_negative",
                condition=Q(
                    *[Q(**{f"{name}__isnull": True}) | Q(**{f"{name}__gte": 0}) for name in RATE_FIELDS]
                ),
            ),
            models.CheckConstraint(
                name="price_ends_after_start",
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=models.F("valid_from")),
            ),
            models.CheckConstraint(name="price_in_usd", condition=Q(currency="USD")),
        ]

    def __str__(self) -> str:
        return f"{self.endpoint_id} {self.tier} {self.valid_from:%Y-%m-%d}"


class DocRef(Imported):
    """A curated link of a provider to its own documentation or notices."""

    class Kind(models.TextChoices):
        DOCS = "docs", _("documentation")
        CHANGELOG = "changelog", _("changelog")
        QUICKSTART = "quickstart", _("quickstart")
        NOTICES = "notices", _("notice channel")
        PRICING = "pricing", _("pricing")

    provider = models.ForeignKey(Provider, on_delete=models.CASCADE, related_name="doc_refs")
    kind = models.CharField(max_length=12, choices=Kind)
    url = models.URLField(max_length=300)

    class Meta:
        ordering: ClassVar = ["provider", "kind"]
        constraints: ClassVar = [
            models.UniqueConstraint("provider", "kind", name="docref_one_per_kind"),
            models.CheckConstraint(
                name="docref_kind_known",
                condition=Q(kind__in=["docs", "changelog", "quickstart", "notices", "pricing"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider_id} {self.kind}"

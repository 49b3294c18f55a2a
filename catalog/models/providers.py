"""Who makes models, who serves them, and where a provider tells what."""

from __future__ import annotations

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


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
        verbose_name = _("creator")
        verbose_name_plural = _("creators")
        ordering: ClassVar = ["name", "slug"]

    def __str__(self) -> str:
        return self.name


class Provider(Imported):
    """Who serves models over an API. `curated`: catalog/data/providers.json has its protocol and links."""

    slug = models.CharField(max_length=80, unique=True)
    name = models.CharField(max_length=120)
    url = models.URLField(max_length=300, blank=True, default="")
    docs_url = models.URLField(max_length=300, blank=True, default="")
    status_page_url = models.CharField(
        max_length=300, blank=True, default="", help_text=_("https://…; simulator:/… of a simulated provider")
    )
    status_page_kind = models.CharField(
        max_length=40, blank=True, default="", help_text=_("Format of the page")
    )
    status_page_scope = models.JSONField(
        default=list,
        blank=True,
        help_text=_("Products or categories of a page that tells of more than this provider; [] = all"),
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
    sync_trusted = models.BooleanField(
        _("trust its list"),
        default=False,
        help_text=_("What its own model list says is approved by itself, except that a model is gone"),
    )

    class Meta:
        verbose_name = _("provider")
        verbose_name_plural = _("providers")
        ordering: ClassVar = ["name", "slug"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """ValidationError where the status page is no web address, or the simulator's for a real provider."""
        address = self.status_page_url
        if self.simulated and address.startswith("simulator:/"):
            return
        try:
            URLValidator(schemes=("https", "http"))(address or "https://unset.example")
        except ValidationError as error:
            text = _("Expected an address that begins with https://, got %(address)s.")
            raise ValidationError({"status_page_url": text % {"address": address}}) from error


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

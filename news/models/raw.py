"""What was fetched, as it was fetched."""

from __future__ import annotations

import zlib
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from news.models.sources import NewsSource, Problem
from news.models.stories import Story

#: The most bytes of `body`, packed: what unpacks to more than is read is refused before.
MAX_BODY_BYTES = 2_097_152


class Precision(models.TextChoices):
    """How exactly a source says when something was published. "" (no member) = it does not."""

    DAY = "day", _("the day")
    INSTANT = "instant", _("the moment")


class JoinedBy(models.TextChoices):
    """What put an item into its story. "" (no member) = it began the story, or has none."""

    URL = "url", _("same address")
    TITLE = "title", _("same title")
    TEXT = "text", _("same text")
    EVENT = "event", _("same event")
    PERSON = "person", _("by hand")


class RawItem(models.Model):
    """One item as one source gave it at one moment. Never deleted or overwritten; a page whose text has
    changed is a new row. Moments are UTC.

    `canonical_url`: of news.urls, or what the page itself declares on its own host. `guid`: the listing's
    name for it. `published_at` None = not stated; its day at 00:00 where `published_precision` is "day".
    `lang`: BCP 47, "" = unknown. `body`: zlib; what `sha256` is of: the server's bytes, or, where `rendered`,
    the DOM that its scripts had made in our browser, with what is hidden marked. `text`: plain, without what
    readers of the page do not see; "" where `problem` says why. `similarity`: to the item that it was joined
    by, 0..1, None = not measured.
    """

    source = models.ForeignKey(
        NewsSource, on_delete=models.PROTECT, related_name="items", verbose_name=_("source")
    )
    url = models.URLField(_("address"), max_length=1_000)
    canonical_url = models.URLField(_("canonical address"), max_length=1_000, db_index=True)
    guid = models.CharField(max_length=500, blank=True, default="")
    title = models.CharField(_("title"), max_length=500, blank=True, default="")
    author = models.CharField(_("author"), max_length=200, blank=True, default="")
    published_at = models.DateTimeField(_("published"), null=True, blank=True)
    published_precision = models.CharField(
        _("published, to"), max_length=7, choices=Precision, blank=True, default=""
    )
    lang = models.CharField(_("language"), max_length=12, blank=True, default="")
    body = models.BinaryField()
    content_type = models.CharField(_("content type"), max_length=120, blank=True, default="")
    rendered = models.BooleanField(_("as a browser showed it"), default=False)
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    fetched_at = models.DateTimeField(_("fetched"))
    text = models.TextField(_("text"), blank=True, default="")
    text_sha256 = models.CharField(max_length=64, blank=True, default="")
    problem = models.CharField(_("problem"), max_length=9, choices=Problem, blank=True, default="")
    error = models.CharField(_("error"), max_length=500, blank=True, default="")
    story = models.ForeignKey(
        Story,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="items",
        verbose_name=pgettext_lazy("news", "story"),
    )
    joined_by = models.CharField(_("joined by"), max_length=6, choices=JoinedBy, blank=True, default="")
    similarity = models.FloatField(_("similarity"), null=True, blank=True)

    class Meta:
        verbose_name = pgettext_lazy("news", "fetched item")
        verbose_name_plural = pgettext_lazy("news", "fetched items")
        ordering: ClassVar = ["-fetched_at", "-pk"]
        default_permissions = ("view",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["source", "canonical_url", "sha256"], name="rawitem_once_per_version"
            ),
            models.CheckConstraint(
                name="rawitem_date_says_its_precision",
                condition=Q(published_at__isnull=True, published_precision="")
                | (Q(published_at__isnull=False) & ~Q(published_precision="")),
            ),
        ]
        indexes: ClassVar = [
            # news.services: items that are in no story yet.
            models.Index(fields=["fetched_at"], name="rawitem_without_story", condition=Q(story=None)),
            # news.services: the same text somewhere else.
            models.Index(fields=["text_sha256"], name="rawitem_by_text"),
            # The list of the admin.
            models.Index(fields=["-fetched_at"], name="rawitem_newest"),
        ]

    def __str__(self) -> str:
        return self.title or self.url

    def as_fetched(self) -> bytes:
        """The bytes that came, or the DOM as HTML, unpacked."""
        return zlib.decompress(bytes(self.body))

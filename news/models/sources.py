"""Where news is read, what a host allows, and what a source's listing names. Moments are UTC."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from catalog.models import Provider


class Category(models.TextChoices):
    """What an article is about."""

    MODEL = "model", pgettext_lazy("news", "Models")
    PROVIDER = "provider", pgettext_lazy("news", "Providers")
    RESEARCH = "research", pgettext_lazy("news", "Research")
    PRODUCT = "product", pgettext_lazy("news", "Products")
    POLICY = "policy", pgettext_lazy("news", "Policy")
    INFRA = "infra", pgettext_lazy("news", "Infrastructure")


class SourceKind(models.TextChoices):
    """How a source lists its items."""

    FEED = "feed", _("RSS or Atom")
    JSON_FEED = "json_feed", _("JSON Feed")
    SITEMAP = "sitemap", _("sitemap")
    PAGE = "page", _("page, read with selectors")
    CHANGELOG = "changelog", _("changelog, split by its headings")


class Problem(models.TextChoices):
    """Why something could not be read. "" (no member) = it could."""

    ROBOTS = "robots", _("robots.txt does not allow it")
    FORBIDDEN = "forbidden", _("the address leads where we do not go")
    NETWORK = "network", _("cannot be reached")
    STATUS = "status", _("answers with an error")
    SIZE = "size", _("larger than is read")
    FORMAT = "format", _("is not what was expected")
    SCRIPT = "script", _("a browser cannot show it")
    EMPTY = "empty", _("holds nothing to read")
    INTERNAL = "internal", _("a fault of this program")


class NewsSource(models.Model):
    """One listing of news, and how far its crawling is.

    `selectors`: CSS selectors by name (item, title, link, date, body); of kinds page and changelog only.
    `lang`: BCP 47, "" = told by the items. `category`: of articles made from it, "" = none. `provider`: whose
    own voice it is. `renders`: needs JavaScript, so that only a browser reads it. `interval_s`: between two
    readings of the listing. `last_tried_at`, `last_ok_at`: of the listing. `next_at`: nobody touches the
    source before, None = now. `claimed_until`: somebody crawls it, given up then. `failures`: in a row.
    """

    slug = models.SlugField(_("slug"), max_length=60, unique=True)
    name = models.CharField(_("name"), max_length=120)
    home_url = models.URLField(_("page"), max_length=500, blank=True, default="")
    kind = models.CharField(pgettext_lazy("news source", "kind"), max_length=10, choices=SourceKind)
    url = models.URLField(_("address of the listing"), max_length=500)
    selectors = models.JSONField(_("selectors"), default=dict, blank=True)
    lang = models.CharField(_("language"), max_length=12, blank=True, default="")
    category = models.CharField(_("category"), max_length=8, choices=Category, blank=True, default="")
    provider = models.ForeignKey(
        Provider,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="news_sources",
        verbose_name=_("own voice of"),
    )
    enabled = models.BooleanField(_("crawled"), default=False)
    renders = models.BooleanField(_("needs JavaScript"), default=False)
    interval_s = models.PositiveIntegerField(_("seconds between readings"), default=3_600)
    #: An address, or a file of this project.
    stated_at = models.CharField(_("where the address is stated"), max_length=500, blank=True, default="")

    etag = models.CharField(max_length=500, blank=True, default="", editable=False)
    last_modified = models.CharField(max_length=100, blank=True, default="", editable=False)
    last_tried_at = models.DateTimeField(_("last tried"), null=True, blank=True, editable=False)
    last_ok_at = models.DateTimeField(_("last read"), null=True, blank=True, editable=False)
    next_at = models.DateTimeField(_("next"), null=True, blank=True, editable=False)
    claimed_until = models.DateTimeField(null=True, blank=True, editable=False)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0, editable=False)
    problem = models.CharField(
        _("problem"), max_length=9, choices=Problem, blank=True, default="", editable=False
    )
    error = models.CharField(_("error"), max_length=500, blank=True, default="", editable=False)

    class Meta:
        verbose_name = _("news source")
        verbose_name_plural = _("news sources")
        ordering: ClassVar = ["name", "slug"]
        constraints: ClassVar = [
            models.CheckConstraint(name="newssource_interval_is_polite", condition=Q(interval_s__gte=300)),
        ]
        indexes: ClassVar = [
            # news.services.crawling: sources that are due.
            models.Index(fields=["next_at"], name="newssource_due", condition=Q(enabled=True)),
        ]

    def __str__(self) -> str:
        return self.name


class HostRules(models.Model):
    """What one origin allows crawlers, and when it may be asked next.

    `origin`: scheme://host[:port]. `robots`: its robots.txt as read last. `status`: of the last answer to
    asking for it, None = no answer. `crawl_delay_s` None = not stated. `next_at`: nobody asks before, None =
    now. `failures`: in a row, of asking for robots.txt.
    """

    origin = models.CharField(_("origin"), max_length=300, unique=True)
    robots = models.TextField(blank=True, default="")
    status = models.PositiveSmallIntegerField(_("HTTP status"), null=True, blank=True)
    fetched_at = models.DateTimeField(_("asked"), null=True, blank=True)
    crawl_delay_s = models.FloatField(_("seconds between requests"), null=True, blank=True)
    next_at = models.DateTimeField(_("next"), null=True, blank=True)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0)

    class Meta:
        verbose_name = _("rules of a host")
        verbose_name_plural = _("rules of hosts")
        ordering: ClassVar = ["origin"]

    def __str__(self) -> str:
        return self.origin


class ListedItem(models.Model):
    """What a source's listing says of one item, and how far the reading of its page is.

    `listed`: the entry as JSON (news.crawling.entries). `sha256`: of it; another one = the page is asked
    again. `next_at`: when its page is asked, None = not again by itself. `tries`: failures in a row.
    """

    source = models.ForeignKey(NewsSource, on_delete=models.CASCADE, related_name="listed")
    url = models.CharField(max_length=1_000)
    listed = models.JSONField()
    sha256 = models.CharField(max_length=64)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    next_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    etag = models.CharField(max_length=500, blank=True, default="")
    last_modified = models.CharField(max_length=100, blank=True, default="")
    problem = models.CharField(max_length=9, choices=Problem, blank=True, default="")
    error = models.CharField(max_length=500, blank=True, default="")

    class Meta:
        default_permissions = ()
        ordering: ClassVar = ["-first_at", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["source", "url"], name="listeditem_once_per_source"),
        ]
        indexes: ClassVar = [
            # news.services.crawling: pages of a source that are due.
            models.Index(
                fields=["source", "next_at"], name="listeditem_due", condition=Q(next_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return self.url

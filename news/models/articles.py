"""What is written of a story, in two languages, with the sources that carry each sentence."""

from __future__ import annotations

from functools import lru_cache
from itertools import count
from typing import Any, ClassVar, Final

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from catalog.models import AIModel, Creator, Provider
from editorial.models import Editorial
from editorial.workflow import FieldProblem, Move, State
from news.checking import Spellings
from news.claims import CLAIM_FIELDS
from news.cleaning import clean_html
from news.filtering import folded
from news.fitness import Flaw, Piece, flaws_of
from news.models.raw import RawItem
from news.models.sources import Category
from news.models.stories import Story
from news.wording import flaw_words

#: What stands below /news/ besides articles.
RESERVED: Final = frozenset({"topics"})


def refuse_reserved(slug: str) -> None:
    """ValidationError: the address is a page of its own."""
    if slug in RESERVED:
        raise ValidationError(_("“%(slug)s” is an address of the portal itself.") % {"slug": slug})


class Stance(models.TextChoices):
    """What readers are told about a text."""

    FACTS_ONLY = "facts_only", pgettext_lazy("news", "facts only")
    OPINION = "opinion", pgettext_lazy("news", "contains opinion")


class Tag(models.Model):
    """What articles are tagged with. `slug` of a model, provider or suite is its own."""

    class Kind(models.TextChoices):
        MODEL = "model", _("model")
        PROVIDER = "provider", _("provider")
        SUITE = "suite", _("suite")
        TOPIC = "topic", pgettext_lazy("news", "topic")

    kind = models.CharField(pgettext_lazy("tag", "kind"), max_length=8, choices=Kind)
    slug = models.CharField(_("slug"), max_length=120)
    name_en = models.CharField(_("name in English"), max_length=120)
    name_ko = models.CharField(_("name in Korean"), max_length=120, blank=True, default="")

    class Meta:
        verbose_name = pgettext_lazy("news", "tag")
        verbose_name_plural = pgettext_lazy("news", "tags")
        ordering: ClassVar = ["kind", "slug"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "slug"], name="tag_once_per_kind"),
        ]

    def __str__(self) -> str:
        return self.name_en or self.slug


class ArticleQuerySet(models.QuerySet["Article"]):
    def shown(self) -> ArticleQuerySet:
        """What readers see. Every page, feed and line of news counts these."""
        return self.filter(state="published")


class Article(Editorial):
    """A piece of news on its editorial way.

    `slug` "" until it is first submitted or given by hand. `summary`, `key_facts`: claims as JSON
    (news.claims), in the order in which they are read. `body_en`, `body_ko`: HTML of the allow-list of
    news.cleaning. `sources`: the fetched items that the claims quote. `sought_in`: the words by which readers
    find it, of both languages, folded as by news.filtering; its tags are looked at beside them.
    """

    slug = models.SlugField(_("slug"), max_length=120, blank=True, default="", validators=[refuse_reserved])
    story = models.ForeignKey(
        Story,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="articles",
        verbose_name=pgettext_lazy("news", "story"),
    )
    title_en = models.CharField(_("title in English"), max_length=200, blank=True, default="")
    title_ko = models.CharField(_("title in Korean"), max_length=200, blank=True, default="")
    dek_en = models.CharField(_("standfirst in English"), max_length=400, blank=True, default="")
    dek_ko = models.CharField(_("standfirst in Korean"), max_length=400, blank=True, default="")
    summary = models.JSONField(pgettext_lazy("news", "summary"), default=list, blank=True)
    body_en = models.TextField(_("body in English"), blank=True, default="")
    body_ko = models.TextField(_("body in Korean"), blank=True, default="")
    category = models.CharField(_("category"), max_length=8, choices=Category, blank=True, default="")
    key_facts = models.JSONField(_("key facts"), default=list, blank=True)
    stance = models.CharField(_("stance"), max_length=10, choices=Stance, default=Stance.FACTS_ONLY)
    sources = models.ManyToManyField(
        RawItem, blank=True, related_name="articles", verbose_name=pgettext_lazy("news", "sources")
    )
    tags = models.ManyToManyField(
        Tag, blank=True, related_name="articles", verbose_name=pgettext_lazy("news", "tags")
    )

    sought_in = models.TextField(blank=True, default="", editable=False)

    objects = ArticleQuerySet.as_manager()
    preview_template = "news/_draft.html"

    class Meta(Editorial.Meta):
        verbose_name = _("article")
        verbose_name_plural = _("articles")
        ordering: ClassVar = ["-published_at", "-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["slug"], condition=~Q(slug=""), name="article_one_per_slug"),
            models.CheckConstraint(
                name="article_published_has_address_and_moment",
                condition=~Q(state="published") | (~Q(slug="") & Q(published_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="article_moments_in_order",
                condition=Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gte=F("published_at")),
            ),
        ]
        indexes: ClassVar = [
            # ArticleQuerySet.shown(): the portal, newest first, all or one category.
            models.Index(fields=["-published_at"], name="article_shown", condition=Q(state="published")),
            models.Index(
                fields=["category", "-published_at"],
                name="article_shown_of_category",
                condition=Q(state="published"),
            ),
        ]

    def __str__(self) -> str:
        return self.title_en or self.title_ko or self.slug or f"#{self.pk}"

    def clean(self) -> None:
        """An address that readers had stays: what was withdrawn is told there, or stands there again."""
        super().clean()
        if self.published_at is None:
            return
        had = Article.objects.values_list("slug", flat=True).get(pk=self.pk)
        if self.slug != had:
            text = _("Readers had it as “%(slug)s”: a published address stays.")
            raise ValidationError({"slug": text % {"slug": had}})

    def refuse_move(self, move: Move) -> list[FieldProblem]:
        """On its way to readers it has a source, three lines and a key fact in both languages, and each claim
        is carried by its quote."""
        if move.target not in (State.REVIEW, State.APPROVED, State.SCHEDULED, State.PUBLISHED):
            return []
        if move.name == "unschedule":
            return []
        return [FieldProblem(flaw.field, flaw_words(flaw)) for flaw in self.flaws()]

    @classmethod
    def words_of(cls, field: str, value: Any) -> str | None:
        """Claims as lines: the sentence, and beneath it its source's number and the quoted words."""
        if field not in CLAIM_FIELDS or not isinstance(value, list):
            return None
        claims = [row for row in value if isinstance(row, dict)]
        return "\n".join(f"{row.get('text')}\n  [{row.get('source')}] “{row.get('quote')}”" for row in claims)

    def told_in(self, lang: str) -> dict[str, Any]:
        """What one language has of it, for pages: texts, claims as they are kept, the body cleaned again."""
        named = {name: getattr(self, f"{name}_{lang}") for name in ("title", "dek")}
        claims = {
            name: [
                one for one in getattr(self, name) or [] if isinstance(one, dict) and one.get("lang") == lang
            ]
            for name in CLAIM_FIELDS
        }
        return {"lang": lang, **named, **claims, "body": mark_safe(clean_html(getattr(self, f"body_{lang}")))}  # noqa: S308  # cleaned

    def refuse_move_words(self) -> list[tuple[str, str]]:
        """(the field's name, why) of all that keeps it from readers."""
        return [
            (str(self._meta.get_field(flaw.field).verbose_name), flaw_words(flaw))  # type: ignore[union-attr]
            for flaw in self.flaws()
        ]

    def flaws(self) -> list[Flaw]:
        """What keeps it from readers, as news.fitness says."""
        texts = dict(self.sources.values_list("pk", "text")) if self.pk else {}
        titles = {"en": self.title_en, "ko": self.title_ko}
        piece = Piece(titles, self.slug, self.category, self.summary, self.key_facts, texts)
        return flaws_of(piece, catalogue_spellings())

    @classmethod
    def fit_to_submit(cls, works: models.QuerySet[Any]) -> models.QuerySet[Any]:
        return works.exclude(summary=[]).exclude(key_facts=[]).filter(sources__isnull=False).distinct()

    def takes_move(self, move: Move) -> bool:
        """A person reads every article: no source is trusted so far."""
        return move.name != "trust"

    def public_url(self) -> str:
        """ "" where readers do not see it."""
        return reverse("news-article", args=[self.slug]) if self.state == State.PUBLISHED else ""

    def derive(self) -> None:
        """Clean bodies, whoever wrote them; an address as soon as there is a title; what it is found by."""
        self.body_en, self.body_ko = clean_html(self.body_en), clean_html(self.body_ko)
        self.slug = self.slug or self._free_slug()
        lines = [str(one.get("text", "")) for one in self.summary or [] if isinstance(one, dict)]
        texts = (self.title_en, self.title_ko, self.dek_en, self.dek_ko, *lines)
        self.sought_in = folded("\n".join(text for text in texts if text))

    def _free_slug(self) -> str:
        """Of its English title, else of its story; "" while it has neither title."""
        if not (self.title_en or self.title_ko):
            return ""
        stem = slugify(self.title_en)[:100].strip("-") or f"news-{self.story_id or 'item'}"
        taken = {*RESERVED, *Article.objects.filter(slug__startswith=stem).values_list("slug", flat=True)}
        numbers = (f"{stem}-{number}" for number in count(2))
        return stem if stem not in taken else next(slug for slug in numbers if slug not in taken)


def catalogue_spellings() -> Spellings:
    """Names of the catalogue, for the fact check, beside those of its tables: as they are now, and the same
    object until one of them changes."""
    rows = (AIModel.objects.known(), Provider.objects.filter(simulated=False), Creator.objects.all())
    return _spellings(
        frozenset(name for found in rows for name in found.order_by().values_list("name", flat=True))
    )


@lru_cache(maxsize=2)
def _spellings(names: frozenset[str]) -> Spellings:
    return Spellings(names)


class Correction(models.Model):
    """What was put right in a published article, as readers are told. `by` None: its account is gone."""

    article = models.ForeignKey(
        Article, on_delete=models.CASCADE, related_name="corrections", verbose_name=_("article")
    )
    at = models.DateTimeField(_("at"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("by"),
    )
    text_en = models.CharField(_("in English"), max_length=500)
    text_ko = models.CharField(_("in Korean"), max_length=500, blank=True, default="")

    class Meta:
        verbose_name = pgettext_lazy("news", "correction")
        verbose_name_plural = pgettext_lazy("news", "corrections")
        ordering: ClassVar = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.article_id} {self.at:%Y-%m-%d}"

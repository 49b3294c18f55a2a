"""Articles as readers get them: claims with what carries them, sources, tags, corrections. Pages, feeds and
the API tell the same of them.

    NoSuchArticle    theirs, permanent: readers have never seen an article of that slug; 404
    Withdrawn        ours, until it is published again: they have, and do not any more; 410 with the reason
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final, Literal

from django.db.models import Max, OuterRef, Prefetch, Subquery
from django.db.models.functions import Coalesce, Greatest
from rest_framework import exceptions

from aigo.lib.moments import moment_text
from aigo.lib.problems import Problem
from aigo.lib.words import Words
from editorial.selectors.works import first_steps, steps_of
from news.claims import LANGUAGES, BadClaim, Claim
from news.cleaning import clean_html
from news.filtering import NewsWish
from news.models import Article, Correction, RawItem
from news.models.articles import ArticleQuerySet
from news.selectors.cards import TagLine, lines_of_tags, site_of
from news.selectors.portal import find_articles

Newest = Literal["published", "told"]

#: Of a fetched item only what is told of it: neither its bytes nor its text.
_TOLD_OF_ITEMS: Final = (
    *("url", "title", "author", "lang", "published_at", "published_precision", "fetched_at", "sha256"),
    "source__name",
)

#: Cleaned bodies that are remembered: those of a feed take a quarter of a second, and readers ask each hour.
MOST_CLEANED: Final = 200


class NoSuchArticle(Problem):
    """Readers have never seen an article of this slug: 404."""

    def __init__(self, slug: str) -> None:
        accepted = "an article's slug as /api/v1/news names them"
        super().__init__("slug", slug, accepted, title="No such article", status_code=404)


class Withdrawn(exceptions.APIException):
    """Readers have seen it, and do not any more: 410. `reason`: as whoever withdrew it told readers."""

    status_code = 410

    def __init__(self, slug: str, at: datetime, reason: str) -> None:
        super().__init__(f"The article was withdrawn on {at:%Y-%m-%d}: {reason or 'no reason is kept'}")
        self.slug, self.at, self.reason = slug, at, reason
        self.extra = {
            "title": "Withdrawn",
            "slug": slug,
            "withdrawn_at": moment_text(at),
            "reason": reason or None,
        }


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """A fetched item. `site`: the name of whose it is; `host`: where it stands, without "www.". `lang`: BCP
    47, "" = unknown. `published_at` None = not stated; `precision`: "day" or "instant", "" = not stated.
    `sha256`: of the fetched bytes. `author`: "" = not stated.
    """

    pk: int
    url: str
    title: str
    site: str
    lang: str
    published_at: datetime | None
    precision: str
    fetched_at: datetime
    sha256: str
    author: str = ""

    @property
    def host(self) -> str:
        return site_of(self.url)

    def to_json(self) -> dict[str, Any]:
        return {
            "url": self.url,
            "title": self.title or None,
            "site": self.site,
            "lang": self.lang or None,
            "published_at": moment_text(self.published_at),
            "published_precision": self.precision or None,
            "fetched_at": moment_text(self.fetched_at),
            "sha256": self.sha256,
        }


@dataclass(frozen=True, slots=True)
class ClaimFacts:
    """A sentence, and the words of a source that carry it."""

    text: str
    quote: str
    source: SourceFacts

    def to_json(self) -> dict[str, Any]:
        return {"text": self.text, "quote": self.quote, "source": self.source.to_json()}


@dataclass(frozen=True, slots=True)
class CorrectionFacts:
    at: datetime
    text: Words

    def to_json(self) -> dict[str, Any]:
        return {"at": moment_text(self.at), "text": self.text.to_json()}


@dataclass(frozen=True, slots=True)
class ArticleFacts:
    """`summary`, `key_facts`: language → claims, as they are read. `written`: the body as it is kept.
    `corrections`: the newest first. `url`: the path of its page. `first_at`: when readers saw it first;
    `published_at`: when it was published last, which is later where it had been withdrawn."""

    pk: int
    slug: str
    url: str
    title: Words
    dek: Words
    category: str
    stance: str
    first_at: datetime
    published_at: datetime
    summary: Mapping[str, tuple[ClaimFacts, ...]]
    key_facts: Mapping[str, tuple[ClaimFacts, ...]]
    written: Words
    tags: tuple[TagLine, ...]
    sources: tuple[SourceFacts, ...]
    corrections: tuple[CorrectionFacts, ...]

    @property
    def simulated(self) -> bool:
        """Whether it tells of what is invented."""
        return any(tag.simulated for tag in self.tags)

    @property
    def updated_at(self) -> datetime:
        """When it was published, or put right since."""
        return max([self.published_at, *(one.at for one in self.corrections)])

    def body(self, language: str) -> str:
        """In "en" or "ko", HTML of news.cleaning's allow-list, cleaned again; "" = not written in it."""
        return _cleaned(self.written.ko if language == "ko" else self.written.en)

    def to_json(self) -> dict[str, Any]:
        """As in lists of the API: all but the body."""
        return {
            "slug": self.slug,
            "url": self.url,
            "title": self.title.to_json(),
            "standfirst": self.dek.to_json() if self.dek else None,
            "category": self.category,
            "stance": self.stance,
            "first_published_at": moment_text(self.first_at),
            "published_at": moment_text(self.published_at),
            "updated_at": moment_text(self.updated_at),
            "summary": _claims_json(self.summary),
            "key_facts": _claims_json(self.key_facts),
            "tags": [tag.to_json() for tag in self.tags],
            "sources": [source.to_json() for source in self.sources],
            "corrections": [one.to_json() for one in self.corrections],
            "simulated": self.simulated,
        }

    def told_whole(self) -> dict[str, Any]:
        """With the body of each language that it was written in."""
        return self.to_json() | {"body": {lang: self.body(lang) or None for lang in LANGUAGES}}


def facts_of(articles: ArticleQuerySet) -> list[ArticleFacts]:
    """Of shown articles, in their order. Seven queries, however many there are."""
    sources = RawItem.objects.select_related("source").only(*_TOLD_OF_ITEMS).order_by("fetched_at", "pk")
    rows = list(articles.prefetch_related(Prefetch("sources", sources), "tags", "corrections"))
    tags, firsts = lines_of_tags(rows), first_steps(Article, [row.pk for row in rows], "publish")
    return [_facts(row, tags, firsts.get(row.pk)) for row in rows]


def load_article(slug: str) -> ArticleFacts:
    """The article that readers see. Raises NoSuchArticle, Withdrawn."""
    found = facts_of(Article.objects.shown().filter(slug=slug))
    if found:
        return found[0]
    raise why_hidden(slug)


def why_hidden(slug: str) -> NoSuchArticle | Withdrawn:
    """Of an article that is not shown: what to raise."""
    former = Article.objects.filter(slug=slug, withdrawn_at__isnull=False).exclude(slug="").first()
    if former is None or former.withdrawn_at is None:
        return NoSuchArticle(slug)
    step = steps_of(former).filter(move="unpublish").first()
    return Withdrawn(slug, former.withdrawn_at, step.reason if step else "")


@dataclass(frozen=True, slots=True)
class ArticlePage:
    """A part of the articles that a wish finds. `count`: of all that it finds."""

    articles: tuple[ArticleFacts, ...]
    count: int


def load_page(wish: NewsWish, *, offset: int, limit: int, newest: Newest) -> ArticlePage:
    """newest: those first that were "published" last, or "told" of: published or put right."""
    found = find_articles(wish)
    rows = _newest_told(found) if newest == "told" else found
    return ArticlePage(tuple(facts_of(rows[offset : offset + limit])), found.count())


def last_change() -> datetime | None:
    """When any article was last published, put right or withdrawn, UTC; None = none ever was."""
    moments = Article.objects.aggregate(Max("published_at"), Max("withdrawn_at"), Max("corrections__at"))
    return max((at for at in moments.values() if at is not None), default=None)


def _newest_told(articles: ArticleQuerySet) -> ArticleQuerySet:
    corrected = Correction.objects.filter(article=OuterRef("pk")).order_by("-at").values("at")[:1]
    told_at = Greatest("published_at", Coalesce(Subquery(corrected), "published_at"))
    return articles.annotate(told_at=told_at).order_by("-told_at", "-pk")


@lru_cache(maxsize=MOST_CLEANED)
def _cleaned(html: str) -> str:
    return clean_html(html)


def _facts(article: Article, tags: Mapping[int, TagLine], first_at: datetime | None) -> ArticleFacts:
    if article.published_at is None:
        raise ValueError(f"{article} has not been published.")
    sources = {item.pk: source_facts(item) for item in article.sources.all()}
    return ArticleFacts(
        pk=article.pk,
        slug=article.slug,
        url=article.public_url(),
        title=Words(article.title_en, article.title_ko),
        dek=Words(article.dek_en, article.dek_ko),
        category=article.category,
        stance=article.stance,
        first_at=first_at or article.published_at,
        published_at=article.published_at,
        summary=claims_told(article.summary, sources),
        key_facts=claims_told(article.key_facts, sources),
        written=Words(article.body_en, article.body_ko),
        tags=tuple(tags[tag.pk] for tag in article.tags.all()),
        sources=tuple(sources.values()),
        corrections=corrections_told(article),
    )


def corrections_told(article: Article) -> tuple[CorrectionFacts, ...]:
    """The newest first."""
    return tuple(
        CorrectionFacts(row.at, Words(row.text_en, row.text_ko)) for row in article.corrections.all()
    )


def source_facts(item: RawItem) -> SourceFacts:
    return SourceFacts(
        pk=item.pk,
        url=item.url,
        title=item.title,
        site=item.source.name,
        lang=item.lang,
        published_at=item.published_at,
        precision=item.published_precision,
        fetched_at=item.fetched_at,
        sha256=item.sha256,
        author=item.author,
    )


def claims_told(kept: Iterable[Any], sources: Mapping[int, SourceFacts]) -> dict[str, tuple[ClaimFacts, ...]]:
    """By language. What names none of the article's sources is told to nobody; published ones have none."""
    told: dict[str, list[ClaimFacts]] = {lang: [] for lang in LANGUAGES}
    for one in kept or ():
        try:
            claim = Claim.from_dict(one)
        except BadClaim:
            continue
        if claim.lang in told and claim.source in sources:
            told[claim.lang].append(ClaimFacts(claim.text, claim.quote, sources[claim.source]))
    return {lang: tuple(claims) for lang, claims in told.items()}


def _claims_json(claims: Mapping[str, tuple[ClaimFacts, ...]]) -> dict[str, list[dict[str, Any]]]:
    return {lang: [claim.to_json() for claim in own] for lang, own in claims.items()}

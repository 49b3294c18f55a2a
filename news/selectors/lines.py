"""News in one line each, for what they are about: cards, pages of models, comparisons."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import F

from aigo.lib.moments import moment_text
from aigo.lib.words import Words
from news.filtering import NewsWish
from news.models import Article, Category, Tag
from news.models.articles import ArticleQuerySet, Stance
from news.selectors.portal import find_articles

#: For how long a card tells of it.
FRESH: Final = timedelta(days=30)
#: Lines of one model on a card.
ON_A_CARD: Final = 2


@dataclass(frozen=True, slots=True)
class NewsLine:
    """A published article. `at`: when it was published, UTC. `category`, `stance`: keys of their choices."""

    slug: str
    url: str
    title: Words
    at: datetime
    category: str
    stance: str

    @classmethod
    def of(cls, article: Article) -> NewsLine:
        """Of an article that readers see; ValueError for another."""
        if article.published_at is None:
            raise ValueError(f"{article} has not been published.")
        title = Words(article.title_en, article.title_ko)
        return cls(
            article.slug,
            article.public_url(),
            title,
            article.published_at,
            article.category,
            article.stance,
        )

    @property
    def category_word(self) -> str:
        return str(Category(self.category).label)

    @property
    def stance_word(self) -> str:
        return str(Stance(self.stance).label)

    def to_json(self) -> dict[str, Any]:
        """As in rows of the API and in frames."""
        return {
            "slug": self.slug,
            "title": self.title.to_json(),
            "url": self.url,
            "published_at": moment_text(self.at),
        }


@dataclass(frozen=True, slots=True)
class NewsAbout:
    """The newest lines about something, and how many articles there are of any age."""

    lines: tuple[NewsLine, ...] = ()
    count: int = 0


def lines_of_models(*, now: datetime) -> dict[str, tuple[NewsLine, ...]]:
    """Model slug → its newest lines of the last FRESH, newest first; models without any are left out."""
    rows = Article.objects.shown().filter(published_at__gt=now - FRESH, tags__kind=Tag.Kind.MODEL)
    return _by_tag(rows, most=ON_A_CARD)


def lines_of_each(models: Collection[str], *, most: int) -> dict[str, tuple[NewsLine, ...]]:
    """The same of these models alone, of any age. One query."""
    rows = Article.objects.shown().filter(tags__kind=Tag.Kind.MODEL, tags__slug__in=models)
    return _by_tag(rows, most=most)


def _by_tag(rows: ArticleQuerySet, *, most: int) -> dict[str, tuple[NewsLine, ...]]:
    """Slug of a tag that `rows` were found by → its newest lines."""
    found: dict[str, list[NewsLine]] = defaultdict(list)
    told: dict[int, NewsLine] = {}
    for article in _listed(rows.annotate(about=F("tags__slug"))):
        if len(found[article.about]) < most:
            line = told[article.pk] = told.get(article.pk) or NewsLine.of(article)
            found[article.about].append(line)
    return {slug: tuple(lines) for slug, lines in found.items()}


def lines_about(kind: str, slugs: Collection[str], *, most: int) -> tuple[NewsLine, ...]:
    """The newest that are tagged with one of these, of any age; kind: of Tag.Kind."""
    return tuple(NewsLine.of(article) for article in _listed(_about(kind, slugs))[:most])


def news_about(kind: str, slug: str, *, most: int) -> NewsAbout:
    """The newest that are tagged with it, and how many there are. One query, two where there are more."""
    lines = lines_about(kind, [slug], most=most)
    return NewsAbout(lines, len(lines) if len(lines) < most else _about(kind, [slug]).count())


def _about(kind: str, slugs: Collection[str]) -> ArticleQuerySet:
    """Of no slug: none."""
    if not slugs:
        return Article.objects.none()
    return find_articles(NewsWish(tag=tuple(f"{kind}:{slug}" for slug in slugs)))


def _listed(rows: Any) -> Any:
    """Only what a line needs, newest first."""
    return rows.only("slug", "title_en", "title_ko", "category", "stance", "published_at", "state").order_by(
        "-published_at", "-pk"
    )

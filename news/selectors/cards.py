"""An article at a glance, for lists: and the list that a wish asks for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.core.paginator import Page, Paginator
from django.db.models import Count, Prefetch
from django.urls import reverse

from aigo.lib.words import Words
from catalog.models import AIModel, Provider
from news.filtering import NewsWish
from news.models import Article, RawItem, Tag
from news.selectors.portal import Counts, count_articles, count_tags, find_articles, tags_named
from news.urls import page_key

PER_PAGE: Final = 20
#: Tags that a filter offers; the page of topics has all.
MOST_TAGS: Final = 60


@dataclass(frozen=True, slots=True)
class TagLine:
    """kind: of Tag.Kind. articles: how many shown ones bear it, 0 = not counted here. simulated: a model or
    provider that is invented. has_page: the catalogue knows it (still); a suite's tag was made of a suite."""

    kind: str
    slug: str
    name: Words
    articles: int = 0
    simulated: bool = False
    has_page: bool = False

    @property
    def key(self) -> str:
        """As addresses name it."""
        return f"{self.kind}:{self.slug}"

    @property
    def url(self) -> str:
        """The page of its articles."""
        return reverse("news-topic", args=[self.kind, self.slug])

    def to_json(self) -> dict[str, Any]:
        """As the API tells of it."""
        name = self.name.to_json()
        return {
            "kind": self.kind,
            "slug": self.slug,
            "name": name,
            "url": self.url,
            "simulated": self.simulated,
        }


@dataclass(frozen=True, slots=True)
class Card:
    """at: published, UTC; None = not (yet). sites: independent ones among its sources. category, stance: keys
    of their choices. corrections: how many readers were told of."""

    slug: str
    url: str
    title: Words
    dek: Words
    category: str
    stance: str
    at: datetime | None
    sites: int
    tags: tuple[TagLine, ...]
    corrections: int = 0

    @property
    def simulated(self) -> bool:
        """Whether it tells of what is invented."""
        return any(tag.simulated for tag in self.tags)


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of the articles that a wish leaves. shown: how many readers see in all. tags: that the
    other filters leave, those with most articles first."""

    wish: NewsWish
    shown: int
    page: Page[Card]
    counts: Counts
    tags: tuple[TagLine, ...]

    @property
    def found(self) -> int:
        """How many articles the wish leaves."""
        return self.counts.found


def load_listing(wish: NewsWish, number: int) -> Listing:
    """The page of that number, the last where there are fewer. One query where nothing is published."""
    shown = Article.objects.shown().count()
    if not shown:
        nothing: list[Card] = []
        return Listing(wish, 0, Paginator(nothing, PER_PAGE).get_page(1), Counts(0, {}, {}), ())
    counts = count_articles(wish)
    pages: Any = Paginator(find_articles(wish), PER_PAGE)
    pages.count = counts.found  # which it would ask for
    page = pages.get_page(number)
    page.object_list = cards_of(page.object_list)
    counted = count_tags(wish)[:MOST_TAGS]
    chosen = [tag for tag in tags_named(wish.tags) if tag.pk not in {one.pk for one, _ in counted}]
    tags = tag_lines([*counted, *((tag, 0) for tag in chosen)])
    return Listing(wish, shown, page, counts, tags)


def cards_of(articles: Any) -> list[Card]:
    """Of a queryset, in its order. Five queries, however many articles."""
    rows = list(
        articles.defer("body_en", "body_ko", "summary", "key_facts", "sought_in")
        .annotate(corrected=Count("corrections", distinct=True))
        .prefetch_related("tags", Prefetch("sources", RawItem.objects.only("pk", "url").order_by()))
    )
    lines = lines_of_tags(rows)
    return [_card(row, lines) for row in rows]


def lines_of_tags(articles: Iterable[Article]) -> dict[int, TagLine]:
    """Tag's id → what is told of it, of all tags of articles that came with them. Two queries at most."""
    tags = {tag.pk: (tag, 0) for article in articles for tag in article.tags.all()}
    return dict(zip(tags, tag_lines(tags.values()), strict=True))


def _card(article: Article, lines: Mapping[int, TagLine]) -> Card:
    return Card(
        article.slug,
        article.public_url(),
        Words(article.title_en, article.title_ko),
        Words(article.dek_en, article.dek_ko),
        article.category,
        article.stance,
        article.published_at,
        len(sites_of(item.url for item in article.sources.all())),
        tuple(lines[tag.pk] for tag in article.tags.all()),
        getattr(article, "corrected", 0),
    )


def tag_lines(counted: Iterable[tuple[Tag, int]]) -> tuple[TagLine, ...]:
    """In the same order. Two queries at most."""
    rows = list(counted)
    known: dict[tuple[str, str], bool] = {}
    for kind, model in ((Tag.Kind.MODEL, AIModel), (Tag.Kind.PROVIDER, Provider)):
        slugs = [tag.slug for tag, _ in rows if tag.kind == kind]
        if slugs:
            found = model._default_manager.filter(slug__in=slugs).values_list("slug", "simulated")
            known |= {(kind.value, slug): simulated for slug, simulated in found}
    return tuple(
        TagLine(
            tag.kind,
            tag.slug,
            Words(tag.name_en, tag.name_ko),
            found,
            simulated=known.get((tag.kind, tag.slug), False),
            has_page=tag.kind == Tag.Kind.SUITE or (tag.kind, tag.slug) in known,
        )
        for tag, found in rows
    )


def site_of(url: str) -> str:
    """The host, without "www." and the like: one publisher is one site, however it is reached."""
    return page_key(url).partition("/")[0]


def sites_of(urls: Iterable[str]) -> list[str]:
    """The different ones, in the order in which they come."""
    return list(dict.fromkeys(site for site in map(site_of, urls) if site))


def load_topic(kind: str, slug: str) -> TagLine | None:
    """One tag, whether an article bears it or not; None: there is no such."""
    lines = tag_lines((tag, 0) for tag in tags_named([(kind, slug)]))
    return lines[0] if lines else None


def load_topics() -> tuple[TagLine, ...]:
    """Every tag of a shown article, by kind, those with most articles first."""
    order = list(Tag.Kind.values)
    counted = sorted(count_tags(NewsWish()), key=lambda pair: order.index(pair[0].kind))
    return tag_lines(counted)

"""One article as its page shows it: what readers get of it, and how it came about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Count

from catalog.models import AIModel
from editorial.selectors import PublicStep, public_steps
from editorial.workflow import State
from news.claims import LANGUAGES
from news.models import Article, RawItem, Tag
from news.selectors.articles import (
    ClaimFacts,
    CorrectionFacts,
    SourceFacts,
    claims_told,
    corrections_told,
    source_facts,
    why_hidden,
)
from news.selectors.cards import Card, TagLine, cards_of

#: Other items of the story that are named; the rest is counted.
MOST_OTHERS: Final = 20
MOST_RELATED: Final = 4
#: Models whose live state is shown.
MOST_MODELS: Final = 4


@dataclass(frozen=True, slots=True)
class Told:
    """What one language has of it. body: HTML of the allow-list, cleaned on the way out, too."""

    lang: str
    title: str
    dek: str
    summary: tuple[ClaimFacts, ...]
    key_facts: tuple[ClaimFacts, ...]
    body: str


@dataclass(frozen=True, slots=True)
class ArticleView:
    """first_at: when readers saw it first; updated_at: when it was last published again or corrected, UTC;
    None = it was not. sources: the first published first. others: of its story, beside its sources;
    other_count: with those that are not named. models: (slug, name) of those whose live state is shown.
    """

    card: Card
    told: Mapping[str, Told]
    first_at: datetime | None
    updated_at: datetime | None
    sources: tuple[SourceFacts, ...]
    others: tuple[SourceFacts, ...]
    other_count: int
    corrections: tuple[CorrectionFacts, ...]
    steps: tuple[PublicStep, ...]
    models: tuple[tuple[str, str], ...]
    related: tuple[Card, ...]

    def number_of(self, source: SourceFacts) -> int:
        """Its number among the sources, from 1."""
        return [one.pk for one in self.sources].index(source.pk) + 1

    @property
    def claims(self) -> list[ClaimFacts]:
        """Those of both languages."""
        return [one for told in self.told.values() for one in (*told.summary, *told.key_facts)]

    @property
    def verbatim(self) -> int:
        """How many claims are their source's own sentences."""
        return sum(one.text.strip() == one.quote.strip() for one in self.claims)


def load_view(slug: str) -> ArticleView:
    """As readers see it now. Raises NoSuchArticle, Withdrawn."""
    article = Article.objects.shown().filter(slug=slug).first()
    if article is None:
        raise why_hidden(slug)
    return view_of(article)


def view_of(article: Article) -> ArticleView:
    """Of any article: a draft is previewed as readers will see it. As many queries whatever it holds."""
    (card,) = cards_of(Article.objects.filter(pk=article.pk))
    items = article.sources.select_related("source").defer("body", "text")
    sources = {item.pk: source_facts(item) for item in _earliest_first(items)}
    others = _others(article, sources)
    corrections = corrections_told(article)
    steps = public_steps(Article, article.pk)
    published = [step.at for step in steps if step.move == "publish"]
    published = published or [at for at in [article.published_at] if at]
    changed = [*published[1:], *(row.at for row in corrections)]
    return ArticleView(
        card=card,
        told={lang: _told(article, lang, sources) for lang in LANGUAGES},
        first_at=published[0] if published else None,
        updated_at=max(changed) if changed else None,
        sources=tuple(sources.values()),
        others=tuple(others[:MOST_OTHERS]),
        other_count=len(others),
        corrections=corrections,
        steps=tuple(steps),
        models=_models(card.tags),
        related=_related(article),
    )


def _told(article: Article, lang: str, sources: Mapping[int, SourceFacts]) -> Told:
    kept = article.told_in(lang)
    summary, key_facts = (claims_told(kept[name], sources)[lang] for name in ("summary", "key_facts"))
    return Told(lang, kept["title"], kept["dek"], summary, key_facts, kept["body"])


def _earliest_first(items: Any) -> list[RawItem]:
    return sorted(items, key=lambda item: (item.published_at or item.fetched_at, item.pk))


def _others(article: Article, besides: Mapping[int, SourceFacts]) -> list[SourceFacts]:
    """Who else told the story, the first first; each page once, the article's own left out."""
    if article.story is None:
        return []
    own = {source.url for source in besides.values()}
    rows = article.story.items.exclude(pk__in=list(besides)).select_related("source").defer("body", "text")
    pages = {item.canonical_url: item for item in rows.order_by("fetched_at", "pk")}
    return [source_facts(item) for item in _earliest_first(pages.values()) if item.url not in own]


def _models(tags: Sequence[TagLine]) -> tuple[tuple[str, str], ...]:
    """Those that the catalogue knows, in the order of the tags."""
    slugs = [tag.slug for tag in tags if tag.kind == Tag.Kind.MODEL]
    names = dict(AIModel.objects.filter(slug__in=slugs).values_list("slug", "name"))
    return tuple((slug, names[slug]) for slug in slugs if slug in names)[:MOST_MODELS]


def _related(article: Article) -> tuple[Card, ...]:
    """Shown ones that share most of its tags, the newest of equals first."""
    tags = list(article.tags.values_list("pk", flat=True))
    if not tags:
        return ()
    shared: Any = Article.tags.through.objects.filter(tag__in=tags, article__state=State.PUBLISHED)
    counted = shared.exclude(article=article).values_list("article__slug").annotate(shared=Count("tag"))
    order = [slug for slug, _ in counted.order_by("-shared", "-article__published_at")[:MOST_RELATED]]
    found = {card.slug: card for card in cards_of(Article.objects.shown().filter(slug__in=order))}
    return tuple(found[slug] for slug in order if slug in found)

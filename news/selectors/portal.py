"""The articles that readers find, and how many: one queryset for pages, feeds and the API.

A search looks at every shown article's words: some 30 ms for 10,000 (docs/news.md). It needs no
extension of a database and finds parts of Korean words on each alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet

from catalog.models import AIModel, Provider
from news.filtering import CATEGORIES, STANCES, Asked, NewsWish, asked, tag_pairs, tags_asked
from news.models import Article, Tag
from news.models.articles import ArticleQuerySet

_TAGGED = Article.tags.through.objects


def find_articles(wish: NewsWish) -> ArticleQuerySet:
    """The shown articles of a wish, newest first."""
    found = Article.objects.shown().order_by("-published_at", "-pk")
    for name in ("category", "stance"):
        if value := getattr(wish, name):
            found = found.filter(**{name: value})
    if wish.tags:
        found = found.filter(pk__in=_tagged(tags_named(wish.tags)))
    for term in wish.terms:
        named = Tag.objects.filter(
            Q(name_en__icontains=term) | Q(name_ko__icontains=term) | Q(slug__icontains=term)
        )
        found = found.filter(Q(sought_in__contains=term) | Q(pk__in=_tagged(named)))
    return found


@dataclass(frozen=True, slots=True)
class Counts:
    """found: how many articles a wish leaves. by_category, by_stance: how many each choice would leave beside
    the other filters, "" = all of them."""

    found: int
    by_category: Mapping[str, int]
    by_stance: Mapping[str, int]


def count_articles(wish: NewsWish) -> Counts:
    """One query: of category and stance together, without the filters of the two."""
    rest = _bare(wish.only("category", "").only("stance", ""))
    counted: Any = list(rest.values_list("category", "stance").annotate(found=Count("pk")))

    def left(category: str, stance: str) -> int:
        return sum(count for of, told, count in counted if category in ("", of) and stance in ("", told))

    return Counts(
        left(wish.category, wish.stance),
        {category: left(category, wish.stance) for category in ("", *CATEGORIES)},
        {stance: left(wish.category, stance) for stance in ("", *STANCES)},
    )


def count_tags(wish: NewsWish) -> list[tuple[Tag, int]]:
    """Tags with how many articles each would leave beside the other filters, most first; those with none
    are left out."""
    tagged: Any = _TAGGED.filter(article__in=_bare(wish.only("tag")))
    counts: dict[int, int] = dict(tagged.values_list("tag").annotate(found=Count("article")))
    tags = Tag.objects.filter(pk__in=list(counts))
    return sorted(
        ((tag, counts[tag.pk]) for tag in tags), key=lambda pair: (-pair[1], pair[0].kind, pair[0].slug)
    )


def wish_of(query: Mapping[str, Sequence[str]]) -> Asked:
    """The wish of an address (`dict(request.GET.lists())`). No query where it names no tag."""
    return asked(query, known_tags(tags_asked(query)))


def known_tags(tags: Iterable[str]) -> frozenset[str]:
    """Those ("<kind>:<slug>") that articles can bear: of tags that there are, and of every model and provider
    of the catalogue, so that a feed may wait for the first article."""
    pairs = tag_pairs(tags)
    if not pairs:
        return frozenset()
    found = set(tags_named(pairs).values_list("kind", "slug"))
    for kind, model in ((Tag.Kind.MODEL, AIModel), (Tag.Kind.PROVIDER, Provider)):
        slugs = [slug for of, slug in pairs if of == kind and (of, slug) not in found]
        if slugs:
            rows = model._default_manager.filter(slug__in=slugs).values_list("slug", flat=True)
            found |= {(kind.value, slug) for slug in rows}
    return frozenset(f"{kind}:{slug}" for kind, slug in found)


def _bare(wish: NewsWish) -> ArticleQuerySet:
    return find_articles(wish).order_by()


def _tagged(tags: Any) -> Any:
    return _TAGGED.filter(tag__in=tags).values("article")


def tags_named(pairs: Iterable[tuple[str, str]]) -> QuerySet[Tag]:
    """The tags of these (kind, slug) that there are. No query of none."""
    any_of = Q(pk__in=())
    for kind, slug in pairs:
        any_of |= Q(kind=kind, slug=slug)
    return Tag.objects.filter(any_of)

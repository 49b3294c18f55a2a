"""What readers are shown of news, kept until an article was published, withdrawn or corrected."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from datetime import datetime, timedelta
from typing import Final, TypeVar

from aigo.lib import replicas
from aigo.lib.changes import Changes
from aigo.lib.events import Event
from aigo.lib.kept import Answer, Keeper
from aigo.lib.once import once
from news.filtering import NewsWish
from news.selectors.articles import (
    ArticleFacts,
    ArticlePage,
    Newest,
    last_change,
    load_article,
    load_page,
)
from news.selectors.cards import Listing, TagLine, load_listing, load_topics
from news.selectors.portal import find_articles
from news.selectors.reading import ArticleView, load_view

T = TypeVar("T")
#: Events tell of every change of an article; this is for what none told, such as a tag's name.
KEPT: Final = timedelta(minutes=5)
#: Wishes are the readers' choice; a page of a list takes some 40 kB.
MOST_KEPT: Final = 200
#: Pages of whole articles: 500 of them take some 10 MB.
MOST_PAGES: Final = 12
NEWS: Final = "news"


def topics_of(event: Event) -> Iterable[str]:
    """What an event touches."""
    return (NEWS,) if event.type == "news.changed" else ()


@once
def keeper() -> Keeper:
    """This process's kept answers."""
    return Keeper(Changes(topics_of), read=replicas.read, most=MOST_KEPT)


@once
def page_keeper() -> Keeper:
    """Pages of whole articles, for the API and feeds."""
    return Keeper(Changes(topics_of), read=replicas.read, most=MOST_PAGES)


def _news(_value: object) -> Iterable[str]:
    return (NEWS,)


def kept(key: Hashable, make: Callable[[], T], *, now: datetime) -> Answer[T]:
    """Whatever is shown of articles. Raises Unavailable."""
    return keeper().answer(key, make, now=now, topics=_news, keep=KEPT)


def kept_article(slug: str, *, now: datetime) -> Answer[ArticleFacts]:
    """An article as readers get it. Raises Unavailable, NoSuchArticle, Withdrawn."""
    return kept(("article", slug), lambda: load_article(slug), now=now)


def kept_page(
    wish: NewsWish, *, offset: int = 0, limit: int, newest: Newest = "published", now: datetime
) -> Answer[ArticlePage]:
    """A part of the articles that a wish finds, and how many it finds. Raises Unavailable."""
    sought = wish.as_sought()
    return page_keeper().answer(
        (sought, offset, limit, newest),
        lambda: load_page(sought, offset=offset, limit=limit, newest=newest),
        now=now,
        topics=_news,
        keep=KEPT,
    )


def kept_change(*, now: datetime) -> Answer[datetime | None]:
    """When anything of news last changed for readers, UTC; None = never. Raises Unavailable."""
    return kept("change", last_change, now=now)


def kept_listing(wish: NewsWish, number: int, *, now: datetime) -> Answer[Listing]:
    """A page of a list, however it is laid out. Raises Unavailable."""
    sought = wish.as_sought()
    return kept(("listing", sought, number), lambda: load_listing(sought, number), now=now)


def kept_view(slug: str, *, now: datetime) -> Answer[ArticleView]:
    """An article as its page shows it. Raises Unavailable, NoSuchArticle, Withdrawn."""
    return kept(("view", slug), lambda: load_view(slug), now=now)


def kept_topics(*, now: datetime) -> Answer[tuple[TagLine, ...]]:
    """Every tag with its articles. Raises Unavailable."""
    return kept("topics", load_topics, now=now)


def kept_slugs(*, now: datetime) -> Answer[list[str]]:
    """Of every shown article, newest first. Raises Unavailable."""
    return kept("slugs", lambda: list(find_articles(NewsWish()).values_list("slug", flat=True)), now=now)

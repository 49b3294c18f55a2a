"""The pages of News: lists, one article, topics."""

from __future__ import annotations

import re
from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from aigo.lib.answers import page_number
from aigo.lib.paging import pager_of
from news.filtering import Asked, NewsWish, Refusal, Remedy, tag_pairs
from news.kept import kept, kept_listing, kept_topics, kept_view
from news.models import Tag
from news.selectors.articles import NoSuchArticle, Withdrawn
from news.selectors.cards import TagLine, load_topic
from news.selectors.portal import wish_of
from news.toolbar import choices

_PAGE: Final = re.compile("0*[1-9][0-9]{0,4}")


@require_safe
def news(request: HttpRequest) -> HttpResponse:
    """`/news/`: the articles of the wish in the address, newest first; 400 names what nobody knows."""
    asked = _asked(request)
    if asked.refused:
        return _refused(request, asked.refused)
    return _list(request, asked.wish, reverse("news"))


@require_safe
def topics(request: HttpRequest) -> HttpResponse:
    """`/news/topics/`: every tag of a shown article, with how many bear it."""
    answer = kept_topics(now=timezone.now())
    kinds = [(kind, [tag for tag in answer.value if tag.kind == kind]) for kind in Tag.Kind.values]
    context: dict[str, Any] = {
        "kinds": [pair for pair in kinds if pair[1]],
        "away": answer.away,
        "generated_at": answer.at,
    }
    context["simulated"] = any(tag.simulated for tag in answer.value)
    return _page(request, "news/topics.html", context)


@require_safe
def topic(request: HttpRequest, kind: str, slug: str) -> HttpResponse:
    """`/news/topics/<kind>/<slug>/`: the articles of one tag, filtered like all."""
    if not tag_pairs([f"{kind}:{slug}"]):
        raise Http404
    found = kept(("tag", kind, slug), lambda: load_topic(kind, slug), now=timezone.now()).value
    if found is None:
        raise Http404
    asked = _asked(request)
    if asked.refused:
        return _refused(request, asked.refused)
    return _list(request, asked.wish, found.url, topic=found)


@require_safe
def article(request: HttpRequest, slug: str) -> HttpResponse:
    """`/news/<slug>/`: one published article; 410 with the reason where it was withdrawn."""
    try:
        answer = kept_view(slug, now=timezone.now())
    except NoSuchArticle:
        raise Http404 from None
    except Withdrawn as gone:
        context: dict[str, Any] = {"gone": gone, "simulated": False}
        return _page(request, "news/withdrawn.html", context, status=gone.status_code)
    view = answer.value
    context = {"view": view, "away": answer.away, "generated_at": answer.at}
    return _page(request, "news/article.html", {**context, "simulated": view.card.simulated})


def _asked(request: HttpRequest) -> Asked:
    asked = wish_of(dict(request.GET.lists()))
    number = request.GET.get("page", "").strip()
    if number and not _PAGE.fullmatch(number):
        return Asked(asked.wish, (*asked.refused, Refusal("page", number, Remedy.NUMBER)))
    return asked


def _refused(request: HttpRequest, refused: tuple[Refusal, ...]) -> HttpResponse:
    return _page(request, "news/refused.html", {"refused": refused, "simulated": False}, status=400)


def _list(request: HttpRequest, wish: NewsWish, path: str, *, topic: TagLine | None = None) -> HttpResponse:
    """A page of articles; of a topic's page only its own, whatever other tags are asked for."""
    sought = wish if topic is None else wish.only("tag", topic.key)
    answer = kept_listing(sought, page_number(request.GET), now=timezone.now())
    listing = answer.value
    if not listing.shown:
        return _page(request, "news/first.html", {"simulated": False})
    wish = sought if topic is None else wish.only("tag")

    def address(to: NewsWish, number: int = 1) -> str:
        query = "&".join([*([to.query] if to.query else []), *([f"page={number}"] if number > 1 else [])])
        return f"{path}?{query}" if query else path

    cards = listing.page.object_list
    context = {
        "wish": wish,
        "listing": listing,
        "topic": topic,
        "path": path,
        "cards": cards,
        "pager": pager_of(listing.page, lambda number: address(wish, number)),
        "away": answer.away,
        "generated_at": answer.at,
        "simulated": any(card.simulated for card in cards),
        **choices(wish, listing, address),
    }
    if topic is not None:
        context["filters"] = []
    return _page(request, "news/index.html", context)


def _page(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    response = render(request, template, context, status=status)
    response["Cache-Control"] = "private, no-cache"
    return response

"""Articles that readers see, by the whole editorial way: written, submitted, approved and published by three
people."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.auth.models import Group, User

from editorial import services as editorial
from editorial.roles import AUTHOR, EDITOR, PUBLISHER
from news.models import Article, Tag
from news.tests.making import NOW, make_article, make_person

#: Who makes which move.
WAY = (("submit", AUTHOR), ("approve", EDITOR), ("publish", PUBLISHER))


def make_published(*tags: str, at: dt.datetime = NOW, **overrides: Any) -> Article:
    """Published at that moment. tags: "model:gpt-4.1"; overrides: of news.tests.making.make_article."""
    article = make_article(by=person(AUTHOR), **overrides)
    article.tags.set(make_tag(tag) for tag in tags)
    for move, role in WAY:
        editorial.move(article, move, by=person(role), now=at)
    return article


def withdraw(article: Article, reason: str, *, at: dt.datetime = NOW) -> None:
    """Readers are told the reason."""
    editorial.move(article, "unpublish", by=person(PUBLISHER), now=at, reason=reason)


def make_tag(tag: str, **names: str) -> Tag:
    """Of "<kind>:<slug>"; its name is its slug where none is given."""
    kind, _, slug = tag.partition(":")
    return Tag.objects.get_or_create(kind=kind, slug=slug, defaults={"name_en": slug} | names)[0]


def person(role: str) -> User:
    """The one of that role, made where there is none."""
    name = role.lower()
    return User.objects.filter(username=name, groups=Group.objects.get(name=role)).first() or make_person(
        role
    )

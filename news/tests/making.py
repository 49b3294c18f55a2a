"""Sources, items, stories and articles; every argument has a default that a test may override."""

from __future__ import annotations

import datetime as dt
import hashlib
import zlib
from itertools import count
from typing import Any

from django.contrib.auth.models import Group, User

from editorial import services as editorial
from news.models import Article, Category, NewsSource, RawItem, Story
from news.summarising.extracting import extract, with_figures

NOW = dt.datetime(2026, 11, 21, 12, 0, tzinfo=dt.UTC)
ENGLISH = (
    "OpenAI released GPT-4.1 on November 3. It reads 128,000 tokens and costs $3 per million input tokens.\n"
    "The model does not support images at launch. It scores 54.6% on SWE-bench Verified.\n"
    "GPT-4 stays available until March 1, 2027."
)
KOREAN = (
    "오픈AI가 11월 3일 GPT-4.1을 공개했다. 이 모델은 12만 8천 토큰을 읽고 입력 100만 토큰당 3달러다.\n"
    "출시 시점에는 이미지를 지원하지 않는다. SWE-bench Verified에서 54.6%를 기록했다.\n"
    "GPT-4는 2027년 3월 1일까지 제공된다."
)
_numbers = count(1)


def make_source(slug: str = "blog", **overrides: Any) -> NewsSource:
    facts = {
        "name": slug,
        "home_url": "https://example.org/",
        "kind": "feed",
        "url": f"https://example.org/{slug}.xml",
        "lang": "en",
        "category": Category.MODEL,
    }
    return NewsSource.objects.get_or_create(slug=slug, defaults=facts | overrides)[0]


def make_item(text: str = ENGLISH, **overrides: Any) -> RawItem:
    number = next(_numbers)
    url = f"https://example.org/{number}"
    facts = {
        "url": url,
        "canonical_url": url,
        "title": "OpenAI releases GPT-4.1",
        "lang": "en",
        "body": zlib.compress(text.encode()),
        "sha256": hashlib.sha256(f"{number}{text}".encode()).hexdigest(),
        "fetched_at": NOW,
        "text": text,
        "text_sha256": hashlib.sha256(text.encode()).hexdigest(),
    }
    if "source" not in overrides:
        overrides["source"] = make_source()
    return RawItem.objects.create(**(facts | overrides))


def make_story(*items: RawItem, **overrides: Any) -> Story:
    """Of one English and one Korean item where none is given."""
    story = Story.objects.create(**({"created_at": NOW, "last_at": NOW} | overrides))
    for item in items or (make_item(), make_item(KOREAN, lang="ko", title="오픈AI, GPT-4.1 공개")):
        RawItem.objects.filter(pk=item.pk).update(story=story)
        item.story = story
    return story


def claims_of(item: RawItem, *, facts: bool = False) -> list[dict[str, Any]]:
    """Three lines of an item, each its own quote; or a key fact."""
    lines = extract(item.text, lines=3)
    chosen = with_figures(item.text, besides=lines, most=2) if facts else lines
    return [
        {
            "lang": item.lang,
            "text": s.text,
            "source": item.pk,
            "quote": s.text,
            "start": s.start,
            "end": s.end,
        }
        for s in chosen
    ]


def make_article(*, by: Any = None, **overrides: Any) -> Article:
    """A draft that has all that readers need."""
    items = overrides.pop("items", None) or [make_item(), make_item(KOREAN, lang="ko")]
    facts = {
        "title_en": "OpenAI releases GPT-4.1",
        "title_ko": "오픈AI, GPT-4.1 공개",
        "category": Category.MODEL,
        "summary": [claim for item in items for claim in claims_of(item)],
        "key_facts": [claim for item in items for claim in claims_of(item, facts=True)],
    }
    article = Article(**(facts | overrides))
    return editorial.create(article, by=by, now=NOW, by_name="test", several={"sources": items})


def make_person(role: str, name: str = "") -> User:
    """Somebody of that role who may sign in to the admin."""
    user = User.objects.create_user(name or role.lower(), password=None, is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    return user

"""Invented news of invented models, published by the whole editorial way; their tags say "simulated"."""

import hashlib
import zlib
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from django.contrib.auth.models import Group, User

from editorial import services as editorial
from editorial.roles import AUTHOR, EDITOR, PUBLISHER
from news.models import Article, NewsSource, RawItem, Story, Tag
from news.services.correcting import note_correction

HOUR: Final = timedelta(hours=1)
WAY: Final = (("submit", AUTHOR), ("approve", EDITOR), ("publish", PUBLISHER))


class Made(NamedTuple):
    """title, texts: English, Korean; of a text each line is a sentence, three of summary, then key facts.
    tags: "<kind>:<slug>" → name, Korean name."""

    category: str
    title: tuple[str, str]
    texts: tuple[str, str]
    tags: dict[str, tuple[str, str]]
    stance: str = "facts_only"
    corrected: bool = False


WICK: Final = ("Wick Pro", "윅 프로")
AURORA: Final = ("Aurora 1", "오로라 1")
THICKET: Final = ("Thicket 3", "시킷 3")
PRICING: Final = {"topic:pricing": ("Pricing", "가격")}
#: The newest first.
ARTICLES: Final = (
    Made(
        "model",
        (
            "Lanternfell halves what Wick Pro costs for cached input",
            "랜턴펠, 윅 프로 캐시 입력 가격을 절반으로",
        ),
        (
            "Lanternfell lowered the price of cached input for Wick Pro on November 16.\n"
            "Cached input now costs $0.25 per million tokens, where it was $0.50.\n"
            "The price of output tokens does not change.\n"
            "The new price holds in all regions.",
            "랜턴펠이 11월 16일 윅 프로의 캐시 입력 가격을 내렸다.\n"
            "캐시 입력은 100만 토큰당 0.25달러로, 이전에는 0.50달러였다.\n"
            "출력 토큰의 가격은 바뀌지 않는다.\n"
            "새 가격은 모든 지역에 적용된다.",
        ),
        {"model:wick-pro": WICK, "provider:lanternfell": ("Lanternfell", "랜턴펠"), **PRICING},
        corrected=True,
    ),
    Made(
        "provider",
        (
            "Aurora Labs announces the end of its oldest endpoint",
            "오로라 랩스, 가장 오래된 엔드포인트 종료 예고",
        ),
        (
            "Aurora Labs will switch off the first endpoint of Aurora 1 on March 1, 2027.\n"
            "Requests to it are answered until that day.\n"
            "The company names Aurora 2 as the replacement.\n"
            "Keys keep working with the new endpoint.",
            "오로라 랩스는 2027년 3월 1일 오로라 1의 첫 엔드포인트를 종료할 예정이다.\n"
            "그날까지는 요청에 응답한다.\n"
            "회사는 오로라 2를 대체 모델로 제시했다.\n"
            "기존 키는 새 엔드포인트에서도 그대로 쓸 수 있다.",
        ),
        {"model:aurora-1": AURORA, "provider:aurora-labs": ("Aurora Labs", "오로라 랩스")},
    ),
    Made(
        "policy",
        (
            "Why a status page that never turns red helps nobody",
            "절대 빨간색이 되지 않는 상태 페이지는 누구에게도 도움이 되지 않는다",
        ),
        (
            "Three providers kept their pages green during the outage of November 9.\n"
            "Readers learned of it from other readers first.\n"
            "The author asks for pages that are written by machines.\n"
            "The outage lasted 47 minutes.",
            "세 제공사는 11월 9일 장애가 이어지는 동안 상태 페이지를 녹색으로 유지했다.\n"
            "사용자들은 다른 사용자에게서 먼저 소식을 들었다.\n"
            "글쓴이는 기계가 작성하는 상태 페이지를 요구한다.\n"
            "장애는 47분 동안 이어졌다.",
        ),
        {"topic:status-pages": ("Status pages", "상태 페이지"), "provider:aurora-labs": ("Aurora Labs", "")},
        stance="opinion",
    ),
    Made(
        "research",
        (
            "Thicket 3 is measured on a set that its makers had not seen",
            "시킷 3, 제작사가 본 적 없는 문제로 평가",
        ),
        (
            "A group of five people wrote 400 new questions for Thicket 3.\n"
            "The model answered 312 of them.\n"
            "The questions were kept away from the network until the day of the test.\n"
            "Each question was looked at by two people.",
            "다섯 명이 시킷 3을 위해 새 문제 400개를 만들었다.\n"
            "모델은 그중 312개에 답했다.\n"
            "문제는 시험 당일까지 네트워크와 분리해 보관되었다.\n"
            "문제마다 두 사람이 검토했다.",
        ),
        {"model:thicket-3": THICKET, "topic:evaluation": ("Evaluation", "평가")},
    ),
    Made(
        "infra",
        (
            "Lanternfell opens a region in Seoul",
            "랜턴펠, 서울 리전을 열다",
        ),
        (
            "Lanternfell has answered requests from Seoul since November 3.\n"
            "Wick Pro is the only model in the new region.\n"
            "Data of the region stays in Korea.\n"
            "The region is the company's fourth.",
            "랜턴펠은 11월 3일부터 서울에서 요청을 처리하고 있다.\n"
            "새 리전에는 윅 프로만 제공된다.\n"
            "리전의 데이터는 한국에 보관된다.\n"
            "이 회사의 네 번째 리전이다.",
        ),
        {"model:wick-pro": WICK, "provider:lanternfell": ("Lanternfell", "랜턴펠")},
    ),
)  # fmt: skip


def add_articles(now: datetime) -> None:
    """Each some hours older than the one before; the first is corrected, and told by another page, too."""
    people = {role: _person(role) for role in (AUTHOR, EDITOR, PUBLISHER)}
    source = NewsSource.objects.create(
        slug="showcase", name="Invented newsroom (showcase)", kind="feed", url="https://news.example/feed.xml"
    )
    for number, made in enumerate(ARTICLES):
        at = now - (5 + 19 * number) * HOUR
        story = Story.objects.create(created_at=at - 3 * HOUR, last_at=at - HOUR, state="drafted")
        items = [
            _item(source, story, made, lang, at - 2 * HOUR, f"https://{lang}.example/{number}")
            for lang in ("en", "ko")
        ]
        _item(source, story, made, "en", at - HOUR, f"https://elsewhere.example/{number}")
        article = _article(story, made, items, people[AUTHOR], at - HOUR)
        for move, role in WAY:
            editorial.move(article, move, by=people[role], now=at)
        if made.corrected:
            note_correction(
                article,
                text_en="An earlier version named November 15 as the day.",
                text_ko="이전 판에는 날짜가 11월 15일로 적혀 있었습니다.",
                by=people[PUBLISHER],
                now=at + HOUR,
            )


def _article(story: Story, made: Made, items: list[RawItem], by: User, now: datetime) -> Article:
    article = Article(
        story=story,
        title_en=made.title[0],
        title_ko=made.title[1],
        dek_en=made.texts[0].splitlines()[0],
        dek_ko=made.texts[1].splitlines()[0],
        category=made.category,
        stance=made.stance,
        summary=[claim for item in items for claim in _claims(item)[:3]],
        key_facts=[claim for item in items for claim in _claims(item)[3:]],
    )
    tags = [
        Tag.objects.get_or_create(
            kind=key.partition(":")[0],
            slug=key.partition(":")[2],
            defaults={"name_en": names[0], "name_ko": names[1]},
        )[0]
        for key, names in made.tags.items()
    ]
    return editorial.create(article, by=by, now=now, several={"sources": items, "tags": tags})


def _claims(item: RawItem) -> list[dict[str, Any]]:
    """Each line of its text, as its own quote."""
    found, start = [], 0
    for line in item.text.splitlines():
        claim = {"lang": item.lang, "text": line, "source": item.pk, "quote": line}
        found.append(claim | {"start": start, "end": start + len(line)})
        start += len(line) + 1
    return found


def _item(source: NewsSource, story: Story, made: Made, lang: str, at: datetime, url: str) -> RawItem:
    place = ("en", "ko").index(lang)
    text = made.texts[place]
    return RawItem.objects.create(
        source=source,
        story=story,
        url=url,
        canonical_url=url,
        title=made.title[place],
        author="Invented author" if place == 0 else "",
        lang=lang,
        published_at=at.replace(hour=0, minute=0, second=0) if place else at,
        published_precision="day" if place else "instant",
        body=zlib.compress(text.encode()),
        sha256=hashlib.sha256(f"{url}{text}".encode()).hexdigest(),
        fetched_at=at,
        text=text,
        text_sha256=hashlib.sha256(text.encode()).hexdigest(),
    )


def _person(role: str) -> User:
    person = User.objects.create_user(f"showcase-{role.lower()}", password=None, is_staff=True)
    person.groups.add(Group.objects.get(name=role))
    return person

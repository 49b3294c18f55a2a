"""What was read, as rows that never change."""

from __future__ import annotations

import hashlib
import zlib
from datetime import datetime

from django.db import IntegrityError, transaction

from news.cleaning import one_line, plain_text
from news.crawling.entries import Entry, Moment, Unreadable
from news.crawling.extracting import MAX_TEXT, Reading, language, read_article
from news.models import NewsSource, Problem, RawItem
from news.urls import canonical_url


def keep_page(
    source: NewsSource,
    entry: Entry,
    *,
    body: bytes,
    content_type: str,
    url: str,
    now: datetime,
    rendered: bool = False,
) -> RawItem | None:
    """The page of an entry, as fetched at `url`; None: it says what it said before. A page without readable
    text is kept with its problem, and the text that the listing gives."""
    try:
        selector = _body_selector(source)
        reading = read_article(body, content_type, url, now, body_at=selector, rendered=rendered)
        problem, error = "", ""
    except Unreadable as why:
        reading = _listed(entry)
        problem, error = Problem.FORMAT if body else Problem.EMPTY, str(why)
    return _keep(
        *(source, entry, reading, body, content_type),
        problem=problem,
        error=error,
        now=now,
        url=url,
        rendered=rendered,
    )


def keep_entry(
    source: NewsSource, entry: Entry, *, problem: str = "", error: str = "", now: datetime
) -> RawItem | None:
    """What the listing itself says of an item, where its page cannot be had or there is none; None: as
    before."""
    reading, body = _listed(entry), entry.content.encode()
    if not problem and not reading.text:
        problem, error = Problem.EMPTY, "the listing gives no text"
    kind = "text/html; charset=utf-8"
    return _keep(source, entry, reading, body, kind, problem=problem, error=error, now=now, url=entry.url)


def _body_selector(source: NewsSource) -> str:
    return str(source.selectors.get("body", "")) if source.kind == "page" else ""


def _listed(entry: Entry) -> Reading:
    text = plain_text(entry.content)[:MAX_TEXT]
    return Reading(text=text, lang=language(entry.lang, text))


def _keep(
    source: NewsSource,
    entry: Entry,
    reading: Reading,
    body: bytes,
    content_type: str,
    *,
    problem: str,
    error: str,
    now: datetime,
    url: str,
    rendered: bool = False,
) -> RawItem | None:
    moment = _exacter(entry.published, reading.published)
    item = RawItem(
        source=source,
        url=entry.url,
        canonical_url=entry.url if entry.whole else reading.canonical or _fitting(url, entry.url),
        guid=entry.guid,
        title=one_line(entry.title or reading.title, 500),
        author=one_line(entry.author or reading.author, 200),
        published_at=moment.at,
        published_precision=moment.precision,
        lang=(source.lang if not reading.lang else reading.lang)[:12],
        body=zlib.compress(body),
        content_type=one_line(content_type, 120),
        rendered=rendered,
        sha256=hashlib.sha256(body).hexdigest(),
        fetched_at=now,
        text=reading.text,
        text_sha256=hashlib.sha256(reading.text.encode()).hexdigest() if reading.text else "",
        problem=problem,
        error=one_line(error, 500),
    )
    return item if not _is_known(item) and _saved(item) else None


def _is_known(item: RawItem) -> bool:
    """Whether the newest version says the same: pages carry counters and tokens that nobody reads."""
    same = RawItem.objects.filter(source_id=item.source_id, canonical_url=item.canonical_url)
    newest = same.order_by("-fetched_at", "-pk").values_list("sha256", "text_sha256").first()
    if newest is None:
        return False
    return newest[0] == item.sha256 or (item.text_sha256 != "" and newest[1] == item.text_sha256)


def _saved(item: RawItem) -> bool:
    """False where that very version was kept before, or by another process now."""
    try:
        with transaction.atomic():
            item.save(force_insert=True)
    except IntegrityError:
        return False
    return True


def _exacter(listed: Moment, told: Moment) -> Moment:
    """What the listing says, unless the page of the same day says the moment."""
    if listed.at is None:
        return told
    if listed.precision == "day" and told.precision == "instant" and told.at is not None:
        return told if abs((told.at - listed.at).total_seconds()) < 2 * 86_400 else listed
    return listed


def _fitting(final: str, listed: str) -> str:
    url = canonical_url(final)
    return url if 0 < len(url.encode()) <= 1_000 else listed

"""The pages of one source whose turn it is: each read, kept, or noted as failed, by itself."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings

from news.cleaning import one_line
from news.crawling.entries import Entry, Unreadable
from news.crawling.pacing import backed_off, chance_of
from news.models import ListedItem, NewsSource, Problem
from news.rendering.browser import Browser
from news.services.asking import Unfetched, ask
from news.services.hosts import Postponed, origin_of
from news.services.keeping import keep_entry, keep_page
from news.services.listing import is_sitemap, note_listing, read_answer
from news.services.running import ACCEPT_LISTING, Clock, Crawled, validators
from news.services.showing import ask_for

logger = logging.getLogger(__name__)

#: Pages of one run: the others are read in the next.
PAGES_PER_RUN: Final = 20
#: A page that fails is asked again so many times.
MAX_TRIES: Final = 5
#: A run with a browser begins no page later: the worst of them takes five minutes, its claim holds for ten.
SHOWING: Final = timedelta(minutes=3)
#: New pages are looked at once a day for so long: what was told too early is often put right.
WATCHED: Final = timedelta(days=3)
_ACCEPT: Final = "text/html, application/xhtml+xml, */*;q=0.1"


def read_pages(
    source: NewsSource, done: Crawled, clock: Clock, browser: Browser | None = None
) -> list[datetime]:
    """Read what is due; when the turns come that were not ours."""
    due = source.listed.filter(next_at__lte=clock.now()).order_by("tries", "pk")
    busy: dict[str, datetime] = {}
    for row in due[:PAGES_PER_RUN]:
        origin = origin_of(row.url)
        if origin in busy:
            continue
        if browser is not None and clock.elapsed() > SHOWING:
            break
        try:
            _read_item(source, row, done, clock, browser)
        except Postponed as later:
            busy[origin] = later.until
        except Exception as error:  # one page must not keep the others from being read
            logger.exception("an item of %s cannot be read", source.slug)
            problem = Problem.INTERNAL
            _later(row, problem, f"{type(error).__name__}; the log says more", clock.now(), passing=True)
            done.failed += 1
    done.left = source.listed.filter(next_at__lte=clock.now()).count()
    return list(busy.values())


def _read_item(
    source: NewsSource, row: ListedItem, done: Crawled, clock: Clock, browser: Browser | None
) -> None:
    """Postponed."""
    if is_sitemap(row):
        return _read_sitemap(source, row, done, clock)
    entry = Entry.from_json(row.listed)
    if entry.whole:
        kept = keep_entry(source, entry, now=clock.now())
        _settle(row, clock.now(), watched=False)
    else:
        try:
            answer, rendered = ask_for(
                browser,
                row.url,
                etag=row.etag,
                last_modified=row.last_modified,
                accept=_ACCEPT,
                max_bytes=settings.NEWS_MAX_PAGE_BYTES,
                now=clock.now(),
            )
        except Unfetched as error:
            return _unread(source, row, entry, error, done, clock)
        kept = None
        if answer.status != 304:
            kind = answer.headers.get("content-type", "")
            kept = keep_page(
                *(source, entry),
                body=answer.body,
                content_type=kind,
                url=answer.url,
                now=clock.now(),
                rendered=rendered,
            )
            row.etag, row.last_modified = validators(answer)
        _settle(row, clock.now(), watched=True)
    done.kept += kept is not None
    done.same += kept is None
    return None


def _read_sitemap(source: NewsSource, row: ListedItem, done: Crawled, clock: Clock) -> None:
    """One of an index: what it names is due as what the source's own listing names. Postponed."""
    try:
        limit = settings.NEWS_MAX_LISTING_BYTES
        answer = ask(row.url, accept=ACCEPT_LISTING, max_bytes=limit, now=clock.now())
        listed, _ = note_listing(source, read_answer(source, answer, clock.now()), now=clock.now())
        done.listed = (done.listed or 0) + listed
        row.last_at = clock.now()
        _settle(row, clock.now(), watched=False)
    except (Unfetched, Unreadable) as error:
        passing = error.passing if isinstance(error, Unfetched) else False
        problem = error.problem if isinstance(error, Unfetched) else Problem.FORMAT
        _later(row, problem, str(error), clock.now(), passing=passing)
        done.failed += 1


def _unread(
    source: NewsSource, row: ListedItem, entry: Entry, error: Unfetched, done: Crawled, clock: Clock
) -> None:
    """It is asked again where that may help; in the end what the listing says of it is kept."""
    done.failed += 1
    if not _later(row, error.problem, str(error), clock.now(), passing=error.passing):
        kept = keep_entry(source, entry, problem=error.problem, error=str(error), now=clock.now())
        done.kept += kept is not None


def _later(row: ListedItem, problem: Problem, text: str, now: datetime, *, passing: bool) -> bool:
    """Note the failure; whether it is asked again."""
    row.tries += 1
    again = passing and row.tries < MAX_TRIES
    chance = chance_of(row.url, row.tries)
    row.next_at = now + backed_off(row.tries, chance=chance) if again else None
    row.problem, row.error = problem.value, one_line(text, 500)
    row.save(update_fields=["tries", "next_at", "problem", "error"])
    return again


def _settle(row: ListedItem, now: datetime, *, watched: bool) -> None:
    """It was read: once more tomorrow while it is new."""
    row.tries, row.problem, row.error = 0, "", ""
    row.next_at = now + timedelta(days=1) if watched and now < row.first_at + WATCHED else None
    row.save(update_fields=["tries", "problem", "error", "next_at", "etag", "last_modified", "last_at"])

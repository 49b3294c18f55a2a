"""One run of one source: its listing where that is due, and the pages whose turn it is.

A run never waits. What may not be asked now is left, and the source's `next_at` says when to go on. Whatever
happens in a run changes nothing but its source's own rows.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q, QuerySet

from news.cleaning import one_line
from news.crawling.entries import Unreadable
from news.crawling.pacing import backed_off, chance_of
from news.models import NewsSource, Problem, SourceKind
from news.rendering.browser import Browser
from news.services.asking import Unfetched
from news.services.hosts import Postponed
from news.services.listing import note_listing, note_sitemaps, read_answer
from news.services.reading import read_pages
from news.services.running import ACCEPT_LISTING, Clock, Crawled, validators
from news.services.showing import ask_for, browser_of

logger = logging.getLogger(__name__)

#: So long a claim keeps others away; a run that dies leaves its source for then.
LEASE: Final = timedelta(minutes=10)
#: Listings that are pages; the others need no browser, whatever their items need.
_PAGES: Final = (SourceKind.PAGE, SourceKind.CHANGELOG)


def due_sources(*, now: datetime) -> QuerySet[NewsSource]:
    """Those to crawl now; without a browser, none that needs one."""
    due = NewsSource.objects.filter(Q(next_at=None) | Q(next_at__lte=now), enabled=True)
    if not settings.NEWS_BROWSER:
        due = due.filter(renders=False)
    return due.order_by("next_at", "pk")


def waits_for_browser(source: NewsSource) -> bool:
    """Whether nobody crawls it because it needs a browser, which the operator has not given us."""
    return source.renders and not settings.NEWS_BROWSER


def ask_now(source: NewsSource, *, by: Any, now: datetime) -> None:
    """Its listing is due at once, whatever was before. A run that is under way is not disturbed."""
    NewsSource.objects.filter(pk=source.pk).update(last_tried_at=None, next_at=now)
    LogEntry.objects.create(
        user_id=by.pk,
        content_type=ContentType.objects.get_for_model(NewsSource),
        object_id=str(source.pk),
        object_repr=str(source)[:200],
        action_flag=CHANGE,
        change_message="to be crawled at once, by hand",
    )


def crawl(pk: int, *, now: datetime) -> Crawled | None:
    """Run one source; None: it is not due, or somebody else is at it. What the source does never raises."""
    due = Q(next_at=None) | Q(next_at__lte=now)
    free = Q(claimed_until=None) | Q(claimed_until__lte=now)
    if not NewsSource.objects.filter(due, free, pk=pk).update(claimed_until=now + LEASE):
        return None
    source = NewsSource.objects.get(pk=pk)
    clock, done = Clock(now), Crawled(source.slug)
    try:
        with browser_of(source) as browser:
            until = _run(source, done, clock, browser)
    except Unfetched as error:  # there is no browser
        _note_failure(source, error.problem, str(error), clock.now(), done)
        until = None
    except Exception as error:
        logger.exception("crawling %s failed", source.slug)
        _note_failure(
            source, Problem.INTERNAL, f"{type(error).__name__}; the log says more", clock.now(), done
        )
        until = None
    done.next_at = _next_at(source, until, clock.now())
    NewsSource.objects.filter(pk=pk).update(next_at=done.next_at, claimed_until=None)
    return done


def _run(source: NewsSource, done: Crawled, clock: Clock, browser: Browser | None) -> datetime | None:
    """When a turn is to come that is waited for, None = no turn is."""
    turns = []
    if _listing_due_at(source, clock.now()) <= clock.now():
        try:
            _read_listing(source, done, clock, browser)
        except Postponed as later:
            turns.append(later.until)
    turns += read_pages(source, done, clock, browser)
    return min(turns, default=None)


# --- the listing -------------------------------------------------------------------------------


def _read_listing(source: NewsSource, done: Crawled, clock: Clock, browser: Browser | None) -> None:
    """Postponed."""
    try:
        answer, rendered = ask_for(
            browser if source.kind in _PAGES else None,
            source.url,
            etag=source.etag,
            last_modified=source.last_modified,
            accept=ACCEPT_LISTING,
            max_bytes=settings.NEWS_MAX_LISTING_BYTES,
            now=clock.now(),
        )
        note = ""
        done.listed = 0
        if answer.status != 304:
            listing = read_answer(source, answer, clock.now(), rendered=rendered)
            done.listed, note = note_listing(source, listing, now=clock.now())
            done.listed += note_sitemaps(source, listing.more, now=clock.now())
            source.etag, source.last_modified = validators(answer)
    except Unfetched as error:
        _note_failure(source, error.problem, str(error), clock.now(), done)
    except Unreadable as error:
        _note_failure(source, Problem.FORMAT, str(error), clock.now(), done)
    else:
        source.last_ok_at = source.last_tried_at = clock.now()
        source.failures, source.problem, source.error = 0, "", one_line(note, 500)
        _save_state(source)


def _note_failure(source: NewsSource, problem: Problem, text: str, now: datetime, done: Crawled) -> None:
    source.last_tried_at = now
    source.failures += 1
    source.problem, source.error = problem.value, one_line(text, 500)
    done.problem, done.error = source.problem, source.error
    _save_state(source)


def _save_state(source: NewsSource) -> None:
    """Only what crawling owns: a person may be changing the rest."""
    names = ("etag", "last_modified", "last_tried_at", "last_ok_at", "failures", "problem", "error")
    NewsSource.objects.filter(pk=source.pk).update(**{name: getattr(source, name) for name in names})


def _listing_due_at(source: NewsSource, now: datetime) -> datetime:
    if source.last_tried_at is None:
        return now
    if not source.failures:
        return source.last_tried_at + timedelta(seconds=source.interval_s)
    chance = chance_of(source.slug, source.failures)
    return source.last_tried_at + backed_off(source.failures, chance=chance)


def _next_at(source: NewsSource, turn: datetime | None, now: datetime) -> datetime:
    """The listing's moment, a page's, or the turn that was waited for."""
    moments = [_listing_due_at(source, now)]
    first = source.listed.filter(next_at__isnull=False).order_by("next_at").values_list("next_at", flat=True)
    moments += [moment for moment in first[:1] if moment is not None]
    if turn is not None and min(moments) <= now:
        return turn
    return max(min(moments), now)

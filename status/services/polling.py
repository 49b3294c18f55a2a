"""Asking the providers' official status pages, politely, each for itself."""

import asyncio
import logging
import queue
import threading
import time
from collections.abc import Awaitable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from django.conf import settings
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.contenttypes.models import ContentType
from django.db import transaction

from aigo.lib import fetch as guard
from aigo.lib.fetch import Answer, FetchError, ForbiddenAddress, Policy, TooLarge
from aigo.lib.retry_after import retry_after_s
from probes import addresses
from status.adapters.reading import Source
from status.adapters.table import sources_of
from status.models import OfficialPage
from status.services import official, snapshots

logger = logging.getLogger(__name__)

#: For one address, from the name to the last byte, and for one page with all of its addresses.
TIMEOUT_S: Final = 20.0
PAGE_TIMEOUT_S: Final = 30.0
#: So long a claim keeps other workers away; one that dies leaves the page for then.
CLAIM: Final = timedelta(seconds=60)
#: Pages asked at the same time.
AT_ONCE: Final = 32
_ACCEPT: Final = "application/json, application/atom+xml, application/rss+xml;q=0.9, */*;q=0.1"
_GONE: Final = frozenset({404, 410})


class Fetch(Protocol):
    """As `aigo.lib.fetch.ask`."""

    def __call__(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        max_bytes: int,
        timeout_s: float,
        policy: Policy,
    ) -> Awaitable[Answer]: ...


@dataclass(frozen=True, slots=True)
class Errand:
    """A page to read, without the database. `etags` and `kept`: what the last reading left, by source."""

    pk: int
    policy: Policy
    sources: tuple[Source, ...]
    etags: Mapping[str, Mapping[str, str]]
    kept: Mapping[str, bytes] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Told:
    """What came of an errand. `problem` "" = `bodies` are whole; `unchanged`: they are those of last time."""

    problem: str = ""
    detail: str = ""
    retry_after_s: float | None = None
    bodies: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    etags: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    unchanged: bool = False
    elapsed_s: float = 0.0


class _Trouble(Exception):
    def __init__(self, problem: str, detail: str, retry_after_s: float | None = None) -> None:
        self.told = Told(problem, detail, retry_after_s)
        super().__init__(detail)


def read_pages(
    *, now: datetime, fetch: Fetch | None = None, pages: Iterable[OfficialPage] | None = None
) -> int:
    """Read the pages that are due (or `pages`) at once, and keep each answer as it comes; how many told
    something. A page that hangs keeps no other waiting.
    """
    chosen = {page.pk: page for page in (_due(now) if pages is None else pages)}
    claimed = {pk: page for pk, page in chosen.items() if pages is not None or _claim(page, now)}
    told = 0
    errands = [errand for page in claimed.values() if (errand := _errand_or_none(page, now))]
    for pk, found in _ask_all(errands, fetch or guard.ask, now):
        try:
            told += _keep(claimed[pk], found, now + timedelta(seconds=found.elapsed_s))
        except Exception as error:  # one page's answer must not keep the others' from being stored
            logger.exception("what %s said cannot be kept", claimed[pk].url)
            _give_up(claimed[pk], error, now)
    return told


def read_now(*, pages: Iterable[OfficialPage], by: AbstractBaseUser, now: datetime) -> int:
    """Read these pages by hand, due or not, enabled or not; how many told something."""
    chosen = [page for page in pages if sources_of(page.kind, page.url)]
    with transaction.atomic():
        for page in chosen:
            LogEntry.objects.create(
                user_id=by.pk,
                content_type=ContentType.objects.get_for_model(OfficialPage),
                object_id=str(page.pk),
                object_repr=str(page)[:200],
                action_flag=CHANGE,
                change_message="read by hand",
            )
    return read_pages(now=now, pages=chosen)


def _due(now: datetime) -> list[OfficialPage]:
    due = OfficialPage.objects.filter(enabled=True, next_read_at__lte=now).select_related("provider")
    if settings.OFFICIAL_PAGES == "simulated":
        due = due.filter(provider__simulated=True)
    return [] if settings.OFFICIAL_PAGES == "none" else list(due)


def _claim(page: OfficialPage, now: datetime) -> bool:
    """False where another worker was quicker."""
    seen = OfficialPage.objects.filter(pk=page.pk, next_read_at=page.next_read_at)
    return seen.update(next_read_at=now + CLAIM) == 1


def _errand_or_none(page: OfficialPage, now: datetime) -> Errand | None:
    """None where what we know of the page cannot be used, which is noted; the others are read."""
    try:
        return _errand(page)
    except Exception as error:
        logger.exception("%s cannot be asked", page.url)
        _give_up(page, error, now)
        return None


def _give_up(page: OfficialPage, error: Exception, now: datetime) -> None:
    """What nobody thought of: the page is unreadable, operators hear of it, its old word is not shown."""
    try:
        detail = f"{type(error).__name__}; the log says more"
        official.note_problem(page, problem=OfficialPage.Problem.UNREADABLE, detail=detail, now=now)
    except Exception:
        logger.exception("that %s is unreadable cannot be noted", page.url)


def _errand(page: OfficialPage) -> Errand:
    found = addresses.resolve_page(page.url, {"SIMULATOR_URL": settings.SIMULATOR_URL})
    ours = page.provider.simulated and found.source is addresses.Source.SIMULATOR
    return Errand(
        pk=page.pk,
        # the simulator is where the operator says; everything else is what people and imports name
        policy=Policy.OPERATOR if ours else Policy.PUBLIC,
        sources=sources_of(page.kind, found.base_url),
        etags=page.etags,
        kept=snapshots.known_bodies(page) if page.etags else {},
    )


def _ask_all(errands: list[Errand], fetch: Fetch, now: datetime) -> Iterator[tuple[int, Told]]:
    """Each page's answer when it is there. The asking is done in a loop of its own: whoever keeps an answer
    does not hold up the others, and a resolver that hangs does not hold up whoever waits.
    """
    if not errands:
        return
    answers: queue.SimpleQueue[tuple[int, Told] | None] = queue.SimpleQueue()

    async def ask_all() -> None:
        gate = asyncio.Semaphore(AT_ONCE)

        async def ask_one(errand: Errand) -> None:
            async with gate:
                answers.put((errand.pk, await _ask(errand, fetch, now)))

        await asyncio.gather(*(ask_one(errand) for errand in errands))

    def run() -> None:
        try:
            asyncio.run(ask_all())
        finally:
            answers.put(None)  # whatever became of the loop, nobody waits for ever

    threading.Thread(target=run, name="official-pages", daemon=True).start()
    for _ in errands:
        if (answer := answers.get()) is None:
            return
        yield answer


async def _ask(errand: Errand, fetch: Fetch, now: datetime) -> Told:
    """All addresses of a page at once. Never raises: whoever waits for the answer waits for every page's."""
    began = time.monotonic()
    try:
        async with asyncio.timeout(PAGE_TIMEOUT_S):
            answers = await asyncio.gather(*(_ask_source(errand, row, fetch, now) for row in errand.sources))
        told = _put_together(errand, answers)
    except _Trouble as trouble:
        told = trouble.told
    except TimeoutError:
        told = Told("unreachable", f"no whole answer within {PAGE_TIMEOUT_S:g} s")
    except Exception as error:
        logger.exception("reading official page %s failed", errand.pk)
        told = Told("unreachable", f"{type(error).__name__}; the log says more")
    return Told(
        *(told.problem, told.detail, told.retry_after_s, told.bodies, told.etags, told.unchanged),
        elapsed_s=time.monotonic() - began,
    )


async def _ask_source(errand: Errand, source: Source, fetch: Fetch, now: datetime) -> Answer | None:
    """The answer of one address: 200, or 304 where its body is kept. None: an optional one has none.

    Raises _Trouble.
    """
    known = errand.etags.get(source.name, {}) if source.name in errand.kept else {}
    headers = {"accept": _ACCEPT}
    headers |= {"if-none-match": known["etag"]} if "etag" in known else {}
    headers |= {"if-modified-since": known["last_modified"]} if "last_modified" in known else {}
    try:
        answer = await fetch(
            "GET",
            source.at(now),
            headers=headers,
            max_bytes=source.max_bytes,
            timeout_s=TIMEOUT_S,
            policy=errand.policy,
        )
    except FetchError as error:
        if not source.required:
            return None
        raise _Trouble(_problem_of(error), str(error)) from None
    if answer.status == 200 or (answer.status == 304 and known):
        return answer
    if not source.required:
        return None
    raise _refusal(source, answer)


def _problem_of(error: FetchError) -> str:
    if isinstance(error, ForbiddenAddress):
        return "forbidden"
    return "too_large" if isinstance(error, TooLarge) else "unreachable"


def _refusal(source: Source, answer: Answer) -> _Trouble:
    """What a status other than 200 says of a page."""
    detail = f"{source.url} answered {answer.status}, expected 200"
    wait = retry_after_s(answer.headers.get("retry-after", ""), now=datetime.now(UTC))
    if answer.status == 429 or (answer.status == 503 and wait):
        return _Trouble("rate_limited", detail, wait)
    return _Trouble("unreadable" if answer.status in _GONE else "unreachable", detail, wait)


def _put_together(errand: Errand, answers: Iterable[Answer | None]) -> Told:
    """The bodies of all addresses that have one; where nothing is new, those of the last reading."""
    pairs = [
        (row.name, answer) for row, answer in zip(errand.sources, answers, strict=True) if answer is not None
    ]
    if pairs and all(answer.status == 304 for _, answer in pairs) and len(pairs) == len(errand.kept):
        return Told(unchanged=True)
    bodies = {name: errand.kept[name] if answer.status == 304 else answer.body for name, answer in pairs}
    etags = {
        name: dict(errand.etags[name]) if answer.status == 304 else _validators(answer)
        for name, answer in pairs
    }
    return Told(bodies=bodies, etags=etags)


def _validators(answer: Answer) -> dict[str, str]:
    given = {
        "etag": answer.headers.get("etag", ""),
        "last_modified": answer.headers.get("last-modified", ""),
    }
    return {name: value[:300] for name, value in given.items() if value}


def _keep(page: OfficialPage, found: Told, at: datetime) -> bool:
    """True where the page told something."""
    if found.problem:
        official.note_problem(
            page, problem=found.problem, detail=found.detail, now=at, retry_after_s=found.retry_after_s
        )
        return False
    if found.unchanged:
        official.note_unchanged(page, now=at, took_s=found.elapsed_s)
        return True
    return official.note_reading(page, bodies=found.bodies, now=at, etags=found.etags, took_s=found.elapsed_s)

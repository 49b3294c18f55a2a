"""Keeping what the providers' official status pages said, byte for byte, and when we saw it."""

import random
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Q

from aigo.lib.moments import moment_text
from catalog.models import Provider
from status.adapters.reading import OVER, PageIncident, PageReading, Unreadable
from status.adapters.table import read_page, sources_of
from status.models import OfficialIncident, OfficialPage, OfficialSnapshot
from status.rules import official as rules
from status.services.notices import queue_notice
from status.services.snapshots import keep_snapshots, proof_of

#: Of an answer that could not be read, so much is kept.
MOST_UNREADABLE_BYTES: Final = 256_000
#: So many incidents of a page are new within a day: two readings of as many as are read at once.
MOST_NEW_A_DAY: Final = 1_000
#: What follows the page; `published_at` stays as we first saw it, unless there was none.
_FOLLOWED: Final = (
    *("title", "impact", "status", "url", "claimed_started_at", "published_at", "resolved_at"),
    *("components", "updates", "maintenance", "last_seen_at"),
)


@transaction.atomic
def sync_pages(*, now: datetime) -> int:
    """Make the pages of the catalogue's providers known; how many are new or another page than before.

    A page of a kind that nobody can read is known, and disabled. A provider that has no page any more keeps
    what was read, and nothing is read.
    """
    known = {page.provider_id: page for page in OfficialPage.objects.all()}
    changed = 0
    for provider in Provider.objects.exclude(status_page_url="").order_by("pk"):
        page = known.pop(provider.pk, None) or OfficialPage(provider=provider, enabled=True, next_read_at=now)
        kind, url = provider.status_page_kind, provider.status_page_url
        if (page.kind, page.url) == (kind, url):
            continue
        readable = bool(sources_of(kind, url))
        page.enabled = readable and (page.enabled or not sources_of(page.kind, page.url))
        page.kind, page.url, page.etags, page.next_read_at = kind, url, {}, now
        page.last_read_at, page.failures, page.indicator, page.components = None, 0, "", []
        page.problem, page.problem_detail, page.problem_since, page.alarmed_at = "", "", None, None
        page.save()
        changed += 1
    for page in known.values():
        if page.enabled and page.url:
            page.enabled = False
            page.kind = page.url = ""
            page.save(update_fields=["enabled", "kind", "url"])
            changed += 1
    return changed


def note_reading(
    page: OfficialPage,
    *,
    bodies: Mapping[str, bytes],
    now: datetime,
    etags: Mapping[str, Mapping[str, str]] | None = None,
    took_s: float = 0.0,
) -> bool:
    """Keep what a page had answered by `now`. `bodies`: by source name (status.adapters.table.sources_of).

    etags: by source name, what its server wants to hear the next time. took_s: so long before `now` it was
    asked. True where it could be read; False where it is not in its form, which is kept as the page's
    problem, with the answers.
    """
    try:
        reading = read_page(page.kind, bodies, page.provider.status_page_scope)
        _keep_reading(page, reading, bodies, now, etags or {}, took_s)
    except Unreadable as error:
        small = {name: body for name, body in bodies.items() if len(body) <= MOST_UNREADABLE_BYTES}
        keep_snapshots(page, small, now)
        note_problem(page, problem=OfficialPage.Problem.UNREADABLE, detail=str(error), now=now)
        return False
    page.refresh_from_db()
    return True


@transaction.atomic
def _keep_reading(
    page: OfficialPage,
    reading: PageReading,
    bodies: Mapping[str, bytes],
    now: datetime,
    etags: Mapping[str, Mapping[str, str]],
    took_s: float,
) -> None:
    """Unreadable: see `_check_surge`."""
    fresh = OfficialPage.objects.select_for_update().get(pk=page.pk)
    snapshots = keep_snapshots(fresh, bodies, now)
    _keep_incidents(fresh, reading, bodies, snapshots, now)
    fresh.etags = {name: {**told, "sha256": snapshots[name].sha256} for name, told in etags.items()}
    fresh.indicator = reading.indicator
    fresh.components = [row.to_json() for row in reading.components]
    _note_success(fresh, now, took_s)


@transaction.atomic
def note_unchanged(page: OfficialPage, *, now: datetime, took_s: float = 0.0) -> None:
    """The page's servers said that nothing has changed since the last reading."""
    fresh = OfficialPage.objects.select_for_update().get(pk=page.pk)
    hashes = [told["sha256"] for told in fresh.etags.values()]
    fresh.snapshots.filter(sha256__in=hashes).update(last_seen_at=now)
    if fresh.last_read_at:
        fresh.incidents.filter(resolved_at=None, last_seen_at__gte=fresh.last_read_at).update(
            last_seen_at=now
        )
    _note_success(fresh, now, took_s)


@transaction.atomic
def note_problem(
    page: OfficialPage, *, problem: str, detail: str, now: datetime, retry_after_s: float | None = None
) -> None:
    """A try that told nothing. What the page said before stands, but counts for nothing meanwhile."""
    fresh = OfficialPage.objects.select_for_update().get(pk=page.pk)
    fresh.failures += 1
    fresh.problem, fresh.problem_detail = problem, detail[:500]
    fresh.problem_since = fresh.problem_since or now
    fresh.last_tried_at, fresh.etags = now, {}
    wait = rules.wait_s(
        fresh.interval_s,
        fresh.failures,
        retry_after_s=retry_after_s,
        luck=random.random(),  # noqa: S311
    )
    fresh.next_read_at = now + timedelta(seconds=wait)
    if fresh.alarmed_at is None and rules.is_alarming(problem, fresh.failures, now - fresh.problem_since):
        fresh.alarmed_at = now
        _tell(fresh, "unreadable", now)
    fresh.save()


def _note_success(page: OfficialPage, now: datetime, took_s: float) -> None:
    """What the page says it may have said when it was asked, however late its answer came: what is not in
    it may have been published since then.
    """
    if page.alarmed_at is not None:
        _tell(page, "readable", now)
    page.failures, page.problem, page.problem_detail = 0, "", ""
    page.problem_since = page.alarmed_at = None
    page.last_tried_at = page.last_read_at = now - timedelta(seconds=took_s)
    page.next_read_at = now + timedelta(
        seconds=rules.wait_s(page.interval_s, 0, luck=random.random())  # noqa: S311 (spreads the readings)
    )
    page.save()


def _tell(page: OfficialPage, kind: str, now: datetime) -> None:
    """Operators hear that a page cannot be read, and when it can be again: `kind` unreadable or readable."""
    since = page.problem_since or now
    facts = {
        "provider": page.provider.name,
        "provider_slug": page.provider.slug,
        "simulated": page.provider.simulated,
        "url": page.url if page.url.startswith("http") else "",
        "problem": page.problem,
        "detail": page.problem_detail,
        "since": moment_text(since),
        "last_read_at": moment_text(page.last_read_at),
        "tries": page.failures,
    }
    queue_notice(
        topic="official",
        subject=f"official:{page.pk}:{int(since.timestamp())}",
        kind=kind,
        severity="minor",
        facts=facts,
        provider_id=page.provider_id,
        now=now,
    )


def _keep_incidents(
    page: OfficialPage,
    reading: PageReading,
    bodies: Mapping[str, bytes],
    snapshots: Mapping[str, OfficialSnapshot],
    now: datetime,
) -> None:
    told = {row.external_id: row for row in reading.incidents}
    rows = page.incidents.filter(Q(external_id__in=list(told)) | Q(resolved_at=None))
    known = {row.external_id: row for row in rows}
    new, changed = [], []
    for key, row in told.items():
        if key not in known:
            proof = proof_of(key, bodies, snapshots)
            new.append(_first_seen(page, row, proof, now))
        elif _follow(known[key], row, now):
            changed.append(known[key])
    for key in known.keys() - told.keys():
        if _end_unless_expected(known[key], complete=reading.complete, now=now):
            changed.append(known[key])
    _check_surge(page, len(new), now)
    OfficialIncident.objects.bulk_create(new)
    OfficialIncident.objects.bulk_update(changed, _FOLLOWED, batch_size=200)


def _check_surge(page: OfficialPage, new: int, now: datetime) -> None:
    """Unreadable where a page names its incidents anew with every answer (a feed's guid made of the time):
    each would be kept for ever, its proof too, and counted as one that we missed.
    """
    if not new:
        return
    lately = page.incidents.filter(first_seen_at__gt=now - timedelta(days=1)).count()
    if lately + new > MOST_NEW_A_DAY:
        said = f"{lately + new} new ones within a day, {MOST_NEW_A_DAY} are believed; do their ids change?"
        raise Unreadable("incidents", said)


def _first_seen(
    page: OfficialPage, row: PageIncident, proof: OfficialSnapshot, now: datetime
) -> OfficialIncident:
    return OfficialIncident(
        page=page,
        external_id=row.external_id,
        first_seen_at=now,
        unseen_at=page.last_read_at,
        last_seen_at=now,
        proof=proof,
        **_facts(row, now),
    )


def _facts(row: PageIncident, ended_at: datetime) -> dict[str, Any]:
    """`ended_at`: of an incident that is over where the page does not say since when."""
    facts = asdict(row)
    facts["resolved_at"] = (row.resolved_at or ended_at) if row.status in OVER else None
    del facts["external_id"]
    facts["components"] = list(row.components)
    facts["updates"] = [update.to_json() for update in row.updates]
    return facts


def _follow(kept: OfficialIncident, row: PageIncident, now: datetime) -> bool:
    """Make the row say what the page says; False where it did already."""
    facts = _facts(row, kept.resolved_at or now)
    facts["published_at"] = kept.published_at or row.published_at
    differs = any(getattr(kept, name) != value for name, value in facts.items())
    if not differs and row.status in OVER:
        return False
    for name, value in facts.items():
        setattr(kept, name, value)
    kept.last_seen_at = now
    return True


def _end_unless_expected(kept: OfficialIncident, *, complete: bool, now: datetime) -> bool:
    """What is not on the page any more is over; where its absence says little, after a day."""
    if not rules.is_gone(complete=complete, last_seen_at=kept.last_seen_at, now=now):
        return False
    kept.status = "gone"
    kept.resolved_at = now if complete else kept.last_seen_at
    return True

"""What a listing names, noted so that its pages are read in turn."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from aigo.lib.fetch import Answer
from news.crawling.entries import Entry, Listing
from news.crawling.kinds import read_listing
from news.models import ListedItem, NewsSource

#: Of a source that is read for the first time, so many items are read; the others are noted as old.
FIRST_ITEMS: Final = 20
#: What was published longer ago is no news.
OLDEST: Final = timedelta(days=30)
#: So many items of one source are begun in a day; a listing that never ends names more.
ITEMS_PER_DAY: Final = 200
#: What no listing has named for so long is forgotten; what was read of it stays.
FORGOTTEN: Final = timedelta(days=90)


def note_listing(source: NewsSource, listing: Listing, *, now: datetime) -> tuple[int, str]:
    """Note what is new or changed as due; how many that are, and what was left out ("" = nothing)."""
    entries = list(listing.entries)
    first = not source.listed.exclude(sha256="").exists()
    if first:
        entries.sort(key=lambda entry: entry.published.at or now, reverse=True)
    known = {row.url: row for row in source.listed.filter(url__in=[entry.url for entry in entries])}
    room = ITEMS_PER_DAY - source.listed.filter(first_at__gt=now - timedelta(days=1)).count()
    new = [entry for entry in entries if entry.url not in known]
    taken, left = new[: max(room, 0)], max(len(new) - max(room, 0), 0)
    most = FIRST_ITEMS if first else len(taken)
    rows = [_noted(source, entry, now, read=number < most) for number, entry in enumerate(taken)]
    ListedItem.objects.bulk_create(rows, ignore_conflicts=True)
    changed = _renote(entries, known, now)
    source.listed.filter(last_at__lt=now - FORGOTTEN).delete()
    note = f"{left} more items than {ITEMS_PER_DAY} in a day were left out" if left else listing.note
    return sum(row.next_at is not None for row in rows) + changed, note


def note_sitemaps(source: NewsSource, urls: Iterable[str], *, now: datetime) -> int:
    """Note the further sitemaps of an index as due, once a day; how many are."""
    due = 0
    for url in urls:
        row, new = source.listed.get_or_create(
            url=url,
            defaults={"listed": SITEMAP, "sha256": "", "first_at": now, "last_at": now, "next_at": now},
        )
        if not new and row.next_at is None and row.last_at <= now - timedelta(days=1):
            row.next_at, row.tries = now, 0
            row.save(update_fields=["next_at", "tries"])
        due += row.next_at is not None
    return due


def read_answer(source: NewsSource, answer: Answer, now: datetime, *, rendered: bool = False) -> Listing:
    """What a listing's answer holds, as its source's kind says. Unreadable."""
    kind = answer.headers.get("content-type", "")
    return read_listing(
        source.kind, answer.body, kind, answer.url, now, selectors=source.selectors, rendered=rendered
    )


#: What `listed` is of a further sitemap, which is no item.
SITEMAP: Final = {"sitemap": True}


def is_sitemap(row: ListedItem) -> bool:
    return bool(row.listed == SITEMAP)


def _noted(source: NewsSource, entry: Entry, now: datetime, *, read: bool) -> ListedItem:
    is_news = entry.published.at is None or entry.published.at > now - OLDEST
    due = now if read and is_news else None
    return ListedItem(
        source=source,
        url=entry.url,
        listed=entry.to_json(),
        sha256=entry.sha256,
        first_at=now,
        last_at=now,
        next_at=due,
    )


def _renote(entries: Iterable[Entry], known: dict[str, ListedItem], now: datetime) -> int:
    """Known items: seen again; those that the listing tells otherwise are due again. How many are."""
    seen = [(entry, known[entry.url]) for entry in entries if entry.url in known]
    changed = [(entry, row) for entry, row in seen if entry.sha256 != row.sha256]
    ListedItem.objects.filter(pk__in=[row.pk for _, row in seen]).update(last_at=now)
    for entry, row in changed:
        row.listed, row.sha256, row.next_at, row.tries = entry.to_json(), entry.sha256, now, 0
    ListedItem.objects.bulk_update(
        [row for _, row in changed], ["listed", "sha256", "next_at", "tries"], batch_size=100
    )
    return len(changed)

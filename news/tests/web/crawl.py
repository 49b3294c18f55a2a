"""`python -m news.tests.web.crawl`: crawl the sources that standard input names on three given days, put what
came into stories, and tell what happened as JSON. A process of its own: who drives a browser has no ORM.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from unittest import mock

FIRST: Final = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
#: Then everything is looked at again; the third time nothing has changed.
DAYS: Final = tuple(FIRST + timedelta(days=day, minutes=5 * day) for day in range(3))
#: A run of a source is its next turn at a host; none needs more.
MOST_RUNS: Final = 400


def main() -> None:
    from django.conf import settings

    from news.models import NewsSource
    from news.services import group_new

    rows = json.load(sys.stdin)
    for row in rows:
        NewsSource.objects.create(**row, enabled=True)
    told: dict[str, Any] = {"days": [], "turns": []}
    with _turns_noted(told["turns"]), _names_known():
        for day in DAYS:
            settings.NEWS_TIMEOUT_S = 120
            told["days"].append(_crawl_all(day, settings))
            group_new(now=day + timedelta(hours=2), most=1_000)
    sys.stdout.write(json.dumps(told | {"items": list(_items()), "sources": list(_sources())}))


def _crawl_all(begin: datetime, settings: Any) -> dict[str, dict[str, int]]:
    """Run each source whenever it says so, for an hour; source → what came of all its runs."""
    from news.models import NewsSource
    from news.services import crawl, due_sources

    sums: dict[str, dict[str, int]] = {}
    NewsSource.objects.update(next_at=None)
    at = begin
    for _ in range(MOST_RUNS):
        due = list(due_sources(now=at).values_list("pk", "slug"))
        for pk, slug in due:
            # What never ends is given up soon, everything else not before a slow machine has read it.
            settings.NEWS_TIMEOUT_S = 1 if slug == "slow" and slug in sums else 120
            done = crawl(pk, now=at)
            if done is not None:
                mine = sums.setdefault(slug, {"runs": 0, "kept": 0, "same": 0, "failed": 0})
                for name, more in (
                    ("runs", 1),
                    ("kept", done.kept),
                    ("same", done.same),
                    ("failed", done.failed),
                ):
                    mine[name] += more
        after = NewsSource.objects.order_by("next_at").values_list("next_at", flat=True).first()
        at = max(after or at, at + timedelta(seconds=1))
        if at > begin + timedelta(minutes=4, seconds=50):  # nothing is retried before five
            return sums
    raise AssertionError("the crawl does not come to an end")


@contextmanager
def _turns_noted(turns: list[Any]) -> Iterator[None]:
    """Which host was asked when."""
    from news.services import asking, hosts

    def noted(url: str, *, now: datetime) -> Any:
        rules = hosts.take_turn(url, now=now)
        turns.append([rules.origin, now.isoformat(), rules.crawl_delay_s or 0])
        return rules

    with mock.patch.object(asking, "take_turn", noted):
        yield


@contextmanager
def _names_known() -> Iterator[None]:
    """The catalogue knows the invented makers, as it knows the real ones."""
    import yaml

    from news.grouping.names import lexicon_of
    from news.services import grouping
    from news.tests.labelled import FOLDER

    words = yaml.safe_load((FOLDER / "catalogue.yaml").read_text())
    with mock.patch.object(grouping, "catalogue_lexicon", return_value=lexicon_of(words)):
        yield


def _items() -> Iterator[dict[str, Any]]:
    from news.models import RawItem

    for item in RawItem.objects.select_related("source").order_by("pk"):
        yield {
            **{"id": item.pk, "source": item.source.slug, "url": item.canonical_url, "title": item.title},
            "listed": item.url,
            **{"lang": item.lang, "text": item.text, "problem": item.problem, "sha256": item.sha256},
            **{"whole": len(item.as_fetched()), "story": item.story_id, "joined_by": item.joined_by},
            "published": item.published_at.isoformat() if item.published_at else "",
        }


def _sources() -> Iterator[dict[str, Any]]:
    from news.models import ListedItem, NewsSource

    for source in NewsSource.objects.order_by("slug"):
        waiting = ListedItem.objects.filter(source=source).exclude(problem="")
        yield {
            **{"slug": source.slug, "problem": source.problem, "error": source.error},
            "trouble": {row.url: row.problem for row in waiting},
        }


if __name__ == "__main__":
    import django

    django.setup()
    main()

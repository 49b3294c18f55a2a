"""A process that crawls as workers do, as fast as it may: `python -m news.tests.crawler ITEMS TURNS URL…`.

It makes the sources that are not there yet, says "ready", begins when a line comes, and ends when so many
items are kept, or once it has had so many turns: the others are for another. Its last line is JSON: the turns
at hosts that it was given, as [origin, moment].
"""

from __future__ import annotations

import json
import sys
import time
from datetime import datetime
from unittest.mock import patch

import django

django.setup()

from django.utils import timezone  # noqa: E402

from news.models import HostRules, NewsSource, RawItem  # noqa: E402
from news.services import crawl, due_sources, hosts  # noqa: E402
from testing.patience import PATIENCE_S  # noqa: E402

turns: list[tuple[str, float]] = []


def noting(url: str, *, now: datetime) -> HostRules:
    rules = hosts.take_turn(url, now=now)
    turns.append((rules.origin, now.timestamp()))
    return rules


def main(items: int, most_turns: int, urls: list[str]) -> None:
    for number, url in enumerate(urls):
        row = {"name": url, "url": url, "kind": "feed", "enabled": True}
        NewsSource.objects.get_or_create(slug=f"s{number}", defaults=row)
    print("ready", flush=True)  # noqa: T201
    sys.stdin.readline()
    end = time.monotonic() + PATIENCE_S
    while RawItem.objects.count() < items and len(turns) < most_turns and time.monotonic() < end:
        for source in due_sources(now=timezone.now()):
            crawl(source.pk, now=timezone.now())
        time.sleep(0.02)
    print(json.dumps(turns))  # noqa: T201


with patch("news.services.asking.take_turn", noting):
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])

"""`manage.py crawl [source …]`: read sources of news now, and say what came of it."""

from __future__ import annotations

import argparse
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from news.models import NewsSource
from news.services import Crawled, crawl, due_sources, seed_sources, waits_for_browser


class Command(BaseCommand):
    help = (
        "Crawl the sources that are due, or the named ones whether they are due or enabled or not; as "
        "politely as the timetable does. With --seconds it goes on with pages whose turn comes in that time."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("sources", nargs="*", metavar="source", help="slug of a source")
        parser.add_argument(
            "--list", action="store_true", help="list the sources and their state, ask nobody"
        )
        parser.add_argument("--seconds", type=float, default=0.0, help="how long to go on (default: one run)")

    def handle(self, *args: Any, **options: Any) -> None:
        seed_sources()
        if options["list"]:
            return self._list()
        chosen = _chosen(options["sources"])
        if not chosen:
            self.stdout.write("No source is due.")
        end = time.monotonic() + options["seconds"]
        while chosen:
            for pk in list(chosen):
                done = crawl(pk, now=timezone.now())
                if done is not None:
                    self.stdout.write(_told(done))
                if done is None or not done.left:
                    chosen.remove(pk)
            if not chosen or time.monotonic() + 1 > end:
                return None
            time.sleep(1)
        return None

    def _list(self) -> None:
        for source in NewsSource.objects.order_by("slug"):
            state = "crawled" if source.enabled else "off"
            state += ", waits for NEWS_BROWSER" if waits_for_browser(source) else ""
            read = f"{source.last_ok_at:%Y-%m-%d %H:%M}" if source.last_ok_at else "never read"
            problem = f"; {source.get_problem_display()}: {source.error}" if source.problem else ""
            self.stdout.write(f"{source.slug}: {source.kind}, {state}, {read}{problem}")


def _chosen(slugs: list[str]) -> list[int]:
    """Ids of the due sources, or of the named ones, which are due from now on."""
    if not slugs:
        return list(due_sources(now=timezone.now()).values_list("pk", flat=True))
    known = dict(NewsSource.objects.filter(slug__in=slugs).values_list("slug", "pk"))
    if unknown := sorted(set(slugs) - set(known)):
        raise CommandError(f"There is no source {', '.join(unknown)}. `manage.py crawl --list` names all.")
    NewsSource.objects.filter(pk__in=known.values()).update(next_at=None, last_tried_at=None)
    return [known[slug] for slug in slugs]


def _told(done: Crawled) -> str:
    listed = "listing not due" if done.listed is None else f"{done.listed} pages due"
    wait = f"; next {done.next_at:%H:%M:%S} UTC" if done.next_at else ""
    problem = f"; {done.problem}: {done.error}" if done.problem else ""
    return (
        f"{done.slug}: {listed}, {done.kept} kept, {done.same} unchanged, {done.failed} failed, "
        f"{done.left} left{wait}{problem}"
    )

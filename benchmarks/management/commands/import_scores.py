"""`manage.py import_scores`: the project's own scores, or those of a source, a file or an address."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from aigo.lib.fetch import FetchError
from benchmarks.models import ImportRun, ScoreSource
from benchmarks.refusals import placed
from benchmarks.services.fetching import Read, TooLarge, UnknownFormat, fetch, import_read, preview, read_file
from benchmarks.services.planning import Diff
from benchmarks.services.seeding import SEED, seed_scores, seed_sources

_SHOWN = 20


class Command(BaseCommand):
    help = (
        "Import published benchmark scores; without options those that the project ships. Idempotent: "
        "nothing is overwritten, and a file with a fault changes nothing."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--source", default=SEED, help="slug of a source of scores (default: %(default)s)"
        )
        place = parser.add_mutually_exclusive_group()
        place.add_argument("--file", type=Path, help="a file in the source's format")
        place.add_argument("--url", help="its address, instead of the source's own")
        parser.add_argument("--dry-run", action="store_true", help="report what would change, write nothing")
        parser.add_argument("--quiet", action="store_true", help="print nothing unless something is wrong")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        shipped = options["source"] == SEED and not (options["file"] or options["url"] or options["dry_run"])
        if shipped:
            seeded = seed_scores(now=now)
            if not options["quiet"]:
                self._say(seeded.run, seeded.joined)
            return
        seed_sources()
        source = _source(options["source"])
        read = _read(source, options["file"], options["url"])
        if options["dry_run"]:
            diff = preview(source, read)
            self._refuse([fault.to_json() for fault in diff.faults], read.origin)
            self._tell(diff)
            return
        run = import_read(source, read, now=now)
        self._refuse(run.problems, read.origin)
        if not options["quiet"]:
            self._say(run, 0)

    def _refuse(self, problems: list[dict[str, Any]], origin: str) -> None:
        if not problems:
            return
        lines = [f"  {placed(problem)}" for problem in problems[:_SHOWN]]
        if (hidden := len(problems) - _SHOWN) > 0:
            lines.append(f"  … and {hidden} more")
        raise CommandError("\n".join([f"{origin} is refused, nothing was changed:", *lines]))

    def _say(self, run: ImportRun | None, joined: int) -> None:
        if run is None:
            self.stdout.write(f"Nothing new; {joined} scores joined their models.")
            return
        self.stdout.write(
            f"{run.origin}: {run.rows} scores read, {run.new} new, {run.changed} changed, "
            f"{run.unchanged} unchanged, {run.gone} gone; {run.published} published, "
            f"{run.unmatched} without a model"
        )
        for why, count in run.left_out.items():
            self.stdout.write(f"  {count} rows left out: {why}")

    def _tell(self, diff: Diff) -> None:
        changed = diff.of("changed")
        self.stdout.write(
            f"{diff.source}: {len(diff.planned)} scores read, {len(diff.of('new'))} new, "
            f"{len(changed)} changed, {len(diff.gone)} gone; {len(diff.to_publish)} would be published, "
            f"{len(diff.unmatched)} are without a model. Nothing was written."
        )
        for one in changed[:_SHOWN]:
            told = ", ".join(f"{name} {was} → {now}" for name, (was, now) in one.changes().items())
            self.stdout.write(f"  {one.suite.name}, {one.row.label}: {told}")


def _source(slug: str) -> ScoreSource:
    try:
        return ScoreSource.objects.get(slug=slug)
    except ScoreSource.DoesNotExist:
        known = ", ".join(ScoreSource.objects.values_list("slug", flat=True))
        raise CommandError(f"There is no source {slug!r}. Use one of: {known}.") from None


def _read(source: ScoreSource, file: Path | None, url: str | None) -> Read:
    try:
        if file is not None:
            with file.open("rb") as opened:
                return read_file(source, opened, file.name)
        if not (url or source.data_url):
            raise CommandError(f"{source.slug} has no address of its own. Give --file or --url.")
        return fetch(source, url or "")
    except FetchError as error:
        raise CommandError(f"{error}. Check the address, or download it and use --file.") from None
    except TooLarge as error:
        raise CommandError(f"{file} holds {error}; is it a file of this source?") from None
    except UnknownFormat as error:
        raise CommandError(f"{error}. Choose one in the admin.") from None
    except OSError as error:
        raise CommandError(f"{file} cannot be read ({error.strerror}).") from None

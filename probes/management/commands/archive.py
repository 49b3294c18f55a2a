"""`manage.py archive`: old days of attempts to Parquet, and questions to what is there."""

import argparse
import csv
import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from aigo.lib.commands import ExplainedCommand
from aigo.lib.regions import MEASURED_SLUGS
from probes.archive import files
from probes.archive.files import Question
from probes.archive.layout import COLUMNS, Row
from probes.archive.places import ArchiveError
from probes.models import ArchivedDay
from probes.services import archiving, upkeep
from probes.timeseries import dropping

EPILOG = """\
Where the files lie is what ARCHIVE_URL says. A day is dropped only after its file was read back, and never
before it is 30 days old. `archive` may be interrupted at any moment and run again.

examples:
  manage.py archive --dry-run
  manage.py archive
  manage.py archive --before 2026-11-14 --keep
  manage.py archive query --endpoint openai--gpt-5-nano --from 2026-09-01 --to 2026-09-03 --region seoul --csv
"""
SHOWN = ("due_at", "region", "tier", "outcome", "total_ms", "first_answer_ms", "http_status", "error_detail")


class Command(ExplainedCommand):
    help = "Put days of attempts that are older than 30 days into the archive, and let go of them."
    epilog = EPILOG

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--before", type=_date, metavar="DATE", help="days before this one only, UTC")
        parser.add_argument("--dry-run", action="store_true", help="tell what would be done")
        parser.add_argument("--keep", action="store_true", help="write and verify, but drop nothing")
        ways = parser.add_subparsers(dest="way", metavar="query")
        query = ways.add_parser("query", help="rows of the archive")
        query.add_argument("--endpoint", required=True, help="slug, <provider>--<model>")
        query.add_argument("--from", dest="since", type=_moment, required=True, help="date or moment, UTC")
        query.add_argument("--to", dest="until", type=_moment, required=True, help="the same, not included")
        query.add_argument("--region", choices=MEASURED_SLUGS)
        query.add_argument("--tier", choices=("A", "B", "C", "D"))
        form = query.add_mutually_exclusive_group()
        form.add_argument("--json", action="store_true", help="one object per line, all columns")
        form.add_argument("--csv", action="store_true", help="all columns")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["way"] == "query":
                with suppress(BrokenPipeError):  # `| head` has seen enough
                    self._query(options)
            else:
                self._archive(options)
        except ArchiveError as error:
            raise CommandError(str(error)) from error

    def _archive(self, options: dict[str, Any]) -> None:
        now = timezone.now()
        before, keep = _until(options["before"], now, keep=options["keep"]), options["keep"]
        place = archiving.place_of_settings()
        done = 0
        for day in dropping.days_with_rows(before=before):
            if options["dry_run"]:
                rows = sum(counts[0] for counts in dropping.tally_of(day).values())
                what = "would be archived" if keep else "would be archived and dropped"
                self.stdout.write(f"{day}  {rows:>9,} rows  {what}: {place.url_of(day)}")
            elif not (keep and ArchivedDay.objects.filter(day=day, released_at=None).exists()):
                found = archiving.archive_day(place, day, now=timezone.now(), keep=keep)
                dropped = "kept" if keep else f"{found.dropped:,} dropped"
                self.stdout.write(
                    f"{day}  {found.rows:>9,} rows  {found.bytes:>11,} bytes  {dropped}  {found.url}"
                )
            done += 1
        if not done:
            self.stdout.write(f"No attempts that were due before {before}.")

    def _query(self, options: dict[str, Any]) -> None:
        if options["until"] <= options["since"]:
            raise CommandError(f"--to {options['until']:%Y-%m-%dT%H:%M}: must come after --from.")
        names = ("since", "until", "endpoint", "region", "tier")
        question = Question(**{name: options[name] for name in names})
        batches = files.query(archiving.place_of_settings(), question)
        if options["json"]:
            for row in _rows(batches):
                self.stdout.write(json.dumps(dict(zip(COLUMNS, map(_plain, row), strict=True))))
        elif options["csv"]:
            table = csv.writer(self.stdout)
            table.writerow(COLUMNS)
            table.writerows([_plain(value) for value in row] for row in _rows(batches))
        else:
            self._print(batches)

    def _print(self, batches: Iterator[list[Row]]) -> None:
        places = [list(COLUMNS).index(name) for name in SHOWN]
        self.stdout.write("  ".join(SHOWN))
        n = 0
        for row in _rows(batches):
            n += 1
            self.stdout.write(
                "  ".join("—" if row[place] in (None, "") else str(_plain(row[place])) for place in places)
            )
        self.stderr.write(f"{n} attempts")


def _rows(batches: Iterator[list[Row]]) -> Iterator[Row]:
    for batch in batches:
        yield from batch


def _plain(value: Any) -> Any:
    """As JSON and CSV can hold it: moments as ISO 8601, amounts with all their digits."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date. Write 2026-11-21.") from None


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no moment. Write 2026-11-21 or 2026-11-21T09:30."
        ) from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _until(wanted: date | None, now: datetime, *, keep: bool) -> date:
    """Days before this one are archived: whole ones only, and none that is kept may be dropped."""
    kept_from, today = upkeep.raw_kept_from(now), now.date()
    if wanted is None:
        return kept_from
    if wanted > today:
        raise CommandError(f"--before {wanted}: that day is not over. Use {today} or an earlier one.")
    if wanted > kept_from and not keep:
        raise CommandError(
            f"--before {wanted}: attempts are kept for {upkeep.RAW_KEPT.days} days, so days from {kept_from} "
            "on are not dropped. Use an earlier one, or --keep."
        )
    return wanted

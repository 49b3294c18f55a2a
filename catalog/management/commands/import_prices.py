"""`manage.py import_prices`: a list of prices from a CSV, whole or not at all."""

from __future__ import annotations

import argparse
import hashlib
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from aigo.lib.faults import BadCell, clean_address, clean_text
from aigo.lib.refusing import placed
from catalog.adapters.price_csv import MAX_BYTES, read_prices
from catalog.price_lists import KINDS, REFUSALS, PriceDiff, look
from catalog.services import apply_price_list

_SHOWN = 20


class Command(BaseCommand):
    help = (
        "Import a list of prices (docs/prices.md): a price is never overwritten, another one ends it. A file "
        "with a fault changes nothing. Every price needs the address of its source."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--file", type=Path, required=True, help="a CSV with a header")
        parser.add_argument("--source", required=True, help="who states the prices, at most 40 characters")
        parser.add_argument("--source-url", required=True, help="where everybody can see them")
        parser.add_argument(
            "--complete",
            action="store_true",
            help="it is the whole list of this source: what it lacks ends",
        )
        parser.add_argument("--dry-run", action="store_true", help="report what would change, write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        file: Path = options["file"]
        data = _read(file)
        source_name, source_url = _source(options["source"], options["source_url"])
        reading = read_prices(data, source_url=source_url)
        diff = look(
            reading, source_name=source_name, source_url=source_url, complete=options["complete"], now=now
        )
        self._refuse(diff, file.name)
        if not options["dry_run"]:
            hashed = hashlib.sha256(data).hexdigest()
            apply_price_list(diff, origin=file.name, content_hash=hashed, now=now)
        self._say(diff, file.name, dry_run=options["dry_run"])

    def _refuse(self, diff: PriceDiff, name: str) -> None:
        if not diff.faults:
            return
        lines = [f"  {placed(fault.to_json(), REFUSALS)}" for fault in diff.faults[:_SHOWN]]
        if (hidden := len(diff.faults) - _SHOWN) > 0:
            lines.append(f"  … and {hidden} more")
        raise CommandError("\n".join([f"{name} is refused, nothing was changed:", *lines]))

    def _say(self, diff: PriceDiff, name: str, *, dry_run: bool) -> None:
        counts = diff.counts()
        told = ", ".join(f"{counts[kind]} {kind}" for kind in KINDS)
        gone = f"{counts['gone']} of this source are not in it" + (" and end" if diff.complete else "")
        self.stdout.write(f"{name}: {counts['rows']} prices read, {told}; {gone}.")
        for one in [one for one in diff.planned if one.kind != "unchanged"][:_SHOWN]:
            changes = ", ".join(f"{column} {_plain(was)} → {_plain(new)}" for column, was, new in one.amounts)
            self.stdout.write(f"  {one.kind} {one.endpoint.slug} {one.row.tier}: {changes}")
        if dry_run:
            self.stdout.write("Nothing was written.")


def _plain(value: Any) -> str:
    return "—" if value is None else f"{value.normalize():f}"


def _source(name: str, url: str) -> tuple[str, str]:
    try:
        return clean_text(name, 40), clean_address(url, 300)
    except BadCell as bad:
        words = REFUSALS[bad.code] % {"wanted": bad.wanted}
        raise CommandError(f"--source {name!r} --source-url {url!r} is not accepted. {words}") from None


def _read(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            data = opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise CommandError(f"{file} cannot be read ({error.strerror}).") from None
    if len(data) > MAX_BYTES:
        raise CommandError(f"{file} is larger than {MAX_BYTES:,} bytes; is it a list of prices?")
    return data

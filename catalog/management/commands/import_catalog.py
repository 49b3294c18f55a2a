"""`manage.py import_catalog`: the catalogue from the packaged sources, or a newer models.dev api.json."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from aigo.lib.fetch import FetchError, guarded_get
from catalog.adapters import genai_prices, models_dev, simulated
from catalog.adapters.curation import read_curation
from catalog.listing import ListingError
from catalog.services import ImportReport, import_catalog

_SHOWN_CHANGES = 20


class Command(BaseCommand):
    help = (
        "Import providers, models, endpoints and prices; idempotent, never deletes, never overwrites a price."
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        source = parser.add_mutually_exclusive_group()
        source.add_argument(
            "--file", type=Path, help="a models.dev api.json instead of the packaged snapshot"
        )
        source.add_argument("--url", help=f"its address, for instance {models_dev.SOURCE_URL}/api.json")
        parser.add_argument("--dry-run", action="store_true", help="report what would change, write nothing")
        parser.add_argument("--quiet", action="store_true", help="print nothing unless something is wrong")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        data, origin = _read(options["file"], options["url"])
        try:
            listing, differences = genai_prices.add_prices(
                models_dev.read_listing(data, version=_version(origin)), as_of=now
            )
        except ListingError as error:
            raise CommandError(
                f"{origin} is refused, nothing was written. {error}. {_remedy(origin)}"
            ) from None
        try:
            listings, curation = [listing, simulated.read_listing()], read_curation()
        except ListingError as error:
            raise CommandError(f"catalog/data is refused, nothing was written. {error}.") from None
        report = import_catalog(now=now, listings=listings, curation=curation, dry_run=options["dry_run"])
        if not options["quiet"]:
            self._print(report, origin, listing.oddities, differences)

    def _print(
        self, report: ImportReport, origin: str, oddities: tuple[str, ...], differences: tuple[str, ...]
    ) -> None:
        verb = "would bring" if report.dry_run else "brought"
        self.stdout.write(f"{origin} {verb} the catalogue up to date:")
        for kind, counts in report.by_kind().items():
            self.stdout.write(
                f"  {kind.replace('_', ' '):<10} {counts.created:>5} created {counts.updated:>5} updated "
                f"{counts.unchanged:>5} unchanged {counts.retired:>5} retired"
            )
        for change in report.changes[:_SHOWN_CHANGES]:
            self.stdout.write(f"  {change}")
        if (hidden := len(report.changes) - _SHOWN_CHANGES) > 0:
            self.stdout.write(f"  … and {hidden} more changes")
        for oddity in oddities:
            self.stdout.write(f"  {oddity}")
        if differences:
            self.stdout.write(
                f"  {len(differences)} standard prices differ between models.dev (kept) and genai-prices"
            )


def _read(file: Path | None, url: str | None) -> tuple[bytes, str]:
    """The bytes of the source and its name for the reader; CommandError says what to do about a bad one."""
    if url is not None:
        try:
            return guarded_get(url, max_bytes=models_dev.MAX_BYTES), url
        except FetchError as error:
            raise CommandError(f"{error}. Check the address, or download it and use --file.") from None
    if file is None:
        return models_dev.package_bytes(), f"models-dev {models_dev.package_version()}"
    try:
        if file.stat().st_size > models_dev.MAX_BYTES:
            raise CommandError(
                f"{file} is larger than {models_dev.MAX_BYTES:,} bytes; is it a models.dev api.json?"
            )
        return file.read_bytes(), str(file)
    except OSError as error:
        raise CommandError(
            f"{file} cannot be read ({error.strerror}). Give the path of an api.json."
        ) from None


def _version(origin: str) -> str:
    """What prices are said to be read in: the release, else the site that the file was taken from."""
    return origin if origin.startswith("models-dev ") else models_dev.SOURCE


def _remedy(origin: str) -> str:
    return f"Correct that place in {origin}, or fetch {models_dev.SOURCE_URL}/api.json anew."

"""`manage.py import_suites`: the suites that the project ships."""

from __future__ import annotations

import argparse
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from benchmarks.services import import_suites


class Command(BaseCommand):
    help = "Make the suites what benchmarks/data/suites.json says; idempotent, keeps what editors decided."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--quiet", action="store_true", help="print nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        report = import_suites(now=timezone.now())
        if options["quiet"]:
            return
        counts = (
            f"{len(report.created)} created, {len(report.updated)} updated, {len(report.unchanged)} unchanged"
        )
        self.stdout.write(f"suites: {counts}")
        for kept in report.kept:
            self.stdout.write(f"  {kept}: an editor's, left alone")

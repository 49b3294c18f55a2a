"""`manage.py seed_news`: the sources of news that the project ships."""

from __future__ import annotations

import argparse
from typing import Any

from django.core.management.base import BaseCommand

from news.services import seed_sources


class Command(BaseCommand):
    help = "Make the news sources of news/data/sources.json that there are not yet; keeps what operators set."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--quiet", action="store_true", help="print nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        made = seed_sources()
        if not options["quiet"]:
            self.stdout.write(f"{made} news sources made.")

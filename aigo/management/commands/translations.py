"""`manage.py translations extract|compile`: message catalogues without gettext's own programs."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from aigo import translations


class Command(BaseCommand):
    """Thin: `aigo.translations` does the work."""

    help = "Collect the texts to translate (extract), or make the catalogues Django reads (compile)."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=("extract", "compile"))

    def handle(self, *args: Any, action: str, **options: Any) -> None:
        base = Path(settings.BASE_DIR)
        for po in sorted((base / "locale").glob("*/LC_MESSAGES/django.po")):
            if action == "extract":
                missing = translations.extract_into(po, base=base)
                self.stdout.write(f"{po.relative_to(base)}: {missing} texts without a translation")
            elif translations.compile_catalogue(po):
                self.stdout.write(f"{po.relative_to(base)}: compiled")

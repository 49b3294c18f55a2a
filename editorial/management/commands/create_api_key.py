"""`manage.py create_api_key USERNAME NAME`: a key by which a program writes that account's drafts."""

from __future__ import annotations

import argparse
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from editorial.services.keys import SCOPES, create_key


class Command(BaseCommand):
    help = "Make an API key for an account and print it: it is shown only this once."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("name", help="what the key is for")
        parser.add_argument("--scope", action="append", choices=SCOPES, help=f"by default {SCOPES[0]}")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["username"]).first()
        if user is None:
            raise CommandError(f"There is no account {options['username']!r}: make it first.")
        scopes = options["scope"] or [SCOPES[0]]
        _row, text = create_key(user, options["name"], scopes=scopes, by=None, now=timezone.now())
        self.stdout.write(text)

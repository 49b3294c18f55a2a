"""`manage.py webhook_secret`: what the receiver of a channel's webhooks verifies them with."""

import argparse
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from aigo.lib.commands import ExplainedCommand
from status.models import AlertChannel
from status.outgoing import WebhookTarget
from status.sending.webhooks import secrets_of


class Command(ExplainedCommand):
    help = "Print the secret that a webhook channel's notices are signed with."
    epilog = (
        "It is derived from SECRET_KEY and kept nowhere: run this where that is set. For a day after the\n"
        "secret was rotated (admin, alert channels) the former one signs, too: it is the second line.\n"
        "Any library for Standard Webhooks takes it as it is: https://www.standardwebhooks.com/"
    )

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("channel", help="its slug")

    def handle(self, *args: Any, channel: str, **options: Any) -> None:
        webhooks = AlertChannel.objects.filter(kind=AlertChannel.Kind.WEBHOOK)
        row = webhooks.filter(slug=channel).first()
        if row is None:
            known = ", ".join(webhooks.values_list("slug", flat=True)) or "none yet"
            raise CommandError(f"channel={channel!r} is no webhook channel. Known: {known}.")
        target = WebhookTarget(row.pk, row.slug, row.url, row.secret_version, row.rotated_at)
        for secret in secrets_of(target, now=timezone.now()):
            self.stdout.write(secret)

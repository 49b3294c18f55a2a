"""`manage.py record_bounce`: what other mail servers report as undeliverable."""

import sys
from typing import Any

from django.core.management.base import CommandError
from django.utils import timezone

from aigo.lib.commands import ExplainedCommand
from status.rules.bounces import MOST_BYTES, Unreadable, failures_of
from status.services import subscriptions


class Command(ExplainedCommand):
    help = "Read a delivery status notification (RFC 3464) from standard input."
    epilog = (
        "Let the mail server pipe the mailbox of EMAIL_BOUNCES_TO into it, one message a run. A subscriber\n"
        "whose mailbox is gone is sent nothing more. Only a notification that returns one of our letters,\n"
        "by its id, to its own address is believed: anybody can write to that mailbox.\n\n"
        "example, in /etc/aliases:\n"
        '  bounces: "|/srv/aigo/.venv/bin/python /srv/aigo/manage.py record_bounce"'
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            failures = failures_of(sys.stdin.buffer.read(MOST_BYTES))
        except Unreadable as reason:
            raise CommandError(f"The message is no delivery status notification: {reason}.") from None
        for failure in failures:
            done = subscriptions.record_failure(failure, now=timezone.now())
            self.stdout.write(f"{failure.address}: {done}")
        if not failures:
            self.stdout.write("Nothing in it failed for good.")

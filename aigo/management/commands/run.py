"""`manage.py run`: everything in one process, for a laptop or a small server. `make run` calls it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from aigo import launcher
from aigo.serving import leave_soon


class Command(BaseCommand):
    help = "Set up the database and serve everything: pages, API, live push, probes and the simulator."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            launcher.run(self._say)
            leave_soon()
        except launcher.CannotStart as reason:
            raise CommandError(str(reason)) from None
        except KeyboardInterrupt:  # before there was anything to serve
            self.stdout.write("Stopped.")

    def _say(self, line: str) -> None:
        """At once, also into a pipe."""
        self.stdout.write(line)
        self.stdout.flush()

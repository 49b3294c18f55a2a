"""`manage.py consume`: what follows the event log, as a process of its own. `manage.py run` has it inside."""

import signal
import socket
from collections.abc import Sequence
from typing import Any

from django.core.management.base import CommandError, CommandParser

from aigo.lib.commands import ExplainedCommand
from aigo.lib.consuming import Consumers, Follower
from aigo.lib.events import event_log
from aigo.serving import leave_soon
from status.groups import FOLLOWERS
from status.sending.loop import Sender

#: Beside the groups: who delivers notices. It goes by the database alone.
SENDER = "sender"
NAMES = (*(follower.name for follower in FOLLOWERS), SENDER)
ENDING = (signal.SIGTERM, signal.SIGINT)
#: A consumer that has not asked for news for so long, in seconds, hangs, or waits for a part that is away.
SILENT_AFTER_S = 60.0


class Command(ExplainedCommand):
    help = "Follow the event log: judge what has new results, tend incidents; and send notices."
    epilog = (
        "Any number may run side by side; they share each group's events, and the notices. What one held\n"
        "when it died, another does after a minute, a notice after some minutes under the same id.\n"
        "SIGTERM or Ctrl-C: what is under way is ended first, within ten seconds."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("group", nargs="*", help=f"which groups; default all: {', '.join(NAMES)}")
        parser.add_argument(
            "--check", action="store_true", help="only tell whether they are followed from this machine"
        )

    def handle(self, *args: Any, group: list[str], check: bool, **options: Any) -> None:
        if unknown := sorted(set(group) - set(NAMES)):
            raise CommandError(f"group={unknown[0]!r} is not known. Known groups: {', '.join(NAMES)}.")
        wanted = [follower for follower in FOLLOWERS if not group or follower.name in group]
        if check:
            _check(wanted)
            return
        for number in ENDING:
            signal.signal(number, _end)
        consumers = Consumers(wanted)
        sender = Sender() if not group or SENDER in group else None
        try:
            consumers.start()
            if sender:
                sender.start()
            names = [follower.name for follower in wanted] + [SENDER] * bool(sender)
            self._say(f"{consumers.name} follows: {', '.join(names)}")
            while True:
                signal.pause()
        except KeyboardInterrupt:
            if sender:
                sender.stop()
            consumers.stop()
        self._say("Ended.")
        if sender:
            leave_soon()  # a service that hangs holds a thread of apprise's

    def _say(self, line: str) -> None:
        """At once, also into a pipe."""
        self.stdout.write(line)
        self.stdout.flush()


def _end(*_: Any) -> None:
    """Once: the batch under way must end in peace."""
    for number in ENDING:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def _check(wanted: Sequence[Follower]) -> None:
    here = f"{socket.gethostname()}-"
    followed = {
        report.name
        for report in event_log().group_reports()
        if any(c.name.startswith(here) and c.idle_s < SILENT_AFTER_S for c in report.consumers)
    }
    if silent := [follower.name for follower in wanted if follower.name not in followed]:
        raise CommandError(f"No consumer of this machine has asked for news of {', '.join(silent)} lately.")

"""`manage.py drill <scenario>`: play trouble against the running system and say how it was noticed."""

import argparse
import json
import signal
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError

from aigo.lib.commands import ExplainedCommand
from probes.simulator.running import SimulatorError
from status.drills.plan import CannotDrill, make_plan
from status.drills.playing import play
from status.drills.reading import read_stage
from status.drills.report import Report, lines_of, table
from status.drills.scenarios import SCENARIOS

EPILOG = (
    "scenarios:\n"
    + "\n".join(
        f"  {scenario.name:<16} {scenario.lasts_s / 60:>4.0f} min  {scenario.about}"
        for scenario in SCENARIOS.values()
    )
    + """

It steers the built-in simulator only, and leaves it as it was, also on Ctrl-C. More in docs/drills.md.

exit status:
  0  every goal was met
  1  a goal was missed: something false, something missed, or a push too slow
  2  it could not be played

example:
  manage.py drill provider_outage --url http://127.0.0.1:8000 --json | jq .push
"""
)


class Command(ExplainedCommand):
    help = "Play a drill against the running system and print how it was noticed."
    epilog = EPILOG

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("scenario", choices=SCENARIOS, metavar="scenario", help="one of those below")
        parser.add_argument(
            "--url", default=f"http://127.0.0.1:{settings.PORT}", help="of a web server of the system"
        )
        parser.add_argument("--provider", default="bramblewick", help="the simulated provider that is struck")
        parser.add_argument("--json", action="store_true", help="the report as one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        signal.signal(signal.SIGTERM, _as_interrupt)
        try:
            plan = make_plan(options["scenario"], read_stage(options["provider"]))
            report = play(
                plan, url=options["url"], simulator_url=settings.SIMULATOR_URL, say=self.stderr.write
            )
        except (CannotDrill, SimulatorError) as error:
            raise CommandError(str(error), returncode=2) from None
        except KeyboardInterrupt:
            raise CommandError("interrupted; the simulator is as it was", returncode=130) from None
        self.stdout.write(json.dumps(report.to_json()) if options["json"] else _table(report))
        if failures := report.failures():
            self.stderr.write("\n".join(failures))
            sys.exit(1)


def _as_interrupt(*_: Any) -> None:
    """A drill that is told to end must lift its faults, too."""
    raise KeyboardInterrupt


def _table(report: Report) -> str:
    return table(lines_of(report), header=(f"drill {report.scenario}", "found", "goal"))

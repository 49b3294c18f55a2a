"""`manage.py simulate`: the simulator as a server, or a hand on one that runs."""

import argparse
import asyncio
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from probes.simulator.running import SimulatorError, control, serve
from probes.simulator.scenario import ScenarioError
from probes.simulator.server import STOP_MODES


class Command(BaseCommand):
    help = "Serve simulated providers; with --stop or --start, stop or start one that is served."
    requires_system_checks = []

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to bind; 0.0.0.0 in a container")
        parser.add_argument("--port", type=int, default=8001)
        parser.add_argument("--scenario", default="default", help="default, outage, or a .json file")
        parser.add_argument("--seed", type=int, default=1, help="the same seed repeats a run exactly")
        hand = parser.add_mutually_exclusive_group()
        hand.add_argument("--stop", metavar="PROVIDER", help="make a provider of the running simulator fail")
        hand.add_argument("--start", metavar="PROVIDER", help="let it work again")
        parser.add_argument("--mode", choices=sorted(STOP_MODES), default="reset", help="how it fails")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if provider := options["stop"] or options["start"]:
                self._control(provider, options)
            else:
                asyncio.run(serve(options["host"], options["port"], options["scenario"], options["seed"]))
        except (SimulatorError, ScenarioError) as error:
            raise CommandError(str(error)) from None

    def _control(self, provider: str, options: dict[str, Any]) -> None:
        action = "stop" if options["stop"] else "start"
        state = control(f"http://{options['host']}:{options['port']}", provider, action, options["mode"])
        stopped = ", ".join(f"{slug} ({mode})" for slug, mode in state["stopped"].items()) or "none"
        self.stdout.write(f"{action}: {provider}. Stopped now: {stopped}")

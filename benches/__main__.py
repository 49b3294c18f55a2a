"""`python -m benches`: every tool, every scenario, one table; `python -m benches store`: the
store; `python -m benches live`: live push.

`make bench` sets up what they need first.
"""

import argparse
import contextlib
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pycurl

from benches import processes
from benches.figures import Figures, summarize
from benches.goals import GOALS, Runs
from benches.jobs import Job
from benches.live.command import main as live
from benches.machine import describe
from benches.report import goals_table, quiet_line, scenario_table, write_into
from benches.scenarios import SCENARIOS, Scenario, Share
from benches.scripted import ScriptedServer, build, make_certificate
from benches.store.command import main as store
from benches.tools import OURS, TOOLS

DOCUMENT = processes.ROOT / "docs" / "benches.md"
#: A tool that is slower than the load has so long beyond the last start.
GRACE_S = 12.0
QUICK_PART = 0.2


class Bench:
    """One server, one set of scenarios, all tools in turns."""

    def __init__(self, server: ScriptedServer, ca_file: str, options: argparse.Namespace) -> None:
        self._server, self._ca_file, self._options = server, ca_file, options

    def run(self, scenario: Scenario) -> Runs:
        """Interleaved: every repetition runs all tools, each time another one first."""
        shares = self._shares(scenario)
        runs: dict[str, list[Figures | None]] = {tool: [] for tool in shares}
        for repetition in range(max(share.times for share in shares.values())):
            turn = [tool for tool, share in shares.items() if repetition < share.times]
            first = repetition % len(turn)
            for tool in turn[first:] + turn[:first]:
                runs[tool].append(self._run_tool(scenario, tool, shares[tool].part))
        return runs

    def _shares(self, scenario: Scenario) -> dict[str, Share]:
        options = self._options
        wanted = options.tool or (_with_goals(scenario) if options.quick else list(scenario.shares))
        part, times = (QUICK_PART, 1) if options.quick else (1.0, options.times)
        return {
            tool: Share(times or share.times, share.part * part)
            for tool, share in scenario.shares.items()
            if tool in wanted
        }

    def _run_tool(self, scenario: Scenario, tool: str, part: float) -> Figures | None:
        """None when the tool could not do it; why is said on stderr."""
        starts = scenario.starts_s(part)
        ca_file = self._ca_file if scenario.tls else ""
        root = self._server.root(tls=scenario.tls)
        job = Job(root, starts, ca_file, scenario.max_in_flight, starts[-1] + GRACE_S)
        self._server.take()
        try:
            with _company(scenario):
                outcome = TOOLS[tool].tool.run(job)
        except (RuntimeError, TimeoutError, OSError) as exc:
            _say(f"{scenario.name}: {tool} failed: {type(exc).__name__} {exc}")
            return None
        figures = summarize(job, outcome, self._server.take())
        _say(f"{scenario.name}: {tool}: {_brief(figures)}")
        return figures


def _company(scenario: Scenario) -> contextlib.AbstractContextManager[None]:
    if scenario.neighbour:
        return processes.busy_neighbour(processes.CLIENT_CORE)
    return contextlib.nullcontext()


def main() -> int:
    if sys.argv[1:2] == ["store"]:
        return store(sys.argv[2:])
    if sys.argv[1:2] == ["live"]:
        return live(sys.argv[2:])
    options = _parser().parse_args()
    os.sched_setaffinity(0, {processes.SERVER_CORE})
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, _served(Path(folder)) as (server, ca_file):
        parts = ["\n".join(f"- {line}" for line in describe(server.scheduling, pycurl.version))]
        bench = Bench(server, ca_file, options)
        runs = {
            scenario.name: bench.run(scenario)
            for scenario in SCENARIOS
            if scenario.name in (options.scenario or [each.name for each in SCENARIOS])
        }
    parts += [quiet_line(runs, SCENARIOS), goals_table(runs)]
    parts += [scenario_table(each, runs[each.name]) for each in SCENARIOS if each.name in runs]
    parts += [f"The run took {(time.monotonic() - began) / 60:.0f} min."]
    sys.stdout.write("\n\n".join(parts) + "\n")
    if options.write:
        write_into(DOCUMENT, "\n\n".join(parts))
    return 0


@contextlib.contextmanager
def _served(folder: Path) -> Iterator[tuple[ScriptedServer, str]]:
    certificate = make_certificate(folder)
    server = ScriptedServer(build(folder, tls=True), processes.SERVER_CORE, certificate)
    try:
        yield server, str(certificate[0])
    finally:
        server.close()


def _with_goals(scenario: Scenario) -> list[str]:
    """Our engine, and the peers that a goal of the scenario names."""
    return [OURS, *(goal.beside for goal in GOALS if goal.scenario == scenario.name and goal.beside)]


def _brief(figures: Figures) -> str:
    p99 = "no error figure" if figures.p99_ms is None else f"p99 {figures.p99_ms:.2f} ms"
    return f"{p99}, {figures.cpu_s_per_1000:.2f} CPU-s per 1,000, {figures.timed * 100:.0f} % timed"


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benches")
    parser.add_argument("--scenario", action="append", choices=[each.name for each in SCENARIOS])
    parser.add_argument("--tool", action="append", choices=list(TOOLS))
    parser.add_argument("--times", type=int, default=0, help="repetitions of every tool (0 = as planned)")
    parser.add_argument("--quick", action="store_true", help="a fifth of the load, once, goals only")
    parser.add_argument("--write", action="store_true", help="put the figures into docs/benches.md")
    return parser


if __name__ == "__main__":
    sys.exit(main())

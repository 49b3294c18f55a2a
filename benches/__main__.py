"""`python -m benches [--scenario NAME]… [--tool NAME]… [--times N] [--part SHARE]`"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

from benches import processes
from benches.figures import Figures, summarize
from benches.jobs import Job
from benches.scenarios import SCENARIOS, Scenario
from benches.scripted import ScriptedServer, build, make_certificate
from benches.tools import TOOLS

#: A tool that is slower than the load has so long beyond the last start.
GRACE_S = 10.0
MAX_IN_FLIGHT = 1024


def run_once(server: ScriptedServer, scenario: Scenario, tool: str, part: float, ca_file: str) -> Figures:
    starts = scenario.starts_s(part)
    job = Job(
        server.root(tls=scenario.tls),
        starts,
        ca_file if scenario.tls else "",
        MAX_IN_FLIGHT,
        starts[-1] + GRACE_S,
    )
    server.take()
    outcome = TOOLS[tool].run(job)
    return summarize(job, outcome.begin_s, outcome.sightings, server.take(), outcome.cpu_s, outcome.peak_mb)


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--scenario", action="append", choices=[s.name for s in SCENARIOS])
    parser.add_argument("--tool", action="append", choices=list(TOOLS))
    parser.add_argument("--times", type=int)
    parser.add_argument("--part", type=float, default=1.0)
    options = parser.parse_args()
    os.sched_setaffinity(0, {processes.SERVER_CORE})
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        certificate = make_certificate(folder)
        server = ScriptedServer(build(folder, tls=True), processes.SERVER_CORE, certificate)
        for scenario in SCENARIOS:
            if options.scenario and scenario.name not in options.scenario:
                continue
            for time in range(options.times or 3):
                for tool in scenario.shares:
                    if options.tool and tool not in options.tool:
                        continue
                    figures = run_once(server, scenario, tool, options.part, str(certificate[0]))
                    sys.stdout.write(f"{scenario.name} {tool} {time} {figures}\n")
        server.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())

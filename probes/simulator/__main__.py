"""`python -m probes.simulator --port 8001 [--scenario NAME|FILE.json] [--seed N] [--host H]`"""

import argparse
import asyncio
import sys

from probes.simulator.running import SimulatorError, serve
from probes.simulator.scenario import ScenarioError


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m probes.simulator")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8001, help="0 takes a free port")
    parser.add_argument(
        "--scenario", default="default", help="a name that ships (default, outage, drills) or a .json file"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--until-eof", action="store_true", help="end when standard input closes, as a child")
    asked = parser.parse_args()
    try:
        asyncio.run(serve(asked.host, asked.port, asked.scenario, asked.seed, until_eof=asked.until_eof))
    except (SimulatorError, ScenarioError) as exc:
        sys.stderr.write(f"{exc}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

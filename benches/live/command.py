"""`python -m benches live`: live push beside Socket.IO and beside other ways of Channels, in turns."""

import argparse
import os
import platform
import re
import signal
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path

from benches import processes
from benches.live import report
from benches.live.contenders import CONTENDERS, NODE, PEER
from benches.live.generator import build
from benches.live.goals import GOALS
from benches.live.running import Arena, Runs
from benches.live.scenarios import SCENARIOS, Scenario
from benches.machine import processor
from benches.report import write_into
from testing import redis_servers

DOCUMENT = processes.ROOT / "docs" / "benches.md"
QUICK_TIMES = 2


def main(arguments: list[str]) -> int:
    options = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, _end)  # servers are ended, files cleared away
    began, load = time.monotonic(), os.getloadavg()[0]
    os.sched_setaffinity(0, {processes.CLIENT_CORE})  # and Redis with us
    runs: dict[str, Runs] = {}
    with tempfile.TemporaryDirectory(prefix="aigo-bench-") as folder, redis_servers.redis() as server:
        processes.prefer(server.process.process.pid)
        arena = Arena(server.url, build(Path(folder)), Path(folder))
        for scenario in SCENARIOS:
            if shares := _shares(scenario, options):
                runs[scenario.name] = arena.play(scenario, shares)
    text = "\n\n".join([_about(load, began), report.render(SCENARIOS, runs)])
    sys.stdout.write(text + "\n")
    if options.write:
        write_into(DOCUMENT, text, report.MARKS)
    return 0


def _end(number: int, _frame: object) -> None:
    raise SystemExit(128 + number)


def _shares(scenario: Scenario, options: argparse.Namespace) -> dict[str, int]:
    """Contender → repetitions, {} = not asked for. A quick run asks only for what goals speak of."""
    if options.scenario and scenario.name not in options.scenario:
        return {}
    goals = [goal for goal in GOALS if goal.scenario == scenario.name]
    named = {name for goal in goals for name in (goal.contender, goal.beside)}
    wanted = options.contender or (named if options.quick else scenario.shares)
    times = options.times or (QUICK_TIMES if options.quick else 0)
    return {name: times or planned for name, planned in scenario.shares.items() if name in wanted}


def _about(load: float, began: float) -> str:
    minutes = (time.monotonic() - began) / 60
    names = ("daphne", "Twisted", "autobahn", "channels_redis", "uvicorn")
    versions = "; ".join(f"{name} {version(name)}" for name in names)
    lines = [
        f"{processor()}, {os.cpu_count()} cores, Linux {platform.release()}, {_congestion_control()}",
        f"Python {platform.python_version()}; {versions}; {_peers()}",
        f"servers, clients and Redis ran {' '.join(processes.precedence()) or 'as all others'}; "
        f"load at the start: {load:.2f}; the run took {minutes:.0f} min",
    ]
    return "\n".join(f"- {line}" for line in lines)


def _congestion_control() -> str:
    return "TCP " + Path("/proc/sys/net/ipv4/tcp_congestion_control").read_text().strip()


def _peers() -> str:
    locked = (PEER.parent / "package.json").read_text()
    found = re.findall(r'"(ioredis|socket\.io)": "([\d.]+)"', locked)
    node = subprocess.run([NODE, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    return f"Node.js {node}; " + "; ".join(f"{name} {number}" for name, number in found)


def _parser() -> argparse.ArgumentParser:
    names = [each.name for each in SCENARIOS]
    parser = argparse.ArgumentParser(prog="python -m benches live")
    parser.add_argument("--scenario", action="append", choices=names)
    parser.add_argument("--contender", action="append", choices=list(CONTENDERS))
    parser.add_argument(
        "--times", type=int, default=0, help="repetitions of every contender (0 = as planned)"
    )
    parser.add_argument("--quick", action="store_true", help="twice instead of five times, goals only")
    parser.add_argument("--write", action="store_true", help="put the figures into docs/benches.md")
    return parser

"""`python -m benches store`: generated stores of ten times and of one times the rows, asked in turns."""

import argparse
import os
import signal
import sys
import time
from pathlib import Path

from benches import processes
from benches.machine import processor
from benches.report import write_into
from benches.store import report
from benches.store.plan import MODELS, plans
from benches.store.running import DATABASES, Results, measure

DOCUMENT = processes.ROOT / "docs" / "benches.md"
#: Fits six to eight minutes on two cores.
DEFAULT_SCALE = 0.1
QUICK_SCALE = 0.01
#: The questions whose plans the decision record shows.
HOT = ("latest", "five minutes", "history 30d all")


def main(arguments: list[str]) -> int:
    options = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, _end)  # servers and files are cleared away
    scale = options.scale or (QUICK_SCALE if options.quick else DEFAULT_SCALE)
    chosen = plans(scale, models=options.models)
    began, load = time.monotonic(), os.getloadavg()[0]
    everything = [
        measure(
            database,
            chosen,
            rounds=2 if options.quick else options.rounds,
            times=options.times,
            explain=HOT if options.explain else (),
        )
        for database in options.database or DATABASES
    ]
    text = "\n\n".join([_about(scale, load, began), report.render(everything)])
    sys.stdout.write(text + "\n")
    if options.explain:
        _write_plans(options.explain, everything)
    if options.write:
        write_into(DOCUMENT, text, report.MARKS)
    return 0


def _end(number: int, _frame: object) -> None:
    raise SystemExit(128 + number)


def _about(scale: float, load: float, began: float) -> str:
    return "\n".join(
        [
            f"- {processor()}, {os.cpu_count()} cores; load at the start: {load:.2f}",
            f"- scale {scale:g}; the run took {(time.monotonic() - began) / 60:.0f} min",
        ]
    )


def _write_plans(path: Path, everything: list[Results]) -> None:
    parts = [
        f"## {results.version}: {name}\n\n{plan}"
        for results in everything
        for name, found in results.explained.items()
        for plan in found
    ]
    path.write_text("\n\n".join(parts) + "\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benches store")
    parser.add_argument("--scale", type=float, default=0, help="1 = 30 days, 139 models, 6 regions, 1 minute")
    parser.add_argument("--models", type=int, default=MODELS, help="fewer models, to try the bench itself")
    parser.add_argument("--database", action="append", choices=DATABASES)
    parser.add_argument("--rounds", type=int, default=5, help="how often the two stores take turns")
    parser.add_argument("--times", type=int, default=15, help="repetitions of a question in a round")
    parser.add_argument("--quick", action="store_true", help="a hundredth of the rows, two rounds")
    parser.add_argument("--explain", type=Path, help="write the plans of the hot queries to this file")
    parser.add_argument("--write", action="store_true", help="put the figures into docs/benches.md")
    return parser

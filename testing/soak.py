"""`make soak`: six POPs under Celery with Redis, killed and restarted, and every due moment accounted for.

`python -m testing.soak --minutes 10` starts everything, kills a POP that holds orders, restarts the broker,
kills beat and the centre's worker, ends beat, waits until the order book is empty, and compares the due
moments (a witness table that a trigger fills) with the results. Exit status 0 = the same set.
"""

import argparse
import statistics
import sys
import time
from dataclasses import dataclass
from typing import Any

from testing.fleet import REGIONS, Fleet, running_fleet
from testing.processes import until

#: At this cadence a region has more than 20 orders in hand at any time.
INTERVAL_S = 10
HELD_AT_LEAST = 20
POP_DOWN_S = 15.0
BROKER_DOWN_S = 3.0
#: Overdue orders are sent again within a minute and given up after ten.
EMPTY_WITHIN_S = 900
#: A POP that is down for a quarter of a minute costs the moments of one region.
MEASURED_SHARE = 0.8

RESULTS = "SELECT endpoint_id, region, tier, due_at FROM results WHERE attempt = 1"
DUE = "SELECT endpoint_id, region, tier, due_at FROM witness"
MEASURED = "SELECT count(*) FROM results WHERE outcome = 'ok'"
OUTCOMES = "SELECT region, outcome, count(*) FROM results GROUP BY 1, 2 ORDER BY 1, 2"
LAGS = "SELECT lag_ms, loop_lag_ms FROM results WHERE outcome = 'ok'"


@dataclass(frozen=True)
class Account:
    """What a run came to. `missing`, `extra`: due moments without result, results without due moment.

    measured: results with an answer; asked: requests that reached the providers (none of them ever fails, so
    none is confirmed).
    """

    due: int
    missing: list[tuple[Any, ...]]
    extra: list[tuple[Any, ...]]
    measured: int
    asked: int
    held_at_kill: int

    @property
    def is_even(self) -> bool:
        """The same set, most of it measured, and no moment asked for twice."""
        same = not (self.missing or self.extra)
        return same and self.measured >= MEASURED_SHARE * self.due and self.asked <= self.due


def disturb(fleet: Fleet, region: str = "seoul") -> int:
    """SIGKILL a POP that holds at least 20 orders, kill and restart the broker; how many it held."""
    held = until(lambda: fleet.held_by(region), lambda count: count >= HELD_AT_LEAST, log=fleet.log)
    fleet.kill(f"pop-{region}")
    fleet.broker.kill_and_restart(down_s=BROKER_DOWN_S)
    time.sleep(POP_DOWN_S)
    fleet.start_pop(region)
    return held


def kill_beat_and_worker(fleet: Fleet) -> None:
    """SIGKILL beat and the centre's worker in the middle of their work, and start them again."""
    for name in ("beat", "worker"):
        command = fleet.parts[name].command[2:]
        fleet.kill(name)
        fleet.start(name, command)


def account(fleet: Fleet, held_at_kill: int) -> Account:
    """Stop handing out, wait until everything is answered, and compare the two sets."""
    fleet.parts["beat"].stop_quickly()
    until(lambda: _still_open(fleet), lambda count: count == 0, timeout_s=EMPTY_WITHIN_S, log=fleet.log)
    due, results = fleet.rows(DUE), fleet.rows(RESULTS)
    (measured,) = fleet.rows(MEASURED)[0]
    return Account(
        due=len(due),
        missing=sorted(set(due) - set(results)),
        extra=sorted(set(results) - set(due)),
        measured=measured,
        asked=fleet.requests_made(),
        held_at_kill=held_at_kill,
    )


def _still_open(fleet: Fleet) -> int:
    """Orders without an answer; beat is away, so the dispatcher is asked by hand to send them again."""
    fleet.manage("shell", "-c", "from probes.tasks import resend; resend()")
    return int(fleet.rows("SELECT count(*) FROM probes_dueprobe")[0][0])


def report(fleet: Fleet, found: Account) -> str:
    """The outcomes per region, the lags and the comparison, as lines of text."""
    lines = []
    for region in REGIONS:
        counts = {outcome: n for r, outcome, n in fleet.rows(OUTCOMES) if r == region}
        lines.append(f"{region:<10} {sum(counts.values()):>6} rows  {counts}")
    for name, column in (("start", 0), ("loop", 1)):
        values = sorted(row[column] for row in fleet.rows(LAGS))
        p99 = values[int(0.99 * (len(values) - 1))]
        lines.append(
            f"lag of the {name}: p50 {statistics.median(values):.2f} ms, p99 {p99:.2f} ms, "
            f"max {values[-1]:.1f} ms"
        )
    lines += [
        f"held by the POP that was killed: {found.held_at_kill}",
        f"due moments {found.due}, missing {len(found.missing)}, extra {len(found.extra)}, "
        f"measured {found.measured}, requests {found.asked}",
        "the results and the due moments are the same set" if found.is_even else "NOT the same set",
    ]
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10.0, help="how long the POPs measure")
    minutes = parser.parse_args().minutes
    with running_fleet(interval_s=INTERVAL_S) as fleet:
        begun = time.monotonic()
        time.sleep(min(60.0, minutes * 15))
        held = disturb(fleet)
        time.sleep(min(60.0, minutes * 15))
        kill_beat_and_worker(fleet)
        time.sleep(max(0.0, minutes * 60 - (time.monotonic() - begun)))
        found = account(fleet, held)
        sys.stdout.write(report(fleet, found) + "\n")
    return 0 if found.is_even else 1


if __name__ == "__main__":
    sys.exit(main())

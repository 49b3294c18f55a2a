"""A drill against the running system: steer the simulator, watch as an open page does, read what was kept."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final

from probes.simulator.running import SimulatorError, lift_fault, put_fault, read_state
from status.drills import reading
from status.drills.plan import OVERALL, CannotDrill, Plan
from status.drills.report import PUSH_MOST_S, Report, make_report
from status.drills.seen import Change, Observed
from status.drills.watching import Watcher

#: How often the database is asked for new results, in seconds; a push is made out to be so much too long.
LOOK_EVERY_S: Final = 0.1
#: Results of the last moments are given so long to arrive.
ARRIVES_WITHIN_S: Final = PUSH_MOST_S + 2
#: A system that has just started is given so long to become calm, in seconds.
CALM_WITHIN_S: Final = 240.0

Say = Callable[[str], Any]


def play(plan: Plan, *, url: str, simulator_url: str, say: Say) -> Report:
    """Play it from beginning to end, in real time. CannotDrill where it cannot begin.

    url: of a web server of the system. The simulator is left as it was found, whatever happens.
    """
    if plan.scenario.only_rehearsed:
        raise CannotDrill(
            f"{plan.scenario.name} is played on a stepped clock only (status/tests/test_drills.py): no "
            "running system can be asked for what it does"
        )
    _check_simulator(simulator_url)
    _await_calm(plan, say)
    with Watcher(url, (*plan.stage.regions, OVERALL)) as page, steering(plan, simulator_url, say) as steer:
        results, aside, began = reading.Results(), reading.unmeasured(), time.time()
        while (at_s := time.time() - began) < plan.scenario.lasts_s:
            steer(at_s)
            results.look()
            time.sleep(LOOK_EVERY_S)
        time.sleep(ARRIVES_WITHIN_S)
        return make_report(
            plan, _observed(plan, page, results, reading.changes_since(began, aside=aside), began)
        )


def _check_simulator(simulator_url: str) -> None:
    try:
        state = read_state(simulator_url)
    except SimulatorError as error:
        raise CannotDrill(f"{error}; see SIMULATOR_URL") from None
    if on := [*state["faults"], *state["stopped"], *state["offline"]]:
        raise CannotDrill(
            f"the simulator is under another hand already ({', '.join(on)}); wait for that drill's end, or "
            "start it again"
        )


def _await_calm(plan: Plan, say: Say) -> None:
    deadline = time.monotonic() + CALM_WITHIN_S
    told = False
    while found := _disturbances(plan):
        if time.monotonic() > deadline:
            raise CannotDrill(
                f"not calm after {CALM_WITHIN_S:g} s: {'; '.join(found[:3])} ({len(found)} in all)"
            )
        if not told:
            say(f"waiting for calm: {found[0]} ({len(found)} in all) …")
            told = True
        time.sleep(1)


def _disturbances(plan: Plan) -> list[str]:
    found = reading.unsettled(plan.stage)
    if any(spell.fault.latency_factor != 1 for spell in plan.scenario.spells):
        found += [
            f"{slug} {region} has too few attempts for a p95"
            for slug, region in sorted(reading.unmeasured() & plan.expected().keys())
        ]
    return found


@contextmanager
def steering(plan: Plan, simulator_url: str, say: Say) -> Iterator[Callable[[float], None]]:
    """A function of the seconds since the drill began that puts on and lifts what is due then."""
    on: dict[str, float] = {}
    to_do = list(enumerate(plan.scenario.spells))

    def steer(at_s: float) -> None:
        for name in [name for name, ends_s in on.items() if ends_s <= at_s]:
            lift_fault(simulator_url, name)
            del on[name]
            say(f"{at_s:6.1f} s  {name} is over")
        while to_do and to_do[0][1].begins_s <= at_s:
            number, spell = to_do.pop(0)
            name = f"drill-{number}"
            order = plan.order(spell)
            on[name] = spell.ends_s
            put_fault(simulator_url, name, **order)
            say(f"{at_s:6.1f} s  {name} until {spell.ends_s:g} s: {order}")

    try:
        yield steer
    finally:
        for name in on:
            with suppress(SimulatorError):  # it is gone, and its faults with it
                lift_fault(simulator_url, name)


def _observed(
    plan: Plan, page: Watcher, results: reading.Results, changes: Sequence[Change], began: float
) -> Observed:
    pushed, unseen = [], 0
    for stored in results.stored:
        if stored.region not in plan.stage.regions:
            continue
        shown_at = page.shown_at(stored.slug, stored.region, stored.started_at, after=stored.stored_after)
        if shown_at is None:
            unseen += 1
        elif shown_at > 0:
            pushed.append(shown_at - stored.stored_after)
    failures = [
        stored.stored_after - began
        for stored in results.stored
        if stored.failed and stored.slug in plan.struck and stored.region in plan.where
    ]
    told_at = page.incident_told_at(plan.stage.provider, after=began)
    return Observed(
        changes=changes,
        incidents=reading.incidents_since(began),
        first_failure_at_s=min(failures, default=None),
        pushed_s=pushed,
        unseen=unseen,
        told_at_s=None if told_at is None else told_at - began,
    )

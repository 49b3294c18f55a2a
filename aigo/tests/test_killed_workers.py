"""Six workers as six processes: what is killed in the middle loses nothing and doubles nothing."""

import time

import pytest

from testing.fleet import REGIONS, running_fleet
from testing.soak import HELD_AT_LEAST, INTERVAL_S, account, disturb, kill_beat_and_worker, report


@pytest.mark.timeout(1800)
def test_after_killed_workers_and_a_restarted_broker_results_and_due_moments_are_the_same_set():
    with running_fleet(interval_s=INTERVAL_S) as fleet:
        held = disturb(fleet)
        kill_beat_and_worker(fleet)
        time.sleep(15)
        found = account(fleet, held)
        told = report(fleet, found)
        assert held >= HELD_AT_LEAST
        assert found.is_even, told
        by_region = dict(fleet.rows("SELECT region, count(*) FROM witness GROUP BY region"))
        assert set(by_region) == set(REGIONS)
        measured = dict(
            fleet.rows("SELECT region, count(*) FROM results WHERE outcome = 'ok' GROUP BY region")
        )
        assert min(measured.values()) > HELD_AT_LEAST, told

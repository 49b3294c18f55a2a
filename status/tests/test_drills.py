"""Every drill on a stepped clock: hours in seconds, nothing false and nothing missed."""

import pytest

from status.drills.report import make_report, rehearsal_row
from status.drills.scenarios import SCENARIOS
from status.models import BurnAlert
from status.tests.rehearsing import rehearse, set_stage
from testing.environment import ROOT

#: Drills in which an incident covers a budget that burns, too.
BURNT = {"endpoint_outage", "provider_outage", "flapping", "maintenance_overrun"}
DOCUMENT = ROOT / "docs" / "drills.md"
#: Hours of attempts; what a database may do differently is compared elsewhere, with fewer of them.
pytestmark = [pytest.mark.django_db, pytest.mark.only_on("sqlite")]


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_drill_makes_the_changes_it_must_and_no_others(name):
    fleet = set_stage(name)
    report = make_report(fleet.plan, rehearse(fleet))
    assert report.failures() == []
    burnt = BurnAlert.objects.filter(told_at=None).exists()
    assert burnt is (name in BURNT), "a budget went as fast, and nobody was told: the incident was"
    assert rehearsal_row(report) in DOCUMENT.read_text(encoding="utf-8"), (
        "this row belongs into docs/drills.md"
    )

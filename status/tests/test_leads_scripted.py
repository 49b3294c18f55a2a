"""Leads against the truth: what the simulator's pages were told to do, read on a stepped clock."""

import random
from datetime import datetime, timedelta

import pytest

from probes.simulator.pages import bodies_at
from probes.simulator.telling import Telling
from probes.simulator.troubles import Trouble
from probes.tests.factories import NOW, make_endpoint
from status.adapters.table import sources_of
from status.leads import lead_of
from status.models import Incident, OfficialPage
from status.rules.leads import Theirs, first_said
from status.services import match_official
from status.services.official import note_reading
from status.tests.test_leads import make_incident

URL = "https://status.invalid"


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def read_through(
    telling: Telling, *, ends_s: int = 900, every_s: int = 120, until_s: int = 1_000
) -> Incident:
    """Trouble from NOW to `ends_s`, detected after 10 s; its page is read from before it to `until_s`."""
    endpoint = make_endpoint()
    incident = make_incident(endpoint, detected_at=after(10), ends=ends_s / 60)
    page = OfficialPage.objects.create(
        provider=endpoint.provider, kind="statuspage", url=URL, next_read_at=NOW, last_tried_at=NOW
    )
    for at_s in range(-437, until_s, every_s):
        bodies = bodies_at("nimbus", [Trouble(NOW, after(ends_s))], after(at_s), telling=telling, url=URL)
        by_source = {source.name: bodies[source.name] for source in sources_of(page.kind, URL)}
        assert note_reading(page, bodies=by_source, now=after(at_s))
    match_official(now=after(until_s))
    return incident


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("telling", "lead_s", "verdict", "basis"),
    [
        (Telling(), 230, "us", "published"),  # four minutes late
        (Telling(lag_s=-200), -210, "them", "published"),  # it leads
        (Telling(lag_s=40), 30, "together", "published"),  # within what can be told
        (Telling(lag_s=600, backdate_s=550), 590, "us", "first_seen"),  # late, and dated back to look prompt
    ],
)
def test_the_lead_lies_within_its_error_of_what_was_scripted(telling, lead_s, verdict, basis):
    incident = read_through(telling)
    line = lead_of([incident.pk])[incident.pk]
    assert (line.verdict, line.basis) == (verdict, basis)
    assert line.lead_s is not None
    assert line.error_s is not None
    assert abs(line.lead_s - lead_s) <= line.error_s <= 125


@pytest.mark.django_db
def test_a_page_that_says_nothing_is_silent():
    incident = read_through(Telling("silent"), ends_s=300, every_s=300, until_s=300 + 3_700)
    assert lead_of([incident.pk])[incident.pk].verdict == "page_silent"


def test_whatever_a_page_writes_the_moment_lies_within_its_error_of_the_truth():
    luck = random.Random(6)
    for _ in range(2_000):
        unseen, true, seen = sorted(luck.uniform(0, 3_600) for _ in range(3))
        honest = true + luck.uniform(-5, 5)
        written = luck.choice([honest, None, luck.uniform(-7_200, 10_800), true - luck.uniform(0, 600)])
        told = Theirs(
            id=1,
            title="",
            components=(),
            impact="major",
            claimed_started_at=None,
            published_at=None if written is None else after(written),
            first_seen_at=after(seen),
            unseen_at=after(unseen),
            resolved_at=None,
        )
        said = first_said(told)
        assert said.error_s is not None
        assert abs((said.at - after(true)).total_seconds()) <= said.error_s + 0.001

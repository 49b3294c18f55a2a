"""What an official page says, beside what we measure."""

from datetime import timedelta

import pytest

from probes.tests.factories import NOW, make_endpoint
from status.models import OfficialIncident, OfficialPage, OfficialSnapshot
from status.rules import State
from status.said import Said, SaidIncident, accord_of, load_said


def make_said(*impacts, indicator="", problem="", read=True):
    incidents = tuple(
        SaidIncident("Errors", impact, "investigating", "", False, None, NOW) for impact in impacts
    )
    return Said("Nimbus", "nimbus", "", indicator, problem, None, NOW if read else None, incidents)


@pytest.mark.parametrize(
    ("said", "state", "accord"),
    [
        (make_said(indicator="none"), State.OPERATIONAL, "both_well"),
        (make_said(), State.OPERATIONAL, "both_well"),
        (make_said(indicator="none"), State.DEGRADED, "only_ours"),
        (make_said("minor"), State.OUTAGE, "both_trouble"),
        (make_said(indicator="major"), State.OPERATIONAL, "only_theirs"),
        (make_said("none"), State.OPERATIONAL, "both_well"),
        (make_said("major", problem="unreadable"), State.OUTAGE, "unknown"),
        (make_said(read=False), State.OUTAGE, "unknown"),
        (make_said(indicator="none"), State.UNKNOWN, "unknown"),
        (None, State.OUTAGE, "unknown"),
    ],
)
def test_both_sides_are_compared_where_both_are_known(said, state, accord):
    assert accord_of(said, state) == accord


@pytest.mark.django_db
def test_a_page_tells_what_goes_on_and_nothing_while_it_cannot_be_read():
    provider = make_endpoint().provider
    page = OfficialPage.objects.create(
        provider=provider, kind="statuspage", url="simulator:/nimbus", next_read_at=NOW, last_read_at=NOW
    )
    proof = OfficialSnapshot.objects.create(
        page=page, url="u", sha256="0" * 64, body=b"", bytes=0, first_seen_at=NOW, last_seen_at=NOW
    )
    for number, (status, ended) in enumerate(
        [("investigating", None), ("scheduled", None), ("resolved", NOW + timedelta(hours=1))]
    ):
        OfficialIncident.objects.create(
            page=page,
            external_id=str(number),
            title=status,
            impact="minor",
            status=status,
            first_seen_at=NOW,
            last_seen_at=NOW,
            resolved_at=ended,
            proof=proof,
        )
    said = load_said("nimbus")
    assert [one.title for one in said.incidents] == ["investigating"]
    assert (said.troubled, said.url) == (True, "")
    page.problem, page.problem_since = "unreachable", NOW
    page.save()
    assert (load_said("nimbus").incidents, load_said("nimbus").troubled) == ((), None)
    assert load_said("nobody") is None

"""From our incidents and the official pages' to leads, on a real database."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from catalog.models import Endpoint
from probes.services.ingest import store_attempts
from probes.tests.factories import NOW, make_endpoint, make_series
from status.leads import lead_of, leads_of, month_after, month_of, monthly_leads
from status.models import (
    DetectionLead,
    Incident,
    IncidentChange,
    IncidentEndpoint,
    OfficialIncident,
    OfficialPage,
    OfficialSnapshot,
)
from status.services import match_official

pytestmark = pytest.mark.django_db


def after(minutes: float) -> Any:
    return NOW + timedelta(minutes=minutes)


def make_page(endpoint: Endpoint, *, read_at: float = 0, **fields: Any) -> OfficialPage:
    """The page of an endpoint's provider: read since an hour before NOW, last so many minutes after it."""
    page = OfficialPage.objects.create(
        provider=endpoint.provider,
        kind="statuspage",
        url="simulator:/pages/p",
        next_read_at=NOW,
        last_tried_at=after(read_at),
        last_read_at=after(read_at),
        **fields,
    )
    OfficialSnapshot.objects.create(
        **{"page": page, "url": page.url, "sha256": "ab" * 32, "body": b"", "bytes": 0},
        **{"first_seen_at": after(-60), "last_seen_at": after(read_at)},
    )
    return page


def make_official(
    page: OfficialPage, ident: str = "i1", *, written: float = 5, seen: float = 6, **fields: Any
) -> OfficialIncident:
    """Written and seen so many minutes after NOW; two minutes before that it was not there."""
    defaults = {
        **{"title": "Elevated errors", "impact": "major", "status": "investigating", "components": ["API"]},
        **{"published_at": after(written), "first_seen_at": after(seen), "unseen_at": after(seen - 2)},
        **{"last_seen_at": after(seen), "proof": page.snapshots.get()},
    }
    return OfficialIncident.objects.create(page=page, external_id=ident, **defaults | fields)


def make_incident(endpoint: Endpoint, *, ends: float | None = None, **fields: Any) -> Incident:
    """Begun at NOW, detected a minute later, ended so many minutes after NOW; of one endpoint."""
    over = {} if ends is None else {"state": "closed", "ended_at": after(ends)}
    defaults = {
        **{"kind": "endpoint", "scope": "global", "severity": "major", "cause": "confirmed_failures"},
        **{"started_at": NOW, "detected_at": after(1), "simulated": endpoint.simulated},
        **{"method_version": "1", "regions": ["seoul"]},
    }
    incident = Incident.objects.create(provider=endpoint.provider, **defaults | over | fields)
    IncidentEndpoint.objects.create(
        **{"incident": incident, "endpoint": endpoint, "worst": "outage", "joined_at": after(1)},
        left_at=incident.ended_at,
    )
    return incident


def verdicts() -> list[tuple[int | None, int | None, str, bool]]:
    return list(
        DetectionLead.objects.order_by("pk").values_list("incident", "official", "verdict", "counted")
    )


def test_the_lead_comes_out_with_its_error_bar_and_its_proof():
    endpoint = make_endpoint()
    incident, official = make_incident(endpoint), make_official(make_page(endpoint))
    assert match_official(now=after(7)) == 1
    line = lead_of([incident.pk])[incident.pk]
    assert (line.verdict, line.lead_s, line.error_s, line.basis) == ("us", 240, 65, "published")
    assert (line.official, line.proof_sha256, line.simulated) == (official.pk, "ab" * 32, True)
    assert (line.said_at, line.fit, line.method_version) == (after(5), "api", "leads-1")


def test_matching_again_writes_nothing_and_what_changed_is_matched_anew():
    endpoint = make_endpoint()
    incident, official = make_incident(endpoint), make_official(make_page(endpoint))
    match_official(now=after(7))
    assert match_official(now=after(8)) == 0
    assert DetectionLead.objects.get().matched_at == after(7)
    official.title = "Errors with another-model and nimbus-1"
    official.save()
    assert match_official(now=after(9)) == 1
    row = DetectionLead.objects.get()
    assert (row.fit, row.matched_at) == ("model", after(9))
    official.components = ["ChatGPT"]
    official.title = "Sign in"
    official.save()
    assert match_official(now=after(10)) == 1
    assert not lead_of([incident.pk])


def test_what_stays_open_for_months_does_not_hold_up_the_provider_s_matching():
    """Their forgotten incident left the month that was looked at, and nothing of the provider was matched."""
    endpoint = make_endpoint()
    page, incident = make_page(endpoint), make_incident(endpoint)
    forgotten = make_official(page)
    assert match_official(now=after(7)) == 1
    month = 31 * 24 * 60
    OfficialPage.objects.update(last_read_at=after(month + 80))
    fresh = make_incident(endpoint, started_at=after(month), detected_at=after(month + 1), ends=month + 10)
    told = make_official(page, "i2", written=month + 5, seen=month + 6, resolved_at=after(month + 10))
    assert match_official(now=after(month + 15)) > 0
    assert set(verdicts()) >= {
        (incident.pk, forgotten.pk, "us", True),
        (fresh.pk, told.pk, "us", True),
    }
    assert match_official(now=after(month + 16)) == 0


def test_what_one_provider_s_page_says_does_not_keep_the_others_from_being_matched():
    """An hour after the calendar's end there is nothing to reckon with."""
    endpoint, other = make_endpoint(), make_endpoint("halcyon", "halcyon-1")
    make_official(make_page(endpoint), resolved_at=datetime(9999, 12, 31, 23, 59, tzinfo=UTC))
    incident = make_incident(other)
    make_official(make_page(other))
    assert match_official(now=after(7)) == 1
    assert lead_of([incident.pk])


def test_a_page_that_tells_later_takes_its_silence_back():
    endpoint = make_endpoint()
    page, incident = make_page(endpoint, read_at=80), make_incident(endpoint, ends=20)
    assert match_official(now=after(79)) == 0
    assert match_official(now=after(80)) == 1
    assert verdicts() == [(incident.pk, None, "page_silent", True)]
    told = make_official(page, written=90, seen=91, claimed_started_at=NOW)
    match_official(now=after(92))
    assert verdicts() == [(incident.pk, told.pk, "us", True)]


def test_a_page_that_was_not_read_after_the_end_is_not_called_silent():
    endpoint = make_endpoint()
    page = make_page(endpoint, read_at=30)
    incident = make_incident(endpoint, ends=20)
    match_official(now=after(81))
    assert verdicts() == [(incident.pk, None, "page_unread", True)]
    OfficialPage.objects.filter(pk=page.pk).update(last_read_at=after(82))
    match_official(now=after(82))
    assert verdicts() == [(incident.pk, None, "page_silent", True)]


def test_without_a_page_nobody_was_silent():
    endpoint = make_endpoint()
    make_incident(endpoint, ends=20)
    assert match_official(now=after(90)) == 0
    make_page(endpoint, read_at=90, enabled=False)
    assert match_official(now=after(90)) == 0


def test_what_a_provider_wide_incident_took_in_is_told_by_that_one():
    endpoint = make_endpoint()
    make_page(endpoint, read_at=90)
    taken = make_incident(endpoint, ends=2)
    IncidentChange.objects.create(incident=taken, at=after(2), kind="close", data={"cause": "absorbed"})
    whole = make_incident(endpoint, ends=20, kind="provider")
    match_official(now=after(90))
    assert verdicts() == [(whole.pk, None, "page_silent", True)]


def test_theirs_without_ours_is_our_miss_only_where_we_measured():
    measured, unmeasured = make_endpoint(), make_endpoint("stratus", "stratus-1")
    store_attempts(make_series(measured, "+++++", end=after(9)), now=after(9))
    rows = [make_official(make_page(one, read_at=70), resolved_at=after(9)) for one in (measured, unmeasured)]
    assert match_official(now=after(68.9)) == 0
    assert match_official(now=after(69)) == 2
    found = {official: verdict for _, official, verdict, _ in verdicts()}
    assert found == {rows[0].pk: "we_missed", rows[1].pk: "not_measured"}
    assert match_official(now=after(70)) == 0


def test_maintenance_and_what_was_there_at_the_first_reading_are_nobodys_miss():
    endpoint = make_endpoint()
    page = make_page(endpoint, read_at=90)
    make_official(page, maintenance=True, resolved_at=after(9))
    old = make_official(page, "i2", unseen_at=None, resolved_at=after(9))
    assert match_official(now=after(90)) == 0
    incident = make_incident(endpoint, ends=20)
    match_official(now=after(90))
    assert verdicts() == [(incident.pk, old.pk, "unbounded", True)]
    assert lead_of([incident.pk])[incident.pk].lead_s is None


def test_a_page_that_announced_the_work_was_not_silent():
    endpoint = make_endpoint()
    make_official(make_page(endpoint, read_at=90), maintenance=True, claimed_started_at=NOW)
    make_incident(endpoint, ends=20)
    assert match_official(now=after(90)) == 0


def test_simulated_and_real_never_meet():
    real, invented = make_endpoint(simulated=False), make_endpoint("stratus", "stratus-1")
    make_official(make_page(real))
    make_incident(
        real, simulated=True
    )  # the simulator's, under a real provider: cannot be, and is not matched
    make_official(make_page(invented))
    incident = make_incident(invented)
    match_official(now=after(7))
    assert [row[0] for row in verdicts()] == [incident.pk]


def test_what_is_settled_is_left_alone_and_still_counts_as_told():
    endpoint = make_endpoint()
    page = make_page(endpoint, read_at=90)
    incident, official = make_incident(endpoint, ends=20), make_official(page)
    match_official(now=after(90))
    before = verdicts()
    later = NOW + timedelta(days=4)
    assert match_official(now=later) == 0  # theirs is open, ours ended four days ago
    assert verdicts() == before == [(incident.pk, official.pk, "us", True)]


def test_the_month_counts_each_incident_once_and_keeps_the_simulated_apart(settings):
    settings.SIMULATION = True
    endpoint, real = make_endpoint(), make_endpoint("stratus", "stratus-1", simulated=False)
    page = make_page(endpoint, read_at=90)
    first, second = make_incident(endpoint, ends=20), make_incident(endpoint, ends=30, detected_at=after(3))
    make_official(page, resolved_at=after(25))
    make_incident(real, ends=20)
    make_page(real, read_at=90)
    match_official(now=after(90))
    assert [line.counted for line in leads_of([first.pk, second.pk])[first.pk]] == [False]
    true, invented = monthly_leads(month_of(NOW))
    assert (true.by_verdict["page_silent"], true.typical) == (1, None)
    assert invented.typical
    assert (invented.typical.n, invented.typical.median_s, invented.typical.low_s) == (1, 120, 55)
    assert (invented.by_verdict["us"], invented.by_verdict["page_silent"]) == (1, 0)
    assert not monthly_leads(month_after(month_of(NOW)))[1].anything
    settings.SIMULATION = False
    assert [figures.simulated for figures in monthly_leads(month_of(NOW))] == [False]


def test_queries_do_not_grow_with_incidents_or_providers(django_assert_max_num_queries):
    def fill(number: int) -> None:
        for count in range(3):
            endpoint = make_endpoint(f"p{number}-{count}", f"m{number}-{count}")
            page = make_page(endpoint)
            for nth in range(3):
                make_incident(endpoint, ends=nth)
                make_official(page, f"i{nth}", resolved_at=after(7))

    fill(1)
    match_official(now=after(7))
    with django_assert_max_num_queries(10):
        assert match_official(now=after(8)) == 0
    fill(2)
    match_official(now=after(8))
    with django_assert_max_num_queries(10):
        assert match_official(now=after(9)) == 0


def test_the_database_refuses_a_lead_without_its_error_and_two_counted_of_one_incident():
    endpoint = make_endpoint()
    incident, page = make_incident(endpoint), make_page(endpoint)
    official, other = make_official(page), make_official(page, "i2")
    shared: dict[str, Any] = {
        **{"provider": endpoint.provider, "incident": incident, "simulated": True, "verdict": "us"},
        **{"at": NOW, "matched_at": NOW, "method_version": "1"},
    }
    with pytest.raises(IntegrityError), transaction.atomic():
        DetectionLead.objects.create(**shared, official=official, lead_s=5.0)
    DetectionLead.objects.create(**shared, official=official, lead_s=5.0, error_s=1.0)
    with pytest.raises(IntegrityError), transaction.atomic():
        DetectionLead.objects.create(**shared, official=other, lead_s=5.0, error_s=1.0)


def test_the_api_tells_the_month_and_pages_its_lines(
    client: Client, settings: Any, django_assert_max_num_queries: DjangoAssertNumQueries
):
    settings.SIMULATION = True
    endpoint = make_endpoint()
    make_incident(endpoint)
    make_official(make_page(endpoint))
    match_official(now=after(7))
    with django_assert_max_num_queries(4):
        answer = client.get("/api/v1/detection-lead?month=2026-11&provider=nimbus").json()
    assert answer["month"] == "2026-11"
    assert [figures["simulated"] for figures in answer["figures"]] == [False, True]
    assert (answer["figures"][1]["median_lead_s"], answer["figures"][0]["median_lead_s"]) == (240, None)
    (line,) = answer["results"]
    assert (line["lead_s"], line["error_s"], line["simulated"]) == (240, 65, True)
    assert line["said_at"] == "2026-11-21T12:05:00Z"
    assert client.get("/api/v1/detection-lead?month=2026-10").json()["count"] == 0


@pytest.mark.parametrize(
    "query", ["month=2026-13", "month=11", "month=0000-01", "provider=nobody", "year=2026"]
)
def test_the_api_names_what_it_cannot_take(client: Client, query: str):
    answer = client.get(f"/api/v1/detection-lead?{query}")
    assert answer.status_code == 400
    assert answer.json()["parameter"] == query.partition("=")[0]

"""From kept states to kept incidents, on a real database."""

import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from aigo.lib.events import LogUnavailable, event_log
from catalog.models import Endpoint
from probes.services.ingest import store_attempts
from probes.tests.factories import NOW, make_endpoint, make_series
from status.models import Incident, IncidentChange, IncidentEndpoint, StatusChange
from status.selectors import load_snapshot
from status.services import judge_endpoints, refresh_stale, tend_incidents
from status.told import open_incidents

pytestmark = pytest.mark.django_db
REGIONS = ("seoul", "tokyo", "oregon")


def seen(endpoint, pattern: str, *, end=NOW, regions=REGIONS) -> None:
    """What each region saw, judged; a second apart."""
    for number, region in enumerate(regions):
        store_attempts(
            make_series(endpoint, pattern, end=end - timedelta(seconds=number), region=region), now=end
        )
    judge_endpoints([endpoint.pk], now=end)


def after(**time: float):
    return NOW + timedelta(**time)


def incidents() -> list[Incident]:
    return list(Incident.objects.order_by("pk"))


def steps_of(incident: Incident) -> list[str]:
    return [change.kind for change in incident.changes.order_by("pk")]


def test_an_outage_opens_an_incident_that_began_with_the_first_failure():
    endpoint = make_endpoint()
    seen(endpoint, "++++---")
    tend_incidents(now=NOW)
    (incident,) = incidents()
    assert (incident.kind, incident.scope, incident.state) == ("endpoint", "global", "open")
    assert (incident.severity, incident.cause) == ("major", "confirmed_failures")
    assert incident.started_at == after(minutes=-2, seconds=-2)
    assert incident.detected_at == NOW
    assert incident.regions == sorted(REGIONS)
    assert incident.simulated
    (member,) = incident.members.all()
    assert (member.endpoint, member.worst, member.left_at) == (endpoint, "outage", None)


def test_tending_again_writes_nothing():
    seen(make_endpoint(), "++++---")
    assert tend_incidents(now=NOW) > 0
    before = IncidentChange.objects.count()
    assert tend_incidents(now=NOW) == 0
    assert tend_incidents(now=after(seconds=15)) == 0
    assert IncidentChange.objects.count() == before


def test_it_closes_two_minutes_after_all_is_well_and_keeps_where_it_was():
    endpoint = make_endpoint()
    seen(endpoint, "++++---")
    tend_incidents(now=NOW)
    seen(endpoint, "+++", end=after(minutes=3))
    tend_incidents(now=after(minutes=4))
    assert incidents()[0].state == "open"
    seen(endpoint, "++", end=after(minutes=5))
    tend_incidents(now=after(minutes=5, seconds=1))
    (incident,) = incidents()
    assert (incident.state, incident.ended_at) == ("closed", after(minutes=5, seconds=1))
    assert incident.regions == sorted(REGIONS)
    assert incident.members.get().left_at == incident.ended_at
    assert steps_of(incident)[0] == "open"
    assert steps_of(incident)[-2:] == ["leave", "close"]
    assert incident.changes.latest("pk").data["slugs"] == [endpoint.slug]
    assert open_incidents() == []


def test_a_failing_provider_is_one_incident_that_takes_in_those_of_its_endpoints():
    one, other, third = (make_endpoint(model=f"nimbus-{number}") for number in (1, 2, 3))
    for endpoint in (other, third):
        seen(endpoint, "+++++++")
    seen(one, "++++---")
    tend_incidents(now=NOW)
    seen(other, "---", end=after(minutes=3))
    seen(one, "---", end=after(minutes=3))
    tend_incidents(now=after(minutes=3))
    first, wide = incidents()
    assert (first.state, steps_of(first)[-1]) == ("closed", "close")
    assert (wide.kind, wide.state, wide.severity) == ("provider", "open", "critical")
    assert {m.endpoint for m in wide.members.filter(left_at=None)} == {one, other}
    told = wide.changes.filter(kind="absorb").values_list("data__absorbed", flat=True)
    assert list(told) == [first.pk]
    (line,) = open_incidents()
    assert line.slugs == (one.slug, other.slug)
    assert load_snapshot(now=after(minutes=3)).incidents == [line]


def test_of_one_that_receded_before_its_end_the_widest_extent_is_kept():
    endpoint = make_endpoint()
    seen(endpoint, "++++---")
    tend_incidents(now=NOW)
    seen(endpoint, "+++++", end=after(minutes=5), regions=REGIONS[:2])
    seen(endpoint, "-----", end=after(minutes=5), regions=REGIONS[2:])
    tend_incidents(now=after(minutes=5, seconds=1))
    assert (incidents()[0].scope, incidents()[0].regions) == ("regional", ["oregon"])
    seen(endpoint, "+++++", end=after(minutes=10))
    tend_incidents(now=after(minutes=10, seconds=1))
    (incident,) = incidents()
    assert (incident.state, incident.scope, incident.regions) == ("closed", "global", sorted(REGIONS))


def test_every_step_is_announced_once():
    endpoint = make_endpoint()
    seen(endpoint, "++++---")
    before = event_log().last_id()
    tend_incidents(now=NOW)
    tend_incidents(now=after(seconds=1))
    (incident,) = incidents()
    events = [event for event in event_log().read_after(before) if event.type.startswith("incident.")]
    assert [event.type for event in events] == ["incident.opened"]
    assert events[0].data == {
        "incident": incident.pk,
        "provider": "nimbus",
        "severity": "major",
        "state": "open",
        "scope": "global",
        "slugs": [endpoint.slug],
        "regions": sorted(REGIONS),
        "at": NOW.isoformat(),
    }
    assert not IncidentChange.objects.filter(event_id="").exists()


def test_what_could_not_be_told_is_told_by_the_next_run(monkeypatch):
    def away(*args, **kwargs):
        raise LogUnavailable("gone")

    endpoint = make_endpoint()
    with monkeypatch.context() as patch:
        patch.setattr(type(event_log()), "append", away)
        seen(endpoint, "++++---")
        tend_incidents(now=NOW)
    untold = StatusChange.objects.filter(event_id="").count()
    assert untold == StatusChange.objects.count() > 0
    assert incidents()[0].state == "open"
    before = event_log().last_id()
    refresh_stale(now=NOW)
    types = [event.type for event in event_log().read_after(before)]
    assert types == ["status.changed"] * untold + ["status.update", "incident.opened"]
    refresh_stale(now=NOW)
    assert len(event_log().read_after(before)) == len(types)


def test_unknown_neither_opens_nor_closes():
    endpoint = make_endpoint()
    seen(endpoint, "++++---")
    tend_incidents(now=NOW)
    refresh_stale(now=after(minutes=10))
    assert endpoint.states.get(region="all").state == "unknown"
    assert tend_incidents(now=after(minutes=10)) == 0
    assert incidents()[0].state == "open"


def test_what_is_not_watched_any_more_is_let_go():
    endpoint = make_endpoint()
    seen(endpoint, "++++---")
    tend_incidents(now=NOW)
    type(endpoint).objects.update(watched=False)
    tend_incidents([endpoint.provider_id], now=after(seconds=15))
    assert incidents()[0].state == "closed"


def test_the_database_refuses_what_must_not_be():
    endpoint = make_endpoint()
    seen(endpoint, "++++---")
    tend_incidents(now=NOW)
    (incident,) = incidents()
    other = Incident(
        provider=endpoint.provider, kind="provider", scope="global", severity="major", cause="x",
        started_at=NOW, detected_at=NOW, method_version="1",
    )  # fmt: skip
    other.save()
    for wrong in (
        lambda: IncidentEndpoint.objects.create(
            incident=other, endpoint=endpoint, worst="outage", joined_at=NOW
        ),
        lambda: Incident.objects.create(
            provider=endpoint.provider, kind="provider", scope="global", severity="major", cause="x",
            started_at=NOW, detected_at=NOW, method_version="1",
        ),
        lambda: Incident.objects.filter(pk=incident.pk).update(state="closed"),
        lambda: Incident.objects.filter(pk=incident.pk).update(ended_at=NOW),
    ):  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic():
            wrong()


def test_a_provider_that_cannot_be_tended_to_keeps_no_other_from_it():
    """An endpoint that went to another provider is held by the incident of its former one."""
    first, moved = make_endpoint("alpha"), make_endpoint("beta", "nimbus-2")
    seen(moved, "++++---")
    tend_incidents(now=NOW)
    Endpoint.objects.filter(pk=moved.pk).update(provider=first.provider)
    other = make_endpoint("gamma")
    seen(other, "++++---", end=after(seconds=1))
    with pytest.raises(IntegrityError):
        tend_incidents(now=after(seconds=15))
    assert [incident.state for incident in moved.provider.incidents.all()] == ["closed"]
    assert [incident.state for incident in other.provider.incidents.all()] == ["open"]
    assert not IncidentChange.objects.filter(event_id="").exists()
    tend_incidents(now=after(seconds=30))
    assert [incident.state for incident in first.provider.incidents.all()] == ["open"]


def test_an_incident_whose_endpoints_were_all_deleted_closes():
    lost = [make_endpoint(model=f"lost-{number}") for number in range(2)]
    for endpoint in lost:
        seen(endpoint, "++++---")
    tend_incidents(now=NOW)
    for endpoint in lost:
        endpoint.delete()
    for number in range(2):
        seen(make_endpoint(model=f"new-{number}"), "++++---")
    tend_incidents(now=after(seconds=15))
    before, opened = incidents()
    assert (before.kind, before.state, before.ended_at) == ("provider", "closed", after(seconds=15))
    assert before.changes.last().data["cause"] == "unwatched"
    assert (opened.kind, opened.state) == ("provider", "open")


@pytest.mark.only_on("postgresql")
@pytest.mark.django_db(transaction=True)
def test_tending_side_by_side_opens_an_incident_once():
    endpoints = [make_endpoint(model=f"nimbus-{number}") for number in range(4)]
    for endpoint in endpoints[:1]:
        seen(endpoint, "++++---")
    for endpoint in endpoints[1:]:
        seen(endpoint, "+++++++")
    begun, before = threading.Barrier(4), event_log().last_id()

    def tend_all():
        begun.wait()
        tend_incidents(now=NOW)
        connection.close()

    threads = [threading.Thread(target=tend_all) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (incident,) = incidents()
    assert steps_of(incident) == ["open"]
    opened = [event for event in event_log().read_after(before) if event.type == "incident.opened"]
    assert [event.data["incident"] for event in opened].count(incident.pk) == 1


@pytest.mark.parametrize("count", [1, 6])
def test_looking_costs_the_same_queries_whatever_the_number_of_providers(django_assert_num_queries, count):
    for number in range(count):
        seen(make_endpoint(f"provider-{number}"), "++++---")
    tend_incidents(now=NOW)
    # providers, endpoints, states, changes, open incidents, their members, what is untold
    with django_assert_num_queries(6 + 1):
        assert tend_incidents(now=after(seconds=15)) == 0


@pytest.mark.parametrize("count", [2, 6])
def test_members_are_read_once_however_many_leave(count):
    endpoints = [make_endpoint(model=f"nimbus-{number}") for number in range(count)]
    for endpoint in endpoints:
        seen(endpoint, "++++---")
    tend_incidents(now=NOW)
    for endpoint in endpoints:
        seen(endpoint, "+" * 6, end=after(minutes=6))
    with CaptureQueriesContext(connection) as asked:
        tend_incidents(now=after(minutes=6))
    (incident,) = incidents()
    assert steps_of(incident)[-count - 1 :] == ["leave"] * count + ["close"]
    # looking, looking again under the lock, the rows; and whom it ever held, for the last two steps
    assert sum('FROM "status_incidentendpoint"' in query["sql"] for query in asked) == 5


def test_an_endpoint_that_is_slower_than_usual_at_this_hour_has_an_incident_for_information():
    endpoint = make_endpoint()
    for day in (1, 2, 3):
        store_attempts(make_series(endpoint, "+" * 40, end=after(days=-day, minutes=50)), now=NOW)
    now = after(minutes=40)
    store_attempts(make_series(endpoint, "+" * 25, end=now, total_ms=1200.0), now=now)
    judge_endpoints([endpoint.pk], now=now)
    tend_incidents(now=now)
    (incident,) = incidents()
    assert (incident.severity, incident.cause, incident.regions) == ("info", "slow_anomaly", [])
    assert endpoint.states.get(region="all").state == "operational"
    assert open_incidents()[0].severity == "info"

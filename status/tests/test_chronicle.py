"""Incidents past and present as plain data: found, ordered, told in both languages."""

from datetime import timedelta

import pytest

from aigo.lib.words import Words
from probes.tests.factories import NOW, make_endpoint
from status.chronicle import IncidentStory, Wish, find_incidents, load_story, stories_of
from status.services import post_update, publish_postmortem, set_severity
from status.tests.told_incidents import MINUTE, make_incident, make_step

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def found(**wish: str) -> list[int]:
    return [incident.pk for incident in find_incidents(Wish(**wish))]


def story(pk: int) -> IncidentStory:
    told = load_story(pk)
    assert told
    return told


def test_incidents_are_found_by_what_they_are():
    nimbus, cirrus = make_endpoint(), make_endpoint("cirrus", "cirrus-1", functions=["embedding"])
    old = make_incident(nimbus, began=NOW - 9 * HOUR, lasted=HOUR, severity="minor", regions=["tokyo"])
    new = make_incident(cirrus, began=NOW - HOUR)
    assert found() == [new.pk, old.pk]
    assert found(provider="nimbus") == found(state="closed") == found(function="chat") == [old.pk]
    assert found(model="cirrus-1") == found(model="cirrus--cirrus-1") == found(severity="major") == [new.pk]
    assert found(severity="minor") == [new.pk, old.pk]
    assert found(region="seoul", state="open") == [new.pk]
    assert found(region="oregon") == found(provider="cirrus", state="closed") == []


def test_a_severity_by_hand_is_the_one_that_counts(admin_user):
    incident = make_incident(make_endpoint(), severity="major")
    set_severity(incident, severity="minor", by=admin_user, now=NOW + HOUR)
    assert found(severity="major") == []
    told = story(incident.pk)
    assert (told.severity, told.severity_measured, told.updated_at) == ("minor", "major", NOW + HOUR)
    assert told.timeline[-1].text == Words(
        "Severity decided by a person: Minor.", "사람이 정한 심각도: 경미."
    )


def test_one_that_another_took_in_is_told_within_that(django_assert_num_queries):
    one, other = make_endpoint(), make_endpoint(model="nimbus-2")
    first = make_incident(one, began=NOW - HOUR, lasted=5 * MINUTE)
    first.changes.filter(kind="close").delete()
    make_step(first, "close", at=NOW, cause="absorbed")
    wide = make_incident(one, other, began=NOW - HOUR)
    make_step(wide, "absorb", at=NOW, endpoint=one.slug, absorbed=first.pk)
    assert found() == [wide.pk]
    assert (story(first.pk).absorbed_by, story(wide.pk).absorbed_by) == (wide.pk, None)


def test_steps_of_one_kind_at_one_moment_are_one_line():
    endpoints = [make_endpoint(model=f"nimbus-{n}") for n in range(1, 8)]
    incident = make_incident(*endpoints)
    for endpoint in endpoints[2:]:
        make_step(incident, "join", at=NOW + 2 * MINUTE, endpoint=endpoint.slug, cause="latency")
    opened, joined = story(incident.pk).timeline
    assert opened.text.en == (
        "Confirmed by our own measurements: Provider-wide trouble. Major, 7 endpoints, in most regions."
    )
    assert joined.text.en == "Also affected: Nimbus-3, Nimbus-4, Nimbus-5 and 2 more."
    assert "Nimbus-3" in joined.text.ko
    assert joined.text.ko != joined.text.en


def test_an_extent_is_told_when_it_has_settled_and_when_it_reads_otherwise():
    incident = make_incident(make_endpoint(), began=NOW, scope="regional", regions=["seoul"])
    for seconds, scope, regions in (
        (60, "regional", ["seoul"]), (61, "regional", ["seoul", "tokyo"]), (120, "global", ["a", "b", "c"]),
        (121, "global", ["a", "b", "c"]), (300, "global", ["a", "b", "c", "d"]), (400, "regional", ["seoul"]),
    ):  # fmt: skip
        at = NOW + timedelta(seconds=seconds)
        make_step(incident, "scope", at=at, cause="spread", scope=scope, regions=regions)
    told = [((entry.at - NOW).seconds, entry.text.en) for entry in story(incident.pk).timeline[1:]]
    assert told == [(120, "It spread: in most regions."), (400, "It spread: Seoul.")]
    same = make_incident(make_endpoint("cirrus", "cirrus-1"), began=NOW)
    make_step(same, "scope", at=NOW + 2 * MINUTE, cause="spread")
    assert [entry.kind for entry in story(same.pk).timeline] == ["open"]


def test_what_people_tell_stands_in_its_place_and_in_its_language(admin_user):
    incident = make_incident(make_endpoint(), began=NOW, lasted=HOUR)
    post_update(incident, status="note", body=Words(ko="확인했습니다."), by=admin_user, now=NOW + 30 * MINUTE)
    publish_postmortem(incident, text=Words("It was us."), by=admin_user, now=NOW + 2 * HOUR)
    told = story(incident.pk)
    assert [(entry.source, entry.kind) for entry in told.timeline] == [
        ("measured", "open"), ("people", "note"), ("measured", "close"), ("people", "postmortem"),
    ]  # fmt: skip
    assert told.timeline[1].text.told("en") == "확인했습니다."
    assert (told.stage, told.postmortem.en, told.lasted_s) == ("postmortem", "It was us.", 3600)


def test_any_number_takes_as_many_queries(django_assert_num_queries):
    endpoint = make_endpoint()
    for hours in range(6):
        make_incident(endpoint, began=NOW - hours * HOUR, lasted=MINUTE * 9)
    with django_assert_num_queries(4):
        assert len(stories_of(find_incidents(Wish()))) == 6
    with django_assert_num_queries(1):
        assert stories_of(find_incidents(Wish(provider="nobody"))) == []


def test_invented_incidents_are_hidden_with_the_simulation(settings):
    incident = make_incident(make_endpoint())
    settings.SIMULATION = False
    assert found() == []
    assert load_story(incident.pk) is None

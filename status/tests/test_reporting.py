"""What people say and decide of an incident: beside the measurements, with a history, told everywhere."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from aigo.lib.events import event_log
from aigo.lib.words import Words
from probes.services.ingest import store_attempts
from probes.tests.factories import NOW, make_endpoint, make_series
from status import services
from status.incidents import UpdateLine, effective_severity, stage_of, standing
from status.models import Incident, IncidentChange, IncidentUpdate
from status.rules import Step
from status.services import incidents as tending
from status.services import judge_endpoints, tend_incidents
from status.services.outbox import announce_incidents
from status.told import open_incidents, titles_of, updates_of
from status.wording import title_of

BOTH = Words("Looking into it.", "확인하고 있습니다.")


def after(**time: float):
    return NOW + timedelta(**time)


@pytest.fixture
def by(db) -> User:
    return User.objects.create_user("somebody")


@pytest.fixture
def incident(db) -> Incident:
    endpoint = make_endpoint()
    store_attempts(make_series(endpoint, "++++---"), now=NOW)
    judge_endpoints([endpoint.pk], now=NOW)
    tend_incidents(now=NOW)
    return Incident.objects.get()


@pytest.fixture
def over(incident: Incident) -> Incident:
    member = incident.members.get()
    store_attempts(make_series(member.endpoint, "+++++", end=after(minutes=5)), now=after(minutes=5))
    judge_endpoints([member.endpoint_id], now=after(minutes=5))
    tend_incidents(now=after(minutes=5))
    tend_incidents(now=after(minutes=8))
    incident.refresh_from_db()
    assert incident.state == "closed"
    return incident


def last_step(incident: Incident) -> IncidentChange:
    return incident.changes.latest("pk")


def test_an_update_is_a_step_an_event_and_a_line_of_history(
    incident: Incident, by: User, django_capture_on_commit_callbacks
):
    before = event_log().last_id()
    with django_capture_on_commit_callbacks(execute=True):
        update = services.post_update(
            incident, status="investigating", body=BOTH, by=by, now=after(minutes=1)
        )
    assert (update.by, update.at, update.body_ko) == (by, after(minutes=1), "확인하고 있습니다.")
    step = last_step(incident)
    assert (step.kind, step.data["update"], step.data["severity"]) == ("update", update.pk, "major")
    (event,) = event_log().read_after(before)
    assert (event.type, event.data["incident"]) == ("incident.updated", incident.pk)
    assert event.data["slugs"] == ["nimbus--nimbus-1"]
    assert step.event_id == event.id
    assert "investigating" in LogEntry.objects.get(user=by).change_message
    (line,) = open_incidents()
    assert (line.newest.body, line.stage) == (BOTH, "investigating")
    assert line.to_json()["update"]["body"] == {"en": BOTH.en, "ko": BOTH.ko}


@pytest.mark.parametrize(
    ("status", "body", "why"),
    [
        ("investigating", Words(" ", ""), "Write it"),
        ("investigating", Words("x" * 5001), "at most 5000"),
        ("resolved", BOTH, "still measured as open"),
        ("postmortem", BOTH, "its own form"),
        ("fixed", BOTH, "status='fixed'"),
    ],
)
def test_what_cannot_be_told_is_refused_with_what_to_do_instead(incident, by, status, body, why):
    with pytest.raises(services.Unreportable, match=why):
        services.post_update(incident, status=status, body=body, by=by, now=NOW)
    assert not IncidentUpdate.objects.exists()
    assert last_step(incident).kind == "open"


def test_two_people_do_not_post_over_each_other_and_nothing_goes_out_twice(incident: Incident, by: User):
    services.post_update(incident, status="investigating", body=BOTH, by=by, now=NOW, seen=0)
    with pytest.raises(services.MeanwhileTold):
        services.post_update(incident, status="investigating", body=BOTH, by=by, now=NOW, seen=0)
    assert incident.updates.count() == 1


def test_a_correction_takes_the_place_of_what_it_corrects_once(incident: Incident, by: User):
    first = services.post_update(incident, status="identified", body=Words("Wrong."), by=by, now=NOW)
    right = services.post_update(
        incident, status="note", body=Words("Right."), by=by, now=after(minutes=1), corrects=first
    )
    lines = updates_of([incident.pk])[incident.pk]
    assert [(line.id, line.corrected_by, line.corrects) for line in lines] == [
        (first.pk, right.pk, None),
        (right.pk, None, first.pk),
    ]
    assert [line.id for line in standing(lines)] == [right.pk]
    assert stage_of("open", lines) == "investigating"
    with pytest.raises(services.Unreportable, match="correct its correction"):
        services.post_update(incident, status="note", body=BOTH, by=by, now=NOW, corrects=first)
    with pytest.raises(IntegrityError), transaction.atomic():
        IncidentUpdate.objects.create(incident=incident, at=NOW, status="note")


def test_a_severity_by_hand_stands_above_the_measured_one_until_it_is_given_back(
    incident: Incident, by: User
):
    services.set_severity(incident, severity="info", by=by, now=after(minutes=1))
    (line,) = open_incidents()
    assert (line.severity, line.severity_measured) == ("info", "major")
    told = Incident.objects.with_severity().latest("pk")
    assert vars(told)["told_severity"] == incident.effective_severity == "info"
    step = last_step(incident)
    assert (step.kind, step.data["before"], step.data["severity"]) == ("severity", "major", "info")
    assert step.data["severity_measured"] == "major"
    services.set_severity(incident, severity=None, by=by, now=after(minutes=2))
    assert open_incidents()[0].severity == "major"
    services.set_severity(incident, severity=None, by=by, now=after(minutes=3))
    assert incident.changes.filter(kind="severity").count() == LogEntry.objects.count() == 2


def test_a_decision_is_set_against_what_is_kept_not_against_what_was_on_the_screen(
    incident: Incident, by: User
):
    """What somebody else decided meanwhile could not be given back: it looked as if there were none."""
    screen = Incident.objects.get()
    services.set_severity(incident, severity="critical", by=by, now=NOW)
    services.retitle(incident, title=Words("Other", ""), by=by, now=NOW)
    services.set_severity(screen, severity=None, by=by, now=NOW)
    services.retitle(screen, title=Words("", ""), by=by, now=NOW)
    incident.refresh_from_db()
    assert (incident.severity_by_hand, incident.title_en) == (None, "")
    services.set_severity(screen, severity=None, by=by, now=NOW)
    assert incident.changes.filter(kind__in=["severity", "title"]).count() == 4


def test_nothing_is_announced_before_it_was_detected(incident: Incident):
    """Another process had noted the detection after the outbox's own `now`."""
    incident.changes.update(event_id="")
    Incident.objects.update(announced_at=None, detected_at=after(milliseconds=7))
    announce_incidents(now=NOW)
    incident.refresh_from_db()
    assert incident.announced_at == incident.detected_at == after(milliseconds=7)


def test_tending_does_not_write_back_what_people_decided_meanwhile(
    incident: Incident, by: User, monkeypatch: pytest.MonkeyPatch
):
    member, follow = incident.members.get(), tending._make_like

    def decided_meanwhile(row: Incident, step: Step) -> None:
        Incident.objects.update(severity_by_hand="info", title_en="By hand")
        follow(row, step)

    monkeypatch.setattr(tending, "_make_like", decided_meanwhile)
    store_attempts(make_series(member.endpoint, "+++++", end=after(minutes=5)), now=after(minutes=5))
    judge_endpoints([member.endpoint_id], now=after(minutes=5))
    tend_incidents(now=after(minutes=8))
    incident.refresh_from_db()
    assert (incident.state, incident.severity) == ("closed", "major")
    assert (incident.severity_by_hand, incident.title_en) == ("info", "By hand")


def test_what_is_over_can_still_be_judged_anew(over: Incident, by: User):
    assert over.announced_at == NOW
    services.set_severity(over, severity="critical", by=by, now=after(minutes=9))
    assert (over.severity, over.effective_severity, over.ended_at) == ("major", "critical", after(minutes=5))
    assert last_step(over).data["slugs"] == ["nimbus--nimbus-1"]


def test_steps_of_the_measurements_tell_the_severity_that_was_decided(incident: Incident, by: User):
    services.set_severity(incident, severity="minor", by=by, now=after(minutes=1))
    member = incident.members.get()
    store_attempts(make_series(member.endpoint, "+++++", end=after(minutes=5)), now=after(minutes=5))
    judge_endpoints([member.endpoint_id], now=after(minutes=5))
    tend_incidents(now=after(minutes=8))
    closing = last_step(incident)
    assert (closing.kind, closing.data["severity"]) == ("close", "minor")
    assert closing.data["severity_measured"] == "major"


def test_a_title_by_hand_is_the_title_everywhere(incident: Incident, by: User):
    assert titles_of([incident])[incident.pk].en == "Nimbus-1: Requests fail"
    services.retitle(incident, title=Words("Long  prompts\nare cut"), by=by, now=NOW)
    (line,) = open_incidents()
    assert line.title == titles_of([incident])[incident.pk] == Words(*["Nimbus: Long prompts are cut"] * 2)
    services.retitle(incident, title=Words(), by=by, now=NOW)
    assert open_incidents()[0].title.ko == "Nimbus-1: 요청 실패"
    with pytest.raises(services.Unreportable, match="at most 160"):
        services.retitle(incident, title=Words("x" * 161), by=by, now=NOW)


def test_a_post_mortem_is_drafted_while_it_goes_on_and_published_once_it_is_over(
    incident: Incident, by: User, request
):
    services.draft_postmortem(incident, text=Words("Draft."), by=by, now=NOW)
    assert not incident.postmortem
    with pytest.raises(services.Unreportable, match="not over"):
        services.publish_postmortem(incident, text=Words("What it was."), by=by, now=NOW)
    over = request.getfixturevalue("over")
    services.publish_postmortem(over, text=Words("What it was."), by=by, now=after(hours=1))
    services.publish_postmortem(over, text=Words("What it really was."), by=by, now=after(hours=2))
    over.refresh_from_db()
    assert (over.postmortem.en, over.postmortem_published_at) == ("What it really was.", after(hours=1))
    kinds = [change.data["first"] for change in over.changes.filter(kind="postmortem").order_by("pk")]
    assert kinds == [True, False]
    with pytest.raises(services.Unreportable, match="published already"):
        services.draft_postmortem(over, text=Words("No."), by=by, now=NOW)


def line(status: str, **changes) -> UpdateLine:
    return UpdateLine(1, NOW, status, BOTH, **changes)


def test_measurements_say_when_it_is_over_and_people_how_far_it_is():
    said = [line("identified"), line("note"), line("monitoring", corrected_by=9)]
    assert stage_of("open", []) == "investigating"
    assert stage_of("flapping", said) == "identified"
    assert stage_of("closed", said) == "resolved"
    assert stage_of("closed", said, postmortem=True) == "postmortem"
    assert stage_of("open", [line("resolved")]) == "investigating"


def test_a_text_is_told_in_the_other_language_where_it_is_missing():
    assert effective_severity("major", None) == "major"
    assert effective_severity("major", "info") == "info"
    assert (BOTH.told("ko"), BOTH.told("en-us"), BOTH.language("ko")) == (BOTH.ko, BOTH.en, "ko")
    assert (Words("A").told("ko"), Words("A").language("ko"), Words(ko="가").language("en")) == (
        "A",
        "en",
        "ko",
    )
    assert not Words()


def test_a_title_is_made_of_provider_model_cause_and_regions():
    facts: dict[str, Any] = {
        **{"by_hand": Words(), "provider": "Nimbus", "kind": "endpoint", "cause": "latency"},
        **{"scope": "regional", "regions": ["seoul", "tokyo"], "names": ["Large 2"]},
    }
    assert title_of(**facts) == Words(
        "Nimbus Large 2: Slow answers (Seoul, Tokyo)", "Nimbus Large 2: 응답 지연 (서울, 도쿄)"
    )
    five = ["seoul", "tokyo", "singapore", "frankfurt", "oregon"]
    assert title_of(**facts | {"regions": five}).en.endswith("(Seoul, Tokyo, Singapore +2)")
    wide = facts | {"kind": "provider", "cause": "provider_wide", "scope": "global", "names": ["a", "b"]}
    assert title_of(**wide).en == "Nimbus: Provider-wide trouble"
    assert title_of(**facts | {"by_hand": Words("Nimbus is slow")}).ko == "Nimbus is slow"

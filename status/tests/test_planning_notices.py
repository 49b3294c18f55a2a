"""From steps of incidents to notices, on a real database."""

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from aigo.lib.events import event_log
from aigo.lib.words import Words
from probes.tests.factories import NOW, make_endpoint
from status.models import IncidentChange, MaintenanceWindow, Notice
from status.services import post_update, publish_postmortem, set_severity
from status.services.maintenance import cancel_maintenance
from status.services.notices import plan_notices
from status.services.notices.book import NoticeBook
from status.tests.notices_given import (
    MINUTE,
    deliver,
    make_channel,
    make_incident,
    make_rule,
    make_step,
    make_subscription,
    notices,
    told,
)

pytestmark = pytest.mark.django_db


def test_a_grave_incident_is_told_at_once_and_its_end_to_who_was_told():
    make_rule()
    incident = make_incident(severity="major")
    assert plan_notices(now=NOW) == 1
    (opened,) = notices()
    assert (opened.kind, opened.due_at, opened.subject) == ("opened", NOW, f"incident:{incident.pk}")
    assert opened.facts["endpoints"] == [{"slug": "nimbus--nimbus-1", "name": "Nimbus-1"}]
    assert opened.facts["url"].endswith(f"/incidents/{incident.pk}/")
    assert opened.facts["title_en"].startswith("Nimbus")
    deliver(NOW)
    make_step(incident, "close", at=NOW + 5 * MINUTE)
    plan_notices(now=NOW + 5 * MINUTE)
    assert told() == [("opened", "sent"), ("recovered", "waiting")]
    assert notices()[1].facts["ended_at"] == "2026-11-21T12:05:00Z"


def test_planning_again_makes_nothing_and_asks_one_thing():
    make_rule()
    make_incident()
    plan_notices(now=NOW)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert plan_notices(now=NOW + MINUTE) == 0
    assert len(queries) == 1


def test_a_warning_that_is_over_before_it_is_due_is_not_told():
    make_rule()
    incident = make_incident(severity="minor")
    plan_notices(now=NOW)
    assert notices()[0].due_at == NOW + 15 * MINUTE
    assert deliver(NOW + 14 * MINUTE) == []
    make_step(incident, "close", at=NOW + 14 * MINUTE)
    plan_notices(now=NOW + 14 * MINUTE)
    assert told() == [("opened", "dropped")]
    assert deliver(NOW + 60 * MINUTE) == []


def test_a_warning_that_was_due_is_told_though_it_is_over_when_somebody_looks():
    make_rule()
    incident = make_incident(severity="minor")
    make_step(incident, "close", at=NOW + 15 * MINUTE)
    plan_notices(now=NOW + 300 * MINUTE)
    assert told() == [("opened", "waiting"), ("recovered", "waiting")]
    assert [out.kind for out in deliver(NOW + 300 * MINUTE)] == ["opened", "recovered"]


def test_a_held_warning_that_worsens_is_told_at_once_as_what_it_is_now():
    make_rule()
    incident = make_incident(severity="minor")
    plan_notices(now=NOW)
    make_step(incident, "worsen", at=NOW + MINUTE, severity="critical")
    plan_notices(now=NOW + MINUTE)
    (opened,) = notices()
    assert (opened.due_at, opened.severity, opened.facts["severity"]) == (
        NOW + MINUTE,
        "critical",
        "critical",
    )


def test_what_was_told_and_worsens_is_told_once_more():
    make_rule()
    incident = make_incident(severity="major")
    deliver(NOW)
    for minute, kind in ((1, "worsen"), (2, "scope"), (3, "join")):
        make_step(incident, kind, at=NOW + minute * MINUTE, severity="critical")
        deliver(NOW + minute * MINUTE)
    assert told() == [("opened", "sent"), ("worsened", "sent")]


def test_a_provider_wide_incident_takes_the_place_of_what_it_takes_in():
    make_rule()
    one, other = make_endpoint(), make_endpoint(model="nimbus-2")
    first = make_incident(one)
    deliver(NOW)
    make_step(first, "close", at=NOW + MINUTE, cause="absorbed")
    wide = make_incident(one, other, kind="provider", severity="critical", at=NOW + MINUTE)
    make_step(wide, "absorb", at=NOW + MINUTE, absorbed=first.pk)
    deliver(NOW + MINUTE)
    make_step(wide, "close", at=NOW + 9 * MINUTE)
    deliver(NOW + 9 * MINUTE)
    assert [(n.subject, n.kind, n.state) for n in notices()] == [
        (f"incident:{first.pk}", "opened", "sent"),
        (f"incident:{wide.pk}", "opened", "sent"),
        (f"incident:{wide.pk}", "recovered", "sent"),
    ]
    assert notices(kind="recovered")[0].facts["replaces"] == [first.pk]


def test_who_was_told_of_what_was_taken_in_hears_of_the_rest_whatever_its_rule_says():
    make_rule(min_severity="critical")
    one, other = make_endpoint(), make_endpoint(model="nimbus-2")
    first = make_incident(one, severity="critical")
    deliver(NOW)
    make_step(first, "close", at=NOW + MINUTE, cause="absorbed")
    wide = make_incident(one, other, kind="provider", severity="major", at=NOW + MINUTE)
    make_step(wide, "absorb", at=NOW + MINUTE, absorbed=first.pk)
    assert [out.subject for out in deliver(NOW + MINUTE)] == [f"incident:{wide.pk}"]


def test_rules_of_one_channel_make_one_notice_due_at_the_earliest():
    channel = make_channel()
    make_rule(channel)
    eager = make_rule(channel, at_once_from="minor")
    make_incident(severity="minor")
    plan_notices(now=NOW)
    (notice,) = notices()
    assert (notice.due_at, notice.rule) == (NOW, eager)


def test_only_those_whom_it_concerns_are_told():
    nimbus, other = make_endpoint(), make_endpoint(provider="zephyr", model="zephyr-1")
    here = make_rule(make_channel("here"), providers=[nimbus.provider], regions=["tokyo"])
    make_rule(make_channel("elsewhere"), providers=[nimbus.provider], regions=["oregon"])
    make_rule(make_channel("zephyr"), endpoints=[other])
    make_rule(make_channel("budgets"), topics=["slo"])
    make_rule(make_channel("off"), enabled=False)
    make_rule(make_channel("broken", enabled=False, disabled_reason="gone", disabled_at=NOW))
    reader = make_subscription("a@example.test")
    reader.models.set([nimbus.model])
    grave = make_subscription("b@example.test", min_severity="critical")
    grave.providers.set([nimbus.provider])
    make_subscription("c@example.test").providers.set([other.provider])
    make_subscription("d@example.test", confirmed_at=None)
    make_incident(nimbus)
    plan_notices(now=NOW)
    assert [(n.rule, n.subscription) for n in notices()] == [(here, None), (None, reader)]


def test_people_s_words_go_to_who_was_told(django_user_model):
    user: User = django_user_model.objects.create_user("operator")
    make_rule(make_channel("told"))
    make_rule(make_channel("grave"), min_severity="critical")
    incident = make_incident()
    deliver(NOW)
    post_update(incident, status="identified", body=Words("a cable", "케이블"), by=user, now=NOW + MINUTE)
    set_severity(incident, severity="minor", by=user, now=NOW + 2 * MINUTE)
    deliver(NOW + 2 * MINUTE)
    make_step(incident, "close", at=NOW + 3 * MINUTE)
    publish_postmortem(incident, text=Words("a shark"), by=user, now=NOW + 4 * MINUTE)
    publish_postmortem(incident, text=Words("two sharks"), by=user, now=NOW + 5 * MINUTE)
    post_update(incident, status="note", body=Words("sorry"), by=user, now=NOW + 6 * MINUTE)
    deliver(NOW + 6 * MINUTE)
    kinds = ["opened", "updated", "updated", "recovered", "postmortem", "updated"]
    assert [(n.channel.slug, n.kind, n.state) for n in notices()] == [("told", k, "sent") for k in kinds]
    first = notices(kind="updated")[0]
    assert first.facts["update"] | {"at": ""} == {
        "at": "", "status": "identified", "body_en": "a cable", "body_ko": "케이블",
    }  # fmt: skip


def test_maintenance_holds_what_it_covers_wholly_until_its_end():
    alone, one, other = (make_endpoint(model=f"nimbus-{number}") for number in (1, 2, 3))
    window = MaintenanceWindow.objects.create(
        title_en="works", starts_at=NOW - MINUTE, ends_at=NOW + 30 * MINUTE, created_at=NOW, changed_at=NOW
    )
    window.endpoints.set([alone, one])
    make_rule()
    covered = make_incident(alone, severity="critical")
    partly = make_incident(one, other, severity="critical")
    plan_notices(now=NOW)
    assert [n.due_at for n in notices(subject=f"incident:{covered.pk}")] == [NOW + 30 * MINUTE]
    assert [n.due_at for n in notices(subject=f"incident:{partly.pk}")] == [NOW]


def test_nothing_of_a_run_that_dies_is_kept_and_the_next_one_does_it(monkeypatch):
    make_rule()
    make_incident()
    whole = NoticeBook.keep

    def dies(book, facts):
        whole(book, facts)
        raise ValueError("power cut")

    monkeypatch.setattr(NoticeBook, "keep", dies)
    with pytest.raises(ValueError, match="power cut"):
        plan_notices(now=NOW)
    assert notices() == []
    assert IncidentChange.objects.filter(planned_at=None).exists()
    monkeypatch.undo()
    plan_notices(now=NOW)
    assert told() == [("opened", "waiting")]


def test_an_incident_that_cannot_be_planned_keeps_no_other_from_it():
    make_rule()
    broken = make_incident()
    broken.changes.update(data={})
    fine = make_incident(make_endpoint(model="nimbus-2"))
    with pytest.raises(KeyError):
        plan_notices(now=NOW)
    assert [n.subject for n in notices()] == [f"incident:{fine.pk}"]


def test_no_event_is_needed_for_it(monkeypatch):
    monkeypatch.setattr(event_log(), "append", lambda *args, **kwargs: pytest.fail("the log was asked"))
    make_rule()
    make_incident()
    assert plan_notices(now=NOW) == 1


def test_many_subscribers_of_one_incident_cost_no_query_more():
    def planned(count: int) -> int:
        for number in range(count):
            make_subscription(f"{count}-{number}@example.test").providers.set([one.provider])
        make_incident(one if count == 2 else other)
        with CaptureQueriesContext(connection) as queries:
            assert plan_notices(now=NOW) == Notice.objects.filter(made_at=NOW).count() - before
        return len(queries)

    one, other = make_endpoint(), make_endpoint(model="nimbus-2")
    before = 0
    few = planned(2)
    before = Notice.objects.count()
    assert planned(30) == few


def test_what_maintenance_held_is_told_when_that_is_called_off(django_user_model):
    make_rule()
    incident = make_incident()
    window = MaintenanceWindow.objects.create(
        provider=incident.provider, title_en="Move", starts_at=NOW - MINUTE, ends_at=NOW + 60 * MINUTE,
        created_at=NOW, changed_at=NOW,
    )  # fmt: skip
    plan_notices(now=NOW)
    assert deliver(NOW + 5 * MINUTE) == []
    by = django_user_model.objects.create_user("operator")
    cancel_maintenance(window, by=by, now=NOW + 5 * MINUTE)
    assert [outgoing.kind for outgoing in deliver(NOW + 5 * MINUTE)] == ["opened"]

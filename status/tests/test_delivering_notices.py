"""Claiming, trying again, giving up; nothing lost and nothing under two ids, whoever dies."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.utils import timezone

from probes.tests.factories import NOW, make_endpoint
from status.models import DeliveryAttempt, Notice
from status.outgoing import AppriseTarget, MailTarget, Outcome, WebhookTarget
from status.services import notices as services
from status.services.notices import claim_due, delivering, note_attempt, plan_notices, queue_notice
from status.services.notices.delivering import LEASE, LETTERS_LEASE, NOTICES_KEPT
from status.tests.notices_given import (
    HEARD,
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
FAILED = Outcome(ok=False, http_status=500, error="Internal Server Error", body=b"tried")


@pytest.fixture
def operator(django_user_model):
    return django_user_model.objects.create_user("operator")


def claimed(now=NOW, **asked):
    return claim_due(now=now, **{"limit": 100} | asked)


def test_a_try_is_kept_before_it_is_made_and_says_where_to():
    channel = make_channel("hook", language="ko")
    make_rule(channel)
    make_incident()
    (outgoing,) = claimed()
    assert outgoing.target == WebhookTarget(channel.pk, "hook", "https://hook.test/hook", 1)
    assert (outgoing.kind, outgoing.attempt, outgoing.body, outgoing.language) == ("opened", 1, None, "ko")
    attempt = DeliveryAttempt.objects.get()
    assert (attempt.number, attempt.ended_at, attempt.ok) == (1, None, False)
    assert claimed() == []
    note_attempt(outgoing, HEARD, now=NOW + MINUTE)
    attempt.refresh_from_db()
    assert (attempt.ended_at, attempt.ok, attempt.http_status) == (NOW + MINUTE, True, 200)
    assert notices()[0].sent_at == NOW + MINUTE


def test_a_sender_that_dies_leaves_its_notice_to_the_next_under_the_same_id():
    make_rule()
    make_incident()
    (first,) = claimed()
    assert claimed(NOW + LEASE - timedelta(seconds=1)) == []
    (second,) = claimed(NOW + LEASE)
    assert (second.uid, second.attempt) == (first.uid, 2)
    note_attempt(second, HEARD, now=NOW + LEASE)
    note_attempt(first, FAILED, now=NOW + LEASE)
    assert told() == [("opened", "sent")]


def test_who_lost_its_lease_and_did_reach_the_target_is_believed():
    make_rule()
    make_incident()
    (first,) = claimed()
    assert len(claimed(NOW + LEASE)) == 1
    note_attempt(first, FAILED, now=NOW + LEASE)
    assert claimed(NOW + LEASE) == [], "the second is still at it"
    note_attempt(first, HEARD, now=NOW + LEASE)
    assert told() == [("opened", "sent")]


def test_a_letter_is_claimed_for_as_long_as_a_batch_takes():
    make_subscription()
    make_incident()
    (outgoing,) = claimed()
    assert isinstance(outgoing.target, MailTarget)
    assert claimed(NOW + LETTERS_LEASE - timedelta(seconds=1)) == []
    assert len(claimed(NOW + LETTERS_LEASE)) == 1


def test_every_try_sends_what_the_first_one_sent():
    make_rule()
    make_incident()
    (first,) = claimed()
    note_attempt(first, FAILED, now=NOW)
    (second,) = claimed(NOW + MINUTE)
    assert (second.body, second.uid) == (b"tried", first.uid)


def test_it_is_tried_for_three_days_and_then_fails_with_all_that_waits_behind_it():
    make_rule()
    incident = make_incident()
    make_step(incident, "close", at=NOW + MINUTE)
    now = NOW + MINUTE
    waits: list[float] = []
    while (out := claimed(now)) and len(waits) < 12:
        assert [outgoing.kind for outgoing in out] == ["opened"]
        note_attempt(out[0], FAILED, now=now)
        opened = notices()[0]
        waits.append((opened.next_try_at - now).total_seconds())
        now = opened.next_try_at
    assert len(waits) == 10
    assert 4.5 <= waits[0] <= 5.5
    assert 3 * 86_400 * 0.9 <= sum(waits[:9]) <= 3.2 * 86_400 * 1.1
    assert told() == [("opened", "failed"), ("recovered", "dropped")]
    assert notices()[0].why == "given up after 10 tries: HTTP 500 Internal Server Error"


def test_tries_that_were_cut_off_are_not_counted_as_failures():
    make_rule()
    make_incident()
    now = NOW
    for _ in range(12):
        (outgoing,) = claimed(now)
        now += LEASE
    note_attempt(outgoing, FAILED, now=now)
    assert told() == [("opened", "waiting")]
    assert notices()[0].next_try_at <= now + timedelta(seconds=6)


def test_one_at_a_time_goes_to_a_channel_and_a_busy_one_gets_none():
    slow, other = make_channel("slow"), make_channel("other")
    make_rule(slow, other)
    for number in range(3):
        make_incident(make_endpoint(model=f"nimbus-{number}"))
    first = claimed()
    assert sorted(out.target.slug for out in first) == ["other", "slow"]
    assert claimed(busy_channels=[slow.pk]) == [], "each has one under way"
    note_attempt(next(out for out in first if out.target.slug == "other"), HEARD, now=NOW)
    assert [out.target.slug for out in claimed(busy_channels=[slow.pk])] == ["other"]


def test_letters_leave_room_for_channels():
    make_rule()
    for number in range(5):
        make_subscription(f"{number}@example.test")
    make_incident()
    assert len(claimed(most_mails=2)) == 3
    assert len(claimed(limit=2)) == 2
    assert len(claimed()) == 1


def test_a_recipient_hears_of_one_thing_in_order():
    make_rule()
    one, other = make_incident(), make_incident(make_endpoint(model="nimbus-2"))
    (first,) = claimed()
    note_attempt(first, FAILED, now=NOW)
    make_step(one, "close", at=NOW)
    assert [out.subject for out in deliver(NOW)] == [f"incident:{other.pk}"]
    assert [out.kind for out in deliver(NOW + MINUTE)] == ["opened", "recovered"]


def waiting_notices(kind, due_at, *, tries=0, subjects=("incident:7",), **recipient):
    return Notice.objects.bulk_create(
        Notice(
            topic="incident", subject=subject, kind=kind, severity="minor", tries=tries,
            made_at=NOW, due_at=due_at, next_try_at=due_at, **recipient,
        )
        for subject in subjects
    )  # fmt: skip


def test_what_is_behind_never_hides_what_is_due_before_it():
    readers = [make_subscription(f"reader{n}@example.test") for n in range(6)]
    for reader in readers:
        waiting_notices("opened", NOW - timedelta(seconds=1), tries=1, subscription=reader)
        waiting_notices("recovered", NOW - MINUTE, subscription=reader)
    # recovered have waited longer, and fill all the room there is
    assert [outgoing.kind for outgoing in claimed(most_mails=4)] == ["opened"] * 4


def test_what_is_held_or_stuck_behind_its_own_keeps_nothing_else_of_any_channel(monkeypatch):
    monkeypatch.setattr(delivering, "MOST_OF_A_CHANNEL", 3)
    channel, other = make_channel("one"), make_channel("two")
    subjects = [f"incident:{n}" for n in range(8)]
    waiting_notices("opened", NOW + 60 * MINUTE, tries=1, subjects=subjects, channel=channel)
    waiting_notices("recovered", NOW - MINUTE, subjects=subjects, channel=channel)
    waiting_notices("opened", NOW, subjects=["incident:99"], channel=channel)
    waiting_notices("opened", NOW, subjects=["incident:99"], channel=other)
    said = [outgoing.subject for _ in range(4) for outgoing in claimed()]
    assert said == ["incident:99", "incident:99"]


def test_two_senders_that_chose_the_same_try_it_once():
    make_rule()
    make_incident()
    plan_notices(now=NOW)
    chosen = delivering._first_of_channels(NOW, ())
    (outgoing,) = claimed()
    note_attempt(outgoing, Outcome(ok=False, error="50\0 0"), now=NOW)
    assert delivering._claim(chosen, NOW) == []
    assert DeliveryAttempt.objects.get().error == "50 0"


def test_a_retry_by_hand_brings_along_what_waited_behind_it(operator):
    channel = make_channel()
    (opened,) = waiting_notices("opened", NOW + 60 * MINUTE, tries=1, channel=channel)
    waiting_notices("recovered", NOW - MINUTE, channel=channel)
    assert claimed() == []
    services.retry(notice=opened, by=operator, now=NOW)
    assert [outgoing.kind for outgoing in deliver(NOW)] == ["opened", "recovered"]


def test_nothing_old_is_told_by_a_channel_that_is_enabled_again(operator):
    channel = make_channel(enabled=False, disabled_at=NOW, disabled_reason="gone")
    waiting_notices("opened", NOW, channel=channel)  # planned in the moment in which it was disabled
    services.set_enabled(channel=channel, enabled=True, by=operator, now=NOW)
    assert claimed() == []
    assert told() == [("opened", "dropped")]


def test_what_has_no_reader_any_more_cannot_be_tried_again(operator):
    reader = make_subscription(unsubscribed_at=NOW)
    (notice,) = waiting_notices("opened", NOW, subscription=reader)
    with pytest.raises(services.Refused, match="has ended"):
        services.retry(notice=notice, by=operator, now=NOW)


def test_a_target_that_is_gone_disables_its_channel_and_says_why():
    channel = make_channel()
    make_rule(channel)
    make_incident()
    make_incident(make_endpoint(model="nimbus-2"))
    (outgoing,) = claimed()
    note_attempt(outgoing, Outcome(ok=False, http_status=410, error="Gone", gone=True), now=NOW)
    channel.refresh_from_db()
    assert (channel.enabled, channel.disabled_at) == (False, NOW)
    assert channel.disabled_reason == "the target wants no more: HTTP 410 Gone"
    assert told() == [("opened", "failed"), ("opened", "dropped")]
    make_incident(make_endpoint(model="nimbus-3"))
    assert plan_notices(now=NOW) == 0


def test_a_refused_address_fails_for_good_and_the_channel_stays():
    channel = make_channel()
    make_rule(channel)
    make_incident()
    (outgoing,) = claimed()
    refused = Outcome(ok=False, error="url: 10.0.0.1 is private", permanent=True)
    note_attempt(outgoing, refused, now=NOW)
    channel.refresh_from_db()
    assert channel.enabled
    assert [(n.state, n.why) for n in notices()] == [("failed", "url: 10.0.0.1 is private")]


def test_who_unsubscribed_meanwhile_is_not_told():
    reader = make_subscription()
    make_incident()
    plan_notices(now=NOW)
    reader.unsubscribed_at = NOW
    reader.save()
    assert claimed() == []


def test_what_was_told_long_ago_is_forgotten_and_what_nobody_waits_for_is_dropped():
    reader = make_subscription()
    make_rule()
    make_incident()
    deliver(NOW)
    make_incident(make_endpoint(model="nimbus-2"))
    plan_notices(now=NOW)
    reader.unsubscribed_at = NOW
    reader.save()
    assert services.prune_notices(now=NOW + NOTICES_KEPT) == 0
    assert told() == [("opened", "sent"), ("opened", "sent"), ("opened", "waiting"), ("opened", "dropped")]
    services.prune_notices(now=NOW + NOTICES_KEPT + MINUTE)
    assert told() == [("opened", "waiting")]


def test_a_notice_whose_row_is_gone_is_no_error():
    make_rule()
    make_incident()
    (outgoing,) = claimed()
    Notice.objects.all().delete()
    note_attempt(outgoing, HEARD, now=NOW)
    assert notices() == []


def test_planning_that_fails_keeps_nothing_from_being_sent():
    make_rule()
    make_incident()
    plan_notices(now=NOW)
    make_incident(make_endpoint(model="nimbus-2")).changes.update(data={})
    assert len(claimed()) == 1


# --- what is no incident -----------------------------------------------------------------------


def queue(kind: str, *, subject: str = "burn:1", severity: str = "critical", now=NOW, **fields) -> int:
    topic = "slo" if kind.startswith("burn") else "official"
    asked = {"topic": topic, "facts": {"endpoint": "x"}} | fields
    return queue_notice(subject=subject, kind=kind, severity=severity, now=now, **asked)


def test_a_burn_is_told_once_and_its_end_to_who_was_told():
    make_rule(topics=["slo"])
    make_rule(make_channel("incidents"), topics=["incident"])
    make_subscription()
    assert [queue("burn"), queue("burn"), queue("burn_over"), queue("burn_over")] == [1, 0, 1, 0]
    assert [out.kind for out in deliver(NOW)] == ["burn", "burn_over"]
    assert queue("burn_over", subject="burn:2") == 0


def test_a_light_burn_that_is_over_in_time_is_not_told():
    make_rule(topics=["slo"])
    queue("burn", severity="minor")
    assert queue("burn_over", severity="minor", now=NOW + MINUTE) == 0
    assert told() == [("burn", "dropped")]


def test_an_unreadable_page_is_told_to_its_provider_s_rules():
    endpoint = make_endpoint()
    make_rule(providers=[endpoint.provider])
    make_rule(make_channel("other"), providers=[make_endpoint(provider="zephyr", model="z").provider])
    assert queue("unreadable", subject="page:1", provider_id=endpoint.provider_id, severity="major") == 1
    assert queue("readable", subject="page:1", provider_id=endpoint.provider_id, severity="major") == 1


# --- operators ---------------------------------------------------------------------------------


def test_a_test_notice_goes_to_the_channel_alone_and_is_in_the_history(operator):
    channel = make_channel(kind="apprise", url="", url_env="ALERT_URL_OPS")
    make_rule(channel, make_channel("other"))
    notice = services.send_test(channel=channel, by=operator, now=NOW)
    (outgoing,) = claimed()
    assert (outgoing.uid, outgoing.kind, outgoing.facts) == (
        notice.uid,
        "test",
        {"channel": "ops", "by": "operator"},
    )
    assert outgoing.target == AppriseTarget(channel.pk, "ops", "ALERT_URL_OPS")
    assert LogEntry.objects.get(user=operator).get_change_message() == f"test notice {notice.uid}"


def test_a_failed_notice_is_tried_again_under_its_id(operator):
    make_rule()
    make_incident()
    (outgoing,) = claimed()
    with pytest.raises(services.Refused, match="being delivered"):
        services.retry(notice=notices()[0], by=operator, now=NOW)
    note_attempt(outgoing, Outcome(ok=False, permanent=True, error="refused"), now=NOW)
    services.retry(notice=notices()[0], by=operator, now=NOW + MINUTE)
    assert [out.uid for out in deliver(NOW + MINUTE)] == [outgoing.uid]
    assert LogEntry.objects.filter(user=operator).count() == 1


def test_what_waits_for_a_channel_is_dropped_when_it_is_disabled(operator):
    channel = make_channel()
    make_rule(channel)
    make_incident()
    plan_notices(now=NOW)
    services.set_enabled(channel=channel, enabled=False, by=operator, now=NOW)
    assert [(n.state, n.why) for n in notices()] == [("dropped", "the channel was disabled: by hand")]
    with pytest.raises(services.Refused, match="disabled"):
        services.send_test(channel=channel, by=operator, now=NOW)
    services.set_enabled(channel=channel, enabled=True, by=operator, now=timezone.now())
    assert (channel.enabled, channel.disabled_reason) == (True, "")
    assert LogEntry.objects.filter(user=operator).count() == 2


def test_a_rotated_secret_is_counted_and_dated(operator):
    channel = make_channel()
    services.rotate_secret(channel=channel, by=operator, now=NOW)
    assert (channel.secret_version, channel.rotated_at) == (2, NOW)
    with pytest.raises(services.Refused, match="no webhook"):
        services.rotate_secret(
            channel=make_channel("mail", kind="apprise", url="", url_env="ALERT_URL_X"), by=operator, now=NOW
        )

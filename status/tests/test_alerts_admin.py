"""Channels, rules and the delivery log in the admin; the operators' page and figures of notices."""

from datetime import UTC, datetime

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from probes.tests.factories import make_endpoint
from status.models import AlertChannel, AlertRule
from status.outgoing import Outcome
from status.services.notices import claim_due, note_attempt, plan_notices
from status.tests.notices_given import (
    MINUTE,
    make_channel,
    make_incident,
    make_rule,
    make_step,
    make_subscription,
    notices,
)

pytestmark = pytest.mark.django_db
CHANNELS, RULES, LOG = (f"/admin/status/{name}/" for name in ("alertchannel", "alertrule", "notice"))


@pytest.fixture
def operator(client: Client) -> Client:
    return staff(client, "Operator")


def staff(client: Client, role: str) -> Client:
    user = User.objects.create_user(role, password="a-password", is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user)
    return client


def channel_data(**fields: str) -> dict[str, str]:
    given = {
        "name": "Ops",
        "slug": "ops",
        "kind": "webhook",
        "url": "https://ops.example/hook",
        "language": "ko",
    }
    return {"url_env": ""} | given | fields


def rule_data(channel: AlertChannel, **fields: object) -> dict[str, object]:
    return {
        "name": "night watch", "enabled": "on", "channels": [channel.pk], "topics": ["incident"],
        "min_severity": "minor", "at_once_from": "major", "warning_after_s": "900", "time_zone": "Asia/Seoul",
        "tells_recovery": "on", "breaks_quiet": "critical",
    } | fields  # fmt: skip


def text_of(response) -> str:
    return str(response.content.decode())


def test_these_pages_are_for_operators(client):
    staff(client, "Publisher")
    make_channel()
    for address in (CHANNELS, f"{CHANNELS}add/", RULES, LOG):
        assert client.get(address).status_code == 403


def test_a_channel_is_made_tested_rotated_and_disabled(operator):
    assert operator.post(f"{CHANNELS}add/", channel_data()).status_code == 302
    channel = AlertChannel.objects.get()
    page = f"{CHANNELS}{channel.pk}/change/"

    def press(name: str) -> str:
        return text_of(operator.post(page, channel_data() | {name: "1"}, follow=True))

    assert "A test is on its way." in press("_test")
    assert [n.kind for n in notices()] == ["test"]
    assert "manage.py webhook_secret ops" in press("_rotate")
    assert "no more notices" in press("_disable")
    channel.refresh_from_db()
    assert (channel.secret_version, channel.enabled, channel.disabled_reason) == (2, False, "by hand")
    assert "Enable it first" in press("_test")
    assert "takes notices again" in press("_enable")
    assert LogEntry.objects.filter(object_id=str(channel.pk)).count() >= 5


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"url": "http://169.254.169.254/latest"}, "not a public address"),
        ({"url": "http://10.0.0.1/"}, "not a public address"),
        ({"url": "http://2130706433/"}, "odd form"),
        ({"url": "https://me:secret@example.com/"}, "user name and password"),
        ({"url": ""}, "A channel of this kind needs it."),
        ({"kind": "apprise", "url": "", "url_env": "SECRET_KEY"}, "ALERT_URL_OPERATORS"),
        ({"kind": "apprise", "url_env": "ALERT_URL_OPS"}, "has none"),
    ],
)
def test_an_address_that_nothing_may_be_sent_to_is_refused_in_words(operator, fields, words):
    response = operator.post(f"{CHANNELS}add/", channel_data(**fields))
    assert response.status_code == 200
    assert words in text_of(response)
    assert len(response.context["adminform"].errors) == 1
    assert sum(map(len, response.context["adminform"].errors.values())) == 1
    assert not AlertChannel.objects.exists()


@pytest.mark.parametrize(
    ("now", "count"),
    [
        pytest.param(datetime(2026, 11, 18, 14, 0, tzinfo=UTC), 1, id="Wednesday 23:00 in Seoul"),
        pytest.param(datetime(2026, 11, 22, 14, 0, tzinfo=UTC), 0, id="Sunday 23:00 in Seoul: quiet"),
    ],
)
def test_a_rule_is_kept_and_says_what_it_would_have_told_of(monkeypatch, client, now, count):
    monkeypatch.setattr(timezone, "now", lambda: now)
    operator = staff(client, "Operator")
    brief = make_incident(severity="minor", at=now - 60 * MINUTE)
    make_step(brief, "close", at=now - 50 * MINUTE)
    grave = make_incident(make_endpoint(model="nimbus-2"), at=now - 30 * MINUTE)
    data = rule_data(make_channel(), quiet_from="22:00", quiet_until="07:00", quiet_days=["5", "6"])
    response = operator.post(f"{RULES}add/", data, follow=True)
    assert f"Of the 2 incidents of the last 30 days it would have told of {count}." in text_of(response)
    rule = AlertRule.objects.get()
    assert (rule.topics, rule.regions, rule.quiet_days) == (["incident"], [], [5, 6])
    page = text_of(operator.get(f"{RULES}{rule.pk}/change/"))
    assert (f">#{grave.pk}</a>" in page) is bool(count)
    assert f">#{brief.pk}</a>" not in page


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"quiet_from": "22:00"}, "a beginning and an end"),
        ({"quiet_from": "22:00", "quiet_until": "22:00"}, "would never end"),
        ({"time_zone": "Seoul"}, "Asia/Seoul"),
        ({"topics": []}, "required"),
        ({"regions": ["atlantis"]}, "atlantis"),
    ],
)
def test_a_rule_that_says_nothing_sensible_is_refused(operator, fields, words):
    response = operator.post(f"{RULES}add/", rule_data(make_channel(), **fields))
    assert response.status_code == 200
    assert words in text_of(response)


def test_the_log_tells_of_every_try_and_tries_again(operator):
    now = timezone.now()
    make_rule()
    make_incident(at=now)
    (outgoing,) = claim_due(now=now, limit=1)
    note_attempt(outgoing, Outcome(ok=False, permanent=True, error="<b>refused</b>"), now=now)
    (notice,) = notices()
    page = text_of(operator.get(f"{LOG}{notice.pk}/change/"))
    assert "&lt;b&gt;refused&lt;/b&gt;" in page
    assert notice.uid in page
    operator.post(f"{LOG}{notice.pk}/change/", {
        "_retry": "1", "attempts-TOTAL_FORMS": "0", "attempts-INITIAL_FORMS": "0",
    })  # fmt: skip
    notice.refresh_from_db()
    assert (notice.state, notice.tries) == ("waiting", 1)
    response = operator.post(LOG, {"action": "try_again", "_selected_action": [notice.pk]}, follow=True)
    assert "1 notice is tried again." in text_of(response)


@pytest.mark.parametrize("address", [LOG, CHANNELS, RULES, "/operations/notices/"])
def test_lists_ask_as_much_for_many_as_for_few(operator, address):
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert operator.get(address).status_code == 200
        return len(queries)

    def add(number: int) -> None:
        make_rule(make_channel(f"channel-{number}"))
        make_subscription(f"{number}@example.test")
        make_incident(make_endpoint(model=f"nimbus-{number}"), at=timezone.now())
        plan_notices(now=timezone.now())
        notice = notices()[-1]
        notice.state, notice.why = "failed", "no"
        notice.save()

    add(1)
    asked()
    few = asked()
    for number in range(2, 5):
        add(number)
    assert asked() == few <= 12

"""`/operations/events/`: who follows the event log, and what becomes of dead letters."""

import re
from collections.abc import Iterator

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone

from aigo import operations
from aigo.lib.events import DeadLetter, EventLog, RedisLog, event_log
from aigo.metrics import BoardCollector
from aigo.tests.pages import SITE, serve
from testing import browser

pytestmark = pytest.mark.django_db


#: So that what was failed comes again at once.
CLAIM_AFTER_S = 0.001
REASON = "ValueError: <script>no</script>"


@pytest.fixture
def log() -> Iterator[EventLog]:
    """A log of this test's own, where the pages look."""
    event_log.take()
    yield event_log()
    event_log.take()


@pytest.fixture
def operator(client: Client) -> Client:
    user = User.objects.create_user("op", "op@example.org", "a-password")
    user.groups.add(Group.objects.get(name="Operator"))
    client.force_login(user)
    return client


def test_the_page_is_for_operators(client):
    assert client.get("/operations/events/").status_code == 302
    client.force_login(User.objects.create_user("reader"))
    assert client.get("/operations/events/").status_code == 403
    assert client.post("/operations/events/letter", {"action": "drop"}).status_code == 403


def test_operations_and_the_admin_lead_there(operator):
    assert 'href="/operations/events/"' in operator.get("/operations/").content.decode()
    User.objects.filter(username="op").update(is_staff=True, is_superuser=True)
    assert 'href="/operations/events/"' in operator.get("/admin/").content.decode()


def set_aside(log: EventLog, *, consumer: str = "a-consumer", reason: str = REASON) -> DeadLetter:
    """One event that group "verdicts" has failed five times."""
    log.append("article.published", {"slug": "poison"}, now=timezone.now())
    group = log.group("verdicts", consumer, claim_after_s=CLAIM_AFTER_S)
    while not (letters := log.dead_letters()):
        for delivery in group.read(wait_s=1.0):
            group.failed(delivery, reason)
    return letters[0]


def test_groups_are_shown_with_backlog_pending_and_consumers(log, operator):
    for slug in ("a", "b", "c"):
        log.append("article.published", {"slug": slug}, now=timezone.now())
    log.group("verdicts", "host-1-abc").read(count=2)
    html = operator.get("/operations/events/").content.decode()
    (row,) = [part for part in html.split("<tr") if 'data-group="verdicts"' in part]
    cells = [cell.strip() for cell in re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL)]
    assert cells[:2] == ["1", "2"]
    assert "host-1-abc" in row
    assert "holds 2" in row


def test_a_dead_letter_is_shown_with_its_reason_and_replayed_once(log, operator):
    letter = set_aside(log)
    html = operator.get("/operations/events/").content.decode()
    assert letter.event.id in html
    assert "ValueError: &lt;script&gt;no&lt;/script&gt;" in html
    for _ in range(2):
        answer = operator.post("/operations/events/letter", {"letter": letter.id, "action": "replay"})
        assert answer.url == "/operations/events/"
    group = log.group("verdicts", "another")
    assert [delivery.event.data for delivery in group.read()] == [{"slug": "poison"}]
    assert "replayed or dropped already" in operator.get("/operations/events/").content.decode()
    (entry,) = LogEntry.objects.all()
    assert entry.user.username == "op"
    assert entry.object_repr == f"verdicts: article.published {letter.event.id}"
    assert entry.change_message.startswith("replayed after 5 tries: ValueError")


def test_a_dead_letter_is_dropped_with_a_trace(log, operator):
    letter = set_aside(log)
    operator.post("/operations/events/letter", {"letter": letter.id, "action": "drop"})
    assert log.dead_letters() == []
    assert log.group("verdicts", "another").read() == []
    (entry,) = LogEntry.objects.all()
    assert (entry.user.username, entry.change_message[:7]) == ("op", "dropped")


def test_another_action_is_refused_by_name(log, operator):
    letter = set_aside(log)
    answer = operator.post("/operations/events/letter", {"letter": letter.id, "action": "burn"})
    assert answer.status_code == 400
    assert "replay, drop" in answer.content.decode()
    assert log.dead_letters() == [letter]


def test_the_page_says_that_the_log_is_away(operator, monkeypatch):
    monkeypatch.setattr(operations, "event_log", lambda: RedisLog("redis://127.0.0.1:9/0", 100))
    answer = operator.get("/operations/events/")
    assert answer.status_code == 200
    assert "cannot be reached" in answer.content.decode()


def test_metrics_tell_of_every_group(log):
    set_aside(log)
    log.append("article.published", {"slug": "next"}, now=timezone.now())
    told = {
        sample.name: (sample.labels, sample.value)
        for metric in BoardCollector().collect()
        for sample in metric.samples
        if sample.labels.get("group")
    }
    assert told == {
        "aigo_group_backlog": ({"group": "verdicts"}, 1),
        "aigo_group_pending": ({"group": "verdicts"}, 0),
        "aigo_dead_letters": ({"group": "verdicts"}, 1),
    }


@pytest.mark.only_on("sqlite")  # what a browser makes of it
@pytest.mark.parametrize("lang", ["en", "ko"])
def test_the_page_fits_every_width_and_breaks_no_policy(log, operator, lang):
    consumer = "aigo-consumer-6d5f7c9b8-x2x4z.a-cluster-1-3f2e1d"
    set_aside(log, consumer=consumer, reason=f"OperationalError: {'no_such_relation' * 15}")
    operator.cookies.load({"django_language": lang})
    html = operator.get("/operations/events/").content.decode()
    assert consumer in html
    with browser.chromium() as chromium:
        page = chromium.new_page()
        troubles = serve(page, html)
        page.goto(SITE + "/")
        for width in (360, 700, 800, 1024, 1440):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, f"overflow at {width}"
        assert troubles == []

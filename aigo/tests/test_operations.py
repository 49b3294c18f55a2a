"""What operators see and steer, and who may."""

from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.test import Client
from django.utils import timezone

from aigo import jobs
from aigo.celery import TIMETABLE, app
from aigo.jobs import JobScheduler, record_run
from aigo.models import JobState
from probes.services.ingest import store_attempts
from probes.tests.factories import make_attempt, make_endpoint, make_pop
from status.kept import keeper

#: Pages over what other tests read on every database.
pytestmark = [pytest.mark.django_db, pytest.mark.only_on("sqlite")]


@pytest.fixture
def operator() -> Client:
    user = User.objects.create_user("op", "op@example.org", "a-password")
    user.groups.add(Group.objects.get(name="Operator"))
    client = Client()
    client.force_login(user)
    return client


def test_what_steers_the_program_is_for_operators(client):
    for reader in (None, User.objects.create_user("reader")):
        if reader:
            client.force_login(reader)
        answer = client.get("/operations/")
        assert answer.status_code == 200
        assert "dispatch-probes" not in answer.content.decode()
        assert '<form action="/operations' not in answer.content.decode()


def test_an_operator_sees_every_job_health_and_the_workers(operator):
    make_pop("seoul", now=timezone.now())
    html = operator.get("/operations/").content.decode()
    for job in TIMETABLE:
        assert job.name in html
    for part in ("Database", "Broker", "Event log", "Probes", "seoul-1"):
        assert part in html
    assert 'href="/operations/"' in html


def test_a_worker_whose_clock_is_off_is_flagged(operator):
    for region, skew_ms in (("seoul", 320.0), ("tokyo", 1520.7), ("oregon", None)):
        pop = make_pop(region, now=timezone.now())
        pop.clock_skew_ms = skew_ms
        pop.save()
    html = operator.get("/operations/").content.decode()
    rows = {row.split("-1</code>")[0][-6:]: row for row in html.split("<tr>") if "-1</code>" in row}
    assert "320 ms" in rows[">seoul"]
    assert "1,520 ms" in rows[">tokyo"]
    assert [name for name, row in rows.items() if "check its clock" in row] == [">tokyo"]
    assert "—" in rows["oregon"]


def test_an_operator_sees_what_pages_are_read_from(operator):
    assert (
        'data-breaker="database" data-breaker-state="closed"' in operator.get("/operations/").content.decode()
    )
    for _ in range(5):
        keeper()._database.failed(OSError("refused"), now=timezone.now())
    html = operator.get("/operations/").content.decode()
    assert 'data-breaker="database" data-breaker-state="open"' in html
    assert "OSError: refused" in html


@pytest.mark.django_db(transaction=True)
def test_a_paused_job_is_not_sent_until_it_is_resumed(operator, monkeypatch):
    sent = []
    monkeypatch.setattr(app, "send_task", lambda name, *args, **kwargs: sent.append(name))
    scheduler = JobScheduler(app, lazy=True)
    scheduler.setup_schedule()
    entry = scheduler.schedule["dispatch-probes"]
    monkeypatch.setattr(scheduler, "apply_async", lambda entry, **kwargs: sent.append(entry.name))
    operator.post("/operations/job", {"job": "dispatch-probes", "action": "pause"})
    scheduler.apply_entry(entry)
    assert sent == []
    operator.post("/operations/job", {"job": "dispatch-probes", "action": "resume"})
    scheduler.apply_entry(entry)
    assert sent == ["dispatch-probes"]
    operator.post("/operations/job", {"job": "dispatch-probes", "action": "run"})
    assert sent == ["dispatch-probes", "probes.dispatch"]


def test_steering_a_job_leaves_a_trace_of_who_did_what(operator):
    operator.post("/operations/job", {"job": "sync-targets", "action": "pause"})
    state = JobState.objects.get(name="sync-targets")
    assert state.paused_by.username == "op"
    assert [(e.user.username, e.object_repr, e.change_message) for e in LogEntry.objects.all()] == [
        ("op", "sync-targets", "paused")
    ]


def test_asking_open_pages_to_reload_leaves_a_trace_and_is_for_operators(operator, client):
    assert operator.post("/operations/reload").status_code == 302
    assert [(e.user.username, e.object_repr, e.change_message) for e in LogEntry.objects.all()] == [
        ("op", "open pages", "asked to reload")
    ]
    assert operator.get("/operations/reload").status_code == 405
    client.force_login(User.objects.create_user("reader"))
    assert client.post("/operations/reload").status_code == 403


def test_a_reload_that_reaches_nobody_is_told_and_leaves_no_trace(operator, settings):
    settings.CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "channels_redis.core.RedisChannelLayer",
            "CONFIG": {"hosts": ["redis://127.0.0.1:1/0"]},
        }
    }
    answer = operator.post("/operations/reload", follow=True)
    assert "the channel layer does not answer" in answer.content.decode()
    assert not LogEntry.objects.exists()


@pytest.mark.parametrize(
    "form", [{"job": "format-disk", "action": "run"}, {"job": "sync-targets", "action": "delete"}, {}]
)
def test_a_job_or_action_that_does_not_exist_is_refused_by_name(operator, form):
    answer = operator.post("/operations/job", form)
    assert answer.status_code == 400
    assert "sync-targets" in answer.content.decode()
    assert not JobState.objects.exists()


def test_a_run_is_recorded_with_its_error():
    app.loader.import_default_modules()
    task = app.tasks["probes.sync_targets"]
    record_run(sender=task, retval=ValueError("no"), state="FAILURE")
    assert JobState.objects.get(name="sync-targets").last_error == "ValueError: no"
    record_run(sender=task, retval=None, state="SUCCESS")
    (line,) = [line for line in jobs.job_lines() if line.name == "sync-targets"]
    assert line.last_error == ""
    assert line.next_run_at - line.last_run_at == timedelta(seconds=60)


def test_every_job_of_the_timetable_is_a_task_that_exists():
    app.loader.import_default_modules()
    assert {job.task for job in TIMETABLE} <= set(app.tasks)
    assert len({job.name for job in TIMETABLE}) == len(TIMETABLE)


def test_health_answers_without_a_database(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.get("/healthz").json() == {"status": "ok"}


def test_readiness_is_refused_until_probes_arrive(client):
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["probes"] == {
        "ok": False,
        "detail": "NoProbes: no attempt has been stored yet",
    }
    endpoint = make_endpoint()
    store_attempts([make_attempt(endpoint, at=timezone.now())], now=timezone.now())
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert all(check["ok"] for check in answer.json()["checks"].values())


def test_a_stalled_prober_is_not_ready(client):
    old = timezone.now() - timedelta(minutes=6)
    store_attempts([make_attempt(make_endpoint(), at=old)], now=old)
    assert client.get("/readyz").status_code == 503

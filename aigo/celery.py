"""The Celery application and the whole timetable.

Queues: `default` (judging, upkeep), `ingest` (results on their way into the database), `browser` (news that
need one; docs/news.md), and one `probes.<region>` per region, read by the workers that stand there.
"""

import os
from dataclasses import dataclass

from celery import Celery
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from kombu import Queue

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aigo.settings")

from aigo.lib.regions import MEASURED_SLUGS


@dataclass(frozen=True, slots=True)
class Job:
    """One line of the timetable: what runs, every how many seconds, and what it is for."""

    name: str
    task: str
    every_s: float
    purpose: Promise


TIMETABLE: tuple[Job, ...] = (
    Job(
        "announce-pops",
        "probes.announce_pops",
        30,
        _("Every worker says that it is there and what it can measure"),
    ),
    Job("dispatch-probes", "probes.dispatch", 5, _("Send the probes of the next seconds to their regions")),
    Job("pace-probes", "probes.pace", 60, _("Spread each provider's probe budget over the day")),
    Job("sync-catalogue", "probes.sync_listings", 300, _("Read the providers' own model lists")),
    Job("scrape-servers", "probes.scrape_servers", 60, _("Read the metrics of the watched servers")),
    Job("refresh-verdicts", "status.refresh_stale", 15, _("Judge what is stale, or what no event told of")),
    Job("tend-incidents", "status.tend_incidents", 15, _("Open, follow and close incidents as time passes")),
    Job("match-official", "status.match_official", 60, _("Find out who told first, official pages or we")),
    Job("plan-notices", "status.plan_notices", 5, _("Decide who is told of what happened to incidents")),
    Job("note-tidings", "catalog.note_tidings", 60, _("Note changed prices, new models and retirements")),
    Job("judge-slos", "status.judge_slos", 60, _("Count error budgets, and alert where they go too fast")),
    # Twice a minute, so that a beat that drifts leaves no minute out; the second run finds it counted.
    Job("sample-counts", "status.sample_counts", 30, _("Keep the counts of every minute for the trend")),
    # Every page has its own moments, 60 to 300 s apart; this asks for those that are due.
    Job(
        "read-official-pages",
        "status.read_official_pages",
        15,
        _("Read the providers' official status pages that are due"),
    ),
    Job("roll-up", "probes.roll_up", 300, _("Sum up the hours that are over into wider buckets")),
    Job(
        "keep-store",
        "probes.keep_store",
        3_600,
        _("Make days ahead, archive and drop what is older than it is kept"),
    ),
    Job(
        "tidy-subscriptions",
        "status.tidy_subscriptions",
        3_600,
        _("Forget subscribers who never confirmed, and those who left"),
    ),
    Job(
        "publish-due",
        "editorial.publish_due",
        60,
        _("Publish scores and articles whose moment has come"),
    ),
    Job(
        "import-scores",
        "benchmarks.import_scores",
        7 * 86_400,
        _("Read the sources of benchmark scores that are read weekly"),
    ),
    # A source has its own moments; a host is asked once in NEWS_HOST_INTERVAL_S, so runs are short and many.
    Job("crawl-news", "news.crawl", 10, _("Read the sources of news that are due")),
    Job("group-news", "news.group", 60, _("Put fetched news into stories")),
    Job("sync-targets", "probes.sync_targets", 60, _("Give newly watched endpoints their probe targets")),
)

app = Celery("aigo")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.update(
    task_ignore_result=True,
    task_default_queue="default",
    task_queues=[
        Queue(name)
        for name in ("default", "ingest", "browser", *(f"probes.{slug}" for slug in MEASURED_SLUGS))
    ],
    task_create_missing_queues=False,
    task_routes={"news.show_source": {"queue": "browser"}},
    task_serializer="json",
    accept_content=["json"],
    timezone="UTC",
    worker_hijack_root_logger=False,
    worker_prefetch_multiplier=4,
    broker_connection_retry_on_startup=True,
    # The in-memory broker is polled; 50 ms is the delay that it adds to a task at most.
    broker_transport_options={"polling_interval": 0.05} if app.conf.broker_url.startswith("memory:") else {},
    beat_scheduler="aigo.jobs:JobScheduler",
    beat_max_loop_interval=1,
    beat_schedule={
        # A job that could not run in time is superseded by its next run.
        job.name: {"task": job.task, "schedule": job.every_s, "options": {"expires": max(job.every_s, 10)}}
        for job in TIMETABLE
    },
)
app.autodiscover_tasks()

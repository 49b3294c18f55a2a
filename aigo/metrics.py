"""AI-GO's own figures for Prometheus, read from the database at every scrape."""

from collections import Counter
from collections.abc import Iterable

from django.utils import timezone
from prometheus_client import REGISTRY
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from aigo.lib import replicas
from aigo.lib.events import MOST_DEAD, LogUnavailable, event_log
from aigo.lib.kept import AWAY, Unavailable
from probes.selectors import newest_probe_at, refused_rows
from status.kept import keeper, kept_stats
from status.live.hub import hub
from status.notices import load_delivering


class BoardCollector(Collector):
    """How many endpoints are in which state, and how old the newest probe is."""

    def collect(self) -> Iterable[Metric]:
        yield from _stores()
        yield from _pages()
        yield from _groups()
        try:
            stats = kept_stats(now=timezone.now())
            if stats.away:
                return  # a gap, not the last counts for ever
            newest, refused = newest_probe_at(), refused_rows()
        except (Unavailable, *AWAY):
            return  # the database's own absence is told by /readyz
        set_aside = CounterMetricFamily(
            "aigo_refused_rows", "Delivered rows that were set aside.", labels=["region", "reason"]
        )
        for region, reason, rows in refused:
            set_aside.add_metric([region, reason], rows)
        yield set_aside
        yield from _notices()
        states = GaugeMetricFamily(
            "aigo_endpoints", "Watched endpoints by region and state.", labels=["region", "state"]
        )
        for region, counts in {"all": stats.counts, **stats.by_region}.items():
            for state in ("operational", "degraded", "outage", "unknown"):
                states.add_metric([region, state], getattr(counts, state))
        yield states
        yield GaugeMetricFamily(
            "aigo_simulated_endpoints", "Watched endpoints that are invented.", value=stats.counts.simulated
        )
        if newest is not None:
            age_s = (timezone.now() - newest).total_seconds()
            yield GaugeMetricFamily(
                "aigo_newest_probe_age_seconds", "Age of the newest stored attempt.", value=age_s
            )

    def describe(self) -> Iterable[Metric]:
        """Nothing: registering must not ask the database."""
        return []


def _pages() -> Iterable[Metric]:
    """Of this process."""
    yield GaugeMetricFamily("aigo_live_connections", "Open pages that are pushed to.", value=len(hub()))


def _stores() -> Iterable[Metric]:
    """Of this process; 0 = asked as usual, 1 = not asked but tried now and then."""
    opened = GaugeMetricFamily(
        "aigo_breaker_open", "1 where a part has failed five times in a row.", labels=["part"]
    )
    failures = GaugeMetricFamily("aigo_breaker_failures", "Failures in a row.", labels=["part"])
    for report in keeper().reports():
        opened.add_metric([report.part], int(report.state != "closed"))
        failures.add_metric([report.part], report.failures)
    yield from (opened, failures)
    behind = GaugeMetricFamily(
        "aigo_replica_behind_seconds", "How far a replica is behind at most.", labels=["replica"]
    )
    usable = GaugeMetricFamily("aigo_replica_usable", "1 where a replica is read from.", labels=["replica"])
    for replica in replicas.standings():
        usable.add_metric([replica.alias], int(replica.usable))
        if replica.behind_s is not None:
            behind.add_metric([replica.alias], replica.behind_s)
    yield from (behind, usable)


def _notices() -> Iterable[Metric]:
    """What is to be told to whom, however many processes deliver it."""
    now = timezone.now()
    delivering = load_delivering(now=now)
    waiting = GaugeMetricFamily("aigo_notices_waiting", "Notices to deliver.", labels=["channel", "when"])
    oldest = GaugeMetricFamily(
        "aigo_notices_overdue_seconds", "How long the oldest notice has been due.", labels=["channel"]
    )
    enabled = GaugeMetricFamily("aigo_alert_channel_enabled", "0: it takes no more.", labels=["channel"])
    failed = GaugeMetricFamily(
        "aigo_notices_failed", "Notices given up of the last 24 hours.", labels=["channel"]
    )
    backlogs = {channel.slug: channel.backlog for channel in delivering.channels}
    for name, backlog in {**backlogs, "(letters)": delivering.letters}.items():
        waiting.add_metric([name, "due"], backlog.due)
        waiting.add_metric([name, "held"], backlog.held)
        failed.add_metric([name], backlog.failed)
        since = backlog.oldest_due_at or now
        oldest.add_metric([name], (now - since).total_seconds())
    for channel in delivering.channels:
        enabled.add_metric([channel.slug], int(channel.enabled))
    yield from (waiting, oldest, enabled, failed)
    yield GaugeMetricFamily(
        "aigo_unplanned_steps",
        "Steps of incidents nobody has planned notices for.",
        value=delivering.unplanned,
    )


def _groups() -> Iterable[Metric]:
    """Of those that follow the event log, however many processes they are."""
    try:
        reports, letters = event_log().group_reports(), event_log().dead_letters(count=MOST_DEAD)
    except LogUnavailable:
        return  # the log's own absence is told by /readyz
    backlog = GaugeMetricFamily("aigo_group_backlog", "Events not read yet.", labels=["group"])
    pending = GaugeMetricFamily("aigo_group_pending", "Events read and not done.", labels=["group"])
    for report in reports:
        backlog.add_metric([report.name], report.backlog)
        pending.add_metric([report.name], report.pending)
    yield from (backlog, pending)
    dead = GaugeMetricFamily("aigo_dead_letters", "Events set aside after five tries.", labels=["group"])
    counted = Counter({report.name: 0 for report in reports})
    counted.update(letter.group for letter in letters)
    for name, letters_of in counted.items():
        dead.add_metric([name], letters_of)
    yield dead


def register() -> None:
    """Add the collector to the process's registry, once."""
    REGISTRY.register(BoardCollector())

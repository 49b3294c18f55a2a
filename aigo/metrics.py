"""AI-GO's own figures for Prometheus, read from the database at every scrape."""

from collections.abc import Iterable

from django.db import DatabaseError
from django.utils import timezone
from prometheus_client import REGISTRY
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from probes.selectors import newest_probe_at
from status.selectors import load_stats


class BoardCollector(Collector):
    """How many endpoints are in which state, and how old the newest probe is."""

    def collect(self) -> Iterable[Metric]:
        try:
            stats = load_stats(now=timezone.now())
            newest = newest_probe_at()
        except DatabaseError:
            return  # the database's own absence is told by /readyz
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


def register() -> None:
    """Add the collector to the process's registry, once."""
    REGISTRY.register(BoardCollector())

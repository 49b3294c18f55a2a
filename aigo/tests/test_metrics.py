"""What Prometheus is told."""

import pytest
from django.db import OperationalError
from django.utils import timezone

from aigo import metrics
from aigo.lib.breaker import FAILURES
from aigo.lib.events import event_log
from aigo.metrics import BoardCollector
from probes.models import RefusedRows
from status.kept import keeper, kept_stats

pytestmark = pytest.mark.django_db


def test_rows_that_were_set_aside_are_told_by_region_and_reason():
    RefusedRows.objects.create(region="seoul", reason="past", rows=3)
    samples = [sample for metric in BoardCollector().collect() for sample in metric.samples]
    found = [(s.labels, s.value) for s in samples if s.name == "aigo_refused_rows_total"]
    assert found == [({"region": "seoul", "reason": "past"}, 3)]


def test_a_scrape_does_not_ask_a_database_that_is_known_to_be_away(monkeypatch, django_assert_num_queries):
    now = timezone.now()
    kept_stats(now=now)
    for _ in range(FAILURES):
        keeper()._database.failed(OperationalError("refused"), now=now)
    event_log().append("catalog.changed", {}, now=now)
    monkeypatch.setattr(metrics, "newest_probe_at", lambda: 1 / 0)
    with django_assert_num_queries(0):
        names = {metric.name for metric in BoardCollector().collect()}
    assert "aigo_breaker_open" in names
    assert "aigo_endpoints" not in names

"""What Prometheus is told."""

import pytest

from aigo.metrics import BoardCollector
from probes.models import RefusedRows

pytestmark = pytest.mark.django_db


def test_rows_that_were_set_aside_are_told_by_region_and_reason():
    RefusedRows.objects.create(region="seoul", reason="past", rows=3)
    samples = [sample for metric in BoardCollector().collect() for sample in metric.samples]
    found = [(s.labels, s.value) for s in samples if s.name == "aigo_refused_rows_total"]
    assert found == [({"region": "seoul", "reason": "past"}, 3)]

"""On TimescaleDB the results are a hypertable; elsewhere the same model is a plain table."""

from datetime import timedelta

import pytest
from django.db import connection

from probes.models import ProbeResult
from probes.services.ingest import store_attempts
from probes.tests.factories import NOW, make_attempt, make_endpoint

pytestmark = pytest.mark.django_db


@pytest.mark.only_on("timescale")
def test_results_are_a_hypertable_in_chunks_of_a_day():
    endpoint = make_endpoint()
    store_attempts([make_attempt(endpoint, at=NOW - timedelta(days=days)) for days in range(3)], now=NOW)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name, time_interval FROM timescaledb_information.dimensions"
            " WHERE hypertable_name = 'probes_proberesult'"
        )
        assert cursor.fetchall() == [("due_at", timedelta(days=1))]
        cursor.execute(
            "SELECT count(*) FROM timescaledb_information.chunks WHERE hypertable_name = 'probes_proberesult'"
        )
        assert cursor.fetchone() == (3,)
    assert ProbeResult.objects.count() == 3


@pytest.mark.only_on("timescale")
def test_a_due_moment_is_kept_once_across_chunks():
    endpoint = make_endpoint()
    attempts = [make_attempt(endpoint, at=NOW - timedelta(days=days)) for days in range(3)]
    store_attempts(attempts, now=NOW)
    store_attempts(attempts, now=NOW)
    assert ProbeResult.objects.count() == 3


@pytest.mark.only_on("sqlite", "postgresql")
def test_elsewhere_results_are_a_plain_table():
    assert ProbeResult._meta.db_table in connection.introspection.table_names()
    assert len(store_attempts([make_attempt(make_endpoint())], now=NOW)) == 1

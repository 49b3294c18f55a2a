"""On TimescaleDB the results are a hypertable; elsewhere the same model is a plain table."""

from datetime import timedelta

import pytest
from django.db import connection

from probes.models import ProbeResult
from probes.services.ingest import store_attempts
from probes.tests.factories import NOW, make_attempt, make_endpoint

TABLE = "probes_proberesult"
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


@pytest.mark.only_on("timescale")
def test_the_hypertable_has_its_key_and_its_policies():
    with connection.cursor() as cursor:
        assert connection.introspection.get_primary_key_columns(cursor, TABLE) == [
            *("endpoint_id", "tier", "region", "due_at", "attempt")
        ]
        cursor.execute(
            "SELECT proc_name FROM timescaledb_information.jobs WHERE hypertable_name = %s ORDER BY 1",
            [TABLE],
        )
        assert [name for (name,) in cursor.fetchall()] == [
            *("policy_compression", "policy_reorder", "policy_retention")
        ]


@pytest.mark.only_on("timescale")
def test_old_chunks_are_compressed_and_still_take_late_rows_and_marks():
    endpoint = make_endpoint()
    old = NOW - timedelta(days=4)
    store_attempts([make_attempt(endpoint, at=old + timedelta(minutes=n)) for n in range(50)], now=NOW)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(compress_chunk(chunk)) FROM show_chunks(%s) AS chunk", [TABLE])
        assert cursor.fetchone() == (1,)
    store_attempts([make_attempt(endpoint, at=old + timedelta(minutes=n)) for n in range(49, 52)], now=NOW)
    ProbeResult.objects.filter(due_at=old).update(counts=False, left_out="pop_offline")
    assert ProbeResult.objects.count() == 52
    assert ProbeResult.objects.countable().count() == 51


@pytest.mark.only_on("timescale")
def test_a_connection_takes_late_rows_among_however_many_compressed_ones():
    # The test server heeds no start-up options: that the setting is one, and that a session may make it.
    name, value = connection.settings_dict["OPTIONS"]["options"].removeprefix("-c ").split("=")
    with connection.cursor() as cursor:
        cursor.execute("SELECT context FROM pg_settings WHERE name = %s", [name])
        assert (value, cursor.fetchone()) == ("0", ("user",))


@pytest.mark.only_on("sqlite", "postgresql")
def test_elsewhere_results_are_a_table_with_the_same_key():
    with connection.cursor() as cursor:
        key = connection.introspection.get_primary_key_columns(cursor, TABLE)
    assert sorted(key or ()) == ["attempt", "due_at", "endpoint_id", "region", "tier"]
    assert len(store_attempts([make_attempt(make_endpoint())], now=NOW)) == 1

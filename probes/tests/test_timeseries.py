"""Raw rows are written in bulk, as they are, or not at all."""

from collections.abc import Callable, Collection
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from threading import Thread
from typing import Any

import pytest
from django.db import DataError, IntegrityError, connection, transaction
from django.utils import timezone

from aigo.lib import regions
from probes import outcomes
from probes.models import Origin, ProbeResult, Provenance
from probes.services import provenances
from probes.tests.factories import NOW, make_endpoint, make_result
from probes.timeseries import days, dropping, rows, vendor

pytestmark = pytest.mark.django_db

#: A value of every kind, no two alike; what a column may lack is there.
FULL: dict[str, Any] = {
    "region": "local",
    "tier": "C",
    "attempt": 3,
    "started_at": NOW + timedelta(microseconds=1_234_567),
    "tokens_per_s": 81.25,
    "lag_ms": 0.001,
    "loop_lag_ms": 1.5,
    "dns_ms": 2.25,
    "connect_ms": 10.5,
    "tls_ms": 20.75,
    "sent_ms": 33.5,
    "first_byte_ms": 300.125,
    "first_event_ms": 301.0,
    "first_keep_alive_ms": 250.0,
    "first_token_ms": 302.002,
    "first_answer_ms": 303.003,
    "last_token_ms": 59_999.999,
    "total_ms": 60_000.001,
    "inter_token_p50_ms": 7.125,
    "chunks": 511,
    "keep_alives": 4,
    "input_tokens": 1007,
    "cached_tokens": 64,
    "output_tokens": 2**31 - 1,
    "reasoning_tokens": 0,
    "left_out": "pop_offline",
    "http_status": 200,
    "counts": False,
    "cost_estimated": True,
    "reused": True,
    "error_detail": "it said “no”, 정말",
    "request_id": "req_" + "0" * 32,
}
COSTS = ["0", "0.00000001", "0.00012345", "0.5", "1", "12.00340000", "9999.99999999", "123456.70000000", None]


def stored() -> list[ProbeResult]:
    return list(ProbeResult.objects.order_by("due_at", "attempt"))


def test_a_row_comes_back_as_it_was_written():
    row = make_result(make_endpoint(), **FULL)
    rows.write([row])
    (kept,) = stored()
    assert {name: getattr(kept, name) for name in FULL} == FULL
    assert (kept.pk, kept.provenance_id) == (row.pk, row.provenance_id)


def test_what_is_absent_stays_absent():
    nullable = [field.name for field in ProbeResult._meta.concrete_fields if field.null]
    nothing: dict[str, Any] = dict.fromkeys(nullable)
    rows.write([make_result(make_endpoint(), **nothing)])
    (kept,) = stored()
    assert {name: getattr(kept, name) for name in nullable} == dict.fromkeys(nullable)


def test_costs_keep_their_eight_places():
    endpoint = make_endpoint()
    costs = [Decimal(cost) if cost else None for cost in COSTS]
    rows.write(
        [
            make_result(endpoint, at=NOW + timedelta(seconds=number), cost_usd=cost)
            for number, cost in enumerate(costs)
        ]
    )
    assert [row.cost_usd for row in stored()] == costs


def test_every_word_has_its_number_and_comes_back():
    endpoint = make_endpoint()
    written = [
        make_result(endpoint, outcome, region=region, at=NOW + timedelta(seconds=number))
        for number, outcome in enumerate(outcomes.CODES)
        for region in regions.CODES
    ]
    rows.write(written)
    kept = ProbeResult.objects.values_list("outcome", "region")
    assert set(kept) == {(row.outcome, row.region) for row in written}
    assert set(regions.CODES) == set(regions.MEASURED_SLUGS)


def test_published_numbers_are_unique_and_fit_into_five_bits():
    assert len(set(outcomes.CODES.values())) == len(outcomes.OUTCOMES)
    assert set(outcomes.CODES.values()) <= set(range(32))
    assert outcomes.CODES["ok"] == 0
    assert len(set(regions.CODES.values())) == len(regions.CODES)


@pytest.mark.parametrize(
    "odd",
    [
        {"total_ms": float("nan")},
        {"total_ms": float("inf")},
        {"lag_ms": -0.001},
        {"total_ms": 2_147_483.648},
        {"region": "mars"},
        {"outcome": "not_known_yet"},
        {"left_out": "because"},
    ],
    ids=str,
)
def test_what_is_no_time_and_no_word_is_refused_by_name(odd):
    row = make_result(make_endpoint())
    (name,) = odd
    setattr(row, name, odd[name])
    with pytest.raises(ValueError, match=f"{name}="), transaction.atomic():
        rows.write([row])
    assert stored() == []


@pytest.mark.only_on("postgresql", "timescale")
@pytest.mark.parametrize("name", ["attempt", "http_status", "chunks", "input_tokens", "provenance_id"])
@pytest.mark.parametrize("value", [-1, 2**31, 2**70])
def test_a_number_beyond_its_column_is_refused_and_not_cut(name, value):
    row = make_result(make_endpoint())
    setattr(row, name, value)
    with pytest.raises(ValueError, match=name.removesuffix("_id")):
        rows.write([row])


@pytest.mark.only_on("postgresql", "timescale")
@pytest.mark.parametrize("text", ["a\0b", "x" * 121])
def test_a_text_that_the_server_refuses_stores_nothing(text):
    endpoint = make_endpoint()
    good = make_result(endpoint)
    with pytest.raises(DataError):
        rows.write([good, make_result(endpoint, at=NOW + timedelta(seconds=1), request_id=text)])
    assert stored() == []


def test_the_same_attempt_twice_is_an_error_and_stores_nothing_of_the_rest():
    endpoint = make_endpoint()
    rows.write([make_result(endpoint)])
    with pytest.raises(IntegrityError):
        rows.write([make_result(endpoint, at=NOW + timedelta(seconds=1)), make_result(endpoint)])
    assert len(stored()) == 1
    assert [row.due_at for row in rows.write_absent([make_result(endpoint)])] == []


def test_lookups_speak_in_words_and_milliseconds():
    endpoint = make_endpoint()
    rows.write([make_result(endpoint, total_ms=1500.5)])
    found = ProbeResult.objects.filter(tier="B", region__in=["seoul"], total_ms__gt=1500, outcome="ok")
    assert found.get().total_ms == 1500.5
    assert not found.filter(total_ms__lt=1500.5).exists()


def test_who_asked_and_who_answered_is_kept_once():
    origin = Origin("seoul-1", "1", "talk-1", "fp", "192.0.2.1", "TLSv1.3", "kernel")
    first = provenances.numbers([origin, origin._replace(worker="seoul-2")], day=NOW.date())
    again = provenances.numbers([origin], day=NOW.date() + timedelta(days=1))
    assert again[origin] == first[origin]
    assert Provenance.objects.count() == 2
    kept = Provenance.objects.get(pk=first[origin])
    assert kept.used_on == NOW.date() + timedelta(days=1)
    assert Origin(*(getattr(kept, name) for name in Origin._fields)) == origin
    row = make_result(make_endpoint(), provenance_id=kept.pk)
    assert {name: getattr(row, name) for name in Origin._fields} == origin._asdict()


def test_what_was_rolled_back_is_not_remembered(django_capture_on_commit_callbacks):
    origin = Origin("w", "1")

    def fail() -> None:
        with transaction.atomic():
            provenances.numbers([origin], day=NOW.date())
            raise DataError

    with django_capture_on_commit_callbacks(execute=True), pytest.raises(DataError):
        fail()
    number = provenances.numbers([origin], day=NOW.date())[origin]
    assert Provenance.objects.filter(pk=number).exists()


@pytest.mark.parametrize("ago", [0, 9])
def test_a_number_that_is_gone_is_given_anew(django_capture_on_commit_callbacks, ago, monkeypatch):
    day, origin = timezone.now().date() - timedelta(days=ago), Origin("w", "1")
    with django_capture_on_commit_callbacks(execute=True):
        gone = provenances.numbers([origin], day=day)[origin]
    if not ago:  # it goes between the look-up and the lock
        provenances.forget()
        note, day = provenances._note_used, day + timedelta(days=1)
        monkeypatch.setattr(provenances, "_note_used", lambda ids, on: note(_drop(ids), on))
    else:
        _drop([gone])
    number = provenances.numbers([origin], day=day)[origin]
    assert Provenance.objects.get().pk == number != gone
    assert Provenance.objects.get().used_on == day


def _drop(ids: Collection[int]) -> Collection[int]:
    rows = Provenance.objects.filter(pk__in=ids)
    rows._raw_delete(rows.db)
    return ids


@pytest.mark.only_on("postgresql")
def test_a_late_row_of_a_day_that_was_dropped_gets_its_partition(django_capture_on_commit_callbacks):
    at = timezone.now() - timedelta(days=31)
    endpoint = make_endpoint()
    with django_capture_on_commit_callbacks(execute=True):
        rows.write([make_result(endpoint, at=at)])
    assert dropping.drop_day(at.date(), proven=None)
    rows.write([make_result(endpoint, at=at)])
    assert len(stored()) == 1


@pytest.mark.only_on("postgresql")
def test_a_day_that_has_no_partition_gets_one():
    endpoint = make_endpoint()
    days_due = [NOW - timedelta(days=number) for number in range(3)]
    rows.write([make_result(endpoint, at=at) for at in days_due])
    made = {f"probes_proberesult_p{at:%Y%m%d}" for at in days_due}
    assert made <= set(days.partitions())
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT tableoid::regclass::text, due_at::date FROM probes_proberesult ORDER BY 2"
        )
        assert cursor.fetchall() == [(days.partition_of(at.date()), at.date()) for at in reversed(days_due)]


@pytest.mark.only_on("postgresql")
def test_days_are_days_of_utc_and_their_edges_belong_to_the_later(django_assert_num_queries):
    endpoint = make_endpoint()
    midnight = datetime(2026, 11, 22, tzinfo=UTC)
    rows.write([make_result(endpoint, at=at) for at in (midnight, midnight - timedelta(microseconds=1))])
    assert ProbeResult.objects.count() == 2
    assert days.ensure([date(2026, 11, 21), date(2026, 11, 22)]) == []
    with django_assert_num_queries(1):
        days.ensure([date(2026, 11, 21)])


@pytest.mark.only_on("postgresql")
@pytest.mark.django_db(transaction=True)
def test_two_that_lack_the_same_day_make_it_once(concurrently):
    day = date(2031, 5, 5)
    made = concurrently(lambda: days.ensure([day]), times=4)
    assert sorted(map(len, made)) == [0, 0, 0, 1]
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE {days.partition_of(day)}")


@pytest.fixture
def concurrently() -> Callable[..., list[Any]]:
    """Calls something in several threads at once; what they returned."""

    def run(work: Callable[[], Any], *, times: int) -> list[Any]:
        results: list[Any] = []

        def call() -> None:
            try:
                results.append(work())
            finally:
                connection.close()

        threads = [Thread(target=call) for _ in range(times)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(timeout=120)
        return results

    return run


@pytest.mark.only_on("sqlite", "timescale")
def test_elsewhere_no_day_has_to_be_made():
    assert vendor() in ("sqlite", "timescale")
    assert days.ensure([NOW.date()]) == []
    assert days.partitions() == []

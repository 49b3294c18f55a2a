"""A POP whose own network fails, judged on a real database."""

from datetime import datetime, timedelta

import pytest
from django.db import connection

from probes.models import Gap, ProbeResult
from probes.services import pops
from probes.services.ingest import store_attempts
from probes.signals import results_stored
from probes.tests.factories import NOW, make_attempt, make_endpoint, make_pop, make_result
from probes.timeseries.rows import write

pytestmark = pytest.mark.django_db
PROVIDERS = ("nimbus", "stratus", "cirrus", "cumulus")


def moment(at: float) -> datetime:
    return NOW + timedelta(seconds=at)


@pytest.fixture
def fleet():
    make_pop("seoul")
    make_pop("tokyo")
    return [make_endpoint(provider=name, model=f"{name}-1") for name in PROVIDERS]


def see(fleet, region: str, outcomes: str, *, at: float, now: float | None = None, **facts) -> None:
    """+ is one right answer, x a timeout that a second one, a second later, confirmed."""
    attempts = [
        make_attempt(
            endpoint,
            "ok" if sign == "+" else "timeout",
            region=region,
            at=moment(at + number - 1),
            due_at=moment(at).timestamp(),
            attempt=number,
            **facts,
        )
        for endpoint, sign in zip(fleet, outcomes, strict=True)
        for number in range(1, 2 if sign == "+" else 3)
    ]
    store_attempts(attempts, now=moment(at + 2 if now is None else now))


def marks(region: str) -> list[tuple[str, bool, str]]:
    rows = ProbeResult.objects.filter(region=region).order_by("due_at", "endpoint_id", "attempt")
    return list(rows.values_list("outcome", "counts", "left_out"))


def gaps(reason: str = Gap.Reason.POP_OFFLINE) -> list[tuple[str, float, float | None]]:
    """Region, beginning and end in seconds from NOW, the oldest first."""
    rows = Gap.objects.filter(reason=reason).order_by("started_at")
    return [
        (
            gap.region,
            (gap.started_at - NOW).total_seconds(),
            (gap.ended_at - NOW).total_seconds() if gap.ended_at else None,
        )
        for gap in rows
    ]


def test_a_pop_from_which_most_providers_fail_at_once_is_offline_and_its_failures_are_left_out(fleet):
    see(fleet, "tokyo", "++++", at=0)
    see(fleet, "seoul", "xxx+", at=5)
    assert gaps() == [("seoul", 5, None)]
    assert pops.open_gaps() == {"seoul": moment(5)}
    assert marks("seoul") == [("timeout", False, "pop_offline")] * 6 + [("ok", True, "")]
    assert {mark for _, _, mark in marks("tokyo")} == {""}


def test_what_fails_while_it_is_offline_is_left_out_and_it_ends_when_providers_answer(fleet):
    see(fleet, "tokyo", "++++", at=0)
    see(fleet, "seoul", "xxxx", at=5)
    see(fleet[:1], "seoul", "x", at=20)
    assert set(marks("seoul")) == {("timeout", False, "pop_offline")}
    see(fleet, "seoul", "++++", at=40)
    assert gaps() == [("seoul", 5, 42)]
    see(fleet[:1], "seoul", "x", at=50)
    assert marks("seoul")[-1] == ("timeout", True, "")


def test_an_outage_that_every_region_sees_is_the_providers(fleet):
    see(fleet, "tokyo", "xxxx", at=0)
    assert {mark for _, _, mark in marks("tokyo")} == {"pop_offline"}
    see(fleet, "seoul", "xxxx", at=5)
    see(fleet, "tokyo", "xxxx", at=10)
    assert gaps() == []
    assert marks("seoul") == [("timeout", True, "")] * 8
    assert marks("tokyo") == [("timeout", True, "")] * 16


def test_a_judgement_that_has_stood_for_long_ends_and_is_not_revoked(fleet):
    see(fleet, "tokyo", "++++", at=0)
    for at in range(5, 300, 60):
        see(fleet, "seoul", "xxxx", at=at)
        see(fleet, "tokyo", "++++", at=at + 3)
    see(fleet, "tokyo", "xxxx", at=300)
    see(fleet, "seoul", "xxxx", at=305)
    assert gaps() == [("seoul", 5, 307)]
    assert {mark for _, _, mark in marks("seoul")} == {"pop_offline"}


@pytest.mark.parametrize("deliveries", [((5, 65),), ((5,), (65,)), ((65,), (5,))])
def test_what_a_pop_that_was_cut_off_delivers_late_is_left_out(fleet, deliveries):
    for at in range(0, 300, 60):
        see(fleet, "tokyo", "++++", at=at)
    see(fleet, "seoul", "++++", at=-30)
    for starts in deliveries:
        store_attempts(
            [
                make_attempt(endpoint, "timeout", region="seoul", at=moment(at))
                for endpoint in fleet
                for at in starts
            ],
            now=moment(270),
        )
    assert gaps() == [("seoul", 5, 65)]
    assert marks("seoul") == [("ok", True, "")] * 4 + [("timeout", False, "pop_offline")] * 8


def test_a_late_delivery_of_many_minutes_is_judged_in_all_of_them(fleet):
    for at in range(0, 1200, 60):
        see(fleet, "tokyo", "++++", at=at)
    rows = [
        make_attempt(endpoint, "timeout" if 100 < at < 400 else "ok", region="seoul", at=moment(at))
        for endpoint in fleet
        for at in range(0, 600, 50)
    ]
    store_attempts(rows, now=moment(1200))
    assert gaps() == [("seoul", 150, 400)]
    assert [mark for _, _, mark in marks("seoul")] == [""] * 12 + ["pop_offline"] * 20 + [""] * 16


def test_a_late_delivery_neither_ends_nor_revokes_what_goes_on_now(fleet):
    see(fleet, "tokyo", "++++", at=590)
    see(fleet, "seoul", "xxxx", at=600)
    see(fleet, "seoul", "+++x", at=300, now=605)
    assert gaps() == [("seoul", 600, None)]
    assert marks("seoul")[3:5] == [("timeout", True, "")] * 2


def test_a_late_delivery_about_the_time_of_an_open_gap_leaves_it_open(fleet):
    see(fleet, "seoul", "xxxx", at=600)
    see(fleet, "seoul", "++++", at=620, now=800)
    assert gaps() == [("seoul", 600, None)]
    see(fleet, "seoul", "xxxx", at=540, now=800)
    assert gaps() == [("seoul", 540, None)]


def test_late_deliveries_that_close_the_time_between_two_gaps_make_one_of_them(fleet):
    for starts in ((5, 65), (185, 245), (125,)):
        rows = [make_attempt(e, "timeout", at=moment(at)) for e in fleet for at in starts]
        store_attempts(rows, now=moment(900))
    assert gaps() == [("seoul", 5, 245)]


def test_a_gap_goes_on_by_single_failures(fleet):
    see(fleet, "seoul", "xxxx", at=5)
    for at in (125, 245):
        store_attempts([make_attempt(e, "timeout", at=moment(at)) for e in fleet], now=moment(at))
    assert gaps() == [("seoul", 5, None)]


def test_what_comes_late_into_a_gap_that_is_known_is_left_out_too(fleet):
    Gap.objects.create(
        region="seoul", reason=Gap.Reason.POP_OFFLINE, started_at=moment(0), ended_at=moment(300)
    )
    see(fleet[:1], "seoul", "x", at=150, now=900)
    see(fleet[:1], "seoul", "x", at=302, now=900)
    assert [mark for _, _, mark in marks("seoul")] == ["pop_offline", "pop_offline", "", ""]


def test_the_only_region_with_real_keys_is_judged_though_others_play_the_simulated_fleet(fleet):
    real = [make_endpoint(provider=f"real-{n}", model=f"real-{n}", simulated=False) for n in range(3)]
    see(fleet, "tokyo", "++++", at=0)
    see(fleet, "seoul", "++++", at=3)
    see(real, "seoul", "xxx", at=5)
    assert gaps() == [("seoul", 5, None)]


def test_models_that_are_slow_do_not_take_the_pop_offline():
    make_pop("seoul")
    models = [make_endpoint(provider=name, model=f"{name}-{n}") for n in range(3) for name in PROVIDERS]
    for number in range(3):
        signs = "xxx+" if number == 2 else "++++"
        see(models[4 * number : 4 * number + 4], "seoul", signs, at=10 * number)
    assert gaps() == []


def test_a_timeout_after_bytes_came_is_the_providers_even_in_a_gap(fleet):
    see(fleet, "tokyo", "++++", at=0)
    see(fleet, "seoul", "xxxx", at=5, first_byte_ms=80.0)
    assert gaps() == []
    see(fleet, "seoul", "xxxx", at=25)
    assert gaps() == [("seoul", 25, None)]
    see(fleet[:1], "seoul", "x", at=30, first_byte_ms=80.0)
    see(fleet, "seoul", "++++", at=60)
    see(fleet[:1], "seoul", "x", at=40, now=400, first_byte_ms=80.0)
    assert [mark for _, _, mark in marks("seoul")] == [""] * 8 + ["pop_offline"] * 8 + [""] * 8


def test_endpoints_whose_results_were_marked_are_judged_again(fleet, django_capture_on_commit_callbacks):
    heard: set[tuple[int, str]] = set()

    def listen(sender, pairs, **kwargs):
        heard.update(pairs)

    see(fleet, "tokyo", "++++", at=0)
    see(fleet[:2], "seoul", "xx", at=2)
    results_stored.connect(listen)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            see(fleet[2:], "seoul", "xx", at=5)
    finally:
        results_stored.disconnect(listen)
    assert {(endpoint.pk, "seoul") for endpoint in fleet} <= heard


@pytest.mark.parametrize(("signs", "queries"), [("x+++", 2), ("xxxx", 14)])
def test_judging_costs_the_same_queries_whatever_was_delivered(
    fleet, signs, queries, django_assert_max_num_queries
):
    see(fleet, "tokyo", "++++", at=0)
    rows = [
        make_attempt(e, "ok" if sign == "+" else "timeout", at=moment(at), region="seoul")
        for e, sign in zip(fleet, signs, strict=True)
        for at in range(5, 85, 2)
    ]
    store_attempts([row for row in rows if row.outcome == "ok"], now=moment(5))
    endpoints = {endpoint.slug: endpoint for endpoint in fleet}
    write(
        [
            make_result(
                endpoints[row.endpoint], row.outcome, at=datetime.fromtimestamp(row.due_at, NOW.tzinfo)
            )
            for row in rows
            if row.outcome != "ok"
        ]
    )
    with django_assert_max_num_queries(queries):
        touched = pops.judge_pop("seoul", now=moment(88), started=[moment(at) for at in range(5, 85)])
    assert len(touched) == (4 if signs == "xxxx" else 0)


@pytest.mark.only_on("postgresql", "sqlite")
def test_what_a_region_saw_is_found_by_its_index(fleet):
    write(
        [
            make_result(fleet[0], at=moment(-60 * number), region=("seoul", "tokyo")[number % 2])
            for number in range(4_000)
        ]
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    rows = ProbeResult.objects.started_between(moment(-90), moment(0), regions=["seoul", "tokyo"])
    plan = rows.explain()
    assert "result_of_region_by_moment" in plan or "region_due_at_idx" in plan
    assert "SCAN" not in plan.upper().replace("INDEX SCAN", "").replace("HEAP SCAN", "")

"""The store's bench: what it generates, how it copies, what it calls met."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from benches.report import write_into
from benches.store import building, goals, product, report
from benches.store.catalogue import make_catalogue
from benches.store.command import DOCUMENT
from benches.store.plan import HOUR, MODELS, NOW, Plan, attempts_of, plans, series_of, slug_of
from benches.store.questions import percentiles
from benches.store.running import Results
from probes.models import HourRollup, ProbeResult

SMALL = Plan("small", hours=5, models=2, rollup_models=2)
TARGETS = {slug_of(0): 1, slug_of(1): 2}


def test_a_whole_store_has_as_many_attempts_as_the_issue_says_and_the_other_one_a_tenth():
    whole, tenth = plans(1)

    assert whole.attempts == 139 * 6 * 30 * 24 * 60
    assert tenth.attempts * 10 == whole.attempts
    assert (whole.rollup_models, tenth.rollup_models) == (139, 14)
    assert whole.plain_hours * 139 * 6 * 60 <= 7.2e6
    assert plans(0.1)[0].plain_hours == plans(0.1)[0].hours


def test_attempts_are_the_same_each_time_one_in_a_hundred_fails_and_is_tried_again():
    begin = HOUR - timedelta(hours=2)
    plan = replace(SMALL, models=40)
    targets = {slug_of(number): number for number in range(plan.models)}
    minutes = list(attempts_of(plan, begin, range(60), targets))
    found = [attempt for minute in minutes for attempt in minute]
    failed = [attempt for attempt in found if attempt.outcome != "ok"]

    assert minutes[7] == next(attempts_of(plan, begin, range(7, 8), targets))
    assert 0.005 < len(failed) / len(found) < 0.05
    assert {attempt.attempt for attempt in found} == {1, 2}
    assert len({(a.endpoint, a.region, a.due_at, a.attempt) for a in found}) == len(found)
    assert all(0 <= a.total_ms < 60_000 for a in found)
    assert any(series.outage for series in series_of(plan))


@pytest.mark.only_on("sqlite", "postgresql")
@pytest.mark.usefixtures("db")
def test_copied_hours_are_what_the_product_derives_from_the_copied_raw_rows(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(building, "ROLLUP_HOURS", 48)
    building._write_template(SMALL, make_catalogue(SMALL))
    building._spread_raw(SMALL)
    building._spread_rollups(SMALL)

    moments = ProbeResult.objects.filter(attempt=1).values_list("due_at", flat=True)
    assert len(moments) == pytest.approx(12 * (5 * 60 + 37), abs=12)
    assert HOUR - timedelta(hours=5) <= min(moments) < max(moments) < NOW
    assert HourRollup.objects.count() == 12 * 49
    for hours_ago in (0, 1, 2, 3, 5):
        assert product.check_hours(HOUR - timedelta(hours=hours_ago)) == 12
    for model, until in product.marks():
        newest = model._default_manager.order_by("bucket_at").values_list("bucket_at", flat=True).last()
        assert newest < until <= HOUR


@pytest.mark.only_on("sqlite", "postgresql")
@pytest.mark.usefixtures("db")
def test_the_latest_states_come_from_one_statement():
    ((sql, _),) = product.statements_of(product.latest)

    assert "status_endpointstate" in sql


def test_percentiles_of_buckets_are_nearest_ranks():
    rows = [("b", value) for value in range(1, 101)] + [("a", 7)]

    assert percentiles(rows) == [("a", 1, 7), ("b", 100, 95)]
    assert percentiles([("a", value) for value in (30, 10, 20)]) == [("a", 3, 30)]


def results(database: str = "postgresql", **ms: float) -> Results:
    """Every question took 1 ms in both stores, unless given."""

    def times(store: str) -> dict[str, Any]:
        names = ("ready", "latest", "five minutes", "history 24h all")
        took = {name: ms.get(f"{store}_{name.replace(' ', '_')}", 1.0) for name in names}
        return {
            name: [{"ms": [value, value], "cpu_ms": value, "rows": 834}] * 3 for name, value in took.items()
        }

    size = {"rows": 10, "bytes": 1900, "with_indexes": 3000}
    sizes = {"tables": {"probes_proberesult": size}, "ratios": {"bytes": 0.05, "with_indexes": 0.11}}
    costs = {"rows": 100, "wall_s": 0.01, "client_s": 0.002, "server_s": 0.001}
    ways = {
        name: costs | ({"client_s": 0.007} if name in goals.PEERS else {})
        for name in (*goals.OURS, *goals.PEERS)
    }
    return Results(
        database,
        "PostgreSQL 15",
        list(plans(0.1)),
        built={name: {"took_s": {"template": 1.0}, "hours_compared": 20} for name in ("whole", "tenth")},
        times={"whole": times("whole"), "tenth": times("tenth")},
        questions={"latest": "the kept table"},
        ingest=[ways],
        sizes={"whole": sizes, "tenth": sizes},
    )


def verdicts(found: Results) -> dict[str, bool]:
    return {line.words: line.met for line in goals.judge(found)}


def test_goals_are_judged_by_ratios_of_the_same_round():
    said = verdicts(results(whole_latest=2.4, tenth_latest=1.9, whole_five_minutes=10.5))

    assert said["latest state of all, as a multiple of as many ready rows"]
    assert not said["latest: ten times the rows, as a multiple"]
    assert not said["5-minute availability and p95 of all, ms"]
    assert said["rows and rollups, a backlog: CPU per row beside executemany"]
    assert said["30 days of rollups beside raw rows, without indexes"]
    assert not said["30 days of rollups beside raw rows, with indexes"]


def test_sqlite_is_to_store_so_many_attempts_a_second():
    lines = {line.words: line for line in goals.judge(results("sqlite"))}
    line = lines["rows and rollups, a minute at a time: attempts per s"]

    assert (line.value, line.met) == (10_000, True)
    assert not replace(line, value=4_999).met


def test_the_report_marks_what_is_missed_and_says_so_where_models_are_missing():
    found = results(whole_latest=2.6)
    text = report.render([found])

    assert "**NOT met**" in text
    assert "PostgreSQL 15" in text
    assert "too few models" not in text
    found.plans = [replace(plan, models=MODELS - 1) for plan in found.plans]
    assert "too few models" in report.render([found])


def test_the_store_has_its_own_place_in_the_document(tmp_path: Any):
    document = tmp_path / "benches.md"
    document.write_text(f"a\n{report.MARKS[0]}\nold\n{report.MARKS[1]}\nb\n")
    write_into(document, "new", report.MARKS)

    assert document.read_text() == f"a\n{report.MARKS[0]}\n\nnew\n\n{report.MARKS[1]}\nb\n"
    assert all(mark in DOCUMENT.read_text() for mark in report.MARKS)

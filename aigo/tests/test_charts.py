"""The charts' drawings and the parts of pages that show them."""

from datetime import timedelta

import pytest
from django.template.loader import render_to_string
from django.utils import timezone

from aigo.charting import Drawing
from aigo.charting_counts import CountsDrawing
from aigo.lib.scales import from_zero, moments, of_availability
from aigo.sample_charts import sample_trend
from aigo.templatetags.charts import counts_sentence
from probes.services.ingest import store_attempts
from probes.tests.factories import NOW, make_endpoint, make_series
from status.history import load_history
from status.models import CountsSample
from status.trend import load_trend

#: What these pages read is tested on every database where it is read.
pytestmark = pytest.mark.only_on("sqlite")


@pytest.fixture
def endpoint(db):
    own = make_endpoint()
    now = timezone.now()
    store_attempts(make_series(own, "+" * 30 + "--", end=now - timedelta(seconds=1)), now=now)
    return own


@pytest.mark.parametrize("window", ["15m", "24h", "7d", "30d", "90d"])
def test_a_chart_has_its_lanes_its_table_and_its_sheet(client, endpoint, window):
    html = client.get(f"/charts/history/nimbus-1?window={window}").content.decode()
    assert html.count("data-chart-plot ") == 3
    assert html.count("<tr>") == 1 + {"15m": 15, "24h": 144, "7d": 168, "30d": 120, "90d": 90}[window]
    assert f"/api/v1/models/nimbus--nimbus-1/history.csv?window={window}&amp;region=all" in html
    assert "style=" not in html


def test_a_chart_falls_back_where_the_address_is_nonsense(client, endpoint):
    assert "Last 24 hours" in client.get("/charts/history/nimbus-1?window=1h&region=moon").content.decode()
    assert client.get("/charts/history/nobody-9").status_code == 404
    assert "Last 24 hours" in client.get("/status/counts?window=15m&fragment=").content.decode()


def test_a_chart_costs_no_query_while_its_answer_is_kept(client, endpoint, django_assert_max_num_queries):
    client.get("/charts/history/nimbus-1?window=7d")
    with django_assert_max_num_queries(0):
        assert client.get("/charts/history/nimbus-1?window=7d").status_code == 200


@pytest.mark.django_db
def test_a_gap_breaks_the_lines_and_says_why():
    own = make_endpoint()
    store_attempts(make_series(own, "+" * 40 + "?" * 40 + "+" * 40, end=NOW, every_s=600), now=NOW)
    drawing = Drawing(load_history(own, tier="B", region="all", window="24h", points=48, now=NOW))
    inner = [gap for gap in drawing.gaps if gap.x > 1]
    assert len(inner) == 1
    assert inner[0].what[0].uncounted == {"rate_limited": 3}
    assert drawing.p50.count("M") == 2
    assert drawing.p95 == ""
    assert drawing.p95_of_few.count("M") == 2
    assert drawing.uncounted_bars


@pytest.mark.django_db
def test_thresholds_are_in_sight_when_what_was_measured_comes_near():
    own = make_endpoint()
    store_attempts(make_series(own, "+" * 60, end=NOW, total_ms=1400.0), now=NOW)
    drawing = Drawing(load_history(own, tier="B", region="all", window="24h", points=24, now=NOW))
    assert [band.state for band in drawing.latency_bands] == ["degraded"]
    assert drawing.latency.high == 2000
    assert drawing.availability.low == 99.0
    assert [band.limit for band in drawing.availability_bands] == [99.5]


@pytest.mark.django_db
def test_counts_stack_from_trouble_up_and_leave_out_what_nobody_measures():
    minute = int(NOW.timestamp()) // 60
    for n in range(30):
        CountsSample.objects.create(
            region="all",
            minute=minute - n,
            **{"total": 200, "active": 100, "operational": 98, "degraded": 1, "outage": 1, "unknown": 100},
            **{"simulated": 0, "not_measured": 95, "catalogue_models": 9},
        )
    drawing = CountsDrawing(load_trend("all", window="24h", points=96, now=NOW))
    assert drawing.scale.high == 105
    assert drawing.layers["outage"].count("Z") == drawing.layers["unknown"].count("Z") == 3
    assert "V93H" in drawing.layers["outage"]  # three pixels, though one of 105 is less than one
    assert len(drawing.gaps) == 1


@pytest.mark.parametrize(("lowest", "floor"), [(100.0, 99.0), (98.2, 98.0), (96.0, 95.0), (12.0, 0.0)])
def test_an_axis_of_availability_begins_below_the_worst(lowest, floor):
    assert of_availability(lowest, 72).low == floor


def test_an_axis_ends_at_a_round_number():
    assert from_zero(934, 100).ticks == (0, 500, 1000)
    assert from_zero(0.0, 100).high > 0


def test_moments_below_a_chart_are_round():
    found = moments(NOW - timedelta(hours=24), NOW, least_s=10_000)
    assert {at.minute for at in found} == {0}
    assert {at.hour % 3 for at in found} == {0}


def test_the_counts_are_the_boards_in_words_and_table():
    trend = sample_trend()
    last = trend.points[-1].counts
    assert last is not None
    assert last.not_measured
    drawing = CountsDrawing(trend)
    assert f"{last.unknown} unknown, {last.not_measured} of them not measured" in counts_sentence(drawing)
    html = render_to_string("_components/_trend_body.html", {"trend": trend})
    row = html[html.rindex("<tr>") :]
    assert f"<td>{last.unknown}</td><td>{last.not_measured}</td>" in row


@pytest.mark.django_db
@pytest.mark.parametrize(("silent_s", "gaps"), [(170, 0), (300, 1)])
def test_the_present_is_a_gap_once_it_has_been_silent_for_three_intervals(silent_s, gaps):
    own = make_endpoint()
    store_attempts(make_series(own, "+" * 15, end=NOW - timedelta(seconds=silent_s), every_s=60), now=NOW)
    drawing = Drawing(load_history(own, tier="B", region="all", window="15m", points=15, now=NOW))
    assert len([gap for gap in drawing.gaps if gap.x > 50]) == gaps

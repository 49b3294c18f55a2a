"""Charts of scores: what is not published is a gap, and what is drawn is what the table says."""

import re
from datetime import date

import pytest

from aigo.lib.radars import Radar
from aigo.lib.scales import around
from benchmarks.charting import ENOUGH_SHARED, MOST_MODELS, comparison_of, name_lines
from benchmarks.charting_progress import ProgressDrawing
from benchmarks.filtering import BenchmarkWish
from benchmarks.kept import keeper
from benchmarks.selectors import load_matrix, load_progress
from benchmarks.tests.factories import NOW, make_model, make_score, make_suite

pytestmark = pytest.mark.only_on("sqlite")


def test_an_outline_is_closed_and_breaks_at_a_gap():
    radar = Radar(4, 100, 100, 100)
    assert radar.outline([1, 1, 1, 1]) == "M100 0L200 100L100 200L0 100Z"
    assert radar.outline([1, None, 1, 1]) == "M100 200L0 100L100 0"
    assert radar.outline([None, 0.5, None, None]) == "M150 100h0"
    assert radar.places([1.2, -0.4]) == [(100.0, 0.0), (100.0, 100.0)]


def test_labels_lean_away_from_the_middle():
    anchors = [spoke.anchor for spoke in Radar(4, 100, 0, 0).spokes(room=10)]
    assert anchors == ["middle", "start", "middle", "end"]


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (35.7, 91.9, (20, 40, 60, 80, 100)),
        (92.1, 94.4, (92, 92.5, 93, 93.5, 94, 94.5)),
        (50, 50, (40, 50)),
        (98, 100, (98, 98.5, 99, 99.5, 100)),
    ],
)
def test_an_axis_has_round_values_within_the_suites_scale(low, high, ticks):
    found = around(low, high, 220, floor=0, ceiling=100).ticks
    assert found[0] <= low
    assert found[-1] >= high
    assert all(0 <= value <= 100 for value in found)
    if low != high:
        assert found == ticks


def test_names_are_broken_at_blanks():
    assert name_lines("SWE-bench Verified") == ("SWE-bench", "Verified")
    assert name_lines("OTIS Mock AIME 2024-2025") == ("OTIS Mock", "AIME", "2024-2025")


@pytest.fixture
def matrix(db):
    for place in range(ENOUGH_SHARED + 1):
        make_suite(f"suite-{place}", position=place, random_baseline=25)
        make_score(f"suite-{place}", "one", 50 + place)
        if place:
            make_score(f"suite-{place}", "two", 60)
    make_suite("arena", unit="elo", scale_min=None, scale_max=None)
    make_score("arena", "one", 1200)
    return load_matrix(BenchmarkWish(), now=NOW)


def test_a_radar_has_the_suites_that_all_chosen_models_share(matrix):
    radar = comparison_of(matrix, ["one", "two"]).radar
    assert [axis.column.suite.slug for axis in radar.axes] == [f"suite-{n}" for n in range(1, 6)]
    assert radar.shared
    assert comparison_of(matrix, ["one"]).radar.axes[0].column.suite.slug == "suite-0"


def test_bars_are_of_the_suites_own_scale_and_gaps_have_none(matrix):
    groups = {group.column.suite.slug: group for group in comparison_of(matrix, ["one", "two"]).groups}
    assert [bar.width for bar in groups["suite-1"].bars] == [51.0, 60.0]
    assert groups["suite-1"].guess == 25.0
    assert groups["suite-0"].bars[1].cell is None
    assert groups["arena"].bars[0].width is None


def test_models_that_the_table_has_not_are_left_out(matrix):
    assert [one.model.slug for one in comparison_of(matrix, ["two", "nobody", "two"]).series] == ["two"]
    assert len(comparison_of(matrix, ["one", "two"] * 9).series) <= MOST_MODELS


@pytest.mark.django_db
def test_progress_steps_up_at_each_record():
    for slug, day, value in (
        ("old", date(2023, 3, 1), 50),
        ("worse", date(2023, 9, 1), 40),
        ("new", date(2024, 5, 1), 80),
    ):
        make_score("mmlu", make_model(slug, released_on=day), value)
    drawing = ProgressDrawing(load_progress("mmlu", now=NOW))
    assert [dot.record.model.slug for dot in drawing.dots if dot.is_record] == ["old", "new"]
    assert drawing.steps.count("V") == 1
    assert drawing.steps.endswith("H1000")
    assert all(0 <= dot.x <= 100 and 0 <= dot.y <= 220 for dot in drawing.dots)


@pytest.fixture
def shown(matrix):
    keeper().forget()
    yield
    keeper().forget()


def test_the_page_shows_the_models_of_its_address(client, shown):
    many = "".join(f"&chart=x{n}" for n in range(500))
    page = client.get(f"/benchmarks/?chart=two&chart=<b>&chart=%00&norm=raw{many}").content.decode()
    part = page[page.index('id="charts"') : page.index('id="suites"')]
    assert re.findall(r'name="chart" value="([^"]*)"', part) == ["two"]
    assert "&lt;b&gt;" in part
    assert "<b>" not in part
    assert "x18" not in part
    assert 'href="/benchmarks/export.csv?norm=raw"' in part
    assert "/benchmarks/export.pdf?norm=raw&amp;lang=en&amp;theme=dark" in part


def test_without_a_choice_the_first_rows_stand_side_by_side(client, shown):
    page = client.get("/benchmarks/").content.decode()
    chosen = page[page.index('class="beside__chosen"') : page.index('class="beside__charts"')]
    assert re.findall(r'href="/models/([^"]*)/"', chosen) == ["one", "two"]

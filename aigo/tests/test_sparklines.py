"""Lines without axes: gaps, scale, and what they say."""

import pytest

from aigo.lib.strokes import bars, line, steps
from aigo.templatetags.sparklines import sparkline, sparkline_text


def test_a_line_breaks_where_there_is_no_value_and_a_lone_value_is_a_dot():
    assert line([(0, 1), (1, 2.04), None, (3, 4), None]) == "M0 1L1 2M3 4h0"
    assert line([None, None]) == ""


def test_levels_join_their_neighbours_only():
    assert steps([(0, 2, 5), (2, 4, 7), None, (6, 8, 7)]) == "M0 5H2V7H4M6 7H8"


def test_a_bar_without_height_is_not_drawn():
    assert bars([(0, 1, 3, 10), (2, 3, 10, 10)]) == "M0 10V3H1V10Z"


@pytest.mark.parametrize(
    ("values", "kind", "said"),
    [
        ([412.4, None, 934.9, 502.1], "latency", "lowest 412 ms, highest 934 ms, now 502 ms; 1 of 4 points"),
        ([None, None], "latency", "not measured"),
        ([0.0, 2.5], "error_rate", "lowest 0 %, highest 2.50 %, now 2.50 %"),
        ([99.5, None], "availability", "now —"),
    ],
)
def test_it_says_what_a_look_would_tell(values, kind, said):
    text = sparkline_text(values, kind, "p95, last hour")
    assert text.startswith("p95, last hour: ")
    assert said in text


def test_noise_does_not_look_like_a_mountain():
    drawn = sparkline([1000.0, 1001.0, 999.0])["path"]
    heights = [float(place.split()[1]) for place in drawn.removeprefix("M").split("L")]
    assert max(heights) - min(heights) < 1


def test_nothing_measured_is_a_row_of_marks_and_no_line():
    drawn = sparkline([None, None, None])
    assert (drawn["path"], drawn["now"]) == ("", "")
    assert drawn["gaps"]


def test_values_stand_where_their_time_is_and_the_line_breaks_without_counting_a_point():
    drawn = sparkline([10.0, None, 10.0, 10.0], "throughput", "", [0.0, 0.25, 0.5, 1.0])
    assert drawn["path"] == "M2 2h0M50 2L98 2"
    assert drawn["gaps"] == ""
    assert "not measured" not in drawn["text"]

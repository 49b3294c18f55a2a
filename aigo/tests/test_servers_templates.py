"""How servers' figures are written, and that every problem has words."""

from dataclasses import replace

import pytest
from django.template.loader import render_to_string
from django.utils import timezone

from aigo.templatetags import server_words, servers
from probes.models import Server
from probes.scraping.figures import Distribution, Figures
from probes.scraping.problems import Problem
from probes.servers import Condition, Source, Sum


@pytest.mark.parametrize("problem", list(Problem))
def test_every_problem_has_words_and_a_remedy(problem: Problem):
    assert str(servers.problem_text(problem)).endswith(".")
    assert str(servers.problem_remedy(problem)).endswith(".")


def test_every_condition_has_a_word_and_the_look_of_a_state():
    assert set(server_words.CONDITIONS) == set(Condition)


def test_what_a_kind_never_tells_is_said_of_kinds_and_figures_there_are():
    for kind, name in server_words.NEVER_TOLD:
        assert kind in Server.Kind.values
        assert name in servers.MODEL_FIGURES


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, "—"),
        (0, "0 B"),
        (1023, "1,023 B"),
        (1536, "1.50 KiB"),
        (51539607552, "48.0 GiB"),
        (1023.99 * 1024**3, "1,023 GiB"),
        (5e18, "4,440 PiB"),
    ],
)
def test_sizes_are_cut_off_to_three_digits_in_powers_of_1024(value: float | None, written: str):
    assert servers.size(value) == written


@pytest.mark.parametrize(
    ("value", "written"),
    [(None, "—"), (0.0, "0 B/s"), (999.9, "999 B/s"), (2_400_000, "2.40 MB/s"), (1.25e9, "1.25 GB/s")],
)
def test_flows_are_in_powers_of_1000(value: float | None, written: str):
    assert servers.flow(value) == written


@pytest.mark.parametrize(("value", "written"), [(None, "—"), (99.99, "99"), (100.0, "100"), (0.4, "0")])
def test_a_share_is_full_only_when_it_is(value: float | None, written: str):
    assert servers.percent(value) == written


@pytest.mark.parametrize(
    ("value", "fills", "width", "high"),
    [
        (None, True, None, False),
        (-3.0, True, 0.0, False),
        (89.99, True, 90.0, False),
        (90.0, True, 90.0, True),
        (90.0, False, 90.0, False),
        (250.0, True, 100.0, True),
    ],
)
def test_a_bar_stays_within_its_frame_and_warns_from_90(
    value: float | None, fills: bool, width: float | None, high: bool
):
    assert servers.meter(value, fills=fills) == {"width": width, "high": high}


@pytest.mark.parametrize(
    ("used", "total", "expected"), [(1.0, 4.0, 25.0), (None, 4.0, None), (1.0, None, None), (0.0, 0.0, None)]
)
def test_a_share_of_nothing_is_unknown(used: float | None, total: float | None, expected: float | None):
    assert servers.share(used, total) == expected


@pytest.mark.parametrize(
    ("told", "of", "written"), [(3, 4, "3 of 4 servers"), (4, 4, "4 servers"), (1, 1, "1 server"), (0, 0, "")]
)
def test_a_total_says_how_many_told_it(told: int, of: int, written: str):
    assert servers.told_by(Sum(1.0, told, of)) == written


SEVEN = Distribution(p50_ms=80.0, p95_ms=None, samples=7)


@pytest.mark.parametrize("figures", [Figures(ttft=SEVEN), Figures(duration=SEVEN)], ids=["ttft", "duration"])
def test_a_source_that_tells_one_histogram_says_on_how_many_requests_it_rests(figures: Figures):
    now = timezone.now()
    source = Source(
        slug="kiln", name="Kiln", host="kiln-1", kind=Server.Kind.VLLM, kind_label="vLLM", endpoint="",
        figures=replace(figures, rate_window_s=60.0, quantile_window_s=300.0), at=now, fresh=True,
        last_tried_at=now, failures=0, problem="", error="",
    )  # fmt: skip
    assert "7 requests" in render_to_string("servers/_about_source.html", {"source": source})

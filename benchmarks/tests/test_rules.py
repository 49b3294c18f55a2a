"""The pure rules: reading settings, choosing, normalising, ranks, wishes and their addresses."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from benchmarks.choosing import Candidate, by_preference, conflicting, effort_rank, tolerance
from benchmarks.filtering import NORMS, OPEN, ORDERS, SORTS, BenchmarkWish, asked
from benchmarks.normalising import (
    Recipe,
    Scale,
    composite_of,
    heat_of,
    minmax_scale,
    ranks,
    separable,
    sota_scale,
)
from benchmarks.setting import FIELDS, MOST_LETTERS, UNSTATED, parts_of, read_setting, setting_of

pytestmark = pytest.mark.only_on("sqlite")
GOLDEN = Path(__file__).parent / "settings.csv"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("5-shot", "shots=5"),
        ("5 shot COT", "shots=5;prompt=cot"),
        ("0-shot Chain-of-Thought", "shots=0;prompt=cot"),
        ("Accuracy (10-shot)", "shots=10;metric=acc"),
        ("shots not recorded; one-shot", "shots=1"),
        ("8-shot; CoT; metric=em_maj1@1", "shots=8;prompt=cot;attempts=maj@1"),
        ("cons@64; T=0.6 top-p 0.95; 64 samples", "attempts=cons@64;sampling=t 0.6, top-p 0.95"),
        ("metric=Avg@64; non-thinking", "attempts=pass@1;effort=off"),
        ("reasoning_effort=xhigh", "effort=xhigh"),
        ("reasoning=none", "effort=off"),
        ("Diamond - Avg@8", "attempts=pass@1;subset=diamond"),
        ("Agentless v1.5.0 scaffold", "scaffold=agentless v1.5.0"),
        ("HELM; metric=EM; 5 subjects", "metric=em;harness=helm;subset=5 subjects"),
        ("Pass@1-COT; output limited to 8K", "prompt=cot;attempts=pass@1;sampling=max 8k"),
        ("0-shot CoT; reasoning=high", "shots=0;prompt=cot;effort=high"),
        ("Pass@1, 2408-2505, Thinking mode", "attempts=pass@1;effort=on;window=2024-08..2025-05"),
        ("Aug 24 - May 25; metric=Pass@1; no thinking", "attempts=pass@1;effort=off;window=2024-08..2025-05"),
        ("8/1/24–2/1/25", "window=2024-08-01..2025-02-01"),
        ("v6 (Aug 24-May 25) Pass@1", "attempts=pass@1;window=2024-08..2025-05;release=v6"),
        ("Epoch AI Inspect run; reasoning=32K; task v1.0.0",
         "effort=32k;harness=epoch inspect;release=task v1.0.0"),
        ("5-shot; HELM implementation (cab5d89)", "shots=5;harness=helm cab5d89"),
        ("pass_rate_2 (two tries); edit_format=diff; n=225; thinking_tokens=32768; thinking=32k",
         "attempts=two tries;effort=32k;format=diff;items=225"),
        ("Graduate-level reasoning", "text=graduate-level reasoning"),
        ("5-shot, Commonsense reasoning", "shots=5;text=commonsense reasoning"),
        ("thinking mode where offered; setting not stated; thinking", "effort=on"),
        ("setting not recorded", UNSTATED),
        ("Standard evaluation", UNSTATED),
        ("MMLU-Pro benchmark evaluation", UNSTATED),
        ("", UNSTATED),
    ],
)  # fmt: skip
def test_a_setting_is_read_into_its_key(text: str, key: str):
    assert read_setting(text).key == key


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("5-shot CoT; metric=em", "5-shot, CoT, EM"),
        ("0-shot; Acc.", "0-shot, accuracy"),
        ("Avg@64; OpenHands v0.34.0", "pass@1, 64 samples, OpenHands v0.34.0"),
        ("5-shot; HELM implementation (cab5d89)", "5-shot, HELM cab5d89"),
    ],
)
def test_a_setting_in_words(text: str, label: str):
    assert read_setting(text).label == label


def test_samples_are_those_of_the_suite_and_its_own_name_is_no_setting():
    text = "Pass@1; T=0.6; AIME avg of 32, LCB/GPQA avg of 8"
    assert read_setting(text, "aime-2024").get("samples") == "32"
    assert read_setting(text, "gpqa-diamond").get("samples") == "8"
    assert read_setting(text, "mmlu").get("samples") == ""
    assert not read_setting("Diamond", "gpqa-diamond").stated
    assert read_setting("Diamond", "gpqa").key == "subset=diamond"


def test_every_setting_of_the_shipped_scores_is_read_as_it_was_checked():
    """`settings.csv`, read through by hand: what a change of the table does to any of them shows here.

    Written anew by `python -m benchmarks.tests.golden`; look at the difference before you keep it.
    """
    with GOLDEN.open(encoding="utf-8", newline="") as file:
        golden = {(row["suite"], row["text"]): row["key"] for row in csv.DictReader(file)}
    wrong = {key: read_setting(key[1], key[0]).key for key in golden}
    assert wrong == golden


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("maj@32", "pass@1"),
        ("reasoning=high", "reasoning=low"),
        ("2408-2502", "2408-2505"),
        ("5-shot; simple-evals", "5-shot; OpenCompass"),
        ("3-shot; F1", "3-shot; EM"),
        ("v5", "v6"),
        ("5-shot", "setting not stated"),
        ("Thinking mode", "Non-Thinking mode"),
        ("pass@1 (no tools)", "pass@1"),
        ("edit_format=diff", "edit_format=whole"),
    ],
)
def test_different_settings_are_never_merged(one: str, other: str):
    assert read_setting(one).key != read_setting(other).key


def test_keys_are_short_and_fit_their_reference():
    long = read_setting("x" * 300 + "; 5-shot")
    assert len(long.key) == MOST_LETTERS
    assert read_setting("5-shot").fits("shots=5") == "same"
    assert read_setting("5-shot, CoT").fits("shots=5") == "finer"
    assert read_setting("0-shot, CoT").fits("shots=5") == "other"
    assert read_setting("").fits("shots=5") == "unstated"
    assert parts_of("shots=5;prompt=cot") == (("shots", "5"), ("prompt", "cot"))
    assert setting_of({"prompt": "a;b", "shots": "5"}).key == "shots=5;prompt=a,b"
    with pytest.raises(ValueError, match="colour"):
        setting_of({"colour": "red"})
    assert FIELDS[-1] == "text"


def candidate(number: int, value: float = 80, **more: object) -> Candidate:
    facts = {"setting_key": "shots=5", "fit": "same", "evidence": "self-reported"} | more
    return Candidate(number, value, **facts)  # type: ignore[arg-type]


def test_the_order_of_the_choice():
    ordered = [
        candidate(9, evidence="independent-evaluation", effort="high"),
        candidate(8, evidence="independent-evaluation", evaluated_on=dt.date(2025, 1, 2)),
        candidate(7, evidence="independent-evaluation", evaluated_on=dt.date(2025, 1, 1)),
        candidate(1, evidence="independent-evaluation"),
        candidate(2, evidence="independent-evaluation"),
        candidate(3, evidence="aggregator"),
        candidate(4, fit="finer", evidence="independent-evaluation"),
        candidate(5, fit="other", evidence="independent-evaluation"),
        candidate(6, fit="unstated", evidence="independent-evaluation"),
    ]
    assert by_preference(reversed(ordered)) == ordered


def test_efforts_in_order():
    efforts = ["off", "minimal", "low", "", "16k", "32k", "128k", "medium", "high", "xhigh"]
    assert sorted(efforts, key=effort_rank) == efforts


def test_conflicts_on_either_side_of_the_threshold():
    assert not conflicting([candidate(1, 80), candidate(2, 81)], tolerance(0, 100))
    assert conflicting([candidate(1, 80), candidate(2, 81.01), candidate(3, 81)], tolerance(0, 100)) == {1, 2}
    apart = [candidate(1, 80), candidate(2, 90, setting_key="shots=0")]
    assert not conflicting(apart, tolerance(0, 100))
    assert not conflicting([candidate(1, 80, uncertainty=5), candidate(2, 84)], 1)
    assert tolerance(1, 10) == pytest.approx(0.18)
    assert tolerance(None, None) == 20


def test_scales_on_both_sides():
    scale = sota_scale([50, 90], random_baseline=25, scale_min=0, scale_max=100)
    assert (scale.of(90), scale.of(25), scale.of(12)) == (100, 0, -20)
    assert sota_scale([90], random_baseline=None, scale_min=0, scale_max=100) == Scale(0, 90, "scale")
    assert sota_scale([20], random_baseline=25, scale_min=0, scale_max=100) == Scale(None, None)
    low = sota_scale([10, 50], random_baseline=None, scale_min=0, scale_max=100, higher_is_better=False)
    assert (low.of(10), low.of(100)) == (100, 0)
    assert minmax_scale([70, 70]).of(70) == 50
    assert minmax_scale([1, 3], higher_is_better=False).of(1) == 100
    assert sota_scale([], random_baseline=None, scale_min=0, scale_max=100).of(1) is None


def test_heat_steps():
    assert [heat_of(value) for value in (None, -30, 4.9, 5, 94.9, 95, 100, 130)] == [
        None,
        0,
        0,
        1,
        9,
        10,
        10,
        10,
    ]


def test_composites_need_their_coverage():
    recipe = Recipe({"a": 1, "b": 1, "c": 2}, 0.5)
    assert composite_of(recipe, {"a": 80, "b": 60}).value == 70
    assert composite_of(recipe, {"a": 80}).value is None
    assert composite_of(recipe, {"c": 40, "a": 100}, elsewhere=["a", "z"]).elsewhere == 1
    assert composite_of(recipe, {}).coverage == 0


def test_ranks_and_intervals():
    assert ranks([9.04, 9.01, 8, None], decimals=1) == [1, 1, 3, None]
    assert ranks([9.04, 9.01, 8, None]) == [1, 2, 3, None]
    assert separable(80, None, 79.9, None)
    assert not separable(80, 1, 78, 1)
    assert separable(80, 0.9, 78, 1)


KNOWN = {
    "suites": {"mmlu": "mmlu", "math": "math", "all": "all"},
    "models": ["a", "b"],
    "creators": ["openai"],
    "families": ["Qwen, big"],
    "evidence": ["self-reported", "aggregator"],
    "open": OPEN,
    "norm": NORMS,
    "composite": ["code", "none"],
    "sort": [*SORTS, "mmlu"],
    "order": ORDERS,
}


@pytest.mark.parametrize(
    "wish",
    [
        BenchmarkWish(),
        BenchmarkWish(suites=("math", "mmlu"), models=("a", "b"), families=("Qwen, big",), q="two words"),
        BenchmarkWish(
            evidence=("aggregator",), open="no", norm="minmax", composite="none", sort="mmlu", order="asc"
        ),
        BenchmarkWish(as_of="2026-02-28", creators=("openai",)),
    ],
)
def test_a_wish_and_its_address_are_each_others(wish: BenchmarkWish):
    found = asked(parse_qs(wish.query), KNOWN)
    assert (found.wish, found.refused) == (wish, ())
    assert BenchmarkWish().query == ""


def test_what_nobody_knows_is_left_out_and_named():
    query = {
        "suites": ["MMLU,nothing"],
        "norm": ["1"],
        "as_of": ["2026-02-30"],
        "q": ["x" * 101],
        "sort": ["luck"],
    }
    found = asked(query, KNOWN)
    assert found.wish == BenchmarkWish(suites=("mmlu",))
    assert [name for name, _value in found.refused] == ["suites", "q", "sort", "as_of"]


def test_a_head_sorts_the_best_first_and_then_turns_round():
    wish = BenchmarkWish().sorted_by("mmlu")
    assert (wish.sort, wish.order) == ("mmlu", "desc")
    assert wish.sorted_by("mmlu").order == "asc"
    assert wish.sorted_by("name") == BenchmarkWish(sort="name")
    assert BenchmarkWish(q="x", norm="raw").cleared() == BenchmarkWish(norm="raw")
    assert BenchmarkWish(suites=("a",)).toggled("suites", "b").query == "suites=a,b"

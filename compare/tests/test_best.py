"""Which cell of a row is best: only where that is defined, and only among figures that compare."""

import pytest

from compare.best import NONE, Figure, Verdict, differs, judge

pytestmark = pytest.mark.only_on("sqlite")


def figures(*values: float | None, scale: str = "plain") -> list[Figure | None]:
    return [None if value is None else Figure(value, f"{value:.1f}", scale) for value in values]


@pytest.mark.parametrize(
    ("values", "better", "best"),
    [
        ((1, 2, 3), "higher", {2}),
        ((1, 2, 3), "lower", {0}),
        ((1, 2, 3), "", set()),
        ((3, None, 3, 1), "higher", {0, 2}),
        ((2, 2, 3), "lower", {0, 1}),
        # Nobody is better than anybody.
        ((2, 2), "lower", set()),
        ((2, None, 2), "lower", set()),
        ((0, 5), "lower", {0}),
        ((5,), "higher", set()),
        ((None, 5, None), "higher", set()),
        ((None, None), "higher", set()),
        ((), "higher", set()),
        # Written alike is equal: 99.94 and 99.91 both read 99.9.
        ((99.94, 99.91, 99.0), "higher", {0, 1}),
    ],
)
def test_the_best_of_a_row(values: tuple[float | None, ...], better: str, best: set[int]):
    assert judge(figures(*values), better) == Verdict(frozenset(best))  # type: ignore[arg-type]


def test_another_tier_stands_apart_and_is_never_best():
    row = [*figures(900, 700, scale="tier B"), *figures(20, scale="tier A")]
    assert judge(row, "lower") == Verdict(frozenset({1}), frozenset({2}))


def test_where_no_scale_has_more_figures_than_the_next_nothing_compares():
    row = [*figures(900, scale="tier B"), *figures(20, scale="tier A")]
    assert judge(row, "lower") == Verdict(frozenset(), frozenset({0, 1}))
    row = [*figures(1, 2, scale="shots=5"), *figures(3, 4, scale="shots=0")]
    assert judge(row, "higher") == Verdict(frozenset(), frozenset({0, 1, 2, 3}))


def test_a_setting_that_is_not_stated_compares_with_nothing():
    row = [*figures(80, 81, scale="reference"), *figures(99, scale=NONE)]
    assert judge(row, "higher") == Verdict(frozenset({1}), frozenset({2}))
    assert judge(figures(80, 99, scale=NONE), "higher") == Verdict(frozenset(), frozenset({0, 1}))


def test_a_row_differs_where_it_tells_its_columns_apart():
    assert differs(["a", "b"])
    assert differs(["a", None])
    assert not differs(["a", "a", "a"])
    assert not differs([None, None])
    assert not differs(["a"])

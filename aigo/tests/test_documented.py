"""Pages of docs whose parts are printed from tables."""

import pytest

from aigo.lib.documented import grid, print_parts

PAGE = "Before\n<!-- one -->\n\nold\n\n<!-- end -->\nafter\n"


def test_a_part_is_printed_anew_and_the_rest_stays():
    assert print_parts(PAGE, {"one": "new"}) == PAGE.replace("old", "new")


@pytest.mark.parametrize(
    "page",
    [PAGE.replace("one", "two"), PAGE.replace("<!-- one -->", ""), PAGE.replace("<!-- end -->", "")],
    ids=["unknown", "missing", "without an end"],
)
def test_a_page_that_marks_other_parts_is_refused(page: str):
    with pytest.raises(ValueError, match="one"):
        print_parts(page, {"one": "new"})


def test_a_cell_keeps_its_bars():
    assert grid(("a", "b"), [("x|y", 1)]) == "| a | b |\n| --- | --- |\n| x\\|y | 1 |"

"""What stands below a page of a list."""

from django.core.paginator import Paginator

from aigo.lib.paging import pager_of


def asked(rows: int, number: int) -> dict[str, object]:
    return pager_of(Paginator(range(rows), 10).get_page(number), "?page={}".format)


def test_a_page_in_the_middle_has_neighbours():
    assert asked(25, 2) == {
        "number": 2, "pages": 3, "offset": 10, "limit": 10, "first": 11, "last": 20,
        "previous": "?page=1", "next": "?page=3",
    }  # fmt: skip


def test_the_last_page_ends_with_the_rows_and_stands_for_what_is_past_it():
    last = asked(25, 3)
    assert (last["first"], last["last"], last["next"]) == (21, 25, "")
    assert asked(25, 99) == last


def test_an_empty_list_has_one_page_without_a_row():
    empty = asked(0, 1)
    assert (empty["pages"], empty["first"], empty["last"], empty["next"]) == (1, 0, 0, "")

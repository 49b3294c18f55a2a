"""Long lists in parts."""

from aigo.lib.chunking import chunks


def test_a_list_comes_in_order_in_parts_of_the_size_and_what_is_left():
    assert list(chunks([1, 2, 3, 4, 5], 2)) == [[1, 2], [3, 4], [5]]
    assert list(chunks([1, 2, 3, 4], 2)) == [[1, 2], [3, 4]]


def test_of_nothing_there_is_no_part():
    assert list(chunks([], 2)) == []


def test_a_query_names_900_keys_when_nobody_says_otherwise():
    assert [len(part) for part in chunks(range(901))] == [900, 1]

"""Filters of a list: wishes, menus and chips."""

from dataclasses import dataclass
from typing import ClassVar

from aigo.lib.filters import LONG, Filtered, by_name, chips_of, menu_of, options_of


@dataclass(frozen=True, slots=True)
class Wish(Filtered):
    SEVERAL: ClassVar = ("colour",)

    colour: tuple[str, ...] = ()
    sort: str = "name"


def test_the_values_of_a_filter_are_sorted_each_once():
    assert Wish().only("colour", "red", "blue", "red").chosen("colour") == ("blue", "red")
    assert Wish().only("sort", "name", "size") == Wish(sort="size")


def test_a_value_is_taken_in_or_left_out_where_it_was_in():
    wish = Wish().toggled("colour", "red")
    assert wish.chosen("colour") == ("red",)
    assert wish.toggled("colour", "red") == Wish()


def test_a_menu_has_what_leads_somewhere_and_what_is_chosen():
    labels = {"red": "Red", "blue": "Blue", "green": "Green"}
    options = options_of(labels, {"red": 2, "blue": 0}, ("green",))
    assert [(option["value"], option["count"], option["active"]) for option in options] == [
        ("red", 2, False),
        ("green", 0, True),
    ]
    assert len(options_of(labels, {}, (), every=True)) == 3


def test_a_menu_past_its_length_can_be_searched():
    assert menu_of("colour", "Colour", [{}] * LONG, 0)["long"] is False
    assert menu_of("colour", "Colour", [{}] * (LONG + 1), 0)["long"] is True


def test_each_chip_leads_to_the_list_without_it():
    chips = chips_of(
        Wish(colour=("blue", "red")), ("colour",), {"colour": {"red": "Red"}}, {"colour": "Colour"},
        lambda wish: "?" + ",".join(wish.colour),
    )  # fmt: skip
    assert chips == [
        {"filter": "Colour", "label": "blue", "url": "?red"},
        {"filter": "Colour", "label": "Red", "url": "?blue"},
    ]


def test_names_stand_in_order_whatever_their_case():
    assert list(by_name({"b": "beta", "a": "Alpha", "c": "ALPHA"})) == ["a", "c", "b"]

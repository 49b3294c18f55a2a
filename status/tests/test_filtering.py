"""The wish of a board: its address, the rows it leaves, and the counts of what another choice would leave."""

from typing import Any
from urllib.parse import parse_qs

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aigo.lib.regions import ALL
from catalog.tagging import FUNCTIONS
from status.board import SORTS, BoardRow
from status.filtering import EVERY, FILTERS, STATES, Asked, BoardWish, asked, facets, known_values, narrowed
from status.rules import State


def make_row(slug: str, **changes: Any) -> BoardRow:
    """An operational row of the provider that the slug begins with."""
    blank: dict[str, Any] = dict.fromkeys(BoardRow.__dataclass_fields__)
    about = {"slug": slug, "provider_slug": slug.partition("--")[0], "functions": (), "measured": True}
    return BoardRow(**(blank | about | {"region": ALL, "state": State.OPERATIONAL} | changes))


ROWS = [
    make_row("a--1", foundation="GPT, large", functions=("chat", "code")),
    make_row("a--2", foundation="Aurora", functions=("chat",), state=State.OUTAGE),
    make_row("b--1", foundation="Aurora", functions=("audio",)),
    make_row("b--2", foundation="Wick", functions=(), state=State.UNKNOWN),
]
KNOWN = known_values(ROWS)
UNHURRIED = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

wishes = st.builds(
    BoardWish,
    region=st.sampled_from(["all", "seoul"]),
    sort=st.sampled_from(SORTS),
    **{
        name: st.sets(st.sampled_from(sorted(KNOWN[name]))).map(lambda found: tuple(sorted(found)))
        for name in FILTERS
    },
)


@UNHURRIED
@given(wishes)
def test_a_wish_survives_its_address_and_equal_wishes_have_one_address(wish: BoardWish):
    assert asked(parse_qs(wish.query), KNOWN) == Asked(wish)
    backwards = parse_qs("&".join(reversed(wish.query.split("&"))))
    assert asked(backwards, KNOWN).wish.query == wish.query


@UNHURRIED
@given(wishes)
def test_every_count_is_the_number_of_rows_that_its_choice_leaves(wish: BoardWish):
    counted = facets(ROWS, wish.filters)
    for name in FILTERS:
        assert counted[name].get(EVERY, 0) == len(narrowed(ROWS, wish.only(name).filters))
        for value in KNOWN[name]:
            left = narrowed(ROWS, wish.only(name, value).filters)
            assert counted[name].get(value, 0) == len(left), (name, value)


def test_the_default_has_no_address():
    assert BoardWish().query == ""
    assert BoardWish().filters == ()


def test_values_of_a_filter_widen_it_and_filters_narrow_each_other():
    assert [row.slug for row in narrowed(ROWS, BoardWish(provider=("a", "b")).filters)] == [
        row.slug for row in ROWS
    ]
    assert [row.slug for row in narrowed(ROWS, BoardWish(provider=("a",), function=("chat",)).filters)] == [
        "a--1",
        "a--2",
    ]
    assert narrowed(ROWS, BoardWish(provider=("b",), function=("chat",)).filters) == []


@pytest.mark.parametrize(
    ("query", "wish"),
    [
        ("provider=b,a", BoardWish(provider=("a", "b"))),
        ("provider=b&provider=a&provider=b", BoardWish(provider=("a", "b"))),
        ("foundation=GPT, large", BoardWish(foundation=("GPT, large",))),
        ("region=tokyo&region=seoul&sort=latency&sort=", BoardWish(region="seoul", sort="latency")),
    ],
)
def test_an_address_may_be_written_in_several_ways(query: str, wish: BoardWish):
    assert asked(parse_qs(query, keep_blank_values=True), KNOWN) == Asked(wish)


def test_what_nobody_knows_is_named_and_left_out():
    found = asked(parse_qs("provider=zzz&provider=a&sort=best&state=fine"), KNOWN)
    assert found.wish == BoardWish(provider=("a",))
    assert found.refused == (("sort", "best"), ("provider", "zzz"), ("state", "fine"))


def test_a_choice_is_taken_in_and_left_out_by_the_same_step():
    once = BoardWish(sort="latency").toggled("provider", "a")
    assert once == BoardWish(sort="latency", provider=("a",))
    assert once.toggled("provider", "a").cleared() == BoardWish(sort="latency")


def test_every_filter_is_a_field_and_knows_its_values():
    assert set(FILTERS) < set(BoardWish.__dataclass_fields__)
    assert (KNOWN["function"], KNOWN["state"]) == (FUNCTIONS, STATES)

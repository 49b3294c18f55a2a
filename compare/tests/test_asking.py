"""Addresses of comparisons: what they ask for, and what is left out of it."""

import pytest

from compare.asking import MOST_NAMED, CompareWish, Refusal, asked, named

pytestmark = pytest.mark.only_on("sqlite")

KNOWN = {"a": "p--a", "p--a": "p--a", "b": "q--b", "c": "q--c", "d": "q--d", "e": "q--e"}


def test_an_address_and_its_wish_are_one_thing():
    wish = CompareWish(("a", "q--b"), "seoul", "raw", only_differences=True)
    assert wish.address() == "/compare/?models=a,q--b&region=seoul&norm=raw&only=differences"
    query = {"models": ["a,q--b"], "region": ["seoul"], "norm": ["raw"], "only": ["differences"]}
    assert asked(query).wish == wish
    assert CompareWish().address() == "/compare/"
    assert CompareWish(("a",)).address("/cost/") == "/cost/?models=a"


def test_models_are_added_removed_and_moved():
    wish = CompareWish(("a", "b", "c"))
    assert wish.with_model("d").models == ("a", "b", "c", "d")
    assert wish.with_model("d").with_model("e").models == ("a", "b", "c", "d")
    assert wish.with_model("a") == wish
    assert wish.without("b").models == ("a", "c")
    assert wish.moved("a", 1).models == ("b", "a", "c")
    assert wish.moved("a", 9).models == ("b", "c", "a")
    assert wish.moved("c", -1).models == ("c", "a", "b")
    assert wish.moved("z", 0) == wish


def test_the_fifth_model_is_left_out_and_named():
    found = asked({"models": ["a,b,c,d,e"]}, KNOWN)
    assert found.wish.models == ("a", "b", "c", "d")
    assert found.refusals == (Refusal("too_many", "models", "e"),)


def test_unknown_models_take_no_place_and_are_named_with_those_that_are_near():
    found = asked({"models": ["a,nobody,b,c,d"]}, KNOWN, near=lambda slug: [("b", "Model B")])
    assert found.wish.models == ("a", "b", "c", "d")
    assert found.refusals == (Refusal("unknown", "models", "nobody", (("b", "Model B"),)),)


def test_what_stands_for_the_same_endpoint_counts_once():
    found = asked({"models": ["a", "p--a,a,b"]}, KNOWN)
    assert (found.wish.models, found.refusals) == (("a", "b"), ())


@pytest.mark.parametrize(("name", "value"), [("region", "mars"), ("norm", "best"), ("only", "prices")])
def test_a_value_that_nobody_knows_is_left_out_and_named(name: str, value: str):
    found = asked({"models": ["a"], name: [value]}, KNOWN)
    assert found.wish == CompareWish(("a",))
    assert found.refusals == (Refusal(name, name, value),)  # type: ignore[arg-type]


def test_an_endless_address_is_read_to_an_end():
    assert len(named({"models": [",".join(f"m{n}" for n in range(500))]})) == MOST_NAMED
    assert named({"models": ["a" * 5_000, " , ,b"]})[1] == "b"

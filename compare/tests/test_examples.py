"""What the empty page offers: made of the catalogue, never of two models that are not there."""

import pytest

from compare.choosing import Shelf
from compare.examples import examples_of
from compare.tests.test_choosing import GPT, LLAMA, OLD

pytestmark = pytest.mark.only_on("sqlite")


def test_examples_name_models_that_can_be_compared():
    found = examples_of(Shelf((OLD, GPT, LLAMA)), {"gpt": 9, "llama": 4})
    assert [example.slugs for example in found] == [
        ("gpt", "llama"),  # the most scores
        ("gpt", "azure--gpt"),  # one model, two providers
        ("llama", "gpt"),  # the cheapest of long texts
    ]
    assert all(len(example.names) >= 2 for example in found)


def test_an_empty_catalogue_offers_none():
    assert examples_of(Shelf(()), {}) == []
    assert examples_of(Shelf((OLD,)), {"old": 3}) == []

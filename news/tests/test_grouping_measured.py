"""The figures of the development half do not fall. Those of the held-back half are for `make bench`."""

from typing import Final

import pytest

from benches.duplicates import LEAST_PRECISION, LEAST_RECALL, scores, verdicts
from news.tests.labelled import Half, half_of, pairs

HALVES: Final[tuple[Half, ...]] = ("development", "held back")


def test_the_development_half_is_told_apart():
    for score in scores(verdicts("development")):
        assert score.there >= 15, score
        assert score.precision >= LEAST_PRECISION, score
        assert score.recall >= LEAST_RECALL, score


def test_no_text_stands_in_both_halves():
    names = {
        half: {i.name.partition(".")[0] for p in pairs(half) for i in (p.first, p.second)} for half in HALVES
    }
    assert names["development"].isdisjoint(names["held back"])


@pytest.mark.parametrize(("family", "half"), [("orrin-41", "development"), ("halden-outage", "held back")])
def test_a_family_keeps_its_half(family: str, half: str):
    assert half_of(family) == half


def test_the_set_is_what_its_readme_says():
    every = pairs()
    assert len(every) >= 300
    assert sum(pair.langs != "en-en" for pair in every) >= 100
    assert {pair.label for pair in every} == {"duplicate", "event", "different"}
    assert len({(pair.first.name, pair.second.name, pair.second.url) for pair in every}) == len(every)

"""Parts of the board are rendered once, as long as they show the same."""

from dataclasses import replace
from unittest.mock import Mock

import pytest
from django.template.loader import render_to_string

from aigo.styleguide import sample_rows, sample_unmeasured
from aigo.templatetags.board import MOST_UNMEASURED, by_provider
from status.rendered import Rendered, row_html, unmeasured_html


def test_a_part_is_rendered_anew_when_it_shows_something_else(monkeypatch: pytest.MonkeyPatch) -> None:
    times = Mock(wraps=render_to_string)
    monkeypatch.setattr("status.rendered.render_to_string", times)
    row = replace(sample_rows()[0], slug="of-this-test")
    first = row_html(row, "en")
    assert row_html(replace(row), "en") is first
    assert times.call_count == 1
    assert "Operational" not in row_html(row, "ko")
    assert row_html(replace(row, samples=77), "en") != first
    assert times.call_count == 3


def test_only_the_parts_used_last_are_kept() -> None:
    parts = Rendered(most=2)
    made = [parts.part(key, 1, key.lower) for key in ("a", "b", "a", "c")]
    assert made == ["a", "b", "a", "c"]
    assert parts.part("a", 1, lambda: "anew") == "a"
    assert parts.part("b", 1, lambda: "anew") == "anew"


def test_of_thousands_that_nobody_measures_a_hundred_are_told() -> None:
    sample = sample_unmeasured()[0]
    rows = tuple(
        replace(sample, slug=f"s-{n}", name=f"N{n:04}", provider=f"P{n % 3}", provider_slug=f"p{n % 3}")
        for n in range(300)
    )
    groups = by_provider(rows)
    assert [(group.provider, len(group.rows), group.others) for group in groups] == [
        ("P0", MOST_UNMEASURED, 0), ("P1", 0, 100), ("P2", 0, 100),
    ]  # fmt: skip
    html = unmeasured_html(rows, "en")
    assert html.count('id="unmeasured-s-') == MOST_UNMEASURED
    assert (html.count("/providers/p1/"), html.count("100 more")) == (1, 2)

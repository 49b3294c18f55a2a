"""docs/benchmarks.md tells of benchmarks as they are."""

import re
from typing import Final

import pytest
from django.core.management import get_commands
from django.urls import resolve

from benchmarks.adapters import FORMATS
from benchmarks.setting import read_setting
from benchmarks.shipped import FILE, printed

pytestmark = pytest.mark.only_on("sqlite")

PAGE: Final = (FILE.parents[2] / "docs" / "benchmarks.md").read_text(encoding="utf-8")
PLACES: Final = {"<slug>": "mmlu", "<model>": "gpt-4.1", "<id>": "1"}


def test_its_suites_are_those_that_are_shipped() -> None:
    assert "`mmlu`" in PAGE
    assert printed(PAGE) == PAGE, "run python -m benchmarks.shipped docs/benchmarks.md"


def test_its_formats_and_their_limits_are_those_that_are_read() -> None:
    told = dict(re.findall(r"^\| `([a-z0-9-]+)` \|.*\| (\d+) MB \|$", PAGE, re.MULTILINE))
    assert told == {name: f"{found.max_bytes // 1_000_000}" for name, found in FORMATS.items()}


def test_its_settings_are_read_as_it_says() -> None:
    rows = re.findall(r"^\| ([^|`]+) \| `([^`]+)` \|$", PAGE, re.MULTILINE)
    assert len(rows) == 3
    assert [(text, read_setting(text).key) for text, _key in rows] == rows


@pytest.mark.parametrize("address", sorted(set(re.findall(r"`(?:GET |POST )?(/[^`?#]+)", PAGE))))
def test_its_addresses_exist(address: str) -> None:
    for place, value in PLACES.items():
        address = address.replace(place, value)
    resolve(address)


def test_its_commands_exist() -> None:
    assert set(re.findall(r"manage\.py (\w+)", PAGE)) <= get_commands().keys()

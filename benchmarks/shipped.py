"""The suites that the project ships, data/suites.json, and their table in docs/benchmarks.md. Pure.

python -m benchmarks.shipped docs/benchmarks.md     prints the table anew; a test fails when it differs
"""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from aigo.lib.documented import grid, print_pages, print_parts

FILE: Final = Path(__file__).parent / "data" / "suites.json"
_NUMBERS: Final = ("scale_min", "scale_max", "random_baseline")
_HEAD: Final = ("suite", "slug", "topic", "scale", "guessing", "lifecycle", "reference setting")
_BASIS: Final = {"stated": "", "options": " (by the number of answers)", "open": " (open answers)"}


def read_suites(file: Path = FILE) -> list[dict[str, Any]]:
    """The file's suites as fields of the model. Raises KeyError where one lacks a figure's place."""
    rows: list[dict[str, Any]] = json.loads(file.read_text(encoding="utf-8"))["suites"]
    for row in rows:
        row |= {name: None if row[name] is None else Decimal(row[name]) for name in _NUMBERS}
    return rows


def printed(page: str) -> str:
    """The page with the table of today's file between its marks."""
    return print_parts(page, {"suites": grid(_HEAD, map(_cells, read_suites()))})


def _cells(suite: dict[str, Any]) -> tuple[str, ...]:
    low, high, guess = (suite[name] for name in _NUMBERS)
    scale = "open" if low is None else f"{low:f}–{high:f}{' %' if suite['unit'] == 'percent' else ''}"
    guessing = "–" if guess is None else f"{guess:f}{_BASIS[suite['random_basis']]}"
    reference = f"`{suite['reference_setting']}`" if suite["reference_setting"] else "–"
    name = f"[{suite['name']}]({suite['paper_url']})" if suite["paper_url"] else suite["name"]
    return (name, f"`{suite['slug']}`", suite["topic"], scale, guessing, suite["lifecycle"], reference)


if __name__ == "__main__":
    print_pages(printed)

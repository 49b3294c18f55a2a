"""Texts of our own, so that a link can hold what is counted: a notice in both languages, and code. Pure."""

from functools import cache
from typing import Final

from compare.costing.vocabularies import DATA

SAMPLES: Final = ("ko", "en", "code")


@cache
def sample_text(name: str) -> str:
    """The text of that name; "" = there is none."""
    if name not in SAMPLES:
        return ""
    return (DATA / "samples" / f"{name}.txt").read_text(encoding="utf-8").strip()

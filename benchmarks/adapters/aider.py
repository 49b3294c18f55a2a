"""Aider's polyglot leaderboard: a YAML list, one run each (Aider-AI/aider, Apache-2.0). Pure.

https://github.com/Aider-AI/aider/blob/main/aider/website/_data/polyglot_leaderboard.yml: the figure is
`pass_rate_2`, the percentage solved within two tries. One model has several runs: edit format, effort and
thinking budget are its setting; two models at work together are a label of their own.
"""

from __future__ import annotations

import re
from functools import partial
from typing import Final

from benchmarks.adapters.documents import has_keys, listing, read_yaml
from benchmarks.adapters.origins import Origin
from benchmarks.rows import Cells, Reading, ScoreRow, figure

SOURCE: Final = "Aider polyglot_leaderboard.yml"
_KEYS: Final = frozenset({"dirname", "test_cases", "model", "edit_format", "pass_rate_2", "date", "versions"})
#: What stands in brackets after a model's name → how its setting says it.
_MODES: Final = (
    (re.compile(r"\((low|medium|high)\)"), r"reasoning=\1"),
    (re.compile(r"\(no think(?:ing)?\)|\bno think\b"), "no thinking"),
    (re.compile(r"\((\d+k) think(?:ing(?: tokens)?)?\)"), r"thinking=\1"),
    (re.compile(r"\(default think\)"), "default thinking"),
    (re.compile(r"\(Chat\)"), "chat mode"),
    (re.compile(r"\(Reasoner\)"), "reasoner mode"),
)


def read(data: bytes, origin: Origin) -> Reading:
    """ReadingError: no YAML list of runs."""
    reading = Reading(foreign=True)
    for place, item in enumerate(listing(read_yaml(data), "a list of runs"), start=1):
        run = has_keys(item, _KEYS, place)
        reading.read(place, partial(_row, origin=origin), run)
    return reading


def _row(cells: Cells, origin: Origin) -> ScoreRow:
    label = cells.text("model", "label", required=True)
    said = ["pass_rate_2 (two tries)", f"edit_format={cells.text('edit_format', 'setting', required=True)}"]
    said.append(f"n={cells.text('test_cases', 'raw', required=True)}")
    for name in ("reasoning_effort", "thinking_tokens", "editor_model"):
        if stated := cells.text(name, "setting"):
            said.append(f"{name}={stated}")
    for pattern, words in _MODES:
        if match := pattern.search(label):
            said.append(match.expand(words))
            break
    versions, cost = cells.text("versions", "note"), cells.text("total_cost", "raw")
    day, raw = cells.day("date"), cells.text("pass_rate_2", "raw", required=True)
    value, unit = figure(raw, "percent")
    return ScoreRow(
        suite="aider-polyglot", label=label, raw=raw, value=value, unit=unit, setting="; ".join(said),
        evidence="benchmark-owner-leaderboard", source_name=SOURCE, source_url=origin.url,
        source_version=origin.version, licence=origin.licence, evaluated=day,
        note=f"aider {versions}" + (f"; total_cost_usd={cost}" if cost else ""),
    )  # fmt: skip

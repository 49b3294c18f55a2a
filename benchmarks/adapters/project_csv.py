"""Our own CSV: one row per published figure, each with its citation. The seed is such a file. Pure.

`model_label_in_source` is what the source calls the model; `model` the same in one spelling, kept in the note
for people. Notes that say SUSPECT mark figures whose source looks wrong. Two things that the source states
stand in the note: its own name of the line ("benchmark label: LiveCodeBench v5 (Pass@1)"), which belongs to
the setting, and Epoch's standard errors ("scorers choice:0.85±0.02").
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from aigo.lib.tables import table
from benchmarks.choosing import EVIDENCE
from benchmarks.rows import Cells, Reading, ScoreRow, figure, half_interval, known_unit

COLUMNS: Final = (
    "suite", "model", "provider", "score_raw", "unit", "higher_is_better", "shots_or_setting", "source_name",
    "source_url", "source_version_or_commit", "evaluated_at", "note", "model_label_in_source",
    "evidence_type", "source_licence",
)  # fmt: skip
#: The collector's words for "nothing is stated".
_UNSTATED_LICENCE: Final = "see source repository"
_LABEL: Final = re.compile(r"\bbenchmark label: ([^;]+)")
_RELEASE: Final = re.compile(r"\bLiveCodeBench[ _-]?(v[1-9]|\d{4}-\d{4})\b", re.IGNORECASE)
_METRIC: Final = re.compile(r"\bIFEval (strict-prompt|prompt-strict)\b", re.IGNORECASE)
_BRACKET: Final = re.compile(r"\(([^()]+)\)")


def read(data: bytes) -> Reading:
    """ReadingError: see benchmarks.adapters.tables."""
    reading = Reading()
    for line, cells in table(data, COLUMNS, reading):
        reading.read(line, _row, cells)
    return reading


def _row(cells: Cells) -> ScoreRow:
    suite = cells.text("suite", "suite", required=True)
    label = cells.text("model_label_in_source", "label", required=True)
    setting = cells.text("shots_or_setting", "setting")
    note = cells.text("note", "note")
    evidence = cells.choice("evidence_type", EVIDENCE)
    stated = cells.text("evidence_type", "evidence_note")
    raw = cells.text("score_raw", "raw", required=True)
    unit = cells.text("unit", "raw", required=True)
    licence = cells.text("source_licence", "licence")
    cells.column = "score_raw" if known_unit(unit) else "unit"
    value, kind = figure(raw, unit)
    return ScoreRow(
        suite=suite,
        label=label,
        maker=cells.text("provider", "maker"),
        raw=raw,
        value=value,
        unit=kind,
        uncertainty=_uncertainty(raw, unit, note),
        setting=_with_label(setting, note),
        evidence=evidence,
        evidence_note=stated.removeprefix(evidence).strip(" ()"),
        source_name=cells.text("source_name", "source_name", required=True),
        source_url=cells.address("source_url"),
        source_version=cells.text("source_version_or_commit", "source_version"),
        licence="" if licence == _UNSTATED_LICENCE else licence,
        evaluated=cells.day("evaluated_at"),
        note=note,
        suspect="SUSPECT" in note,
    )


def _with_label(setting: str, note: str) -> str:
    """The setting, and what the source's own name of the line adds to it: "DROP (3-shot F1)",
    "LiveCodeBench v6", "IFEval strict-prompt". MiMo's README has v5 and v6 in two lines of one setting."""
    label = _LABEL.search(note)
    if label is None:
        return setting
    said = [found for words in (_RELEASE, _METRIC, _BRACKET) for found in words.findall(label[1])]
    added = [words.strip() for words in said if _plain(words) not in _plain(setting)]
    return "; ".join(filter(None, [setting, *added]))


def _plain(words: str) -> str:
    return re.sub(r"[^a-z0-9+@]", "", words.casefold())


def _uncertainty(raw: str, unit: str, note: str) -> Decimal | None:
    return half_interval(note, Decimal(raw)) if unit == "fraction" and "scorers " in note else None

"""HELM's leaderboards: a release's `groups/<group>.json` (stanford-crfm/helm, Apache-2.0). Pure.

A table, or a list of them: `header` names the columns ("GSM8K - EM"), `rows` hold cells, the first of them
the model's name; figures are shares of 1, `run_spec_names` say how each was run ("mmlu:subject=…,model=…").
A group is run on few instances and, of some suites, on few subjects: all that its runs have in common is its
setting, so that it stands beside other figures and is not taken for the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

from benchmarks.adapters.documents import has_keys, listing, mapping, read_json
from benchmarks.adapters.origins import Origin
from benchmarks.rows import BadCell, Cells, Reading, ReadingError, ScoreRow, clean_text, figure

SOURCE: Final = "HELM leaderboard"
#: Column → suite, and what the column's name says of the setting.
_COLUMNS: Final[Mapping[str, tuple[str, str]]] = {
    "MMLU - EM": ("mmlu", "metric=EM"),
    "GSM8K - EM": ("gsm8k", "metric=EM"),
    "MATH - Equivalent (CoT)": ("math", "CoT; metric=equivalent"),
    "HellaSwag - EM": ("hellaswag", "metric=EM"),
    "TruthfulQA - EM": ("truthfulqa", "metric=EM"),
    "MMLU-Pro - COT correct": ("mmlu-pro", "CoT; metric=correct"),
    "GPQA - COT correct": ("gpqa", "CoT; metric=correct"),
    "IFEval - IFEval Strict Acc": ("ifeval", "metric=IFEval strict acc"),
}
#: Arguments of a run that say what it is of, or what is said otherwise.
_ASIDE: Final = frozenset({"model", "model_deployment", "stop", "groups", "subject", "use_chain_of_thought"})
_ZERO_SHOT: Final = ("use_few_shot", "false")
#: /releases/v1.15.0/: of the leaderboard.
_RELEASE: Final = re.compile(r"/releases/(v[\d.]+)/")


def read(data: bytes, origin: Origin) -> Reading:
    """ReadingError: another shape, or no column of a suite that is known here."""
    reading = Reading(foreign=True)
    found = read_json(data)
    place = 0
    for table in found if isinstance(found, list) else [found]:
        held = has_keys(table, frozenset({"header", "rows"}), place)
        names = [
            str(has_keys(head, frozenset({"value"}), place)["value"])
            for head in listing(held["header"], "header", place)
        ]
        for row in listing(held["rows"], "rows", place):
            place += 1
            _read_row(reading, names, listing(row, "cells", place), place, origin)
    if not reading.rows and not reading.faults and not reading.left_out:
        raise ReadingError("other_shape", wanted=", ".join(_COLUMNS))
    return reading


def _read_row(reading: Reading, names: Sequence[str], row: Sequence[Any], place: int, origin: Origin) -> None:
    """The figures of one model."""
    if len(row) != len(names):
        raise ReadingError("torn_row", row=place, value=str(len(row)), wanted=str(len(names)))
    cells = [mapping(cell, "a cell", place) for cell in row]
    for name, cell in zip(names[1:], cells[1:], strict=True):
        if name not in _COLUMNS:
            reading.leave_out(f"no such suite: {name[:60]}")
        elif cell.get("value") is None:
            reading.leave_out("no figure")
        else:
            make = partial(_row, column=name, setting=_setting(name, cell, place), origin=origin)
            reading.read(place, make, {"model": cells[0].get("value"), name: cell["value"]})


def _row(cells: Cells, column: str, setting: str, origin: Origin) -> ScoreRow:
    label = cells.text("model", "label", required=True)
    raw = cells.number(column)
    if raw is None:
        raise BadCell("missing")
    value, unit = figure(str(raw), "fraction")
    release = _RELEASE.search(origin.url)
    return ScoreRow(
        suite=_COLUMNS[column][0], label=label, raw=str(raw), value=value, unit=unit,
        setting=clean_text(setting, "setting"), evidence="independent-evaluation", source_name=SOURCE,
        source_url=origin.url, source_version=release[1] if release else origin.version,
        licence=origin.licence, note=f"column: {column}",
    )  # fmt: skip


def _setting(column: str, cell: Mapping[str, Any], place: int) -> str:
    """ "HELM; metric=EM; 5 subjects; method=multiple_choice_joint"; the column's where no run is named."""
    names = listing(cell.get("run_spec_names") or [], "run_spec_names", place)
    runs = [dict(_pair(part) for part in str(name).partition(":")[2].split(",") if part) for name in names]
    subjects = {run["subject"] for run in runs if "subject" in run}
    common = set.intersection(*(set(run.items()) for run in runs)) if runs else set()
    said = ["HELM", _COLUMNS[column][1], "0-shot" if _ZERO_SHOT in common else ""]
    said.append(f"{len(subjects)} subjects" if subjects else "")
    said += [f"{name}={value}" for name, value in sorted(common - {_ZERO_SHOT}) if name not in _ASIDE]
    return "; ".join(filter(None, said))


def _pair(part: str) -> tuple[str, str]:
    name, _equals, value = part.partition("=")
    return name, value

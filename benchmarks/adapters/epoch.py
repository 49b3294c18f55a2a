"""Epoch AI's tables (epoch-research/benchmark-stitching, MIT). Pure.

`data/benchmarks_runs.csv`: their own runs with Inspect, one harness for all; shares of 1, with standard
errors ("choice:0.85±0.02") and the effort after the model's name ("o3_high"). Runs that did not succeed are
left out.
`data/external_benchmark_*.csv`: figures copied from papers, one table per suite, the score in a column of
another name each; copies hold errors, so they are an aggregator's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Final

from aigo.lib.tables import table, table_of
from benchmarks.adapters.origins import Origin
from benchmarks.rows import BadCell, Cells, Reading, ScoreRow, figure, half_interval

RUNS: Final = "Epoch AI benchmarks_runs.csv"
_COLUMNS: Final = frozenset(
    {
        "id",
        "task",
        "model",
        "Best score (across scorers)",
        "Scores",
        "log viewer",
        "logs",
        "started_at",
        "Status",
    }
)
_OPTIONAL: Final = frozenset({"task version"})
_SUITES: Final = {
    "GPQA diamond": "gpqa-diamond", "GPQA Diamond": "gpqa-diamond", "MATH level 5": "math-level-5",
    "MATH Level 5": "math-level-5", "OTIS Mock AIME 2024-2025": "otis-mock-aime",
    "SWE-Bench verified": "swe-bench-verified",
}  # fmt: skip
_EFFORT: Final = re.compile(r"_(low|medium|high|minimal|xhigh|\d+[kK])$")
_VERSION: Final = re.compile(r"\d+\.\d+\.\d+")


def read_runs(data: bytes, origin: Origin) -> Reading:
    """ReadingError: another header."""
    reading = Reading(foreign=True)
    for line, cells in table_of(data, _COLUMNS, _OPTIONAL, reading):
        if cells["Status"] != "Success":
            reading.leave_out("a run that did not succeed")
        elif cells["task"] not in _SUITES:
            reading.leave_out(f"no such suite: {cells['task'][:60]}")
        else:
            reading.read(line, partial(_run, origin=origin), cells)
    return reading


def _run(cells: Cells, origin: Origin) -> ScoreRow:
    stated = cells.text("model", "label", required=True)
    effort = _EFFORT.search(stated)
    label = _EFFORT.sub("", stated)
    version = cells.text("task version", "raw")
    said = ["Epoch AI Inspect run", f"reasoning={effort[1]}" if effort else ""]
    said.append(f"task v{version}" if _VERSION.fullmatch(version) else "")
    suite, scores = cells.text("task", "suite"), cells.text("Scores", "note")
    identity, log = cells.text("id", "raw"), cells.text("log viewer", "source_url")
    cells.column = "started_at"
    day = _day(cells.shown())
    raw = str(cells.number("Best score (across scorers)"))
    value, unit = figure(raw, "fraction")
    return ScoreRow(
        suite=_SUITES[suite], label=label, raw=raw, value=value, unit=unit,
        uncertainty=half_interval(scores, Decimal(raw)), setting="; ".join(filter(None, said)),
        evidence="independent-evaluation", source_name=RUNS, source_url=log or origin.url,
        source_version=origin.version, licence=origin.licence, evaluated=day,
        note=f"run {identity}; scorers {scores}"[:500],
    )  # fmt: skip


def _day(written: str) -> str:
    """ "24 April 2025 3:01pm"; "" = not stated."""
    if not written:
        return ""
    try:
        return datetime.strptime(written, "%d %B %Y %I:%M%p").date().isoformat()  # noqa: DTZ007 (a day)
    except ValueError:
        raise BadCell("not_a_date") from None


@dataclass(frozen=True, slots=True)
class Copied:
    """One of the external tables. `score`: its column of figures, written "63.3%"."""

    name: str
    suite: str
    columns: Sequence[str]
    score: str

    def read(self, data: bytes, origin: Origin) -> Reading:
        """ReadingError: another header."""
        reading = Reading(foreign=True)
        for line, cells in table(data, self.columns, reading):
            if not (cells["Model version"].strip() or cells["Name"].strip()):
                reading.leave_out("no model named")
            elif not cells[self.score].strip():
                reading.leave_out("no figure")
            else:
                reading.read(line, partial(self._row, origin=origin), cells)
        return reading

    def _row(self, cells: Cells, origin: Origin) -> ScoreRow:
        name, version = cells.text("Name", "label"), cells.text("Model version", "label")
        shots, cited = cells.text("Shots", "raw"), cells.text("Source", "note")
        link, identity = cells.text("Source link", "note"), cells.text("id", "raw")
        raw = cells.text(self.score, "raw", required=True).removesuffix("%")
        value, unit = figure(raw, "percent")
        return ScoreRow(
            suite=self.suite, label=version or name, raw=raw, value=value, unit=unit,
            setting=f"{shots}-shot" if shots.isdigit() or shots == "few" else (shots or "shots not recorded"),
            evidence="aggregator", evidence_note="transcribed from paper/leaderboard",
            source_name=f"Epoch AI {self.name} (citing: {cited})"[:200], source_url=origin.url,
            source_version=origin.version, licence=origin.licence,
            note=f"record {identity}; name in source: {name}; original: {link}"[:500],
        )  # fmt: skip


#: Those of suites that we have.
COPIED: Final = (
    Copied(
        "external_benchmark_gsm8k.csv", "gsm8k",
        ("id", "Name", "EM", "Model version", "Shots", "Notes", "Source", "Source link"), "EM",
    ),
    Copied(
        "external_benchmark_mmlu.csv", "mmlu",
        ("id", "Name", "EM", "Model version", "Shots", "Source", "Source link", "Notes"), "EM",
    ),
    Copied(
        "external_benchmark_bbh.csv", "bbh",
        ("id", "Name", "Model version", "Average", "Shots", "Notes", "Source", "Source link"), "Average",
    ),
    Copied(
        "external_benchmark_hellaswag.csv", "hellaswag",
        ("id", "Name", "Model version", "Overall accuracy", "Shots", "Notes", "Source", "Source link"),
        "Overall accuracy",
    ),
    Copied(
        "external_benchmark_arc_ai2.csv", "arc-c",
        (
            *("id", "Name", "Challenge score", "Easy score", "Model version", "Shots"),
            *("Source", "Source link", "Notes"),
        ),
        "Challenge score",
    ),
)  # fmt: skip

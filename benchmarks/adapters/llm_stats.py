"""llm-stats: a model's `benchmarks.json` (JonathanChavezTamales/llm-leaderboard, CC BY 4.0). Pure.

`data/organizations/<org>/models/<id>/benchmarks.json`: a list of {benchmark_id, model_id, score (share of 1),
is_self_reported, self_reported_source_link, analysis_method, created_at, verified_by_llmstats}. All are
copies that nobody there has checked: an aggregator's, never published by themselves. `created_at` is when the
copy was made, not when the figure was measured; MT-Bench is stored divided by 10, and once by 100.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from benchmarks.adapters.documents import has_keys, listing, read_json
from benchmarks.adapters.origins import Origin
from benchmarks.rows import BadCell, Cells, Reading, ScoreRow, figure

SOURCE: Final = "llm-stats model benchmarks.json"
_KEYS: Final = frozenset({"benchmark_id", "model_id", "score"})
#: Their ids → our suites.
_SUITES: Final = {
    "mmlu": "mmlu", "mmlu-pro": "mmlu-pro", "gpqa": "gpqa", "gsm8k": "gsm8k", "hellaswag": "hellaswag",
    "humaneval": "humaneval", "humaneval+": "humaneval-plus", "humaneval-plus": "humaneval-plus",
    "math": "math", "math-500": "math-500", "arc-c": "arc-c", "bbh": "bbh", "big-bench-hard": "bbh",
    "drop": "drop", "truthfulqa": "truthfulqa", "mt-bench": "mt-bench", "ifeval": "ifeval",
    "livecodebench": "livecodebench", "swe-bench-verified": "swe-bench-verified", "aime-2024": "aime-2024",
    "aime-2025": "aime-2025", "aider-polyglot": "aider-polyglot", "mmmu": "mmmu", "mmmu-pro": "mmmu-pro",
}  # fmt: skip


def read(data: bytes, origin: Origin) -> Reading:
    """ReadingError: another shape."""
    reading = Reading(foreign=True)
    for place, item in enumerate(listing(read_json(data), "a list of records"), start=1):
        record = has_keys(item, _KEYS, place)
        name = str(record["benchmark_id"]).casefold()
        if name not in _SUITES:
            reading.leave_out(f"no such suite: {name[:60]}")
            continue
        make = partial(_row, suite=_SUITES[name], record=record, origin=origin)
        reading.read(place, make, record)
    return reading


def _row(cells: Cells, suite: str, record: Mapping[str, Any], origin: Origin) -> ScoreRow:
    label = cells.text("model_id", "label", required=True)
    method = cells.text("analysis_method", "setting")
    link = cells.text("self_reported_source_link", "note")
    raw = cells.number("score")
    if raw is None:
        raise BadCell("missing")
    value, unit = figure(str(raw), "fraction_of_10" if suite == "mt-bench" else "fraction")
    return ScoreRow(
        suite=suite, label=label, raw=str(raw), value=value, unit=unit,
        setting=method or "setting not recorded", evidence="aggregator",
        evidence_note="self-reported figures" if record.get("is_self_reported") else "",
        source_name=SOURCE, source_url=origin.url, source_version=origin.version, licence=origin.licence,
        note="llm-stats record, not verified by llm-stats" + (f"; original: {link}" if link else ""),
    )  # fmt: skip

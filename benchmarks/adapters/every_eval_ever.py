"""Every Eval Ever, the EvalEval Coalition's common format, schema 0.2 and 0.3. Pure.

https://github.com/evaleval/every_eval_ever: one record, or a list of them, of one model as one source tells
of it. `evaluation_name` is matched to our suites by name; others are left out and counted. Scores of a scale
from 0 to 1 are shares. What benchmarks.interchange writes is read back as the same setting.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from typing import Any, Final

from benchmarks.adapters.documents import has_keys, listing, mapping, read_json
from benchmarks.adapters.origins import Origin
from benchmarks.choosing import EVIDENCE
from benchmarks.rows import (
    HALF_INTERVAL,
    BadCell,
    Cells,
    Reading,
    ReadingError,
    ScoreRow,
    clean_number,
    clean_text,
    figure,
    spread,
)  # fmt: skip

_KEYS: Final = frozenset(
    {"schema_version", "evaluation_id", "source_metadata", "eval_library", "model_info", "evaluation_results"}
)
_RESULT: Final = frozenset({"evaluation_name", "metric_config", "score_details"})
_VERSIONS: Final = ("0.2.", "0.3.")
_EVIDENCE: Final = {
    "first_party": "self-reported", "third_party": "independent-evaluation",
    "collaborative": "independent-evaluation", "other": "aggregator",
}  # fmt: skip
#: Of a moment in seconds since 1970, up to the year 5138.
_SECONDS: Final = re.compile(r"\d{9,11}(?:\.\d+)?", re.ASCII)


def read(data: bytes, origin: Origin) -> Reading:
    """ReadingError: another shape, or a version of the schema that is not known."""
    reading = Reading(foreign=True)
    found = read_json(data)
    for place, item in enumerate(found if isinstance(found, list) else [found], start=1):
        record = has_keys(item, _KEYS, place)
        if not str(record["schema_version"]).startswith(_VERSIONS):
            raise ReadingError(
                "other_shape",
                wanted="schema_version 0.2, 0.3",
                value=str(record["schema_version"]),
                row=place,
            )
        for result in listing(record["evaluation_results"], "evaluation_results", place):
            _add(reading, record, has_keys(result, _RESULT, place), origin, place)
    return reading


def _add(
    reading: Reading, record: Mapping[str, Any], result: Mapping[str, Any], origin: Origin, place: int
) -> None:
    source = has_keys(record["source_metadata"], frozenset({"evaluator_relationship"}), place)
    model = has_keys(record["model_info"], frozenset({"name"}), place)
    metric = mapping(result["metric_config"], "metric_config", place)
    details = has_keys(result["score_details"], frozenset({"score"}), place)
    cells = {
        "evaluation_name": result["evaluation_name"],
        "model": model["name"],
        "developer": model.get("developer"),
        "score": details["score"],
        "source_name": source.get("source_name") or source.get("source_organization_name"),
        "version": _detail(source, "source_version"),
        "licence": _detail(source, "licence"),
        "url": _address(details, result, origin),
        "evaluator_relationship": source["evaluator_relationship"],
        "when": _day(result.get("evaluation_timestamp") or record.get("evaluation_timestamp")),
    }
    reading.read(place, partial(_row, source=source, metric=metric, details=details), cells)


def _row(
    cells: Cells, source: Mapping[str, Any], metric: Mapping[str, Any], details: Mapping[str, Any]
) -> ScoreRow:
    suite = cells.text("evaluation_name", "suite", required=True)
    label, maker = cells.text("model", "label", required=True), cells.text("developer", "maker")
    name, url = cells.text("source_name", "source_name", required=True), cells.address("url")
    raw = cells.number("score")
    if raw is None:
        raise BadCell("missing")
    written = _unit(metric)
    value, unit = figure(str(raw), written)
    stated = _detail(source, "evidence_class")
    relation = cells.text("evaluator_relationship", "evidence_note")
    evidence = stated if stated in EVIDENCE else _EVIDENCE.get(relation, "aggregator")
    return ScoreRow(
        suite=suite, label=label, maker=maker, raw=str(raw), value=value, unit=unit,
        uncertainty=_uncertainty(details, written, value), setting=_setting(metric), evidence=evidence,
        evidence_note=relation, source_name=name, source_url=url,
        source_version=cells.text("version", "source_version"), licence=cells.text("licence", "licence"),
        evaluated=cells.day("when"),
    )  # fmt: skip


def _unit(metric: Mapping[str, Any]) -> str:
    """How the scores are written, by their scale."""
    scale = (metric.get("min_score"), metric.get("max_score"))
    if scale == (0, 1):
        return "fraction"
    if scale == (0, 100):
        return "percent"
    return "points" if None not in scale else "elo"


def _setting(metric: Mapping[str, Any]) -> str:
    """As its source states it where the record says so (ours do), else what is said of the evaluation."""
    stated = _detail(metric, "setting_text")
    described = metric.get("evaluation_description")
    return clean_text(stated or (described if isinstance(described, str) else ""), "setting")


def _uncertainty(details: Mapping[str, Any], written: str, value: Decimal) -> Decimal | None:
    """Half of the 95 % interval, from it or from the standard error."""
    stated = details.get("uncertainty")
    if not isinstance(stated, dict):
        return None
    factor = 100 if written == "fraction" else 1
    interval, error = stated.get("confidence_interval"), stated.get("standard_error")
    if isinstance(interval, dict) and interval.get("confidence_level", Decimal("0.95")) == Decimal("0.95"):
        return spread(
            (clean_number(interval.get("upper")) - clean_number(interval.get("lower"))) / 2 * factor
        )
    if isinstance(error, dict):
        return spread(clean_number(error.get("value")) * HALF_INTERVAL * factor)
    return None


def _detail(source: Mapping[str, Any], name: str) -> str:
    details = source.get("additional_details")
    value = details.get(name) if isinstance(details, dict) else None
    return value if isinstance(value, str) else ""


def _address(details: Mapping[str, Any], result: Mapping[str, Any], origin: Origin) -> str:
    """Where the figure itself can be seen: our own records name it; else the file's own address."""
    told = details.get("details")
    if isinstance(told, dict) and isinstance(told.get("source_url"), str):
        return str(told["source_url"])
    return origin.url


def _day(stated: Any) -> str:
    """A day, of "2025-04-30", an ISO moment or seconds since 1970."""
    if isinstance(stated, (int, Decimal)) and not isinstance(stated, bool):
        stated = str(stated)
    if not isinstance(stated, str) or not stated:
        return ""
    if _SECONDS.fullmatch(stated):
        return datetime.fromtimestamp(float(stated), UTC).date().isoformat()
    return stated[:10]

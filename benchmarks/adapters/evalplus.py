"""EvalPlus: a JSON object, model → its pass@1 figures (evalplus/evalplus.github.io, Apache-2.0). Pure.

https://github.com/evalplus/evalplus.github.io/blob/main/results.json: four figures each, any may be null.
`prompted` false means completion by a base model. Their MBPP is no suite here; it is counted as left out.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from benchmarks.adapters.documents import has_keys, mapping, read_json
from benchmarks.adapters.origins import Origin
from benchmarks.rows import Cells, Reading, ScoreRow, figure

SOURCE: Final = "EvalPlus leaderboard results.json"
_KEYS: Final = frozenset({"link", "prompted", "pass@1"})
_SUITES: Final = {"humaneval": "humaneval", "humaneval+": "humaneval-plus", "mbpp+": "mbpp-plus"}


def read(data: bytes, origin: Origin) -> Reading:
    """ReadingError: another shape."""
    reading = Reading(foreign=True)
    for place, (label, item) in enumerate(mapping(read_json(data), "model → record").items(), start=1):
        record = has_keys(item, _KEYS, place)
        figures = mapping(record["pass@1"], "pass@1: {suite: figure}", place)
        for name, raw in figures.items():
            if raw is None:
                continue
            if name not in _SUITES:
                reading.leave_out(f"no such suite: {name}")
                continue
            cells = {"model": label, "link": record["link"], name: raw}
            make = partial(_row, name=name, prompted=bool(record["prompted"]), origin=origin)
            reading.read(place, make, cells)
    return reading


def _row(cells: Cells, name: str, prompted: bool, origin: Origin) -> ScoreRow:
    label = cells.text("model", "label", required=True)
    link = cells.text("link", "note")
    raw = cells.number(name)
    value, unit = figure(str(raw), "percent")
    prompt = "chat prompt" if prompted else "completion (base) prompt"
    return ScoreRow(
        suite=_SUITES[name], label=label, raw=str(raw), value=value, unit=unit,
        setting=f"pass@1; greedy; 0-shot; {prompt}", evidence="independent-evaluation", source_name=SOURCE,
        source_url=origin.url, source_version=origin.version, licence=origin.licence,
        note=f"link={link}" if link else "",
    )  # fmt: skip

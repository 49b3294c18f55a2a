"""SWE-bench's leaderboards (SWE-bench/swe-bench.github.io, CC BY-NC 4.0: figure and link with credit). Pure.

https://github.com/SWE-bench/swe-bench.github.io/blob/master/data/leaderboards.json: `bash-only` holds the
harness fixed and compares models; `Verified` compares a model with a scaffold, which is its setting. The
model stands in the tags only; an entry that names none, or several, is left out. Other boards hold other
problems.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from benchmarks.adapters.documents import has_keys, listing, read_json
from benchmarks.adapters.origins import Origin
from benchmarks.rows import Cells, Reading, ScoreRow, figure

SOURCE: Final = "SWE-bench leaderboards.json"
_KEYS: Final = frozenset({"name", "resolved", "date", "tags"})


def read(data: bytes, origin: Origin) -> Reading:
    """ReadingError: another shape."""
    reading = Reading(foreign=True)
    boards = listing(
        has_keys(read_json(data), frozenset({"leaderboards"}), 0)["leaderboards"], "leaderboards"
    )
    place = 0
    for board in boards:
        name = has_keys(board, frozenset({"name", "results"}), place)["name"]
        for item in listing(board["results"], "results", place):
            place += 1
            entry = has_keys(item, _KEYS, place)
            tags = _tags(entry, place)
            if name not in ("bash-only", "Verified"):
                reading.leave_out(f"another board: {name}")
            elif len(tags.get("Model", ())) != 1:
                reading.leave_out("no model, or several, in the tags")
            else:
                cells = {**entry, "model": tags["Model"][0], "org": (tags.get("Org") or [""])[0]}
                make = partial(_row, board=name, tags=tags, checked=bool(entry.get("checked")), origin=origin)
                reading.read(place, make, cells)
    return reading


def _tags(entry: Mapping[str, Any], place: int) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for tag in listing(entry["tags"] or [], "tags", place):
        name, _colon, value = str(tag).partition(": ")
        found.setdefault(name, []).append(value)
    return found


def _row(cells: Cells, board: str, tags: Mapping[str, list[str]], checked: bool, origin: Origin) -> ScoreRow:
    label, name = cells.text("model", "label", required=True), cells.text("name", "setting", required=True)
    version = cells.text("mini-swe-agent_version", "setting")
    system = next((value for value in tags.get("System", ()) if value.startswith("Attempts - ")), "")
    attempts = system.removeprefix("Attempts - ")
    said = [f"bash-only; mini-SWE-agent {version}".strip()] if board == "bash-only" else [f"scaffold: {name}"]
    said += [f"attempts: {attempts}"] if attempts else []
    told = "checked by the owner" if checked else "submitted, not checked by the owner"
    day, raw = cells.day("date"), cells.number("resolved")
    value, unit = figure(str(raw), "percent")
    return ScoreRow(
        suite="swe-bench-verified", label=label, raw=str(raw), value=value, unit=unit,
        setting="; ".join(said), evidence="benchmark-owner-leaderboard", evidence_note=told,
        source_name=f"{SOURCE} ({board})",
        source_url=origin.url, source_version=origin.version, licence=origin.licence, evaluated=day,
        note=name,
    )  # fmt: skip

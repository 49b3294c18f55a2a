"""A comparison as a sheet: a row for each figure with everything it rests on, or the table as it stands."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from aigo.lib.moments import moment_text
from compare.lines import Line
from compare.table import Cell, Column, Comparison, Row
from compare.telling import written_of

#: Forms of the sheet.
LAYOUTS: Final = ("figures", "table")
#: What a score adds to a figure, by its name in `Cell.extra`.
_OF_SCORES: Final = (
    "published", "raw", "setting", "setting_key", "fit", "evidence", "uncertainty", "conflict",
    "evaluated_on",
)  # fmt: skip


def sheet_rows(comparison: Comparison, layout: str, *, site: str) -> Iterable[dict[str, Any]]:
    """What a CSV has, of what the page shows. `site`: the whole address of this installation."""
    return table_rows(comparison) if layout == "table" else figure_rows(comparison, site=site.rstrip("/"))


def table_rows(comparison: Comparison) -> Iterator[dict[str, Any]]:
    """One for each line: a column for each model, as the page writes it."""
    for row in _rows(comparison):
        told: dict[str, Any] = {
            "section": row.line.section,
            "line": row.line.key,
            "label": str(row.line.label),
            "unit": str(row.line.unit),
        }
        for column, cell in zip(comparison.columns, row.cells, strict=True):
            told[column.slug] = written_of(row.line, cell)
        yield told | {
            "best": " ".join(comparison.columns[place].slug for place in sorted(row.best)),
            "generated_at": moment_text(comparison.generated_at),
        }


def figure_rows(comparison: Comparison, *, site: str) -> Iterator[dict[str, Any]]:
    """One for each line and model. What is not known has no value, and says why; `comparable` is "no" where
    a figure is of another tier, setting or currency than the others of its line.
    """
    frozen = comparison.frozen
    whole = {
        "region": comparison.wish.region,
        "norm": comparison.wish.norm,
        "generated_at": moment_text(comparison.generated_at),
        "frozen": frozen.token if frozen else "",
        "page": site + (frozen.url if frozen else comparison.wish.address()),
    }
    for row in _rows(comparison):
        for column, (cell, best, apart) in zip(comparison.columns, row.marked, strict=True):
            yield {
                **_place(row.line, column),
                "value": _value(cell),
                "written": str(cell.written) if cell.known else None,
                "best": _yes(best),
                "comparable": _yes(not apart) if cell.known else None,
                "differs": _yes(row.differs),
                "why_missing": cell.why or None,
                **_envelope(cell),
                **{f"score_{name}": _told(cell.extra.get(name)) for name in _OF_SCORES},
                **whole,
            }


def _rows(comparison: Comparison) -> list[Row]:
    return [row for group in comparison.shown_groups for row in group.rows]


def _place(line: Line, column: Column) -> dict[str, Any]:
    return {
        "section": line.section,
        "line": line.key,
        "label": str(line.label),
        "unit": str(line.unit),
        "better": line.better,
        "model": column.slug,
        "model_name": column.name,
        "creator": column.creator,
        "endpoint": column.endpoint,
        "provider": column.provider,
    }


def _envelope(cell: Cell) -> dict[str, Any]:
    """The columns of a provenance; what does not apply is empty. Samples also of what is not known."""
    about = cell.provenance.to_json() if cell.provenance else {}
    names = (
        "samples", "window_s", "last_sample_at", "tier", "method_version",
        "source_name", "source_url", "seen_at", "licence", "note",
    )  # fmt: skip
    return {
        "kind": about.get("kind"),
        "measured_from": about.get("region"),
        **{name: about.get(name) for name in names},
        "simulated": _yes(about["simulated"]) if about else None,
    }


def _value(cell: Cell) -> Any:
    """For machines: lists by semicolons; what has parts of its own in words."""
    value = cell.value
    if isinstance(value, bool):
        return _yes(value)
    if isinstance(value, list):
        return "; ".join(map(str, value)) if all(isinstance(one, str) for one in value) else str(cell.written)
    return value


def _told(value: Any) -> Any:
    return _yes(value) if isinstance(value, bool) else value


def _yes(value: object) -> str:
    return "yes" if value else "no"

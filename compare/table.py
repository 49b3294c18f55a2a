"""A comparison as plain, frozen data, and the same as JSON and back without loss.

What pages, the API, exports and frozen comparisons show is one `Comparison`. Its words are lazy: they read in
the language of whoever reads them, also after they were kept (`compare.tongues`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from aigo.lib.moments import moment_text
from aigo.lib.provenance import Provenance
from aigo.lib.writing import NONE
from compare.asking import CompareWish
from compare.envelopes import moment_of, provenance_from, provenance_json
from compare.lines import Line, Section
from compare.reasons import reason_text
from compare.tongues import Text, text_from, text_json

#: What a cell may hold: JSON, and nothing that only Python knows.
Json = Any
#: Grows when the JSON of a comparison is no longer read as before.
VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Cell:
    """What one column says on one line.

    value: for machines; `written`: for readers, without the line's unit. missing: the code of a reason (see
    `compare.reasons`), "" = known; then value is None and written "—". extra: what else a page may show,
    by name: `href` (what the figure links to), `items` (of a list: [{"text", "href"?, "note"?}]), `scale`
    (what must be alike to compare), and what a section adds, such as `setting` or `raw` of a score.
    """

    value: Json = None
    written: Text = NONE
    provenance: Provenance | None = None
    missing: str = ""
    extra: Mapping[str, Json] = field(default_factory=dict)

    @property
    def known(self) -> bool:
        return not self.missing

    @property
    def why(self) -> str:
        """Why there is nothing, as one sentence; "" = there is."""
        return reason_text(self.missing, self.extra) if self.missing else ""

    @property
    def items(self) -> list[Mapping[str, Any]]:
        """Of a list: {"text", "href", "note"}; texts read in the present language."""
        return [
            {
                "text": text_from(item["text"]),
                "href": item.get("href", ""),
                "note": text_from(item.get("note", "")),
            }
            for item in self.extra.get("items", ())
        ]

    @property
    def href(self) -> str:
        """What the figure leads to, "" = nowhere."""
        return str(self.extra.get("href", ""))


@dataclass(frozen=True, slots=True)
class Row:
    """A line with a cell for each column. Places of columns: `best` and its equals; `apart`: known figures
    that do not compare with the rest (another tier, setting or currency). `differs`: it tells columns apart.
    """

    line: Line
    cells: tuple[Cell, ...]
    best: frozenset[int] = frozenset()
    differs: bool = False
    apart: frozenset[int] = frozenset()

    @property
    def marked(self) -> list[tuple[Cell, bool, bool]]:
        """(cell, is it best, does it stand apart) in the columns' order."""
        return [(cell, place in self.best, place in self.apart) for place, cell in enumerate(self.cells)]


@dataclass(frozen=True, slots=True)
class Column:
    """A model as it was asked for (`slug`), and the endpoint that it stands for ("" = nobody serves it).

    `state`: over the chosen region, "" = nobody measures it. `lifecycle`: of the endpoint, else of the model.
    `icon`: {"monogram", "color"} of the provider. `url`: its page.
    """

    slug: str
    endpoint: str
    name: str
    provider: str
    creator: str
    icon: Mapping[str, str]
    state: str
    simulated: bool
    url: str
    lifecycle: str
    model: str = ""
    provider_slug: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    section: Section
    rows: tuple[Row, ...]

    @property
    def differing(self) -> tuple[Row, ...]:
        """The rows that tell the columns apart."""
        return tuple(row for row in self.rows if row.differs)


@dataclass(frozen=True, slots=True)
class Frozen:
    """What makes a comparison one of former figures: the token of its address, and when it was made (UTC)."""

    token: str
    made_at: datetime

    @property
    def url(self) -> str:
        return f"/compare/as-of/{self.token}/"


@dataclass(frozen=True, slots=True)
class Comparison:
    """`notes`: sentences that hold for the whole. `generated_at`: the moment of its figures, UTC.

    `frozen` None = it is of the present. `away`: the part that does not answer, so that these are the last
    figures there were; "" = none.
    """

    wish: CompareWish
    columns: tuple[Column, ...]
    groups: tuple[Group, ...]
    notes: tuple[Text, ...]
    generated_at: datetime
    frozen: Frozen | None = None
    away: str = ""

    @property
    def rows(self) -> tuple[Row, ...]:
        """All lines, in order."""
        return tuple(row for group in self.groups for row in group.rows)

    @property
    def simulated(self) -> bool:
        return any(column.simulated for column in self.columns)

    @property
    def shown_groups(self) -> tuple[Group, ...]:
        """What the wish leaves: all rows, or those that differ; groups without one are left out."""
        if not self.wish.only_differences:
            return self.groups
        left = (replace(group, rows=group.differing) for group in self.groups)
        return tuple(group for group in left if group.rows)

    def group(self, key: str) -> Group | None:
        """One section, None = it has no row."""
        return next((group for group in self.groups if group.section.key == key), None)

    def row(self, key: str) -> Row | None:
        """One line by its key, None = the comparison has none such."""
        return next((row for row in self.rows if row.line.key == key), None)

    @property
    def pinned(self) -> tuple[Row, ...]:
        """The rows that stay in sight."""
        return tuple(row for row in self.rows if row.line.pinned)


def comparison_json(comparison: Comparison) -> dict[str, Any]:
    """Everything but `frozen` and `away`, which are not of its figures. Envelopes are told once each."""
    pool: dict[str, int] = {}
    envelopes: list[dict[str, Any]] = []

    def place_of(provenance: Provenance | None) -> int | None:
        if provenance is None:
            return None
        told = provenance_json(provenance)
        key = repr(told)
        if key not in pool:
            pool[key] = len(envelopes)
            envelopes.append(told)
        return pool[key]

    wish = comparison.wish
    groups = [
        {
            "key": group.section.key,
            "title": text_json(group.section.title),
            "rows": [_row_json(row, place_of) for row in group.rows],
        }
        for group in comparison.groups
    ]
    return {
        "version": VERSION,
        "wish": {
            "models": list(wish.models),
            "region": wish.region,
            "norm": wish.norm,
            "only_differences": wish.only_differences,
        },
        "columns": [column_json(column) for column in comparison.columns],
        "groups": groups,
        "notes": [text_json(note) for note in comparison.notes],
        "generated_at": moment_text(comparison.generated_at),
        "provenances": envelopes,
    }


def comparison_from_json(body: Mapping[str, Any], *, frozen: Frozen | None = None) -> Comparison:
    """What `comparison_json` told. ValueError: of a version that this program does not read."""
    if body["version"] != VERSION:
        raise ValueError(f"A comparison of version {body['version']!r} cannot be read; this reads {VERSION}.")
    envelopes = [provenance_from(told) for told in body["provenances"]]
    wish = body["wish"]
    return Comparison(
        wish=CompareWish(tuple(wish["models"]), wish["region"], wish["norm"], wish["only_differences"]),
        columns=tuple(Column(**column) for column in body["columns"]),
        groups=tuple(
            Group(
                Section(group["key"], text_from(group["title"])),
                tuple(_row_from(row, envelopes) for row in group["rows"]),
            )
            for group in body["groups"]
        ),
        notes=tuple(text_from(note) for note in body["notes"]),
        generated_at=moment_of(body["generated_at"]),
        frozen=frozen,
    )


def column_json(column: Column) -> dict[str, Any]:
    """By the names of its fields."""
    return {name: getattr(column, name) for name in Column.__slots__} | {"icon": dict(column.icon)}


def line_json(line: Line) -> dict[str, Any]:
    """By the names of its fields but for the section's; words in both languages."""
    names = ("key", "better", "kind", "pinned", "optional")
    words = {name: text_json(getattr(line, name)) for name in ("label", "definition", "unit")}
    return {name: getattr(line, name) for name in names} | words | {"section": line.section}


def _row_json(row: Row, place_of: Any) -> dict[str, Any]:
    return {
        "line": line_json(row.line),
        "best": sorted(row.best),
        "apart": sorted(row.apart),
        "differs": row.differs,
        "cells": [
            {
                "value": cell.value,
                "written": text_json(cell.written),
                "provenance": place_of(cell.provenance),
                "missing": cell.missing,
                "extra": dict(cell.extra),
            }
            for cell in row.cells
        ],
    }


def _row_from(told: Mapping[str, Any], envelopes: list[Provenance]) -> Row:
    line = dict(told["line"])
    words = {name: text_from(line[name]) for name in ("label", "definition", "unit")}
    return Row(
        line=Line(**{**line, **words}),
        cells=tuple(
            Cell(
                value=cell["value"],
                written=text_from(cell["written"]),
                provenance=None if cell["provenance"] is None else envelopes[cell["provenance"]],
                missing=cell["missing"],
                extra=cell["extra"],
            )
            for cell in told["cells"]
        ),
        best=frozenset(told["best"]),
        differs=told["differs"],
        apart=frozenset(told["apart"]),
    )

"""The matrix as a table on paper: its words in the active language, its signs as on the page."""

from typing import Final

from django.utils.formats import date_format, number_format
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from aigo.lib.printing import HEATS, MOST_HEADS, MOST_LINES, Field, Head, Line, Paper, Shape, Sign
from benchmarks.composites import Mix
from benchmarks.matrix import Cell, Column, Matrix, Row
from benchmarks.models import Evidence, Unit
from benchmarks.store import Store
from benchmarks.wording import FILTER_WORDS

#: Evidence class → its sign: filled where whoever measured has no interest in the figure, as on the page.
SHAPES: Final[dict[str, Shape]] = {
    Evidence.INDEPENDENT.value: "disc",
    Evidence.OWNER.value: "square",
    Evidence.QUOTED.value: "diamond",
    Evidence.SELF.value: "ring",
    Evidence.OTHER_LAB.value: "box",
    Evidence.AGGREGATOR.value: "dots",
}
CONFLICT: Final = "≠"


def paper_of(store: Store, matrix: Matrix, *, address: str, site: str) -> Paper:
    """The first MOST_LINES models and as many suites as fit; says so where there are more.

    `address`: of the page that shows the same; `site`: of this installation. Both whole.
    """
    columns = matrix.suites[: MOST_HEADS - 1]
    rows = matrix.rows[:MOST_LINES]
    heads = [_head(column, site) for column in columns]
    if matrix.policy.mix:
        heads.insert(0, Head(_("Composite"), _("coverage")))
    return Paper(
        title=_("Benchmark scores"),
        lead=_lead(matrix),
        corner=_("Model"),
        heads=tuple(heads),
        lines=tuple(_line(matrix, row, len(columns), site) for row in rows),
        legend=tuple(_legend(matrix)),
        foot=tuple(_foot(store, matrix, len(rows), len(columns))),
        address=address,
        language=(get_language() or "en").split("-")[0],
        page_of=_("Page {page} of {pages}"),
        columns_of=_("Columns {first} to {last} of {count}"),
    )


def _head(column: Column, site: str) -> Head:
    suite = column.suite
    below = "%" if suite.unit == Unit.PERCENT else str(suite.unit_label)
    if not suite.higher_is_better:
        below = _("%(unit)s, lower is better") % {"unit": below}
    return Head(suite.name, below, f"{site.rstrip('/')}/benchmarks/{suite.slug}/")


def _line(matrix: Matrix, row: Row, columns: int, site: str) -> Line:
    fields = [_field(cell) for cell in row.cells[:columns]]
    if matrix.policy.mix:
        fields.insert(0, _composite(row))
    below = row.model.creator_name
    if row.model.released:
        below = f"{below} · {row.model.released}"
    return Line(
        title=row.model.name,
        fields=tuple(fields),
        below=below,
        lead=str(row.rank) if row.rank else "",
        url=f"{site.rstrip('/')}/models/{row.model.slug}/",
    )


def _composite(row: Row) -> Field:
    if row.composite is None:
        return Field()
    share = _("%(used)s of %(count)s") % {"used": row.composite.used, "count": row.composite.of}
    return Field(row.composite_written, share)


def _field(cell: Cell | None) -> Field:
    """The normalised value over the published one; the published one alone where there is no other."""
    if cell is None:
        return Field()
    published = f"{cell.written} %" if cell.suite.unit == Unit.PERCENT else cell.written
    return Field(
        text=cell.shown,
        below=published if cell.normalised is not None else "",
        shape=SHAPES[cell.evidence],
        mark=CONFLICT if cell.conflict else "",
        dotted=cell.fit == "other",
        heat=None if cell.heat is None else min(cell.heat, HEATS - 1),
    )


def _lead(matrix: Matrix) -> str:
    """ "1,204 scores of 131 models in 12 suites, from 61 sources." and what the policy means."""
    found = matrix.found
    counted = _("Scores: %(scores)s; models: %(models)s; suites: %(suites)s; cited sources: %(sources)s.") % {
        name: _whole(getattr(found, name)) for name in ("scores", "models", "suites", "sources")
    }
    return f"{counted} {matrix.policy.label}: {matrix.policy.note}"


def _legend(matrix: Matrix) -> list[Sign]:
    """Only the signs that occur."""
    cells = [cell for row in matrix.rows for cell in row.cells if cell]
    classes = {cell.evidence for cell in cells}
    signs = [Sign(str(label), shape=SHAPES[value]) for value, label in Evidence.choices if value in classes]
    if any(cell.fit == "other" for cell in cells):
        signs.append(Sign(_("another setting than the suite’s reference"), mark="00.0", dotted=True))
    if any(cell.conflict for cell in cells):
        signs.append(Sign(_("sources contradict each other"), mark=CONFLICT))
    if any(cell is None for row in matrix.rows for cell in row.cells):
        signs.append(Sign(_("no published value"), mark="—"))
    return signs


def _foot(store: Store, matrix: Matrix, rows: int, columns: int) -> list[str]:
    """What was left out, how the composite is weighed, which filters, when."""
    told = []
    if rows < len(matrix.rows):
        told.append(
            _("The first %(rows)s of %(count)s models in this order; the CSV has all.")
            % {"rows": _whole(rows), "count": _whole(len(matrix.rows))}
        )
    if columns < len(matrix.suites):
        told.append(
            _("The first %(columns)s of %(count)s suites; the CSV has all.")
            % {"columns": _whole(columns), "count": _whole(len(matrix.suites))}
        )
    if mix := matrix.policy.mix:
        told.append(_weights(store, mix))
    told.append(_filters(matrix))
    if matrix.wish.as_of:
        told.append(_("As readers saw it at the end of %(day)s (UTC).") % {"day": matrix.wish.as_of})
    told.append(
        _(
            "Figures are those of the cited sources; the page below and its CSV have the address, setting "
            "and version of each. Made on %(moment)s UTC."
        )
        % {"moment": date_format(matrix.generated_at, "Y-m-d H:i")}
    )
    return told


def _weights(store: Store, mix: Mix) -> str:
    shares = ", ".join(
        f"{store.suites[slug].name if slug in store.suites else slug} {share:.0f} %"
        for slug, share in mix.shares
    )
    return _("%(name)s: weighted mean of %(shares)s; shown from %(least)s %% of the weights on.") % {
        "name": str(mix.name),
        "shares": shares,
        "least": f"{100 * mix.recipe.least_coverage:.0f}",
    }


def _filters(matrix: Matrix) -> str:
    """The parameters that narrow it, in words of their own names."""
    words = {name: label for name, label in FILTER_WORDS.items() if name != "as_of"}
    told = [
        f"{words[name]}: {value.replace(',', ', ')}" for name, value in matrix.wish.pairs if name in words
    ]
    return _("Filters: %(filters)s.") % {"filters": "; ".join(told) if told else pgettext("filters", "none")}


def _whole(number: int) -> str:
    return str(number_format(number, use_l10n=True, force_grouping=True))

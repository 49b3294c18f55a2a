"""The matrix in other forms: sheets of rows, and paper. Cut from the same store as the pages."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from aigo.lib.moments import moment_text
from benchmarks.facts import ScoreFacts
from benchmarks.matrix import Cell, Matrix, Row
from benchmarks.normalising import three_places
from benchmarks.store import Store

#: Forms of the sheet: a row for each figure with everything it rests on, or the matrix as it stands.
LAYOUTS: Final = ("scores", "matrix")


def scores_of(store: Store, matrix: Matrix) -> Iterator[tuple[Row, Cell, ScoreFacts]]:
    """Every figure behind the matrix: row by row, suite by suite, the one that the cell shows first."""
    classes = frozenset(matrix.wish.evidence)
    for row in matrix.rows:
        for cell in row.cells:
            if cell:
                for score in store.cells.get((cell.suite.slug, row.model.slug), ()):
                    if not classes or score.evidence in classes:
                        yield row, cell, score


def sheet_rows(store: Store, matrix: Matrix, layout: str, *, site: str) -> Iterable[dict[str, Any]]:
    """What a CSV has. `site`: the whole address of this installation."""
    return matrix_rows(matrix) if layout == "matrix" else score_rows(store, matrix, site=site)


def score_rows(store: Store, matrix: Matrix, *, site: str) -> Iterator[dict[str, Any]]:
    """One for each figure; what is not stated is empty. `shown`: the matrix shows this one of its cell."""
    scales = {column.suite.slug: column.scale for column in matrix.suites}
    raw = matrix.wish.norm == "raw"
    for row, cell, score in scores_of(store, matrix):
        normalised = None if raw else three_places(scales[score.suite].of(score.value))
        yield {
            "suite": score.suite,
            "suite_name": cell.suite.name,
            "model": row.model.slug,
            "model_name": row.model.name,
            "creator": row.model.creator_name,
            "released_on": row.model.released or None,
            "value": score.value,
            "unit": cell.suite.unit,
            "uncertainty": score.uncertainty,
            "as_written": score.raw,
            "normalised": normalised,
            "norm": matrix.wish.norm,
            "shown": "yes" if score.pk == cell.score_id else "no",
            "conflict": "yes" if cell.conflict else "no",
            "setting": score.setting.key,
            "setting_as_written": score.setting_text,
            "setting_fit": score.fit,
            "evidence": score.evidence,
            "evidence_note": score.evidence_note,
            "source_name": score.source_name,
            "source_url": score.source_url,
            "source_version": score.source_version,
            "evaluated_on": score.evaluated,
            "licence": score.licence,
            "licence_class": score.licence_class,
            "label_in_source": score.label,
            "maker_in_source": score.maker,
            "note": score.note,
            "published_at": moment_text(score.published_at),
            "page": f"{site.rstrip('/')}/benchmarks/scores/{score.pk}/",
            "generated_at": moment_text(matrix.generated_at),
        }


def matrix_rows(matrix: Matrix) -> Iterator[dict[str, Any]]:
    """One for each model: per suite the normalised value, the published one and the id of its score."""
    raw = matrix.wish.norm == "raw"
    for row in matrix.rows:
        told: dict[str, Any] = {
            "rank": row.rank,
            "model": row.model.slug,
            "model_name": row.model.name,
            "creator": row.model.creator_name,
            "released_on": row.model.released or None,
        }
        if matrix.policy.mix:
            told["composite"] = three_places(row.composite.value) if row.composite else None
            told["composite_coverage"] = three_places(row.coverage)
        for column, cell in zip(matrix.suites, row.cells, strict=True):
            slug = column.suite.slug
            if not raw:
                told[f"{slug} {matrix.wish.norm}"] = three_places(cell.normalised) if cell else None
            told[f"{slug} published"] = cell.value if cell else None
            told[f"{slug} score_id"] = cell.score_id if cell else None
        yield told | {"norm": matrix.wish.norm, "generated_at": moment_text(matrix.generated_at)}

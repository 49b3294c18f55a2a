"""What others measured: the published figure of each model in each suite that any of them has one in."""

from collections.abc import Iterable, Sequence
from typing import Any

from benchmarks.matrix import Cell as ScoreCell
from benchmarks.matrix import Column as Suite
from benchmarks.matrix import Matrix
from benchmarks.setting import AGREEING
from compare.best import NONE
from compare.lines import Line, suite_line
from compare.sections.rows import absent, figure, row_of
from compare.subjects import Subject
from compare.table import Cell, Row
from compare.tongues import lazily

#: The scale of figures in the suite's reference setting, or in one that agrees with all that it states.
REFERENCE = "reference"


def rows(subjects: Sequence[Subject], matrix: Matrix) -> Iterable[Row]:
    """A row for each suite, in the suites' order."""
    for column in matrix.suites:
        slug = column.suite.slug
        if any(slug in subject.scores for subject in subjects):
            cells = tuple(_cell(subject, slug) for subject in subjects)
            yield row_of(_line(column, matrix), cells)


def _line(column: Suite, matrix: Matrix) -> Line:
    """Normalised figures run from 0 to 100, the more the better; others are in the suite's own unit."""
    suite = column.suite
    raw = matrix.policy.norm == "raw" or column.scale.zero is None
    return suite_line(
        suite.slug,
        suite.name,
        lazily(lambda: str(suite.summary)),
        unit=suite.unit_mark if raw else "",
        higher_is_better=suite.higher_is_better if raw else True,
    )


def _cell(subject: Subject, slug: str) -> Cell:
    found = subject.scores.get(slug)
    if found is None:
        return absent("no_score")
    value = found.value if found.normalised is None else round(found.normalised, 3)
    return figure(
        value,
        found.shown,
        found.provenance,
        scale=_scale(found),
        href=f"/benchmarks/scores/{found.score_id}/",
        **_about(found),
    )


def _scale(found: ScoreCell) -> str:
    """One setting; what is not stated compares with nothing, nor a normalised figure with a raw one."""
    if found.fit == "unstated":
        return NONE
    setting = REFERENCE if found.fit in AGREEING else found.setting.key
    return f"{setting} raw" if found.normalised is None else setting


def _about(found: ScoreCell) -> dict[str, Any]:
    return {
        "score": found.score_id,
        "raw": found.score.raw,
        "published": f"{found.written}{found.suite.unit_mark}",
        "setting": found.setting.label or found.score.setting_text,
        "setting_key": found.setting.key,
        "fit": found.fit,
        "same_setting": found.same_setting,
        "evidence": found.evidence,
        "uncertainty": found.uncertainty,
        "conflict": found.conflict,
        "others": found.others,
        "evaluated_on": found.score.evaluated,
    }

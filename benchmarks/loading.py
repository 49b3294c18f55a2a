"""Reading what readers see of scores into one store: references, scales and what each cell shows follow."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from django.db.models import FloatField, QuerySet
from django.db.models.functions import Cast

from benchmarks.choosing import by_preference
from benchmarks.facts import Both, ModelFacts, ScoreFacts, SuiteFacts
from benchmarks.models import Score, Suite
from benchmarks.models.suites import TOLD
from benchmarks.normalising import Scale, sota_scale
from benchmarks.setting import UNSTATED, read_setting
from benchmarks.store import Store, counts_of
from catalog.korean import spellings_of
from catalog.models import AIModel

SCORE_COLUMNS: Final = (
    *("pk", "suite_id", "model_id", "label", "maker", "raw", "figure", "margin", "setting_text"),
    *("evidence", "evidence_note", "source__slug", "source_name", "source_url", "source_version"),
    *("licence", "licence_class", "evaluated_on", "note", "suspect", "published_at", "withdrawn_at"),
    *("supersedes_id", "seen_at", "evaluated_as"),
)
_SETTING: Final = SCORE_COLUMNS.index("setting_text")
_MODEL: Final = (
    *("pk", "slug", "name", "creator__slug", "creator__name", "family", "released_on", "open_weights"),
    *("simulated", "released_precision"),
)
#: A setting is a suite's reference, where no editor has named one, if so many of its figures are taken in it.
LEAST_SHARED: Final = 2


def end_of(day: str) -> datetime:
    """The last moment of a day, UTC."""
    next_day = datetime.combine(date.fromisoformat(day) + timedelta(days=1), time(), UTC)
    return next_day - timedelta(microseconds=1)


def load_store(as_of: str = "", *, now: datetime) -> Store:
    """Everything that readers see now, or saw at the end of a day (YYYY-MM-DD). Three queries."""
    suites = {found.pk: suite_facts(found) for found in Suite.objects.all()}
    shown = Score.objects.shown_at(min(end_of(as_of), now)) if as_of else Score.objects.shown()
    rows = list(score_rows(shown))
    models = models_facts(pk__in={row[2] for row in rows})
    references = references_of(rows, suites)
    of_suite: dict[str, list[ScoreFacts]] = defaultdict(list)
    for score in score_facts(rows, suites, models, references):
        of_suite[score.suite].append(score)
    by_slug = {suite.slug: suite for suite in suites.values()}
    scores = {score.pk: score for found in of_suite.values() for score in found}
    return Store(
        at=now,
        as_of=as_of,
        suites=by_slug,
        models={model.slug: model for model in sorted(models.values(), key=_by_name)},
        scores=scores,
        cells=_cells(scores.values()),
        references=references,
        scales={slug: _scale(by_slug[slug], found) for slug, found in of_suite.items()},
        anchors={slug: _anchor(by_slug[slug], found) for slug, found in of_suite.items()},
        counts=counts_of(scores.values()),
    )


def score_rows(scores: QuerySet[Score]) -> QuerySet[Score, tuple[Any, ...]]:
    """Rows of SCORE_COLUMNS. The database makes the figures floats: Decimals took a tenth of the whole."""
    figures = {"figure": Cast("value", FloatField()), "margin": Cast("uncertainty", FloatField())}
    return scores.order_by().annotate(**figures).values_list(*SCORE_COLUMNS)


def references_of(rows: Iterable[tuple[Any, ...]], suites: Mapping[int, SuiteFacts]) -> dict[str, str]:
    """Suite → the setting its figures are compared in: the editors', else the one that most models share.

    "" = none: no stated setting is shared by two models. Suites without a figure are left out.
    """
    shared: dict[int, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    for row in rows:
        key = read_setting(row[_SETTING], suites[row[1]].slug).key
        shared[row[1]][key].add(row[2])
    return {
        suites[pk].slug: suites[pk].reference_setting or _commonest(models) for pk, models in shared.items()
    }


def _commonest(models: Mapping[str, set[int]]) -> str:
    stated = [(len(found), key) for key, found in models.items() if key != UNSTATED]
    sharing, key = max(stated, default=(0, ""))
    return key if sharing >= LEAST_SHARED else ""


def _by_name(model: ModelFacts) -> tuple[str, str]:
    return model.name.casefold(), model.slug


def _anchor(suite: SuiteFacts, scores: Sequence[ScoreFacts]) -> ScoreFacts:
    sign = -1 if suite.higher_is_better else 1
    return min(scores, key=lambda score: (sign * score.value, score.pk))


def _scale(suite: SuiteFacts, scores: Iterable[ScoreFacts]) -> Scale:
    return sota_scale(
        (score.value for score in scores),
        random_baseline=suite.random_baseline,
        scale_min=suite.scale_min,
        scale_max=suite.scale_max,
        higher_is_better=suite.higher_is_better,
    )


def _cells(scores: Iterable[ScoreFacts]) -> dict[tuple[str, str], tuple[ScoreFacts, ...]]:
    together: dict[tuple[str, str], list[ScoreFacts]] = defaultdict(list)
    for score in scores:
        together[score.suite, score.model].append(score)
    return {key: tuple(found) if len(found) == 1 else _sorted(found) for key, found in together.items()}


def _sorted(scores: Sequence[ScoreFacts]) -> tuple[ScoreFacts, ...]:
    by_id = {score.pk: score for score in scores}
    return tuple(by_id[candidate.id] for candidate in by_preference(score.candidate for score in scores))


def models_facts(**filters: Any) -> dict[int, ModelFacts]:
    """Models of the catalogue by key."""
    rows = AIModel.objects.filter(**filters).values_list(*_MODEL)
    return {row[0]: _model_facts(row) for row in rows}


def _model_facts(row: tuple[Any, ...]) -> ModelFacts:
    pk, slug, name, creator, maker, family, released_on, is_open, simulated, precision = row
    spelled = (text for known in (name, maker, family) for text in spellings_of(known))
    words = " ".join((name, slug, maker, family, *spelled)).casefold()
    known = (pk, slug, name, creator, maker, family, released_on, is_open, simulated, precision, words)
    return ModelFacts(*known)


def score_facts(
    rows: Iterable[tuple[Any, ...]],
    suites: Mapping[int, SuiteFacts],
    models: Mapping[int, ModelFacts],
    references: Mapping[str, str],
) -> list[ScoreFacts]:
    """Rows of SCORE_COLUMNS, frozen. `references`: of their suites."""
    found = []
    for pk, suite_id, model_id, label, maker, raw, value, margin, text, *rest in rows:
        suite = suites[suite_id].slug
        setting = read_setting(text, suite)
        figure = (raw, value, margin, text, setting, setting.fits(references.get(suite, "")))
        found.append(ScoreFacts(pk, suite, models[model_id].slug, label, maker, *figure, *rest))
    return found


def suite_facts(row: Suite) -> SuiteFacts:
    """A suite's row, frozen."""
    known: dict[str, Any] = {name: getattr(row, name) for name in _SAME}
    known |= {name: _number(getattr(row, name)) for name in ("scale_min", "scale_max", "random_baseline")}
    known |= {name: Both(getattr(row, name), getattr(row, f"{name}_ko")) for name in TOLD}
    sources = tuple((found.get("name", ""), found.get("url", "")) for found in row.sources)
    return SuiteFacts(**known, sources=sources)


_SAME: Final = (
    *("pk", "slug", "name", "full_name", "position", "topic", "year", "unit", "higher_is_better"),
    *("random_basis", "lifecycle", "reference_setting", "licence", "paper_url"),
)


def _number(value: Any) -> float | None:
    return None if value is None else float(value)

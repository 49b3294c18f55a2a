"""Reading what readers see of scores into one store: references, scales and what each cell shows follow."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

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
    *("pk", "suite_id", "model_id", "label", "maker", "raw", "value", "uncertainty", "setting_text"),
    *("evidence", "evidence_note", "source__slug", "source_name", "source_url", "source_version"),
    *("licence", "licence_class", "evaluated_on", "note", "suspect", "published_at", "withdrawn_at"),
    *("supersedes_id", "seen_at"),
)
_MODEL: Final = (
    *("pk", "slug", "name", "creator__slug", "creator__name", "family", "released_on", "open_weights"),
    "simulated",
)
#: A setting is a suite's reference, where no editor has named one, if so many of its figures are taken in it.
LEAST_SHARED: Final = 2


def end_of(day: str) -> datetime:
    """The last moment of a day, UTC."""
    return datetime.combine(date.fromisoformat(day) + timedelta(days=1), time(), UTC) - timedelta(
        microseconds=1
    )


def load_store(as_of: str = "", *, now: datetime) -> Store:
    """Everything that readers see now, or saw at the end of a day (YYYY-MM-DD). Three queries."""
    suites = {found.pk: suite_facts(found) for found in Suite.objects.all()}
    shown = Score.objects.shown_at(min(end_of(as_of), now)) if as_of else Score.objects.shown()
    rows = list(shown.order_by().values_list(*SCORE_COLUMNS))
    models = models_facts(pk__in={row[2] for row in rows})
    return store_of(suites.values(), models.values(), score_facts(rows, suites, models), at=now, as_of=as_of)


def store_of(
    suites: Iterable[SuiteFacts],
    models: Iterable[ModelFacts],
    scores: Iterable[ScoreFacts],
    *,
    at: datetime,
    as_of: str = "",
) -> Store:
    """A store of these. References, scales and what each cell shows follow from them."""
    by_slug = {suite.slug: suite for suite in suites}
    of_suite: dict[str, list[ScoreFacts]] = defaultdict(list)
    for score in scores:
        of_suite[score.suite].append(score)
    references = {slug: reference_of(by_slug[slug], found) for slug, found in of_suite.items()}
    fitted = {
        score.pk: replace(score, fit=score.setting.fits(references[slug])) if references[slug] else score
        for slug, found in of_suite.items()
        for score in found
    }
    anchors = {
        slug: _anchor(by_slug[slug], [fitted[one.pk] for one in found]) for slug, found in of_suite.items()
    }
    return Store(
        at=at,
        as_of=as_of,
        suites=by_slug,
        models={
            model.slug: model for model in sorted(models, key=lambda one: (one.name.casefold(), one.slug))
        },
        scores=fitted,
        cells=_cells(fitted.values()),
        references=references,
        scales={slug: _scale(by_slug[slug], found) for slug, found in of_suite.items()},
        anchors=anchors,
        counts=counts_of(fitted.values()),
    )


def reference_of(suite: SuiteFacts, scores: Iterable[ScoreFacts]) -> str:
    """The setting that a suite's figures are compared in: the editors', else the one that most models share.

    "" = none: no stated setting is shared by two models.
    """
    if suite.reference_setting:
        return suite.reference_setting
    models: dict[str, set[str]] = defaultdict(set)
    for score in scores:
        if score.setting.key != UNSTATED:
            models[score.setting.key].add(score.model)
    key, sharing = max(models.items(), key=lambda item: (len(item[1]), item[0]), default=("", set()))
    return key if len(sharing) >= LEAST_SHARED else ""


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
    pk, slug, name, creator, maker, family, released_on, is_open, simulated = row
    spelled = (text for known in (name, maker, family) for text in spellings_of(known))
    words = " ".join((name, slug, maker, family, *spelled)).casefold()
    known = (pk, slug, name, creator, maker, family, released_on, is_open, simulated, words)
    return ModelFacts(*known)


def score_facts(
    rows: Iterable[tuple[Any, ...]], suites: Mapping[int, SuiteFacts], models: Mapping[int, ModelFacts]
) -> list[ScoreFacts]:
    """Rows of SCORE_COLUMNS, frozen."""
    found = []
    for row in rows:
        pk, suite_id, model_id, label, maker, raw, value, uncertainty, setting_text, *rest = row
        suite = suites[suite_id].slug
        known = None if uncertainty is None else float(uncertainty)
        setting = read_setting(setting_text, suite)
        figure = (float(value), known, setting_text, setting)
        found.append(ScoreFacts(pk, suite, models[model_id].slug, label, maker, raw, *figure, *rest))
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

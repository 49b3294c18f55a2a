"""A suite, a model and a published figure, as pages and the API read them: plain and frozen."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import get_language

from aigo.lib.moments import moment_text
from aigo.lib.provenance import Provenance
from benchmarks.choosing import Candidate
from benchmarks.models import Evidence, Suite, Unit
from benchmarks.setting import Fit, Setting
from benchmarks.wording import EVIDENCE_WORDS
from catalog.listing import day_text

#: Decimals of a value by its suite's unit.
DECIMALS: Final = {Unit.PERCENT.value: 1, Unit.POINTS.value: 2, Unit.ELO.value: 0}
#: So long before its release a model may have been measured: by its maker, and by others.
AHEAD_OF_RELEASE: Final = {Evidence.SELF.value: timedelta(days=31)}
AHEAD_OF_OTHERS: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Both:
    """A text in both languages; as text, in that of the reader."""

    en: str
    ko: str

    def __str__(self) -> str:
        return (self.ko or self.en) if (get_language() or "").startswith("ko") else (self.en or self.ko)

    def __bool__(self) -> bool:
        return bool(self.en or self.ko)

    def to_json(self) -> dict[str, str] | None:
        """Each filled from the other; None = there is no text."""
        return {"en": self.en or self.ko, "ko": self.ko or self.en} if self else None


@dataclass(frozen=True, slots=True)
class SuiteFacts:
    """A suite, as benchmarks.models.Suite has it. `sources`: (name, address) of its own facts."""

    pk: int
    slug: str
    name: str
    full_name: str
    position: int
    topic: str
    year: int | None
    task_type: Both
    metric: Both
    unit: str
    scale_min: float | None
    scale_max: float | None
    higher_is_better: bool
    items: Both
    random_baseline: float | None
    random_basis: str
    human_baseline: Both
    lifecycle: str
    reference_setting: str
    summary: Both
    detail: Both
    caveats: Both
    licence: str
    paper_url: str
    sources: tuple[tuple[str, str], ...] = ()

    @property
    def topic_label(self) -> str | Promise:
        return Suite.Topic(self.topic).label

    @property
    def lifecycle_label(self) -> str | Promise:
        return Suite.Lifecycle(self.lifecycle).label

    @property
    def random_basis_label(self) -> str | Promise:
        """How the value of guessing is known, "" = there is none."""
        return Suite.Basis(self.random_basis).label if self.random_basis else ""

    @property
    def unit_label(self) -> str | Promise:
        return Unit(self.unit).label

    @property
    def unit_mark(self) -> str:
        """What stands behind a figure: "%" or nothing."""
        return "%" if self.unit == Unit.PERCENT else ""

    def written(self, value: float | None) -> str:
        """A value in the suite's decimals; "—" for None."""
        return "—" if value is None else f"{value:.{DECIMALS[self.unit]}f}"

    def best(self, values: Iterable[float]) -> float:
        """The best of values, of which there must be one."""
        return max(values) if self.higher_is_better else min(values)

    def to_json(self) -> dict[str, Any]:
        return {
            "slug": self.slug,
            "name": self.name,
            "full_name": self.full_name,
            "topic": self.topic,
            "year": self.year,
            "task_type": self.task_type.to_json(),
            "metric": self.metric.to_json(),
            "unit": self.unit,
            "scale": {"min": self.scale_min, "max": self.scale_max},
            "higher_is_better": self.higher_is_better,
            "items": self.items.to_json(),
            "random_baseline": self.random_baseline,
            "random_basis": self.random_basis or None,
            "human_baseline": self.human_baseline.to_json(),
            "lifecycle": self.lifecycle,
            "summary": self.summary.to_json(),
            "detail": self.detail.to_json(),
            "caveats": self.caveats.to_json(),
            "licence": self.licence or None,
            "paper_url": self.paper_url or None,
            "sources": [{"name": name, "url": url} for name, url in self.sources],
        }


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """A model of the catalogue. `words`: all that it may be found by; `open_weights` None = unknown."""

    pk: int
    slug: str
    name: str
    creator: str
    creator_name: str
    family: str
    released_on: date | None
    open_weights: bool | None
    simulated: bool = False
    released_precision: str = "day"
    words: str = ""

    @property
    def released(self) -> str:
        """As precise as the source: "2024-09-05", "2024-09", "" = not stated."""
        return day_text(self.released_on, self.released_precision)

    def fits(self, typed: str) -> bool:
        """Whether every word that was typed occurs."""
        return all(word in self.words for word in typed.casefold().split())

    def to_json(self) -> dict[str, Any]:
        return {
            "slug": self.slug,
            "name": self.name,
            "creator": self.creator,
            "creator_name": self.creator_name,
            "family": self.family or None,
            "released_on": self.released_on and self.released_on.isoformat(),
            "released_precision": self.released_precision,
            "open_weights": self.open_weights,
        }


@dataclass(frozen=True, slots=True)
class ScoreFacts:
    """A published figure as its source states it. `value` and `uncertainty` (± half of the 95 % interval) are
    in the suite's unit; `fit`: its setting beside the suite's reference; None and "" = not stated.

    `feed`: the slug of the ScoreSource that it was read from; `supersedes`: the id of the figure it corrects.
    """

    pk: int
    suite: str
    model: str
    label: str
    maker: str
    raw: str
    value: float
    uncertainty: float | None
    setting_text: str
    setting: Setting
    fit: Fit
    evidence: str
    evidence_note: str
    feed: str
    source_name: str
    source_url: str
    source_version: str
    licence: str
    licence_class: str
    evaluated_on: date | None
    note: str
    suspect: bool
    published_at: datetime
    withdrawn_at: datetime | None
    supersedes: int | None
    seen_at: datetime | None
    evaluated_as: str

    @property
    def evaluated(self) -> str:
        """When, as precise as the source: "2025-04-16", "2025-04"; "" = not stated."""
        return self.evaluated_as or (self.evaluated_on.isoformat() if self.evaluated_on else "")

    def precedes(self, released_on: date) -> bool:
        """Whether it was surely measured before that day, which then cannot be the model's release.

        Makers measure a model some weeks before they release it, others some days: that much is allowed.
        """
        ahead = AHEAD_OF_RELEASE.get(self.evidence, AHEAD_OF_OTHERS)
        return (
            bool(self.evaluated) and (released_on - ahead).isoformat()[: len(self.evaluated)] > self.evaluated
        )

    @property
    def evidence_label(self) -> str | Promise:
        return EVIDENCE_WORDS.get(self.evidence, self.evidence)

    @property
    def candidate(self) -> Candidate:
        """As the choice among several sees it."""
        return Candidate(
            *(self.pk, self.value, self.setting.key, self.fit),
            *(self.evidence, self.evaluated_on, self.uncertainty, self.setting.get("effort")),
        )

    @property
    def provenance(self) -> Provenance:
        """Who says so, where, in which version, when."""
        return Provenance(
            "cited",
            last_at=_midnight(self.evaluated),
            method_version=self.source_version[:12],
            source_name=self.source_name,
            source_url=self.source_url,
            seen_at=self.seen_at,
            licence=self.licence,
            note=self.evidence_label,
            rule="benchmarks",
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.pk,
            "suite": self.suite,
            "model": self.model,
            "label": self.label,
            "maker": self.maker or None,
            "raw": self.raw,
            "value": self.value,
            "uncertainty": self.uncertainty,
            "setting": self.setting.to_json(),
            "setting_key": self.setting.key,
            "setting_text": self.setting_text or None,
            "evidence": self.evidence,
            "evidence_note": self.evidence_note or None,
            "source": {
                "name": self.source_name,
                "url": self.source_url,
                "version": self.source_version or None,
                "licence": self.licence or None,
                "licence_class": self.licence_class,
                "feed": self.feed,
            },
            "evaluated_on": self.evaluated or None,
            "note": self.note or None,
            "published_at": moment_text(self.published_at),
            "withdrawn_at": moment_text(self.withdrawn_at),
            "supersedes": self.supersedes,
            "provenance": self.provenance.to_json(),
        }


def _midnight(evaluated: str) -> datetime | None:
    """Of a stated day; a month or a year is none."""
    return datetime.combine(date.fromisoformat(evaluated), time(), UTC) if len(evaluated) == 10 else None

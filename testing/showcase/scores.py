"""Scores up to a matrix of so many models and suites, for pages of that size; all of it invented."""

import hashlib
import random
from datetime import datetime
from decimal import Decimal
from typing import Final

from django.db import transaction

from benchmarks.models import Evidence, Score, ScoreSource, Suite
from benchmarks.setting import read_setting
from catalog.models import AIModel, Creator

#: Share of the cells that have a figure, and of those the share that has a second one.
FILLED: Final = 0.7
TWICE: Final = 0.2
SETTINGS: Final = ("5-shot", "0-shot, CoT", "", "pass@1; reasoning=high")
CLASSES: Final = (Evidence.INDEPENDENT, Evidence.OWNER, Evidence.SELF, Evidence.OTHER_LAB)
MAKERS: Final = 24


@transaction.atomic
def add_scores(models: int, suites: int, *, now: datetime) -> None:
    """As many models and suites with published scores as wanted, those that have some counted in."""
    shown = Score.objects.shown()
    known = shown.order_by().values_list("model", flat=True).distinct().count()
    covered = list(Suite.objects.filter(pk__in=shown.values("suite")))
    wanted = [*covered, *_suites(max(0, suites - len(covered)))]
    source = ScoreSource.objects.create(slug="showcase", name="Showcase", format="project_csv")
    made = [
        score
        for model in _models(max(0, models - known))
        for suite in wanted
        for score in _scores(model, suite, source, now)
    ]
    Score.objects.bulk_create(made, batch_size=500)


def _models(count: int) -> list[AIModel]:
    makers = [
        Creator.objects.get_or_create(slug=f"works-{n:02}", defaults={"name": f"Works {n:02}"})[0]
        for n in range(MAKERS)
    ]
    return AIModel.objects.bulk_create(
        [
            AIModel(
                slug=f"showcase-scored-{n:03}",
                name=f"Showcase Instruct {n:03}",
                creator=makers[n % MAKERS],
                family=f"Showcase {n % 9}",
                open_weights=n % 3 == 0,
                simulated=True,
            )
            for n in range(count)
        ]
    )


def _suites(count: int) -> list[Suite]:
    topics = list(Suite.Topic.values)
    return Suite.objects.bulk_create(
        [
            Suite(
                slug=f"showcase-suite-{n:02}",
                name=f"Showcase suite {n:02}",
                full_name=f"Showcase suite {n:02}",
                position=2000 + n,
                topic=topics[n % len(topics)],
                unit="percent",
                scale_min=Decimal(0),
                scale_max=Decimal(100),
                summary="Invented, to fill a table of this size.",
                summary_ko="이 크기의 표를 채우려고 만든 스위트입니다.",
                detail="Invented.",
                detail_ko="만들어 낸 것입니다.",
            )
            for n in range(count)
        ]
    )


def _scores(model: AIModel, suite: Suite, source: ScoreSource, now: datetime) -> list[Score]:
    chance = random.Random(f"{model.slug} {suite.slug}")
    if chance.random() > FILLED:
        return []
    return [_score(model, suite, source, now, chance, n) for n in range(1 + (chance.random() < TWICE))]


def _score(
    model: AIModel, suite: Suite, source: ScoreSource, now: datetime, chance: random.Random, number: int
) -> Score:
    low, high = float(suite.scale_min or 0), float(suite.scale_max or 100)
    value = Decimal(str(round(low + (high - low) * chance.uniform(0.2, 0.95), 2)))
    text = chance.choice(SETTINGS)
    setting = read_setting(text, suite.slug)
    return Score(
        suite=suite,
        model=model,
        label=model.name,
        raw=str(value),
        value=value,
        setting_text=text,
        setting=setting.to_json(),
        setting_key=setting.key,
        evidence=chance.choice(CLASSES),
        source=source,
        source_name=f"Showcase board {number + 1}",
        source_url="https://example.org/showcase",
        key=hashlib.sha256(f"{model.slug} {suite.slug} {number}".encode()).hexdigest(),
        state="published",
        published_at=now,
    )

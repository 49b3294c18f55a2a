"""Suites, sources and scores; every argument has a default that a test may override."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from itertools import count
from typing import Any

from benchmarks.models import Evidence, Score, ScoreSource, Suite
from benchmarks.setting import read_setting
from catalog.models import AIModel, Creator

NOW = dt.datetime(2026, 11, 21, 12, 0, tzinfo=dt.UTC)
_keys = count(1)


def make_suite(slug: str = "mmlu", **overrides: Any) -> Suite:
    found = Suite.objects.filter(slug=slug).first()
    if found and not overrides:
        return found
    facts = {
        "slug": slug,
        "name": slug.upper(),
        "full_name": slug.upper(),
        "topic": Suite.Topic.KNOWLEDGE,
        "unit": "percent",
        "scale_min": Decimal(0),
        "scale_max": Decimal(100),
        "summary": "Asks.",
        "summary_ko": "묻습니다.",
        "detail": "It asks.",
        "detail_ko": "질문합니다.",
    }
    return Suite.objects.create(**(facts | overrides))


def make_model(slug: str = "gpt-4.1", creator: str = "openai", **overrides: Any) -> AIModel:
    maker, _ = Creator.objects.get_or_create(slug=creator, defaults={"name": creator.title()})
    facts = {"name": slug, "creator": maker} | overrides
    return AIModel.objects.get_or_create(slug=slug, defaults=facts)[0]


def make_source(slug: str = "seed", **overrides: Any) -> ScoreSource:
    return ScoreSource.objects.get_or_create(slug=slug, defaults={"name": slug, "format": "csv"} | overrides)[
        0
    ]


def make_score(
    suite: Suite | str = "mmlu", model: AIModel | str | None = "gpt-4.1", value: float = 80, **overrides: Any
) -> Score:
    """A published score; `setting`: the text as stated."""
    suite = make_suite(suite) if isinstance(suite, str) else suite
    model = make_model(model) if isinstance(model, str) else model
    text = overrides.pop("setting", "5-shot")
    setting = read_setting(text, suite.slug)
    facts = {
        "suite": suite,
        "model": model,
        "label": model.name if model else "Unknown",
        "raw": str(value),
        "value": Decimal(str(value)),
        "setting_text": text,
        "setting": setting.to_json(),
        "setting_key": setting.key,
        "evidence": Evidence.INDEPENDENT,
        "source": make_source(),
        "source_name": "A leaderboard",
        "source_url": "https://example.org/board#L1",
        "key": f"key-{next(_keys)}",
        "state": "published",
        "published_at": NOW,
    }
    return Score.objects.create(**(facts | overrides))

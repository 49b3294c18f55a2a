"""Samples for /styleguide/: every component in every state. Invented, which the page says."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
from django.utils.translation import gettext

from aigo.guide import contents
from aigo.lib.provenance import Provenance
from aigo.lib.words import Words
from aigo.sample_charts import sample_history, sample_silence, sample_trend
from news.selectors.lines import NewsLine
from probes.timeseries.daily import DayCounts
from status.board import BoardRow, Counts
from status.cards import Spark
from status.chronicle import Affected, Entry, IncidentStory
from status.incidents import IncidentLine, UpdateLine
from status.rules import State
from status.uptime import Strip

#: Samples stand still, so that screenshots can be compared.
MOMENT = datetime(2026, 11, 21, 3, 4, 5, tzinfo=UTC)

TOKENS = (
    *("ground", "surface", "raised", "line", "line-strong", "ink", "ink-2", "ink-3"),
    *("accent", "operational", "degraded", "outage", "unknown", "simulation"),
)

NO_FIGURES: dict[str, Any] = dict.fromkeys(
    ("availability_pct", "error_rate_pct", "p50_ms", "p95_ms", "ttft_p50_ms")
)


def sample_row(**overrides: Any) -> BoardRow:
    """A healthy simulated endpoint, with what `overrides` says changed."""
    sample: dict[str, Any] = {
        "slug": "sample-works--sample-1",
        "name": "Sample 1",
        "model_slug": "sample-1",
        "provider": "Sample Works",
        "provider_slug": "sample-works",
        "foundation": "Sample",
        "functions": ("chat", "code"),
        "reasoning": False,
        "region": "seoul",
        "state": State.OPERATIONAL,
        "reason": "within_limits",
        "since": MOMENT - timedelta(hours=3),
        "availability_pct": 100.0,
        "p50_ms": 412.4,
        "p95_ms": 934.9,
        "ttft_p50_ms": 188.2,
        "error_rate_pct": 0.0,
        "samples": 43,
        "window_s": 300,
        "last_sample_at": MOMENT,
        "tier": "B",
        "method_version": "2026.11.1",
        "simulated": True,
        "measured": True,
        "key_env": "",
        "rank": 1,
    }
    return BoardRow(**(sample | overrides))


def sample_news() -> tuple[NewsLine, ...]:
    """A long line, and one that was written in Korean only."""
    long = "Sample 1 reads a million tokens, and costs a third less from December on"
    titles = (
        Words(long, "표본 1, 12월부터 백만 토큰을 읽고 가격은 3분의 1 인하"),
        Words("", "표본 1 문서 개정"),
    )
    return tuple(
        NewsLine(f"sample-{n}", "/news/", title, MOMENT - timedelta(days=n), "model", "facts_only")
        for n, title in enumerate(titles, 1)
    )


def sample_rows() -> list[BoardRow]:
    """One row for each thing a row can say."""
    changes: list[dict[str, Any]] = [
        {"usage_rpm": 1840.0, "provider": "Own Server", "news": sample_news()},
        {"name": "Sample 2 Reasoning", "reasoning": True, "p95_ms": None, "p50_ms": 1204.0, "samples": 12},
        {
            "name": "Sample 3 with a rather long name 72B instruct preview",
            **{"state": State.DEGRADED, "reason": "latency", "p95_ms": 2210.7, "p50_ms": 980.1},
            **{"availability_pct": 97.674, "error_rate_pct": 2.326},
        },
        {
            **{"name": "Sample 4", "state": State.OUTAGE, "reason": "confirmed_failures", "samples": 31},
            **{"availability_pct": 61.29, "error_rate_pct": 38.71, "p50_ms": 5120.0, "p95_ms": 6995.0},
        },
        {
            "name": "Sample 5",
            "tier": "A",
            "functions": ("audio",),
            "ttft_p50_ms": None,
            "p50_ms": 96.0,
            "p95_ms": 141.0,
        },
        {
            **{"name": "Sample 6", "state": State.UNKNOWN, "reason": "no_samples", "samples": 0},
            **{"since": None, "last_sample_at": None, "tier": "", **NO_FIGURES},
        },
    ]
    return [
        sample_row(slug=f"sample-works--sample-{n}", rank=n, **change) for n, change in enumerate(changes, 1)
    ]


def sample_korean_rows() -> list[BoardRow]:
    """Names in Korean, long and short, real and simulated."""
    return [
        sample_row(
            slug="sample-ko--1", name="가람 추론 72B 한국어 특화 미리보기", provider="표본 공방", rank=1
        ),
        sample_row(slug="sample-ko--2", name="나래", provider="표본 연구소", rank=2, simulated=False),
    ]


def sample_sparks() -> dict[str, Spark]:
    """An hour of the first rows: calm, too few for a p95, a rise, an outage with a gap."""
    calm = (903.0, 911.0, 898.0, 930.0, 925.0, 907.0, 915.0, 941.0, 929.0, 918.0, 926.0, 934.0)
    rising = (1180.0, 1212.0, 1190.0, 1260.0, 1420.0, 1633.0, 1702.0, 1855.0, 1990.0, 2105.0, 2188.0, 2210.0)
    broken = (980.0, 1010.0, 995.0, None, None, None, 2400.0, 4800.0, 6120.0, 6800.0, 6910.0, 6995.0)
    none: tuple[float | None, ...] = (0.0,) * 12
    failing = (0.0, 0.0, 0.0, None, None, None, 5.0, 15.0, 22.6, 30.0, 35.5, 38.8)
    few: tuple[float | None, ...] = (None,) * 12
    lines = [(calm, none), (few, none), (rising, (*none[:8], 1.2, 1.8, 2.2, 2.4)), (broken, failing)]
    return {
        f"sample-works--sample-{n}": Spark(
            f"sample-works--sample-{n}", "seoul", "B", MOMENT, p95_ms=p95, error_rate_pct=errors, attempts=258
        )
        for n, (p95, errors) in enumerate(lines, 1)
    }


def sample_unmeasured() -> list[BoardRow]:
    """Two providers without a key: with a price, and without."""
    unknown = {
        **{"state": State.UNKNOWN, "reason": "no_key", "measured": False, "simulated": False, "samples": 0},
        **NO_FIGURES,
    }
    priced = {
        **{"key_env": "SAMPLE_API_KEY", "context_window": 128_000, "released_on": date(2026, 4, 14)},
        **{"input_usd_per_mtok": Decimal("0.0375"), "output_usd_per_mtok": Decimal("1.5")},
    }
    other = {"provider": "Other Works", "provider_slug": "other-works", "key_env": "OTHER_API_KEY"}
    return [
        sample_row(slug="sample-works--sample-7", name="Sample 7", **unknown, **priced),
        sample_row(slug="sample-works--sample-8", name="Sample 8", **unknown, key_env="SAMPLE_API_KEY"),
        sample_row(slug="other-works--sample-9", name="Sample 9", **unknown, **other),
    ]


def sample_counts(**overrides: int) -> Counts:
    """Counts of a board of 84 endpoints, 24 of them simulated."""
    counts = {
        **{"total": 84, "active": 23, "operational": 20, "degraded": 2, "outage": 1, "unknown": 61},
        **{"simulated": 24, "not_measured": 60, "catalogue_models": 4812},
    }
    return Counts(**(counts | overrides))


def sample_incident(**overrides: Any) -> IncidentLine:
    """An endpoint that fails in one region, with what `overrides` says changed."""
    sample: dict[str, Any] = {
        **{"id": 1, "provider": "Sample Works", "provider_slug": "sample-works", "kind": "endpoint"},
        **{"scope": "regional", "severity": "minor", "state": "open", "cause": "confirmed_failures"},
        **{"since": MOMENT - timedelta(minutes=12), "regions": ("seoul",), "simulated": True},
        **{"slugs": ("sample-works--sample-4",), "names": ("Sample 4",)},
    }
    return IncidentLine(**(sample | overrides))


def sample_update(**overrides: Any) -> UpdateLine:
    """What somebody told of an incident, with what `overrides` says changed."""
    body = Words(
        "The provider confirms a faulty roll-out and takes it back.",
        "제공사가 잘못된 배포를 확인하고 되돌리고 있습니다.",
    )
    sample: dict[str, Any] = {
        "id": 1,
        "at": MOMENT - timedelta(minutes=4),
        "status": "identified",
        "body": body,
    }
    return UpdateLine(**(sample | overrides))


def sample_incidents() -> list[IncidentLine]:
    """One incident of each severity, the gravest first, and more than the strip shows at once."""
    many = tuple(f"Sample {n}" for n in range(1, 8))
    changes: list[dict[str, Any]] = [
        {
            **{"severity": "critical", "kind": "provider", "scope": "global", "provider": "Other Works"},
            **{"slugs": tuple(f"other-works--sample-{n}" for n in range(1, 8)), "names": many},
            "cause": "provider_wide",
        },
        {
            **{"severity": "major", "scope": "global", "since": MOMENT - timedelta(hours=30)},
            **{"slugs": ("sample-works--sample-3",), "newest": sample_update(), "stage": "identified"},
            "names": ("Sample 3 with a rather long name 72B instruct preview",),
        },
        {"severity": "minor", "cause": "latency", "state": "flapping", "regions": ("seoul", "virginia")},
        {
            **{"severity": "minor", "cause": "availability", "simulated": False, "provider": "Third Works"},
            **{"title_by_hand": Words("Long prompts are cut short", "긴 프롬프트가 중간에 잘림")},
        },
        {"severity": "info", "cause": "slow_anomaly"},
    ]
    return [sample_incident(id=n, **change) for n, change in enumerate(changes, 1)]


def sample_strip(**overrides: Any) -> Strip:
    """Thirty days of a provider: two not measured, one degraded, one in outage, one with maintenance."""
    attempts = np.full(30, 8640, np.int64)
    attempts[:2] = 0
    ok = (attempts * 0.9996).astype(np.int64)
    ok[12], ok[21] = 8555, 8100
    grave, paused = np.zeros((2, 30), np.int64)
    grave[12], grave[21], paused[25] = 2, 3, 1
    sample: dict[str, Any] = {
        **{"slug": "sample-works", "name": "Sample Works", "provider": "Sample Works", "tier": "B"},
        **{"provider_slug": "sample-works", "model_slug": "", "simulated": True, "endpoints": 3},
        **{"first": MOMENT.date() - timedelta(days=29), "counts": DayCounts(attempts, ok)},
        **{"grave": grave, "paused": paused},
    }
    return Strip(**(sample | overrides))


def sample_story(**overrides: Any) -> IncidentStory:
    """An incident that goes on, with a step, an update that was corrected, and a word of the provider's."""
    began = MOMENT - timedelta(minutes=12)
    wrong = UpdateLine(1, began + timedelta(minutes=4), "investigating", Words("In two regions."), None, 2)
    right = UpdateLine(2, began + timedelta(minutes=5), "identified", Words("In one region."), 1)
    line = sample_incident()
    sample: dict[str, Any] = {
        **{"id": 1, "provider": line.provider, "provider_slug": line.provider_slug, "kind": line.kind},
        **{"title": Words("Sample 4: Requests fail (Seoul)"), "title_by_hand": Words(), "scope": line.scope},
        **{"severity": "minor", "severity_measured": "major", "state": "open", "stage": "identified"},
        **{"cause": line.cause, "started_at": began, "detected_at": began + timedelta(seconds=95)},
        **{"announced_at": began + timedelta(seconds=96), "ended_at": None, "updated_at": MOMENT},
        **{"regions": line.regions, "simulated": True, "method_version": "2026.11.1", "notices": 0},
        "affected": (
            Affected(line.slugs[0], line.names[0], "sample-4", "outage", line.regions, began, None),
            Affected("sample-works--sample-3", "Sample 3", "sample-3", "degraded", (), began, MOMENT),
        ),
        "timeline": (
            Entry(began + timedelta(seconds=95), "measured", "open", Words("Confirmed: Requests fail.")),
            Entry(wrong.at, "people", wrong.status, wrong.body, update=wrong),
            Entry(right.at, "people", right.status, right.body, update=right),
            Entry(MOMENT, "official", "investigating", Words("We are looking into elevated errors.")),
        ),
    }
    return IncidentStory(**(sample | overrides))


def sample_traced() -> list[tuple[str | None, str, str, Provenance, str]]:
    """(written, unit, label, provenance, why there is none) for each kind of figure."""
    measured = Provenance(
        kind="measured",
        samples=43,
        window_s=300,
        region="seoul",
        last_at=MOMENT,
        tier="B",
        method_version="2026.11.1",
        simulated=True,
    )
    counted = Provenance(kind="counted", samples=84, last_at=MOMENT)
    cited = Provenance(
        kind="cited",
        source_name="Sample Works",
        source_url="https://example.org/",
        seen_at=MOMENT,
        licence="CC BY 4.0",
    )
    return [
        ("99.49", "%", gettext("Availability"), measured, ""),
        ("20", "", gettext("Operational"), counted, ""),
        ("0.0375", "$/M", gettext("Input"), cited, ""),
        (None, "ms", "p95", measured, "Needs 20 attempts, has 12."),
    ]


def samples() -> dict[str, Any]:
    """The template's context."""
    calm = {"active": 24, "operational": 24, "degraded": 0, "outage": 0, "unknown": 60}
    empty = {"active": 0, "operational": 0, "degraded": 0, "outage": 0, "unknown": 84}
    return contents() | {
        "moment": MOMENT,
        "tokens": TOKENS,
        "states": [state.value for state in State],
        "rows": sample_rows(),
        "korean_rows": sample_korean_rows(),
        "sparks": sample_sparks(),
        "unmeasured": sample_unmeasured(),
        "incidents": sample_incidents(),
        "story": sample_story(),
        "strip": sample_strip(),
        "histories": [sample_history(), sample_silence()],
        "trend": sample_trend(),
        "counts_sets": [sample_counts(), sample_counts(**calm), sample_counts(**empty)],
        "live_states": ("connecting", "live", "polling", "stale", "offline"),
        "traced_figures": sample_traced(),
        "levels": ("", "success", "warning", "error"),
    }

"""Error budgets as readers see them: what every endpoint was last judged by, and the alerts that go on."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.utils.functional import Promise

from aigo.lib.moments import moment_text
from aigo.lib.provenance import Kind, Provenance
from aigo.lib.regions import ALL
from status.models import BurnAlert, SloStanding, SloStandingQuerySet
from status.rules.slo import BY_NAME, PAIRS, WINDOWS_S, Window, least_attempts

#: How a window is named in answers, and on pages.
NAMES = {300: "5m", 1_800: "30m", 3_600: "1h", 21_600: "6h", 259_200: "3d"}


@dataclass(frozen=True, slots=True)
class BurnLine:
    """A burn alert that goes on. `pair`: the long window's name; severity: minor | critical.

    `held_by`: why nobody is told of it ("incident", "maintenance", "alert"); "" = they were.
    """

    id: int
    slug: str
    pair: str
    severity: str
    began_at: datetime
    burn_long: float
    burn_short: float
    samples: int
    held_by: str
    told_at: datetime | None

    @property
    def factor(self) -> float | None:
        """The burn rate that both windows exceeded; None = of a pair that is no more."""
        return BY_NAME[self.pair].factor if self.pair in BY_NAME else None

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "window": self.pair,
            "factor": self.factor,
            "severity": self.severity,
            "began_at": moment_text(self.began_at),
            "burn_long": round(self.burn_long, 2),
            "burn_short": round(self.burn_short, 2),
            "samples": self.samples,
            "held_by": self.held_by or None,
            "told_at": moment_text(self.told_at),
        }


@dataclass(frozen=True, slots=True)
class WindowLine:
    """One window. burn: None without attempts."""

    name: str
    seconds: int
    counted: int
    failed: int
    burn: float | None

    def to_json(self) -> dict[str, Any]:
        burn = None if self.burn is None else round(self.burn, 2)
        return {"window": self.name, "attempts": self.counted, "failed": self.failed, "burn": burn}


@dataclass(frozen=True, slots=True)
class SloLine:
    """An endpoint against its target. `availability_pct` and `budget_left_pct`: of the period; None = too few
    attempts, of which `attempts_needed` says how few that is. Times are UTC."""

    slug: str
    model: str
    name: str
    provider: str
    provider_name: str
    simulated: bool
    target_pct: float
    period_days: int
    since: datetime
    judged_at: datetime
    counted: int
    failed: int
    budget_left_pct: float | None
    windows: tuple[WindowLine, ...]
    alerts: tuple[BurnLine, ...]
    method_version: str

    @property
    def availability_pct(self) -> float | None:
        return 100 - 100 * self.failed / self.counted if self.counted else None

    @property
    def attempts_needed(self) -> int:
        return least_attempts(self.target_pct)

    def provenance(self, kind: Kind, *, note: str | Promise = "") -> Provenance:
        """What a figure of the whole period rests on."""
        return Provenance(
            kind,
            samples=self.counted,
            window_s=self.period_days * 86_400,
            region=ALL,
            last_at=self.judged_at,
            tier="B",
            method_version=self.method_version,
            simulated=self.simulated,
            note=note,
            rule="budgets",
        )

    def to_json(self) -> dict[str, Any]:
        left, found = self.budget_left_pct, self.availability_pct
        return {
            "slug": self.slug,
            "model": self.model,
            "provider": self.provider,
            "simulated": self.simulated,
            "target_pct": self.target_pct,
            "period_days": self.period_days,
            "since": moment_text(self.since),
            "judged_at": moment_text(self.judged_at),
            "attempts": self.counted,
            "failed": self.failed,
            "attempts_needed": self.attempts_needed,
            "availability_pct": None if found is None else round(found, 4),
            "budget_left_pct": None if left is None else round(left, 2),
            "windows": [window.to_json() for window in self.windows],
            "alerts": [alert.to_json() for alert in self.alerts],
            "method_version": self.method_version,
        }


def standings(*, provider: str = "", model: str = "") -> SloStandingQuerySet:
    """The least budget left first, unknown ones last. provider, model: slugs; "" = all.

    model: a model's slug for all of its endpoints, or an endpoint's for that one. Invented ones as on the
    board.
    """
    rows = SloStanding.objects.select_related("endpoint__provider", "endpoint__model").least_left_first()
    if not settings.SIMULATION:
        rows = rows.filter(endpoint__simulated=False)
    if provider:
        rows = rows.filter(endpoint__provider__slug=provider)
    if model:
        rows = rows.filter(Q(endpoint__slug=model) if "--" in model else Q(endpoint__model__slug=model))
    return rows


def judged_providers() -> list[tuple[str, str]]:
    """(name, slug) of those that have a judged endpoint, by name."""
    rows = standings().order_by("endpoint__provider__name", "endpoint__provider__slug")
    return list(rows.values_list("endpoint__provider__name", "endpoint__provider__slug").distinct())


def open_alerts() -> dict[int, list[BurnLine]]:
    """Endpoint id → its alerts that go on, the gravest first: one query."""
    found: dict[int, list[BurnLine]] = defaultdict(list)
    order = [pair.name for pair in PAIRS]
    for row in BurnAlert.objects.filter(ended_at=None).select_related("endpoint").order_by("pk"):
        found[row.endpoint_id].append(
            BurnLine(
                id=row.pk,
                slug=row.endpoint.slug,
                pair=row.pair,
                severity=row.severity,
                began_at=row.began_at,
                burn_long=row.burn_long,
                burn_short=row.burn_short,
                samples=row.samples,
                held_by=row.held_by,
                told_at=row.told_at,
            )
        )
    for lines in found.values():
        lines.sort(key=lambda line: order.index(line.pair) if line.pair in order else len(order))
    return found


def line_of(row: SloStanding, alerts: Mapping[int, Collection[BurnLine]]) -> SloLine:
    """A row of `standings` with its part of `open_alerts`."""
    endpoint = row.endpoint
    windows = [(width, Window(*row.windows[str(width)])) for width in WINDOWS_S if str(width) in row.windows]
    return SloLine(
        slug=endpoint.slug,
        model=endpoint.model.slug,
        name=endpoint.model.name,
        provider=endpoint.provider.slug,
        provider_name=endpoint.provider.name,
        simulated=endpoint.simulated,
        target_pct=row.target_pct,
        period_days=row.period_days,
        since=row.since,
        judged_at=row.judged_at,
        counted=row.counted,
        failed=row.failed,
        budget_left_pct=row.budget_left_pct,
        windows=tuple(
            WindowLine(NAMES[width], width, window.counted, window.failed, window.burn(row.target_pct))
            for width, window in windows
        ),
        alerts=tuple(alerts.get(row.endpoint_id, ())),
        method_version=row.method_version,
    )

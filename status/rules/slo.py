"""How fast an endpoint uses up the failures that its target allows, and who is to hear of it.

Burn rate = share of failed attempts ÷ share that the target allows: 1 uses the budget up in just its period.
An alert needs two windows to burn: the long one says that it matters, the short one that it goes on (Google,
The Site Reliability Workbook, ch. 5, https://sre.google/workbook/alerting-on-slos/).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

from status.rules.states import Severity

#: The target of an endpoint that has none of its own, in percent of the attempts that count …
TARGET_PCT: Final = 99.5
#: … over so many days.
PERIOD_DAYS: Final = 30
#: The periods there are to choose from.
PERIODS: Final = (7, 28, 30, 90)
#: With fewer attempts a long window says nothing: at 14.4 × 0.5 % that is not even four failures.
MIN_LONG: Final = 50
#: With fewer a short one says nothing. Six regions at one a minute give 30 in five minutes.
MIN_SHORT: Final = 10
#: So many failures in the short window: one request and the two that confirm it are three.
MIN_FAILURES: Final = 4
#: A long window that was not measured in its first half is a shorter one, for which its factor was not made.
OLDER_SHARE: Final = 0.5
#: It is over once either window burns at less than this share of the factor.
CLOSE_SHARE: Final = 0.5


@dataclass(frozen=True, slots=True)
class Pair:
    """Two windows that must both burn faster than `factor`. Its name is stored.

    14.4 over an hour are 2 % of 30 days' budget, 6 over six hours 5 %, 1 over three days 10 %.
    """

    name: str
    factor: float
    long_s: int
    short_s: int
    severity: Severity

    def budget_pct(self, period_days: int = PERIOD_DAYS) -> float:
        """What is used up when it fires, in percent of the period's budget."""
        return 100 * self.factor * self.long_s / (period_days * 86_400)


#: The gravest first: which of them is told of follows this order.
PAIRS: Final = (
    Pair("1h", 14.4, 3_600, 300, Severity.CRITICAL),
    Pair("6h", 6.0, 21_600, 1_800, Severity.CRITICAL),
    Pair("3d", 1.0, 259_200, 21_600, Severity.MINOR),
)
BY_NAME: Final = {pair.name: pair for pair in PAIRS}
#: Every window that is looked at, the shortest first.
WINDOWS_S: Final = tuple(sorted({width for pair in PAIRS for width in (pair.long_s, pair.short_s)}))


@dataclass(frozen=True, slots=True)
class Window:
    """The attempts of a window that count, those of them that failed, and how many its first half has."""

    counted: int
    failed: int
    older: int

    def burn(self, target_pct: float) -> float | None:
        """None without attempts. 1 failure of 200 at 99.5 % → 1."""
        if not self.counted:
            return None
        return 100 * self.failed / self.counted / (100 - target_pct)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a pair says now. `on`: None = neither begins nor ends anything. `why`: of an end, one word."""

    on: bool | None
    burn_long: float | None
    burn_short: float | None
    why: str = ""


def look(pair: Pair, long: Window, short: Window, target_pct: float) -> Finding:
    """Whether the pair burns. 14.4 in both: not yet; more in both: yes; less than 7.2 in either: over."""
    burn_long, burn_short = long.burn(target_pct), short.burn(target_pct)
    if burn_long is None or long.counted < MIN_LONG:
        return Finding(False, burn_long, burn_short, why="too_few_samples")
    if burn_long < pair.factor * CLOSE_SHARE:
        return Finding(False, burn_long, burn_short, why="recovered")
    if burn_short is None or short.counted < MIN_SHORT:
        return Finding(None, burn_long, burn_short)
    if burn_short < pair.factor * CLOSE_SHARE:
        return Finding(False, burn_long, burn_short, why="recovered")
    burns = burn_long > pair.factor and burn_short > pair.factor
    enough = short.failed >= MIN_FAILURES and long.older > 0
    return Finding(True if burns and enough else None, burn_long, burn_short)


def least_attempts(target_pct: float) -> int:
    """With fewer, one failure would use up more than the whole budget. 99.5 % → 200."""
    return ceil(round(100 / (100 - target_pct), 6))


def budget_left_pct(counted: int, failed: int, target_pct: float) -> float | None:
    """What is left of the failures that the target allows among the period's attempts, in percent.

    Negative where more failed. None with fewer than `least_attempts`. 1 of 200 at 99.5 % → 0; 2 → -100.
    """
    if counted < least_attempts(target_pct):
        return None
    return 100 - 100 * (100 * failed / counted) / (100 - target_pct)


@dataclass(frozen=True, slots=True)
class Alert:
    """A burn alert of one endpoint. told: its beginning was told; over_told: its end was, too."""

    pk: int
    pair: str
    open: bool
    told: bool
    over_told: bool = False

    @property
    def rank(self) -> int:
        """Its pair's place in PAIRS: 0 = the gravest. A pair that is no more comes last."""
        return next((n for n, pair in enumerate(PAIRS) if pair.name == self.pair), len(PAIRS))

    @property
    def severity(self) -> Severity:
        pair = BY_NAME.get(self.pair)
        return pair.severity if pair else Severity.MINOR


def to_tell(alerts: Iterable[Alert], hindered: Sequence[str] = ()) -> tuple[list[Alert], list[Alert]]:
    """Of one endpoint's alerts those whose beginning, and those whose end is to be told now.

    One trouble is told once: while one of the same or a graver severity is told of, another adds nothing.
    An end is told once no alert of its severity or a graver one goes on. hindered: the pairs that are not to
    begin to be told of (an incident covers them, or maintenance).
    """
    ranked = sorted(alerts, key=lambda alert: (alert.rank, alert.pk))
    ends = [
        alert
        for alert in ranked
        if alert.told and not alert.over_told and not alert.open and not _goes_on(alert, ranked)
    ]
    told = [alert for alert in ranked if alert.told and not alert.over_told and alert not in ends]
    for alert in ranked:
        untold = alert.open and not alert.told and alert.pair not in hindered
        if untold and not any(_at_least(other, alert) for other in told):
            return [alert], ends
    return [], ends


def _goes_on(alert: Alert, alerts: Iterable[Alert]) -> bool:
    return any(other.open and _at_least(other, alert) for other in alerts)


def _at_least(one: Alert, other: Alert) -> bool:
    order = list(Severity)
    return order.index(one.severity) >= order.index(other.severity)

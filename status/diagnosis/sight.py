"""What we saw around the moment of somebody's error, and the signs in it. Pure; moments are UTC."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from aigo.lib.marking import gettext_noop as _
from status.diagnosis.kinds import BY_KIND, Kind
from status.rules.table import (
    DEGRADED_FAILURES,
    LAST,
    MIN_ATTEMPTS,
    OUTAGE_FAILURES,
    P95_MIN_ATTEMPTS,
    PROVIDER_ENDPOINTS,
    PROVIDER_SHARE,
    QUORUM_SHARE,
)

#: All regions together, as `aigo.lib.regions` names them; that module knows Django.
ALL: Final = "all"
#: Our own attempts met the same trouble if so many of them did …
SAME_ATTEMPTS: Final = 3
#: … which are so large a share of all that were sent.
SAME_SHARE: Final = 0.5
#: Our own attempts were throttled if so many of them were.
THROTTLED_ATTEMPTS: Final = 2
#: What was told of a moment so far away from the report's is still of that time.
NEAR: Final = timedelta(minutes=5)
_THROTTLED: Final = ("capacity_throttle", "rate_limited")
#: Outcomes of attempts that never asked the provider anything.
NOT_SENT: Final = frozenset({"budget", "missed", "lagged", "pop_offline"})


class Sight(StrEnum):
    """What attempts from one place look like, the gravest first."""

    FAILING = "failing"
    SHAKY = "shaky"
    ONCE = "once"
    FEW = "few"
    WELL = "well"
    NONE = "none"


class Sign(StrEnum):
    """A fact that the rules know."""

    RETIRED = "retired"
    UNMEASURED = "unmeasured"
    FAILED_HERE = "failed_here"
    SHAKY_HERE = "shaky_here"
    ONCE_HERE = "once_here"
    WELL_HERE = "well_here"
    FEW = "few"
    STOOD_IN = "stood_in"
    FAILED_ELSEWHERE = "failed_elsewhere"
    SAME = "same"
    THROTTLED = "throttled"
    SLOW = "slow"
    REACHABILITY = "reachability"
    PROVIDER = "provider"
    INCIDENT = "incident"
    OFFICIAL = "official"


@dataclass(frozen=True, slots=True)
class SignRow:
    """`when`: its definition, one English sentence; `says`: what an answer tells of it, with figures."""

    sign: Sign
    when: str
    says: str


#: In the order in which an answer tells them.
SIGNS: Final[tuple[SignRow, ...]] = (
    SignRow(
        Sign.RETIRED,
        _("The catalogue cites that the provider had retired the endpoint by then."),
        _("The provider retired it: %(retired)s."),
    ),
    SignRow(
        Sign.UNMEASURED,
        _("No attempt of ours was sent in the widest window, from any region."),
        _("Nothing of ours was sent to it at that time. %(unmeasured)s"),
    ),
    SignRow(
        Sign.STOOD_IN,
        _("Fewer attempts than needed came from the region that was asked for; all regions stand in for it."),
        _("Too little was measured from %(asked)s; all regions stand in for it."),
    ),
    SignRow(
        Sign.FAILED_HERE,
        _(
            "At least %(outage)d of %(last)d consecutive attempts failed in the region; over all regions: in "
            "at least %(quorum)d %% of those that reported."
        ),
        _("Our own attempts failed then, too: %(failed)d of %(attempts)d, %(where)s."),
    ),
    SignRow(
        Sign.SHAKY_HERE,
        _(
            "At least %(degraded)d of %(last)d consecutive attempts failed; over all regions: some fail, but "
            "fewer than %(quorum)d %% of those that reported."
        ),
        _("Some of our own attempts failed then: %(failed)d of %(attempts)d, %(where)s."),
    ),
    SignRow(
        Sign.ONCE_HERE,
        _("Attempts failed, but never %(degraded)d of %(last)d consecutive ones."),
        _("Single attempts of ours failed then: %(failed)d of %(attempts)d, %(where)s."),
    ),
    SignRow(
        Sign.WELL_HERE,
        _("At least %(least)d attempts count, and all of them were answered rightly."),
        _("All of our own attempts were answered rightly then: %(attempts)d, %(where)s."),
    ),
    SignRow(
        Sign.FEW,
        _("Fewer than %(least)d attempts count in the widest window."),
        _("Only %(attempts)d attempts of ours count then, %(where)s: too few to judge by."),
    ),
    SignRow(
        Sign.FAILED_ELSEWHERE,
        _("The region that was asked for is not failing, and another one is."),
        _("Attempts from elsewhere failed then: %(elsewhere)s."),
    ),
    SignRow(
        Sign.SAME,
        _(
            "At least %(same)d of our attempts, and %(same_share)d %% of all that were sent, met the same "
            "trouble; from two regions where more than one reported."
        ),
        _("Our own attempts, with another key and account, met the same trouble: %(same)d of %(sent)d."),
    ),
    SignRow(
        Sign.THROTTLED,
        _("At least %(throttled)d of our attempts were turned away for capacity or rate."),
        _("Our own attempts were turned away for capacity or rate then, too: %(throttled)d of %(sent)d."),
    ),
    SignRow(
        Sign.SLOW,
        _("The p95 of at least %(p95)d right answers was at or above the limit of the state “operational”."),
        _("Our own answers were slow then: p95 %(p95_ms)s ms."),
    ),
    SignRow(
        Sign.REACHABILITY,
        _("It is probed in tier A only: whether it answers at all, not what it answers."),
        _("We only test whether it can be reached, not what it answers."),
    ),
    SignRow(
        Sign.PROVIDER,
        _(
            "At least %(provider_endpoints)d other endpoints of the provider, and %(provider_share)d %% of "
            "those that reported, were failing."
        ),
        _("Other endpoints of the provider failed then: %(others_failing)d of %(others)d."),
    ),
    SignRow(
        Sign.INCIDENT,
        _(
            "An incident that we measured held the endpoint within %(near)d minutes of the moment, in the "
            "region or everywhere."
        ),
        _("An incident that we measured was open then."),
    ),
    SignRow(
        Sign.OFFICIAL,
        _(
            "The provider’s official page told of trouble within %(near)d minutes of the moment; maintenance "
            "and notices are none."
        ),
        _("The provider’s official page told of trouble then."),
    ),
)


@dataclass(frozen=True, slots=True)
class Place:
    """Our attempts from one region, or from all of them. `attempts` count; `failed` of them.

    `worst`: the most failures among LAST consecutive ones. `outcomes`: of every attempt, those that do
    not count or were not sent, too. `p95_ms` of `samples` right answers, None below P95_MIN_ATTEMPTS.
    """

    region: str
    attempts: int = 0
    failed: int = 0
    worst: int = 0
    outcomes: Mapping[str, int] = field(default_factory=dict)
    p50_ms: float | None = None
    p95_ms: float | None = None
    samples: int = 0
    last_at: datetime | None = None

    @property
    def sight(self) -> Sight:
        if self.worst >= OUTAGE_FAILURES:
            return Sight.FAILING
        if self.worst >= DEGRADED_FAILURES:
            return Sight.SHAKY
        if not self.sent:
            return Sight.NONE
        if self.attempts < MIN_ATTEMPTS:
            return Sight.FEW
        return Sight.ONCE if self.failed else Sight.WELL

    @property
    def sent(self) -> int:
        """Attempts that asked the provider something, whoever is charged with how they ended."""
        return sum(times for outcome, times in self.outcomes.items() if outcome not in NOT_SENT)

    def met(self, outcomes: Sequence[str] | frozenset[str]) -> int:
        """How many attempts ended as one of these."""
        return sum(self.outcomes.get(outcome, 0) for outcome in outcomes)


def pooled_sight(whole: Place, places: Sequence[Place]) -> Sight:
    """What all regions together look like: one that fails among many that do not is no failing whole."""
    reporting = [place for place in places if place.attempts]
    failing = sum(place.sight is Sight.FAILING for place in reporting)
    if failing and failing >= QUORUM_SHARE * len(reporting):
        return Sight.FAILING
    if failing or any(place.sight is Sight.SHAKY for place in reporting):
        return Sight.SHAKY
    if not whole.sent:
        return Sight.NONE
    if whole.attempts < MIN_ATTEMPTS:
        return Sight.FEW
    return Sight.ONCE if whole.failed else Sight.WELL


@dataclass(frozen=True, slots=True)
class Other:
    """Another endpoint of the provider in the same window, over all regions."""

    slug: str
    name: str
    place: Place
    sight: Sight


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of the window [since, until).

    `source`: "attempts" (exact), "hours" (by the minute), "" = nothing is kept of that time. `tier`: that the
    endpoint is judged by. `places`: the regions that sent anything, in their usual order; `whole`: all of
    them. `slow_ms`: from that p95 on it is not operational. `incidents`, `official`: how many of ours and of
    the official page's were of the region and of that time (NEAR). `retired`: the provider had retired it by
    then. `complete`: the window was over when it was read.
    """

    since: datetime
    until: datetime
    source: str
    tier: str
    places: tuple[Place, ...]
    whole: Place
    slow_ms: float
    others: tuple[Other, ...] = ()
    incidents: int = 0
    official: int = 0
    retired: bool = False
    complete: bool = True

    @property
    def reporting(self) -> tuple[Place, ...]:
        """The places of which anything counts."""
        return tuple(place for place in self.places if place.attempts)

    def stands_in(self, region: str) -> bool:
        """Whether all regions stand in for one of which too little is known."""
        return region != ALL and self._own(region).attempts < MIN_ATTEMPTS

    def here(self, region: str) -> Place:
        """The attempts that speak for a region ("all" = all)."""
        return self.whole if region == ALL or self.stands_in(region) else self._own(region)

    def p95_ms(self, region: str) -> float | None:
        """Of the attempts that speak for a region; of all where these are too few for a p95."""
        here = self.here(region).p95_ms
        return self.whole.p95_ms if here is None else here

    def failing(self, region: str = "") -> tuple[Place, ...]:
        """The failing regions, without one."""
        return tuple(p for p in self.reporting if p.sight is Sight.FAILING and p.region != region)

    @property
    def overall(self) -> Sight:
        """What all regions together look like."""
        return pooled_sight(self.whole, self.places)

    def troubled_others(self) -> list[Other]:
        return [other for other in self.others if other.sight is Sight.FAILING]

    def _own(self, region: str) -> Place:
        return next((place for place in self.places if place.region == region), Place(region))


def signs_of(evidence: Evidence, kind: Kind, region: str) -> frozenset[Sign]:
    """Every sign there is, for an error of this kind from this region ("all" = somewhere)."""
    found = {
        Sign.RETIRED: evidence.retired,
        Sign.UNMEASURED: evidence.whole.sent == 0,
        Sign.REACHABILITY: evidence.tier == "A" and evidence.whole.sent > 0,
        Sign.INCIDENT: evidence.incidents > 0,
        Sign.OFFICIAL: evidence.official > 0,
        Sign.PROVIDER: _provider_fails(evidence),
        Sign.SAME: _same(evidence, kind),
        Sign.THROTTLED: evidence.whole.met(_THROTTLED) >= THROTTLED_ATTEMPTS,
        Sign.SLOW: _slow(evidence, region),
    }
    signs = {sign for sign, there in found.items() if there}
    return frozenset(signs | _attempts_signs(evidence, region) if evidence.whole.sent else signs)


def _attempts_signs(evidence: Evidence, region: str) -> set[Sign]:
    here = evidence.here(region)
    if here.region != ALL:
        signs = {_SEEN[here.sight]}
        if here.sight is not Sight.FAILING and evidence.failing(region):
            signs.add(Sign.FAILED_ELSEWHERE)
        return signs
    return {_SEEN[evidence.overall]} | ({Sign.STOOD_IN} if evidence.stands_in(region) else set())


_SEEN: Final = {
    Sight.FAILING: Sign.FAILED_HERE,
    Sight.SHAKY: Sign.SHAKY_HERE,
    Sight.ONCE: Sign.ONCE_HERE,
    Sight.FEW: Sign.FEW,
    Sight.NONE: Sign.FEW,
    Sight.WELL: Sign.WELL_HERE,
}


def _same(evidence: Evidence, kind: Kind) -> bool:
    alike = BY_KIND[kind].alike
    met, sent = evidence.whole.met(tuple(alike)), evidence.whole.sent
    places = [place for place in evidence.places if place.met(tuple(alike))]
    enough = len(places) >= min(2, len(evidence.places))
    return bool(alike) and enough and met >= SAME_ATTEMPTS and met >= SAME_SHARE * sent


def _slow(evidence: Evidence, region: str) -> bool:
    p95 = evidence.p95_ms(region)
    return p95 is not None and p95 >= evidence.slow_ms


def _provider_fails(evidence: Evidence) -> bool:
    reporting = [other for other in evidence.others if other.place.attempts]
    failing = len(evidence.troubled_others())
    return failing >= PROVIDER_ENDPOINTS and failing >= PROVIDER_SHARE * len(reporting)


#: What the definitions of the signs speak of.
CONSTANTS: Final[Mapping[str, int]] = {
    "last": LAST,
    "outage": OUTAGE_FAILURES,
    "degraded": DEGRADED_FAILURES,
    "least": MIN_ATTEMPTS,
    "quorum": round(100 * QUORUM_SHARE),
    "same": SAME_ATTEMPTS,
    "same_share": round(100 * SAME_SHARE),
    "throttled": THROTTLED_ATTEMPTS,
    "p95": P95_MIN_ATTEMPTS,
    "near": int(NEAR.total_seconds() // 60),
    "provider_endpoints": PROVIDER_ENDPOINTS,
    "provider_share": round(100 * PROVIDER_SHARE),
}

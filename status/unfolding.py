"""An endpoint's states through time: what followed from which attempt, however late it comes to be judged.

A state turns at the moments of attempts and where freshness ends, never at the moment of judging. So a judge
that was away finds the turns that one would have found who judged after every delivery:

- in a region, whenever its attempts are stored in the order in which they began; how regions mix is nothing
  to it, but for names that do not resolve, which two regions must have seen;
- over all regions, whenever the attempts of all of them are stored in that order.

What is stored late (an attempt that began before one that was judged already, or before its region's
freshness had ended) counts from then on. No turn is taken back: those that follow from it are of the moment
up to which was judged, or an instant after the last turn. A target that had another cadence meanwhile is
taken for one that was always asked as it is now.
"""

from bisect import bisect_right, insort
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Protocol

from aigo.lib.regions import ALL
from status import rules
from status.rules import Figures, Reason, Sample, State, Thresholds, Verdict

#: Two turns of a region are never of the same moment: their order is that of their moments.
INSTANT = timedelta(microseconds=1)
NEVER = datetime.min.replace(tzinfo=UTC)
UNRESOLVED = "dns_error"
_at = attrgetter("at")


class Seen(Protocol):
    """What of a countable attempt decides a state."""

    @property
    def region(self) -> str: ...
    @property
    def started_at(self) -> datetime: ...
    @property
    def outcome(self) -> str: ...
    @property
    def ok(self) -> bool: ...
    @property
    def total_ms(self) -> float | None: ...
    @property
    def answer_ms(self) -> float | None: ...


@dataclass(frozen=True, slots=True)
class Known:
    """How a region (or "all") stood when it was judged last. `since`: its last turn, None before the first.

    `interval_s`: the cadence under which the newest sample has to be followed by another.
    """

    verdict: Verdict
    figures: Figures
    since: datetime | None
    interval_s: int

    @property
    def through(self) -> datetime:
        """Up to which moment attempts have been judged."""
        return self.figures.last_sample_at or self.since or NEVER


@dataclass(frozen=True, slots=True)
class Turn:
    """A change of state. `failing_since`: start of the first failure that it rests on, None without one."""

    region: str
    before: State
    after: Verdict
    at: datetime
    figures: Figures
    failing_since: datetime | None


@dataclass(frozen=True, slots=True)
class Unfolded:
    """region → how it stands now, "all" last, and the turns that led there, oldest first."""

    standing: Mapping[str, Known]
    turns: Sequence[Turn]


NOTHING = Known(Verdict(State.UNKNOWN, Reason.NO_SAMPLES), rules.figures([], NEVER), None, 0)
_STALE = Verdict(State.UNKNOWN, Reason.STALE)


def unfold(
    attempts: Iterable[Seen],
    kept: Mapping[str, Known],
    *,
    limits: Thresholds,
    every_s: int,
    now: datetime,
) -> Unfolded:
    """Judge on from what is kept to `now`.

    `attempts`: countable ones of all regions, in any order: those that are new, and for every region that is
    known those of the WIDEST_WINDOW before its newest sample (and another WINDOW). `every_s`: how often a
    region is asked now.
    """
    unfolding = _Unfolding(kept, limits, every_s)
    ordered = sorted(attempts, key=attrgetter("started_at"))
    through = {region: known.through for region, known in kept.items()}
    fresh = [a for a in ordered if a.started_at > through.get(a.region, NEVER)]
    for attempt in ordered:
        if attempt.started_at <= through.get(attempt.region, NEVER):
            unfolding.take_in(attempt)
    unfolding.touched.clear()
    for moment, together in groupby(fresh, key=attrgetter("started_at")):
        unfolding.expire(moment)
        for attempt in together:
            unfolding.take_in(attempt)
        unfolding.judge(moment)
    unfolding.expire(now)
    unfolding.judge_anew()
    places = [*unfolding.places.values(), unfolding.pool]
    return Unfolded({place.region: place.known for place in places}, unfolding.turns)


@dataclass(slots=True)
class _Place:
    """A region, or all of them. `samples`: charged ones, by moment."""

    region: str
    known: Known
    samples: list[Sample] = field(default_factory=list)

    @property
    def state(self) -> State:
        return self.known.verdict.state

    @property
    def fresh_until(self) -> datetime | None:
        return rules.fresh_until(self.known.figures.last_sample_at, self.known.interval_s)

    @property
    def history(self) -> Sequence[Sample]:
        """The samples of the hour that ends with the newest."""
        if not self.samples:
            return ()
        return self.samples[bisect_right(self.samples, self.samples[-1].at - rules.WIDEST_WINDOW, key=_at) :]


class _Unfolding:
    def __init__(self, kept: Mapping[str, Known], limits: Thresholds, every_s: int) -> None:
        self._limits, self._every_s = limits, every_s
        self.places = {r: _Place(r, self._slower(known)) for r, known in kept.items() if r != ALL}
        self.pool = _Place(ALL, self._slower(kept.get(ALL, NOTHING)))
        self.turns: list[Turn] = []
        #: Regions that have been charged with something since they were judged.
        self.touched: set[str] = set()
        self._unresolved: list[Seen] = []
        self._uncharged: list[Seen] = []

    def _slower(self, known: Known) -> Known:
        """A slower cadence is another measure of freshness at once; a faster one from its first sample on."""
        if known.interval_s >= self._every_s:
            return known
        return Known(known.verdict, known.figures, known.since, self._every_s)

    def take_in(self, attempt: Seen) -> None:
        """Charge the attempt, or set it aside: a name must fail to resolve in DNS_REGIONS within a window."""
        if attempt.outcome != UNRESOLVED:
            self._charge(attempt)
            return
        self._unresolved.append(attempt)
        self._uncharged.append(attempt)
        for waiting in list(self._uncharged):
            near = (u for u in self._unresolved if abs(u.started_at - waiting.started_at) <= rules.WINDOW)
            if len({u.region for u in near}) >= rules.DNS_REGIONS:
                self._uncharged.remove(waiting)
                self._charge(waiting)

    def _charge(self, attempt: Seen) -> None:
        sample = Sample(attempt.started_at, attempt.ok, attempt.total_ms, attempt.answer_ms)
        place = self.places.get(attempt.region)
        if place is None:
            place = self.places[attempt.region] = _Place(attempt.region, NOTHING)
        for samples in (place.samples, self.pool.samples):
            insort(samples, sample, key=_at)
        self.touched.add(attempt.region)

    def expire(self, before: datetime) -> None:
        """Let regions turn to unknown where their freshness ends before that moment."""
        while True:
            ends = {p.region: p.fresh_until for p in self.places.values() if p.state is not State.UNKNOWN}
            moment = min((end for end in ends.values() if end is not None), default=before)
            if moment >= before:
                return
            for region, end in ends.items():
                if end == moment:
                    self._turn(self.places[region], _STALE, self.places[region].known.figures, moment)
            self._judge_pool(moment)

    def judge(self, moment: datetime) -> None:
        """Judge what has been charged with something by this moment, and the pool."""
        for region in sorted(self.touched):
            self._judge_region(self.places[region], moment)
        if self.touched:
            self._judge_pool(moment)
        self.touched.clear()

    def judge_anew(self) -> None:
        """By all that is stored: what came late, was left out, or is measured by other thresholds since."""
        for place in self.places.values():
            if place.state is not State.UNKNOWN:
                self._judge_region(place, place.known.through)
        if any(place.state is not State.UNKNOWN for place in (*self.places.values(), self.pool)):
            self._judge_pool(self.pool.known.through)

    def _judge_region(self, place: _Place, moment: datetime) -> None:
        history = place.history
        found = self._figures(history)
        self._turn(place, rules.judge_region(history, found, self._limits), found, moment)

    def _judge_pool(self, moment: datetime) -> None:
        pool, states = self.pool, [place.state for place in self.places.values()]
        found = self._figures(pool.history)
        verdict = rules.judge_everywhere(states, found, self._limits)
        if verdict.state is State.UNKNOWN and found.samples:
            verdict = _STALE
        self._turn(pool, verdict, found, max(moment, found.last_sample_at or moment))

    def _figures(self, history: Sequence[Sample]) -> Figures:
        if not history:
            return NOTHING.figures
        return rules.figures(rules.in_window(history, history[-1].at), history[-1].at)

    def _turn(self, place: _Place, verdict: Verdict, found: Figures, moment: datetime) -> None:
        known = place.known
        since = known.since
        if verdict.state is not known.verdict.state:
            since = moment if since is None or moment > since else since + INSTANT
            failing = _failing_since(place.history) if verdict.state in _TROUBLE else None
            self.turns.append(Turn(place.region, known.verdict.state, verdict, since, found, failing))
        newer = found.last_sample_at != known.figures.last_sample_at
        interval_s = self._every_s if newer else known.interval_s
        place.known = Known(verdict, found, since, interval_s or self._every_s)


_TROUBLE = (State.DEGRADED, State.OUTAGE)


def _failing_since(history: Sequence[Sample]) -> datetime | None:
    """The first failure since the last GOOD_IN_A_ROW right answers in a row."""
    first, good = None, 0
    for sample in reversed(history):
        good = good + 1 if sample.ok else 0
        if good >= rules.GOOD_IN_A_ROW:
            break
        first = first if sample.ok else sample.at
    return first

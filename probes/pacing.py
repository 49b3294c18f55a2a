"""How often each target of a provider is asked, so that its money lasts the day. Pure: plain numbers.

A target with a stretch of s is asked every s intervals, on a grid of its own: its phase is a part of the
whole s × interval, so its moments are not among those of stretch 1. The rules, in the order in which money
is given out:

1. Tier A and what is known to be free are asked at every interval.
2. What looks suspicious is asked at every interval while that costs at most half of the money left, reckoned
   for the next quarter of an hour; the other half stays with the rest.
3. Then tier D, B and C in turn, until midnight UTC. Within a tier everybody may spend the same: who needs
   less gets all that it needs, so one dear target cannot starve the others (max-min fairness).
4. Calm targets of tier B that cost money are asked half as often even when there is enough.
5. Nobody is asked more rarely than SLOWEST_S; who cannot afford even that is paused: an answer once an hour
   would say nothing of now.
6. What no region measures now keeps its stretch: nothing is spent on it, and when a worker is back, the plan
   is still the one that the money bears.

What a tier could not use, because stretches are whole, stays in the till; the next plan, a minute later,
gives it out again. More money never makes any target slower.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, inf
from typing import Final

#: The stretch of a target that is not asked at all (the column's largest number).
PAUSED: Final = 32_767
#: Asked no more rarely than this many seconds, by tier, or not at all.
SLOWEST_S: Final[dict[str, int]] = {"B": 900, "C": 21_600, "D": 86_400}
#: Which tier is given money first.
ORDER: Final = ("D", "B", "C")
#: Stretch of what is calm.
CALM_STRETCH: Final = 2
#: So many right answers in a row in every region are calm.
CALM_STREAK: Final = 30
#: How far ahead suspicion is reckoned, in seconds, and which share of the money it may take.
SUSPICION_S: Final = 900.0
SUSPICION_SHARE: Final = 0.5
#: A target is asked more often again only where a tenth less money would do, so that it does not flap.
MARGIN: Final = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What is known of a target.

    usd: of one probe, None = no price of anything is known. interval_s: from one due moment to the next in a
    region. regions: how many measure it. stretch: the one in force.
    """

    target_id: int
    tier: str
    usd: float | None
    interval_s: int
    regions: int
    suspicious: bool = False
    calm: bool = False
    stretch: int = 1

    def spend(self, seconds: float, stretch: int = 1) -> float:
        """Expected USD of so many seconds; 0 while paused, in tier A and at an unknown price."""
        if self.free or stretch >= PAUSED:
            return 0.0
        return (self.usd or 0.0) * self.regions * seconds / (self.interval_s * stretch)

    @property
    def free(self) -> bool:
        return self.tier == "A" or self.usd == 0

    @property
    def wanted(self) -> int:
        """The stretch where money does not matter."""
        slow = self.calm and not self.suspicious and self.tier == "B" and not self.free
        return min(CALM_STRETCH, self.slowest) if slow else 1

    @property
    def slowest(self) -> int:
        """The largest stretch: a minute's interval of tier B may be stretched to 15 minutes, 15-fold."""
        return max(1, SLOWEST_S.get(self.tier, 0) // self.interval_s)

    def affordable(self, usd: float, seconds: float) -> int:
        """The smallest stretch, from the wanted one on, that costs at most `usd` in `seconds`, or PAUSED."""
        full = self.spend(seconds)
        if full <= usd * self.wanted:
            return self.wanted
        return PAUSED if full > usd * self.slowest else min(ceil(full / usd), self.slowest)


def is_calm(streaks: Sequence[int], regions: int) -> bool:
    """All regions that measure it have seen nothing but right answers for CALM_STREAK attempts."""
    return len(streaks) >= regions > 0 and all(streak >= CALM_STREAK for streak in streaks)


def is_suspicious(pulses: Iterable[tuple[bool, int]]) -> bool:
    """Of (expected to be right, streak) per region: one of them fails, or its newest attempt did."""
    return any(not ok or streak < 0 for ok, streak in pulses)


def decide(needs: Sequence[Need], *, left_usd: float | None, seconds: float) -> dict[int, int]:
    """Target id → stretch for the targets of one provider; `left_usd` None: no cap binds, all are asked.

    seconds: what is left of the day. A target that is slower than it has to be speeds up only when a plan
    with MARGIN less money allows it; one that is too fast for the money slows down at once. What no region
    measures keeps its stretch.
    """
    kept = {need.target_id: need.stretch for need in needs if not need.regions}
    measured = [need for need in needs if need.regions]
    if left_usd is None:
        return kept | {need.target_id: 1 for need in measured}
    now = plan(measured, left_usd=left_usd, seconds=seconds)
    thrifty = plan(measured, left_usd=left_usd * (1 - MARGIN), seconds=seconds)
    return kept | {
        need.target_id: min(max(need.stretch, now[need.target_id]), thrifty[need.target_id])
        for need in measured
    }


def plan(needs: Sequence[Need], *, left_usd: float, seconds: float) -> dict[int, int]:
    """Target id → stretch, from nothing but the needs and the money left."""
    money, soon_s = max(0.0, left_usd), min(SUSPICION_S, seconds)
    paid = [need for need in needs if not need.free]
    suspicious = [need for need in paid if need.suspicious]
    at_once, used = _give_out([(need, soon_s) for need in suspicious], money * SUSPICION_SHARE)
    stretches = {need.target_id: need.wanted for need in needs}
    for tier in ORDER:
        money -= used
        rest = [(n, seconds - soon_s if n.suspicious else seconds) for n in paid if n.tier == tier]
        given, used = _give_out(rest, money)
        stretches |= given
    return stretches | at_once


def _give_out(needs: Sequence[tuple[Need, float]], money: float) -> tuple[dict[int, int], float]:
    """For (need, seconds): the stretches that an equal share affords, and how much money is spoken for.

    That is what all would spend at their wanted stretch, or all the money where it does not suffice.
    """
    wants = [need.spend(seconds, need.wanted) for need, seconds in needs]
    share = _equal_share(wants, money)
    stretches = {need.target_id: need.affordable(share, seconds) for need, seconds in needs}
    return stretches, min(money, sum(wants))


def _equal_share(wants: Sequence[float], money: float) -> float:
    """The share with Σ min(want, share) = money; inf where money suffices for all. [1, 2, 9] and 7 → 4."""
    left = money
    for place, want in enumerate(sorted(wants)):
        share = left / (len(wants) - place)
        if want > share:
            return share
        left -= want
    return inf

"""What befell a provider and when, by the wall clock: what its official page has to tell. Pure."""

from collections import deque
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from probes.simulator.hand import HandFault
from probes.simulator.profile import Outage

#: What a provider does not call its trouble: the caller's rate or quota, a comment line, another answer.
NOT_TOLD: Final = frozenset({"keep_alive", "rate_429", "quota_429", "wrong_answer"})
#: Troubles that are over are remembered up to this many.
REMEMBERED: Final = 500


class Effect(StrEnum):
    """How badly: every request fails everywhere, some requests or some regions, or all are only slow."""

    OUTAGE = "outage"
    PARTIAL = "partial"
    SLOW = "slow"


@dataclass(frozen=True, slots=True)
class Trouble:
    """From `began_at` to `ended_at` (UTC; None = its end is not known yet)."""

    began_at: datetime
    ended_at: datetime | None = None
    effect: Effect = Effect.OUTAGE


@dataclass(slots=True)
class Logbook:
    """The troubles that a hand has made, by the name under which it can lift them."""

    _on: dict[str, list[tuple[str, Trouble]]] = field(default_factory=dict)
    _over: deque[tuple[str, Trouble]] = field(default_factory=lambda: deque(maxlen=REMEMBERED))

    def begin(self, name: str, providers: Iterable[str], trouble: Trouble) -> None:
        """What was on under the same name ends with it."""
        self.end(name, trouble.began_at)
        self._on[name] = [(provider, trouble) for provider in sorted(providers)]

    def end(self, name: str, at: datetime) -> None:
        for provider, trouble in self._on.pop(name, []):
            ended_at = min(at, trouble.ended_at or at)
            self._over.append((provider, replace(trouble, ended_at=ended_at)))

    def of(self, provider: str) -> Iterator[Trouble]:
        noted = [*self._over, *(pair for pairs in self._on.values() for pair in pairs)]
        return (trouble for whose, trouble in noted if whose == provider)


def scripted(
    outages: Iterable[Outage], provider: str, fleet: Collection[str], started_at: datetime, speed: float
) -> Iterator[Trouble]:
    """A provider's troubles of a scenario whose clock runs since `started_at`, also those to come.

    One that strikes everybody at once is the network's: no provider's page tells of it.
    """
    for outage in outages:
        onset_s = outage.onset_s.get(provider)
        told = outage.kind not in NOT_TOLD and not set(fleet) <= set(outage.onset_s)
        if onset_s is not None and told and onset_s < outage.end_s:
            whole = not outage.regions and outage.share >= 1
            yield Trouble(
                started_at + timedelta(seconds=onset_s / speed),
                started_at + timedelta(seconds=outage.end_s / speed),
                Effect.OUTAGE if whole else Effect.PARTIAL,
            )


def by_hand(fault: HandFault, fleet: Collection[str], at: datetime, left_s: float | None) -> Trouble | None:
    """What a provider would say of a fault that is put on at `at`; None = nothing.

    left_s: how long it is given, None = until it is lifted. Faults of single endpoints or of a counted number
    of requests, and those that strike everybody, are no provider's trouble.
    """
    nobodys = not fault.providers or fault.requests is not None or set(fleet) <= fault.providers
    if nobodys or fault.kind in NOT_TOLD:
        return None
    whole = not fault.regions and fault.share >= 1
    effect = Effect.SLOW if not fault.kind else Effect.OUTAGE if whole else Effect.PARTIAL
    return Trouble(at, None if left_s is None else at + timedelta(seconds=left_s), effect)

"""What is seen of a drill: changes, incidents, notices, and who told first. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from status.rules import State


@dataclass(frozen=True, slots=True)
class Change:
    """A change of state that was kept. region "all" = over all regions."""

    slug: str
    region: str
    at_s: float
    after: State

    def __str__(self) -> str:
        return f"{self.slug} {self.region} → {self.after} at {self.at_s:.0f} s"


@dataclass(frozen=True, slots=True)
class IncidentSeen:
    """An incident as it was in the end, those aside that another one took in. closed_at_s: None = open."""

    provider: str
    kind: str
    scope: str
    severity: str
    opened_at_s: float
    closed_at_s: float | None
    flapped: bool
    slugs: tuple[str, ...]

    def __str__(self) -> str:
        closed = "open" if self.closed_at_s is None else f"closed at {self.closed_at_s:.0f} s"
        flapped = ", flapping" if self.flapped else ""
        return (
            f"{self.severity} {self.scope} {self.kind} incident of {self.provider}{flapped} "
            f"({len(self.slugs)} endpoints), opened at {self.opened_at_s:.0f} s, {closed}"
        )


@dataclass(frozen=True, slots=True)
class NoticeSeen:
    """A notice that was delivered. subject: what it is about, like "incident:12"."""

    topic: str
    kind: str
    severity: str
    subject: str
    at_s: float

    def __str__(self) -> str:
        return f"{self.severity} {self.topic} notice of {self.subject}, {self.kind}, at {self.at_s:.0f} s"


@dataclass(frozen=True, slots=True)
class LeadSeen:
    """What was found out about who told first. detected_at_s: None = we saw nothing; lead_s, error_s: None =
    there is no lead."""

    verdict: str
    detected_at_s: float | None
    lead_s: float | None
    error_s: float | None

    def __str__(self) -> str:
        lead = "" if self.lead_s is None else f", lead {self.lead_s:.0f} ± {self.error_s:.0f} s"
        return f"verdict {self.verdict}{lead}"


@dataclass(frozen=True, slots=True)
class Observed:
    """What a drill left. Moments in seconds since it began.

    notices, leads: None = nobody looked. page: at each reading of the official page whether it passed for
    unreadable. first_failure_at_s: when the first failing attempt of a struck endpoint was stored, None =
    there was none. pushed_s: of each stored result that decides a colour, how long until a client had it.
    unseen: results that no client was ever told of. told_at_s: when a client had the first incident frame.
    """

    changes: Sequence[Change]
    incidents: Sequence[IncidentSeen]
    first_failure_at_s: float | None = None
    pushed_s: Sequence[float] = ()
    unseen: int = 0
    told_at_s: float | None = None
    notices: Sequence[NoticeSeen] | None = None
    leads: Sequence[LeadSeen] | None = None
    page: Sequence[tuple[float, bool]] = ()

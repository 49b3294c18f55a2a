"""How an official page tells: after what delay, or not at all, or of what never was. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from probes.simulator.profile import EPOCH, LONGEST_S
from probes.simulator.sections import Section

#: By what a page can be made to do.
MODES: Final = {
    "follow": "tells of its provider's troubles, late",
    "silent": "tells nothing, whatever happens",
    "lie": "tells of an outage that there is not",
    "shape": "valid JSON of another shape",
    "huge": "an answer of 100 MB",
    "utf16": "what it says, in UTF-16 with a byte order mark",
    "html": "an HTML page with status 200",
    "hang": "no answer",
}
#: People write status pages: minutes after their customers noticed. Our assumption for invented providers.
LAG_S: Final = 240.0
RESOLVE_LAG_S: Final = 120.0
#: The last moment that a date can hold: no end.
FOREVER: Final = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Telling:
    """mode: one of MODES, from `since` to `until`; before and after it the page follows.

    lag_s: from the onset of a trouble to the page's first words (negative: it speaks before it).
    resolve_lag_s: from its end to "resolved". backdate_s: the time of its first words, and the start that it
    claims, are so much earlier than when it writes them. `since` is also the moment at which it lies.
    """

    mode: str = "follow"
    lag_s: float = LAG_S
    resolve_lag_s: float = RESOLVE_LAG_S
    backdate_s: float = 0.0
    since: datetime = EPOCH
    until: datetime = FOREVER

    def mode_at(self, at: datetime) -> str:
        return self.mode if self.since <= at < self.until else "follow"

    def shown(self, at: datetime) -> dict[str, Any]:
        left_s = None if self.until == FOREVER else round((self.until - at).total_seconds(), 3)
        return {
            "mode": self.mode,
            "lag_s": self.lag_s,
            "resolve_lag_s": self.resolve_lag_s,
            "backdate_s": self.backdate_s,
            "left_s": left_s,
        }


def read_telling(section: Section, since: datetime) -> Telling:
    """Keys as SCENARIOS.md describes them; ScenarioError names the key, the value and what would do."""
    telling = Telling(
        mode=section.choice("mode", MODES) if section.has("mode") else "follow",
        lag_s=section.number("lag_s", LAG_S, -LONGEST_S, LONGEST_S),
        resolve_lag_s=section.number("resolve_lag_s", RESOLVE_LAG_S, 0, LONGEST_S),
        backdate_s=section.number("backdate_s", 0, 0, LONGEST_S),
        since=since,
        until=since + timedelta(seconds=section.number("for_s", None, 0.1, LONGEST_S))
        if section.has("for_s")
        else FOREVER,
    )
    section.done()
    return telling

"""What the pages of providers show, kept as all that readers are shown is."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from aigo.lib.kept import Answer
from status.board import Counts
from status.kept import STORIES_KEPT, keeper, kept_snapshot, kept_uptime
from status.providers import (
    Known,
    ProviderFacts,
    ProviderLine,
    counts_of,
    known_providers,
    load_provider,
)
from status.said import Said, load_all_said
from status.uptime import Strip

#: Pages are read every minute or two, by the clock.
BRIEFLY: Final = timedelta(seconds=30)
NOTHING: Final = Counts(*(0,) * len(Counts.__slots__))


def kept_provider(slug: str, *, now: datetime) -> ProviderFacts:
    """What the catalogue says of one. Raises Unavailable, NoSuchProvider."""
    key = ("provider", slug)
    return keeper().answer(key, lambda: load_provider(slug), now=now, topics=_untold, keep=STORIES_KEPT).value


def kept_provider_lines(*, now: datetime) -> Answer[list[ProviderLine]]:
    """Everybody who serves anything, by name, as of the board's snapshot. Raises Unavailable."""
    known = keeper().answer("providers", known_providers, now=now, topics=_untold, keep=STORIES_KEPT)
    said = keeper().answer("all said", load_all_said, now=now, topics=_untold, keep=BRIEFLY)
    present = kept_snapshot(now=now)
    counts = counts_of(present.value)
    lines = [_line(one, counts, said.value) for one in known.value]
    return Answer(lines, present.at, present.age, present.event_id, present.away or known.away or said.away)


def kept_provider_strip(slug: str, *, now: datetime) -> tuple[Strip | None, list[Strip]]:
    """Ninety days of a provider's endpoints together (None = it is not on the board), and of each."""
    uptime = kept_uptime(now=now).value
    together = next((strip for strip in uptime.providers if strip.provider_slug == slug), None)
    return together, [strip for strip in uptime.strips if strip.provider_slug == slug]


def _line(known: Known, counts: dict[str, Counts], said: dict[str, Said]) -> ProviderLine:
    return ProviderLine(known, counts.get(known.slug, NOTHING), said.get(known.slug))


def _untold(_value: object) -> Iterable[str]:
    """No event names it; those of the catalogue touch everything."""
    return ()

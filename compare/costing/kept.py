"""The offers, kept until a price, a model or the time changes them."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from aigo.lib import replicas
from aigo.lib.changes import Changes
from aigo.lib.events import Event
from aigo.lib.kept import Answer, Keeper
from aigo.lib.once import once
from compare.costing.loading import Offers, load_offers

#: Events tell of prices; how much models reason moves slowly, and nothing tells of it.
KEPT: Final = timedelta(minutes=10)
#: Topic of whatever the catalogue says.
CATALOGUE: Final = "catalogue"


def topics_of(event: Event) -> Iterable[str]:
    """What an event touches."""
    return (CATALOGUE,) if event.type == "catalog.changed" else ()


@once
def keeper() -> Keeper:
    """This process's kept answers."""
    return Keeper(Changes(topics_of), read=replicas.read, most=2)


def kept_offers(*, now: datetime) -> Answer[Offers]:
    """All that has a price. Raises Unavailable."""
    return keeper().answer(
        "offers",
        lambda: load_offers(now=now),
        now=now,
        topics=lambda _offers: (CATALOGUE,),
        keep=KEPT,
        until=lambda offers: offers.changes_at,
    )

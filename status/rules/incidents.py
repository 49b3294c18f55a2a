"""From states to incidents: what opens, joins, leaves, worsens, flaps and closes. ADR 17 says why.

`tend` is deterministic, independent of any order, and idempotent: once its steps are applied it has none.
"""

from collections.abc import Sequence
from datetime import datetime

from status.rules.views import OpenIncident, ProviderView, Step


def tend(view: ProviderView, open_incidents: Sequence[OpenIncident], now: datetime) -> list[Step]:
    """What is to be done about a provider's incidents at `now` (UTC), in the order it is to be persisted.

    `open_incidents`: all of the provider's that are not closed. Closes come before what opens, joins or
    absorbs, so that an endpoint is never held by two.
    """
    raise NotImplementedError

"""What was answered lately, so that an order sent again is answered again and not measured twice. Pure.

An order is one due moment: endpoint, region, tier and due_at. Messages get lost between the centre and a POP;
sending the order again heals that.
"""

from collections import OrderedDict
from collections.abc import Sequence
from typing import Final

from probes.attempts import ProbeSpec

KEEP_S: Final = 600.0
#: Ten minutes of 834 endpoints every 30 s; a row takes about 1 kB.
MAX_ROWS: Final = 20_000

OrderKey = tuple[str, str, str, float]


def key_of(spec: ProbeSpec) -> OrderKey:
    """What makes two specs the same order."""
    return (spec.endpoint, spec.region, spec.tier, spec.due_at)


class AnsweredOrders:
    """Rows (attempts as JSON) by order, oldest first; forgets what is too old or too much.

    `now`: seconds of any clock that only goes forward.
    """

    def __init__(self, *, keep_s: float = KEEP_S, max_rows: int = MAX_ROWS) -> None:
        self._keep_s = keep_s
        self._max_rows = max_rows
        self._orders: OrderedDict[OrderKey, tuple[float, tuple[bytes, ...]]] = OrderedDict()
        self._rows = 0

    def __len__(self) -> int:
        """How many rows are kept."""
        return self._rows

    def remember(self, key: OrderKey, rows: Sequence[bytes], *, now: float) -> None:
        self._forget(key)
        self._orders[key] = (now, tuple(rows))
        self._rows += len(rows)
        while self._orders and (self._rows > self._max_rows or self._is_old(now)):
            self._forget(next(iter(self._orders)))

    def recall(self, key: OrderKey, *, now: float) -> tuple[bytes, ...] | None:
        """None: not answered within keep_s, or forgotten."""
        found = self._orders.get(key)
        return found[1] if found and now - found[0] <= self._keep_s else None

    def _is_old(self, now: float) -> bool:
        answered, _ = next(iter(self._orders.values()))
        return now - answered > self._keep_s

    def _forget(self, key: OrderKey) -> None:
        if found := self._orders.pop(key, None):
            self._rows -= len(found[1])

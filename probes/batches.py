"""Batches of orders on the loop: each order starts when it is due, whatever the others do.

Open loop. A late start carries its lag; one that is more than 5 s late is not sent (`lagged`). An order that
is under way already, or was answered lately, is not measured twice: the batch that asks again gets the same
rows.
"""

import logging
import random
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import orjson

from probes.admission import Admission
from probes.answered import AnsweredOrders, OrderKey, key_of
from probes.attempts import Attempt, ProbeSpec
from probes.confirming import next_attempt_in_s
from probes.measurement import Measurement, Prober
from probes.preparation import NotSendableError
from probes.wire.errors import TransportError
from probes.wire.loop import TOGETHER_S, Timer, common_moment

logger = logging.getLogger(__name__)

MAX_LAG_MS: Final = 5_000.0
FLUSH_S: Final = 0.25
# While some wait: how often it is looked at whether they may start, and how long that may take. Many starts
# in a row would keep answers waiting, which is the lag that made them wait.
_LOOK_AGAIN_S: Final = 0.001
_STARTS_BUDGET_S: Final = 0.001

Write = Callable[[bytes], None]


@dataclass(slots=True, eq=False)
class Batch:
    """A batch in flight. open: how many of its orders are; ready: rows that wait for the next flush."""

    id: str
    open: int = 0
    ready: list[bytes] = field(default_factory=list)
    timer: Timer | None = None


@dataclass(slots=True, eq=False)
class Order:
    """One due moment under way, for every batch that asked for it. due: monotonic seconds, of the next
    attempt; ready: that attempt, not begun yet."""

    spec: ProbeSpec
    key: OrderKey
    batches: list[Batch]
    due: float
    rows: list[bytes] = field(default_factory=list)
    outcomes: list[str] = field(default_factory=list)
    ready: Measurement | None = None
    running: Measurement | None = None


class Batches:
    """Everything that one engine has to do. `write` takes one encoded message and must not block."""

    def __init__(
        self,
        prober: Prober,
        write: Write,
        *,
        rng: random.Random,
        admission: Admission | None = None,
        answered: AnsweredOrders | None = None,
    ) -> None:
        self._prober = prober
        self._loop = prober.loop
        self._write = write
        self._rng = rng
        self._admission = admission or Admission()
        self._answered = answered or AnsweredOrders()
        self._orders: dict[OrderKey, Order] = {}
        self._waiting: deque[Order] = deque()
        self._waiting_timer: Timer | None = None
        self._in_flight = 0
        self._stopped = False

    def take(self, batch_id: str, specs: Sequence[ProbeSpec]) -> None:
        """Start the orders of a batch; `done` is written when every one of them has its attempts."""
        batch = Batch(batch_id)
        offset = time.monotonic() - time.time()
        for spec in specs:
            self._take_order(batch, spec, offset)
        if not batch.open:
            self._end(batch)
        elif batch.ready:
            self._flush_soon(batch)

    def stop(self) -> None:
        """Report what waits or is under way as `cancelled`; every batch ends."""
        self._stopped = True
        self._waiting.clear()
        for order in list(self._orders.values()):
            if order.running is not None:
                order.running.cancel()
            else:
                spec, number = order.spec, len(order.rows) + 1
                row = self._prober.unsent(spec, "cancelled", "the engine was stopped", number=number)
                self._attempt_ended(order, row)

    def _take_order(self, batch: Batch, spec: ProbeSpec, offset: float) -> None:
        key = key_of(spec)
        known = self._answered.recall(key, now=time.monotonic())
        if known is not None:
            batch.ready += known
        elif order := self._orders.get(key):
            if batch not in order.batches:
                order.batches.append(batch)
                batch.open += 1
                batch.ready += order.rows
        else:
            order = self._orders[key] = Order(spec, key, [batch], spec.due_at + offset)
            batch.open += 1
            self._schedule(order)

    def _schedule(self, order: Order) -> None:
        """Where there is time, it is made ready beforehand, together with others."""
        at = common_moment(order.due - TOGETHER_S)
        if at > time.monotonic():
            self._loop.call_at(at, partial(self._make_ready, order))
        else:
            self._loop.call_at(order.due, partial(self._due, order))

    def _make_ready(self, order: Order) -> None:
        """What cannot be sent is left for the moment at which it is due, to be tried again and told then."""
        self._loop.call_at(order.due, partial(self._due, order))
        with suppress(NotSendableError, TransportError):
            order.ready = self._prober.make_ready(order.spec, partial(self._measured, order))

    def _due(self, order: Order) -> None:
        if self._orders.get(order.key) is not order:
            return
        if self._waiting or not self._may_start():
            self._waiting.append(order)
            self._look_again_later()
        else:
            self._start(order)

    def _may_start(self) -> bool:
        return not self._stopped and self._admission.admits(in_flight=self._in_flight, lag_s=self._loop.lag_s)

    def _start(self, order: Order) -> None:
        number = len(order.rows) + 1
        lag_ms = max(0.0, (time.monotonic() - order.due) * 1000)
        if lag_ms > MAX_LAG_MS:
            detail = f"due {lag_ms:.0f} ms ago, not sent"
            self._attempt_ended(
                order, self._prober.unsent(order.spec, "lagged", detail, number=number, lag_ms=lag_ms)
            )
            return
        self._in_flight += 1
        done = partial(self._measured, order)
        try:
            running, order.ready = order.ready, None
            if running is not None:
                running.open(lag_ms)
            else:
                running = self._prober.begin(order.spec, done, number=number, lag_ms=lag_ms)
        except Exception as exc:  # a fault of ours in one attempt must not take the batch with it
            logger.exception("attempt of %s failed inside the engine", order.spec.endpoint)
            detail = f"inside the engine: {type(exc).__name__}"
            done(self._prober.unsent(order.spec, "bad_request", detail, number=number))
            return
        if len(order.rows) < number:
            order.running = running

    def _measured(self, order: Order, attempt: Attempt) -> None:
        self._in_flight -= 1
        order.running = None
        self._attempt_ended(order, attempt)

    def _attempt_ended(self, order: Order, attempt: Attempt) -> None:
        row = orjson.dumps(attempt) + b" "  # a copy: what orjson gives occupies 16 kB
        order.rows.append(row)
        order.outcomes.append(attempt.outcome)
        for batch in order.batches:
            batch.ready.append(row)
            self._flush_soon(batch)
        spec = order.spec
        pause_s = (
            None
            if self._stopped
            else next_attempt_in_s(
                order.outcomes, expect_ok=spec.expect_ok, confirm=spec.confirm, rng=self._rng
            )
        )
        if pause_s is None:
            self._close(order)
        else:
            order.due = time.monotonic() + pause_s
            self._loop.call_at(order.due, partial(self._due, order))

    def _close(self, order: Order) -> None:
        del self._orders[order.key]
        self._answered.remember(order.key, order.rows, now=time.monotonic())
        for batch in order.batches:
            batch.open -= 1
            if not batch.open:
                self._end(batch)

    # Those who wait for admission, first come first served.

    def _look_again_later(self) -> None:
        if self._waiting_timer is None:
            self._waiting_timer = self._loop.call_at(time.monotonic() + _LOOK_AGAIN_S, self._start_waiting)

    def _start_waiting(self) -> None:
        self._waiting_timer = None
        end = time.monotonic() + _STARTS_BUDGET_S
        while self._waiting and (self._may_start() or self._is_too_late(self._waiting[0])):
            order = self._waiting.popleft()
            if self._orders.get(order.key) is order:
                self._start(order)
            if time.monotonic() > end:
                break
        if self._waiting:
            self._look_again_later()

    def _is_too_late(self, order: Order) -> bool:
        return (time.monotonic() - order.due) * 1000 > MAX_LAG_MS

    # What is written.

    def _flush_soon(self, batch: Batch) -> None:
        if batch.timer is None:
            batch.timer = self._loop.call_at(time.monotonic() + FLUSH_S, partial(self._flush, batch))

    def _flush(self, batch: Batch) -> None:
        batch.timer = None
        if batch.ready:
            ready, batch.ready = batch.ready, []
            head = orjson.dumps({"type": "results", "id": batch.id})[:-1]
            self._write(head + b',"attempts":[' + b",".join(ready) + b"]}\n")

    def _end(self, batch: Batch) -> None:
        if batch.timer is not None:
            self._loop.cancel(batch.timer)
        self._flush(batch)
        self._write(orjson.dumps({"type": "done", "id": batch.id}) + b"\n")

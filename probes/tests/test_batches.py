"""Batches of orders: nothing is measured twice, nothing is lost, no more at once than can be timed."""

import asyncio
import importlib
import json
import random
import time
from collections.abc import Callable, Mapping
from contextlib import asynccontextmanager

import pytest

from probes.admission import Admission
from probes.attempts import Attempt, ProbeSpec
from probes.batches import Batches
from probes.preparation import Prepared, prepare
from probes.tests.making import make_spec
from probes.tests.wire import CHAT_OK, STREAM_HEAD, probing, serving

Submit = Callable[[str, list[ProbeSpec]], None]


class Told(list[dict]):
    """What the engine wrote."""

    def __call__(self, message: bytes) -> None:
        self.append(json.loads(message))

    def done(self) -> list[str]:
        return [message["id"] for message in self if message["type"] == "done"]

    def attempts(self, batch: str) -> list[Attempt]:
        rows = [row for message in self if message["type"] == "results" and message["id"] == batch
                for row in message["attempts"]]  # fmt: skip
        return [Attempt.from_json(row) for row in rows]


async def run(script: Callable[[Batches], None], *, batches: int, **options) -> Told:
    """Runs the script in the loop's thread, until that many batches are done."""
    told = Told()

    def turn() -> None:
        with probing() as prober:
            made = Batches(prober, told, rng=random.Random(1), **options)
            script(made)
            end = time.monotonic() + 30
            prober.loop.call_at(end, lambda: None)
            prober.loop.run_until(lambda: len(told.done()) == batches or time.monotonic() > end)

    await asyncio.to_thread(turn)
    assert len(told.done()) == batches
    return told


@asynccontextmanager
async def counting(answer_after_s: float = 0.0):
    """A server that answers, and the most connections it has had at once and altogether."""
    seen = {"now": 0, "most": 0, "all": 0}

    async def answer(reader, writer):
        seen["now"] += 1
        seen["all"] += 1
        seen["most"] = max(seen["most"], seen["now"])
        await asyncio.sleep(answer_after_s)
        seen["now"] -= 1
        writer.write(STREAM_HEAD + CHAT_OK)
        await writer.drain()

    async with serving(answer) as port:
        seen["port"] = port
        yield seen


def spec(port: int, **changes) -> ProbeSpec:
    return make_spec(**{"base_url": f"http://127.0.0.1:{port}/v1", "due_at": time.time(), **changes})


async def test_an_order_sent_again_while_it_runs_is_measured_once_and_told_twice():
    async with counting(answer_after_s=0.3) as seen:
        order = spec(seen["port"])

        def twice(it: Batches) -> None:
            it.take("a", [order])
            it.take("b", [order, order])

        told = await run(twice, batches=2)
    assert seen["all"] == 1
    assert told.attempts("a") == told.attempts("b")
    assert [attempt.outcome for attempt in told.attempts("b")] == ["ok"]


async def test_an_order_sent_again_later_is_answered_from_memory():
    async with counting() as seen:
        order = spec(seen["port"])

        def again(it: Batches) -> None:
            it.take("a", [order])
            it._loop.call_at(time.monotonic() + 1.0, lambda: it.take("b", [order]))

        told = await run(again, batches=2)
    assert seen["all"] == 1
    assert told.attempts("a") == told.attempts("b") != []


async def test_another_moment_is_another_order():
    async with counting() as seen:
        orders = [spec(seen["port"], due_at=time.time() + n / 100) for n in range(3)]
        await run(lambda it: it.take("a", orders), batches=1)
    assert seen["all"] == 3


async def test_confirmations_reach_everyone_who_asked():
    order = spec(9, base_url="http://127.0.0.1:9/v1")

    def twice(it: Batches) -> None:
        it.take("a", [order])
        it._loop.call_at(time.monotonic() + 0.7, lambda: it.take("b", [order]))

    told = await run(twice, batches=2)
    assert [attempt.attempt for attempt in told.attempts("b")] == [1, 2, 3]
    assert told.attempts("a") == told.attempts("b")


async def test_without_confirm_one_attempt_is_all():
    told = await run(lambda it: it.take("a", [spec(9, confirm=False)]), batches=1)
    assert [attempt.attempt for attempt in told.attempts("a")] == [1]


async def test_no_more_run_at_once_than_are_admitted_and_all_run():
    async with counting(answer_after_s=0.05) as seen:
        orders = [spec(seen["port"], endpoint=f"a--{n}") for n in range(12)]
        told = await run(lambda it: it.take("a", orders), batches=1, admission=Admission(max_in_flight=3))
    assert (seen["most"], seen["all"]) == (3, 12)
    attempts = told.attempts("a")
    assert {attempt.outcome for attempt in attempts} == {"ok"}
    assert max(attempt.lag_ms for attempt in attempts) > 100  # the last of them waited for three others


async def test_who_waits_too_long_is_not_sent(monkeypatch):
    monkeypatch.setattr("probes.batches.MAX_LAG_MS", 1_000.0)
    async with counting(answer_after_s=3) as seen:
        orders = [spec(seen["port"], endpoint=f"a--{n}") for n in range(3)]
        told = await run(lambda it: it.take("a", orders), batches=1, admission=Admission(max_in_flight=1))
    assert seen["all"] == 1
    outcomes = sorted(attempt.outcome for attempt in told.attempts("a"))
    assert outcomes == ["lagged", "lagged", "ok"]


async def test_orders_with_time_are_made_ready_ahead_and_begin_when_they_are_due(monkeypatch):
    moments: list[float] = []

    def watched(order: ProbeSpec, environ: Mapping[str, str]) -> Prepared:
        moments.append(time.time())
        return prepare(order, environ)

    monkeypatch.setattr("probes.measurement.prepare", watched)
    async with counting() as seen:
        due = time.time() + 2
        orders = [spec(seen["port"], endpoint=f"a--{n}", due_at=due + n / 1000) for n in range(5)]
        told = await run(lambda it: it.take("a", orders), batches=1)
    assert len(moments) == 5
    started = [attempt.started_at for attempt in told.attempts("a")]
    assert max(moments) < min(started)  # all, before the first begins: also where the loop came late to both
    assert all(attempt.started_at > attempt.due_at - 0.001 for attempt in told.attempts("a"))


async def test_what_cannot_be_sent_is_told_when_it_is_due():
    order = spec(9, key_env="NOT_SET_API_KEY", due_at=time.time() + 0.5)
    told = await run(lambda it: it.take("a", [order]), batches=1)
    (attempt,) = told.attempts("a")
    assert (attempt.outcome, attempt.error_detail) == ("auth", "key not set")
    assert attempt.started_at > order.due_at - 0.001


async def test_an_order_that_comes_long_after_it_was_due_is_not_sent():
    async with counting() as seen:
        late = spec(seen["port"], due_at=time.time() - 6)
        told = await run(lambda it: it.take("a", [late]), batches=1)
    assert seen["all"] == 0
    (attempt,) = told.attempts("a")
    assert (attempt.outcome, attempt.total_ms) == ("lagged", None)


async def test_stopping_tells_what_an_answer_came_to_that_has_just_ended(monkeypatch):
    monkeypatch.setattr("probes.wire.loop.TOGETHER_S", 60.0)
    async with counting() as seen:

        def stopped(it: Batches) -> None:
            it.take("a", [spec(seen["port"])])
            it._loop.call_at(time.monotonic() + 3, it.stop)

        told = await run(stopped, batches=1)
    assert [attempt.outcome for attempt in told.attempts("a")] == ["ok"]


async def test_stopping_reports_what_runs_and_what_waits():
    async with counting(answer_after_s=60) as seen:
        orders = [spec(seen["port"]), spec(seen["port"], due_at=time.time() + 60)]

        def stopped(it: Batches) -> None:
            it.take("a", orders)
            it._loop.call_at(time.monotonic() + 2, it.stop)

        told = await run(stopped, batches=1)
    assert [attempt.outcome for attempt in told.attempts("a")] == ["cancelled", "cancelled"]
    assert [attempt.connect_ms is None for attempt in told.attempts("a")] == [False, True]


@pytest.mark.parametrize("place", ["probes.measurement.prepare", "probes.measurement.attempt_of"])
async def test_a_fault_of_ours_in_one_attempt_takes_no_other_with_it(monkeypatch, caplog, place):
    module, _, name = place.rpartition(".")
    whole = getattr(importlib.import_module(module), name)

    def broken_for_one(*args, **kwargs):
        if args[0].endpoint == "broken":
            raise RuntimeError("a bug")
        return whole(*args, **kwargs)

    monkeypatch.setattr(place, broken_for_one)
    async with counting() as seen:
        orders = [spec(seen["port"], endpoint="broken"), spec(seen["port"])]
        told = await run(lambda it: it.take("a", orders), batches=1)
    outcomes = {attempt.endpoint: attempt.outcome for attempt in told.attempts("a")}
    assert outcomes == {"broken": "bad_request", orders[1].endpoint: "ok"}
    assert "a bug" in caplog.text


@pytest.mark.parametrize("fault", [RuntimeError("a bug"), MemoryError(), OSError(12, "no memory")])
async def test_a_fault_while_reading_ends_the_attempt_at_once(monkeypatch, fault):
    def broken(*args, **kwargs):
        raise fault

    async with counting() as seen:
        monkeypatch.setattr("probes.sighting.Sighting.take", broken)
        told = await run(lambda it: it.take("a", [spec(seen["port"])]), batches=1)
    (attempt,) = told.attempts("a")
    ours = "bad_request" if isinstance(fault, RuntimeError) else "pop_offline"
    assert attempt.outcome == ours
    assert "inside the engine" in attempt.error_detail

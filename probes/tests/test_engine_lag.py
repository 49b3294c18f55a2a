"""A busy host must not be taken for a slow provider, and must not be believed where it cannot know."""

import asyncio
import gc
import threading
import time
from collections.abc import Awaitable, Callable

import pytest

from probes.attempts import Attempt, ProbeSpec
from probes.measurement import MAX_LOOP_LAG_MS
from probes.tests.making import happened, make_spec
from probes.tests.wire import (
    CHAT_OK,
    FIRST_TOKEN,
    STREAM_HEAD,
    answering,
    probe,
    probing,
    read_request,
    self_signed,
    serving,
)
from probes.wire.resolver import Resolution
from testing.patience import PATIENCE_S


async def measured_late(spec: ProbeSpec, *, at_s: float, for_s: float = 1.5, **options) -> Attempt:
    """One attempt by a loop that stands still once, `at_s` after the start, `for_s` long."""

    def attempt() -> Attempt:
        made: list[Attempt] = []
        with probing(**options) as prober:
            prober.loop.call_at(time.monotonic() + at_s, lambda: time.sleep(for_s))
            prober.begin(spec, made.append)
            prober.loop.run_until(lambda: bool(made))
        return made[0]

    return await asyncio.to_thread(attempt)


def token_after(after_s: float, sent: list[float]) -> Callable[..., Awaitable[None]]:
    async def answer(reader, writer):
        writer.write(STREAM_HEAD)
        await writer.drain()
        await asyncio.sleep(after_s)
        sent.append(time.time())
        writer.write(CHAT_OK)

    return answer


def error_ms(attempt: Attempt, sent_at: float) -> float:
    """How far the measured first token is from the moment at which the server sent it."""
    return (attempt.started_at + happened(attempt.first_token_ms) / 1000 - sent_at) * 1000


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_loop_that_comes_late_reads_the_moment_off_the_kernels_stamp(scheme, tmp_path):
    sent: list[float] = []
    server, ca_file = self_signed(tmp_path) if scheme == "https" else (None, None)
    async with serving(token_after(0.5, sent), tls=server) as port:
        spec = make_spec(base_url=f"{scheme}://localhost:{port}/v1")
        for _ in range(5):  # a busy machine may hold up the loop before it has sent, or the server
            sent.clear()
            attempt = await measured_late(spec, at_s=0.3, ca_file=ca_file, max_lag_ms=MAX_LOOP_LAG_MS)
            if attempt.outcome == "ok" and attempt.loop_lag_ms > 100:
                break
    assert (attempt.outcome, attempt.receive_clock) == ("ok", "kernel"), attempt.error_detail
    assert attempt.loop_lag_ms > 100
    assert -20 < error_ms(attempt, sent[0]) < 400  # the loop itself was 1,300 ms late
    assert bool(attempt.tls_version) is (scheme == "https")


async def test_without_stamps_the_attempt_is_not_believed(monkeypatch):
    monkeypatch.setattr("probes.wire.connection.received_at", lambda *args, **kwargs: None)
    async with serving(token_after(0.5, [])) as port:
        spec = make_spec(base_url=f"http://localhost:{port}/v1")
        attempt = await measured_late(spec, at_s=0.3, max_lag_ms=MAX_LOOP_LAG_MS)
    assert (attempt.outcome, attempt.receive_clock) == ("lagged", "loop")
    assert "(else: ok)" in attempt.error_detail


async def test_a_loop_that_is_late_before_it_has_sent_is_not_believed(tmp_path):
    server, ca_file = self_signed(tmp_path)
    async with serving(answering(STREAM_HEAD + CHAT_OK), tls=server) as port:
        spec = make_spec(base_url=f"https://localhost:{port}/v1")
        attempt = await measured_late(spec, at_s=0.0, ca_file=ca_file, max_lag_ms=MAX_LOOP_LAG_MS)
    assert attempt.outcome == "lagged"


async def test_a_first_token_that_waited_in_a_crowd_is_not_believed():
    """The stamp is that of the last packet: those before came at some moment since the last look."""

    async def crowd(reader, writer):
        writer.write(STREAM_HEAD)
        await writer.drain()
        await asyncio.sleep(0.4)
        for _ in range(3):
            writer.write(FIRST_TOKEN)
            await writer.drain()
            await asyncio.sleep(0.1)
        writer.write(CHAT_OK)

    async with serving(crowd) as port:
        spec = make_spec(base_url=f"http://localhost:{port}/v1")
        attempt = await measured_late(spec, at_s=0.35, max_lag_ms=MAX_LOOP_LAG_MS)
    assert attempt.outcome == "lagged"


async def test_a_slow_server_is_no_lag_of_ours():
    async with serving(answering(STREAM_HEAD + CHAT_OK, after_s=2.0)) as port:
        attempt = await probe(make_spec(base_url=f"http://127.0.0.1:{port}/v1"))
    assert attempt.outcome == "ok"
    assert attempt.loop_lag_ms < 1500


async def test_what_arrived_in_time_is_no_timeout_however_late_we_look():
    async with serving(token_after(0.2, [])) as port:
        spec = make_spec(base_url=f"http://127.0.0.1:{port}/v1", timeout_s=2.0)
        attempt = await measured_late(spec, at_s=0.1, for_s=2.5)
    assert attempt.outcome == "ok"
    assert 180 < happened(attempt.total_ms) < 2000


async def test_what_arrived_too_late_is_a_timeout_however_late_we_look():
    async with serving(token_after(0.6, [])) as port:
        spec = make_spec(base_url=f"http://127.0.0.1:{port}/v1", timeout_s=0.4)
        attempt = await measured_late(spec, at_s=0.1, for_s=1.0)
    assert (attempt.outcome, attempt.total_ms, attempt.first_token_ms) == ("timeout", 400.0, None)


async def test_a_busy_resolver_of_ours_is_not_charged(monkeypatch):
    over = threading.Event()

    def look_long(host: str, port: int, resolution: Resolution) -> None:
        resolution.begun = time.monotonic()
        over.wait(PATIENCE_S)

    monkeypatch.setattr("probes.wire.resolver._look_up", look_long)
    monkeypatch.setattr("probes.wire.resolver.DNS_THREADS", 1)

    def attempts() -> list[Attempt]:
        made: list[Attempt] = []
        with probing() as prober:
            for _ in range(2):
                prober.begin(make_spec(base_url="http://a.test/v1", timeout_s=1.0), made.append)
            prober.loop.run_until(lambda: len(made) == 2)
            over.set()
        return made

    first, second = await asyncio.to_thread(attempts)
    assert (first.outcome, second.outcome) == ("dns_error", "pop_offline")


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_an_attempt_leaves_nothing_for_the_collector_of_cycles(scheme, tmp_path):
    """At hundreds of probes a second such a rest is memory, and pauses while it is looked for."""
    tls, ca_file = self_signed(tmp_path) if scheme == "https" else (None, None)
    async with serving(answering(STREAM_HEAD + CHAT_OK), tls=tls) as port:
        spec = make_spec(base_url=f"{scheme}://localhost:{port}/v1")
        outcomes: list[str] = []
        left: list[str] = []

        def attempts() -> None:
            _let_look_ups_of_other_tests_end()
            with probing(ca_file=ca_file) as prober:
                prober.attempt(spec)
                gc.collect()
                gc.disable()
                outcomes.extend(prober.attempt(spec).outcome for _ in range(20))
                left.extend(type(found).__name__ for found in unreachable() if _is_of_the_engine(found))
                gc.enable()

        await asyncio.to_thread(attempts)
    assert outcomes == ["ok"] * 20
    assert left == []


def _let_look_ups_of_other_tests_end() -> None:
    """What their threads hold would turn up as ours when they end meanwhile."""
    deadline = time.monotonic() + PATIENCE_S
    while any(thread.name.startswith("dns") for thread in threading.enumerate()):
        if time.monotonic() > deadline:
            return
        time.sleep(0.05)


def _is_of_the_engine(found: object) -> bool:
    return type(found).__module__.startswith(("probes.", "ssl", "concurrent."))


def unreachable() -> list[object]:
    gc.set_debug(gc.DEBUG_SAVEALL)
    gc.collect()
    gc.set_debug(0)
    found, gc.garbage[:] = list(gc.garbage), []
    return found


async def test_every_moment_of_a_stream_is_told_in_order():
    async def queue_then_talk(reader, writer):
        writer.write(STREAM_HEAD)
        for piece in (b": waiting\n\n", b'data: {"choices":[]}\n\n', FIRST_TOKEN, FIRST_TOKEN, CHAT_OK):
            await writer.drain()
            await asyncio.sleep(0.1)
            writer.write(piece)

    async with serving(queue_then_talk) as port:
        attempt = await probe(make_spec(base_url=f"http://127.0.0.1:{port}/v1"))
    moments = [
        attempt.connect_ms, attempt.sent_ms, attempt.first_byte_ms, attempt.first_keep_alive_ms,
        attempt.first_event_ms, attempt.first_token_ms, attempt.last_token_ms, attempt.total_ms,
    ]  # fmt: skip
    assert None not in moments
    assert moments == sorted(moments)
    assert (attempt.keep_alives, attempt.chunks, attempt.tokens_per_s) == (1, 3, None)
    assert attempt.first_event_ms - attempt.first_keep_alive_ms > 50
    assert attempt.last_token_ms - attempt.first_token_ms > 150
    assert 50 < attempt.inter_token_p50_ms < 1000


async def test_headers_and_usage_become_figures():
    usage = (
        b'data: {"choices":[],"usage":{"prompt_tokens":9,"completion_tokens":31,"cost":0.25,'
        b'"prompt_tokens_details":{"cached_tokens":4},"completion_tokens_details":{"reasoning_tokens":0}}}\n\n'
    )

    async def talk(reader, writer):
        await read_request(reader)
        writer.write(
            STREAM_HEAD[:-2] + b"x-ratelimit-limit-requests: 60\r\nretry-after: 2\r\n\r\n" + FIRST_TOKEN
        )
        await writer.drain()
        await asyncio.sleep(0.3)
        writer.write(FIRST_TOKEN + usage + CHAT_OK[len(FIRST_TOKEN) :])

    async with serving(talk, raw=True) as port:
        attempt = await probe(make_spec(base_url=f"http://127.0.0.1:{port}/v1", tier="C", timeout_s=60))
    assert attempt.outcome == "ok"
    assert (attempt.input_tokens, attempt.cached_tokens, attempt.reported_cost_usd) == (9, 4, 0.25)
    assert (attempt.retry_after_s, attempt.rate_limits[0]["limit"]) == (2.0, 60)
    span_s = (attempt.last_token_ms - attempt.first_token_ms) / 1000
    assert attempt.tokens_per_s == pytest.approx(30 / span_s, rel=0.01)

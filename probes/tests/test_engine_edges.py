"""Answers on the edge of time, size and connection: charged to whoever caused them, at their own moment."""

import errno
import math
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress

import pytest

from probes.attempts import Attempt
from probes.measurement import MAX_LOOP_LAG_MS, Prober
from probes.tests.making import happened, make_spec
from probes.wire.errors import connect_failure
from probes.wire.loop import Loop
from probes.wire.resolver import MAX_PER_HOST, Resolution, Resolver
from probes.wire.tls import make_ssl_context
from testing.patience import PATIENCE_S

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
DONE = b"data: [DONE]\n\n"


def event(text: str, finish: str = "null") -> bytes:
    return (
        b'data: {"id":"1","model":"m","choices":[{"index":0,"delta":{"content":"'
        + text.encode()
        + b'"},"finish_reason":'
        + finish.encode()
        + b"}]}\n\n"
    )


@pytest.fixture
def prober() -> Iterator[Prober]:
    loop = Loop()
    resolver = Resolver(loop)
    yield Prober("edges", {}, make_ssl_context(), loop, resolver, max_lag_ms=math.inf)
    resolver.close()
    loop.close()


def serve(script: Sequence[bytes | float]) -> int:
    """One answer as a script of bytes to send and seconds to wait; the port."""
    server = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        with server, server.accept()[0] as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.recv(65_536)
            with suppress(ConnectionError):  # they have heard enough
                for step in script:
                    if isinstance(step, float):
                        time.sleep(step)
                    else:
                        connection.sendall(step)

    threading.Thread(target=run, daemon=True).start()
    return int(server.getsockname()[1])


def probe(prober: Prober, script: Sequence[bytes | float], **spec) -> Attempt:
    port = serve(script)
    values = {"base_url": f"http://127.0.0.1:{port}/v1", "timeout_s": 30.0, **spec}
    return prober.attempt(make_spec(**values))


@pytest.mark.parametrize(
    "script",
    [
        [HEAD, 0.3, event("Ok") + event(".", '"stop"') + DONE],
        [0.3, HEAD + event("Ok") + event(".", '"stop"') + DONE],
    ],
    ids=["after the headers", "with the headers"],
)
def test_two_tokens_in_the_first_read_are_no_lag_of_a_loop_that_slept(prober, script):
    prober.max_lag_ms = MAX_LOOP_LAG_MS
    attempts = [probe(prober, script) for _ in range(5)]
    assert "ok" in [attempt.outcome for attempt in attempts], "a busy machine holds up some of them, not all"
    assert min(happened(attempt.first_token_ms) for attempt in attempts) == pytest.approx(300, abs=100)


@pytest.mark.parametrize(
    ("script", "outcome"),
    [
        (
            [b'HTTP/1.1 401 No\r\n\r\n{"error":{"code":"invalid_api_key"}}', 10.0],
            "auth",
        ),
        (
            [HEAD, b'data: {"error":{"code":"insufficient_quota","message":"no money"}}\n\n', 10.0],
            "quota",
        ),
    ],
    ids=["our key", "our quota"],
)
def test_an_error_that_was_read_stands_though_the_connection_stays_open(prober, script, outcome):
    assert probe(prober, script, timeout_s=3.0).outcome == outcome


def test_what_arrived_before_the_limit_is_read_before_time_is_judged(prober, monkeypatch):
    monkeypatch.setattr("probes.wire.loop.RELAXED_S", 5.0)  # no look between the end's arrival and the limit
    attempt = probe(prober, [HEAD, 0.1, event("a", '"stop"'), 0.4, DONE, 10.0], timeout_s=4.0)
    assert attempt.outcome == "ok"


def test_only_a_model_list_may_be_cut_and_count_as_whole(prober):
    body = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{"data":[' + b" " * 3_000_000
    assert probe(prober, [body], protocol="openai_embeddings").outcome == "truncated"
    assert probe(prober, [body], tier="A").outcome == "ok"


def test_a_name_that_does_not_resolve_in_time_is_a_dns_error(prober, monkeypatch):
    def hang(host: str, port: int, resolution: Resolution) -> None:
        resolution.begun = time.monotonic()
        time.sleep(0.6)

    monkeypatch.setattr("probes.wire.resolver._look_up", hang)
    attempt = prober.attempt(make_spec(base_url="http://slow.test/v1", timeout_s=0.3))
    assert attempt.outcome == "dns_error"


def test_a_dead_nameserver_does_not_take_the_threads_of_other_names(prober, monkeypatch):
    real = Resolver.resolve.__globals__["_look_up"]
    released = threading.Event()

    def hang(host: str, port: int, resolution: Resolution) -> None:
        if host != "dead.test":
            real(host, port, resolution)
            return
        resolution.begun = time.monotonic()
        released.wait(PATIENCE_S)

    monkeypatch.setattr("probes.wire.resolver._look_up", hang)
    made: list[Attempt] = []
    for _ in range(130):
        prober.begin(make_spec(base_url="http://dead.test/v1", timeout_s=1.0), made.append)
    prober.loop.run_until(lambda: len(made) == 130)
    assert {attempt.outcome for attempt in made} == {"dns_error"}
    port = serve([HEAD, event("ok", '"stop"') + DONE])
    assert prober.attempt(make_spec(base_url=f"http://localhost:{port}/v1", timeout_s=30.0)).outcome == "ok"
    released.set()


def test_attempts_beyond_the_limit_share_a_look_up_that_is_under_way(prober):
    ports = [serve([HEAD, event("ok", '"stop"') + DONE]) for _ in range(3 * MAX_PER_HOST)]
    made: list[Attempt] = []
    for port in ports:
        prober.begin(make_spec(base_url=f"http://localhost:{port}/v1", timeout_s=30.0), made.append)
    prober.loop.run_until(lambda: len(made) == len(ports))
    assert {attempt.outcome for attempt in made} == {"ok"}
    assert all(attempt.http_status == 200 and happened(attempt.dns_ms) >= 0 for attempt in made)


@pytest.mark.parametrize("code", ["EPERM", "EACCES", "EAFNOSUPPORT", "ENETUNREACH"])
def test_what_our_own_host_refuses_is_not_the_providers(code):
    assert connect_failure([OSError(getattr(errno, code), "no")]).outcome == "pop_offline"


def test_a_kernel_without_stamps_is_measured_on_by_our_own_clock(prober, monkeypatch):
    def refuse(sock: socket.socket) -> None:
        raise OSError("Protocol not available")

    monkeypatch.setattr("probes.wire.dialing.ask_for_stamps", refuse)
    attempt = probe(prober, [HEAD, event("ok", '"stop"') + DONE])
    assert (attempt.outcome, attempt.receive_clock) == ("ok", "loop")

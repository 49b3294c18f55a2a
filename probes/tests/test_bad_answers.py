"""Everything a server can do wrong, all at once beside good ones: each has its outcome, nobody loses time."""

import asyncio
import math
import statistics
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path

from probes.attempts import Attempt, ProbeSpec
from probes.engine_client import EngineClient
from probes.tests.making import happened, make_spec
from probes.tests.wire import CHAT_OK, FIRST_TOKEN, STREAM_HEAD, read_request, serving
from testing.patience import PATIENCE_S
from testing.processes import free_port

OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
GOOD = 50
TIMEOUT_S = 3.0

Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def plain(data: bytes) -> Answer:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()

    return answer


def without_end(
    piece: bytes, *, head: bytes = STREAM_HEAD, every_s: float = 0.0, most: int = 10**9
) -> Answer:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        sent = 0
        while sent < 100_000_000:
            writer.write(piece)
            await writer.drain()
            sent += len(piece)
            await asyncio.sleep(every_s)

    return answer


async def never(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(60)


#: path → (what the server does, outcome, a word of the detail)
BAD: dict[str, tuple[Answer, str, str]] = {
    "redirect": (plain(b"HTTP/1.1 302 Found\r\nLocation: https://b.test/x\r\nContent-Length: 0\r\n\r\n"),
                 "bad_request", "b.test"),
    "endless-events": (without_end(FIRST_TOKEN * 500), "truncated", "our limit"),
    "endless-line": (without_end(b"x" * 65536), "bad_json", "without end"),
    "endless-error": (without_end(b"x" * 65536, head=b"HTTP/1.1 500 No\r\n\r\n"),
                      "http_5xx", "HTTP 500"),
    "drip": (without_end(b"d", every_s=1.0), "timeout", "reading the answer"),
    "dripped-head": (without_end(b"X", head=b"HTTP/1.1 200 OK\r\n", every_s=1.0), "timeout", ""),
    "closed-at-once": (plain(b""), "connect_error", "closed before any answer"),
    "no-answer": (never, "timeout", "waiting for the first byte"),
    "half-head": (plain(b"HTTP/1.1 200 OK\r\nContent-Ty"), "bad_json", "inside the headers"),
    "huge-head": (plain(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000 + b"\r\n\r\n"), "bad_json", "headers of"),
    "gzip": (plain(OK + b"Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n\x1f\x8b"), "bad_json", "gzip"),
    "broken-chunk": (plain(CHUNKED + b"5\r\nhello\r\nzz\r\n"), "bad_json", "Parser"),
    "cut-chunk": (plain(CHUNKED + b"%x\r\n" % len(CHAT_OK) + FIRST_TOKEN), "truncated", "inside the body"),
    "short-body": (plain(OK + b"Content-Length: 9999\r\n\r\n" + FIRST_TOKEN), "truncated", "inside the body"),
    "long-body": (plain(OK + b"Content-Length: 100\r\n\r\n" + CHAT_OK), "truncated", "marker"),
    "interim": (plain(b"HTTP/1.1 100 Continue\r\n\r\n" + STREAM_HEAD + CHAT_OK), "ok", ""),
    "old-http": (plain(b"HTTP/1.0 200 OK\r\n\r\n" + CHAT_OK), "ok", ""),
    "switching": (plain(b"HTTP/1.1 101 Hm\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nx"),
                  "bad_json", "protocol"),
}  # fmt: skip


class Server:
    """Does what the path of a request says; remembers when it sent the first token of each good one."""

    def __init__(self) -> None:
        self.sent_at: dict[str, float] = {}

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        name = (await read_request(reader)).split(b"/")[1].decode()
        if name in BAD:
            await BAD[name][0](reader, writer)
            return
        writer.write(STREAM_HEAD)
        await writer.drain()
        await asyncio.sleep(0.2)
        self.sent_at[name] = time.time()
        writer.write(FIRST_TOKEN)
        await writer.drain()
        await asyncio.sleep(0.1)
        writer.write(CHAT_OK)


def spec(port: int, name: str, **changes) -> ProbeSpec:
    values = {
        "base_url": f"http://127.0.0.1:{port}/{name}",
        "endpoint": name,
        "due_at": time.time() + 0.2,
        "timeout_s": TIMEOUT_S,
        "confirm": False,
    }
    return make_spec(**{**values, **changes})


def good_specs(port: int) -> list[ProbeSpec]:
    """Spread over the time in which the bad ones misbehave."""
    start = time.time() + 0.2
    return [spec(port, f"good-{n}", due_at=start + n * 0.03, timeout_s=30) for n in range(GOOD)]


async def test_each_bad_server_has_its_own_outcome_and_the_others_keep_their_time():
    server = Server()
    found: list[Attempt] = []
    with closing(EngineClient("seoul-1", max_lag_ms=math.inf)) as client:
        await asyncio.to_thread(client.start)
        async with serving(server, raw=True) as port:
            specs = [
                *(spec(port, name) for name in BAD),
                spec(port, "unknown-protocol", protocol="smoke_signals"),
                spec(port, "missing-key", key_env="NOBODYS_API_KEY"),
                spec(free_port(), "refused"),
                *good_specs(port),
            ]
            await asyncio.to_thread(client.submit(specs, found.extend).result, PATIENCE_S)
        peak_mb = _peak_mb(client.pid)
    attempts = {attempt.endpoint: attempt for attempt in found}
    _check_bad(attempts)
    _check_good(attempts, server.sent_at)
    assert peak_mb < 150


def _check_bad(attempts: dict[str, Attempt]) -> None:
    wanted = {name: outcome for name, (_, outcome, _) in BAD.items()}
    wanted |= {"unknown-protocol": "bad_request", "missing-key": "auth", "refused": "connect_error"}
    assert {name: attempts[name].outcome for name in wanted} == wanted
    for name, (_, _, word) in BAD.items():
        assert word in attempts[name].error_detail, name
    late = [name for name in BAD if happened(attempts[name].total_ms) > TIMEOUT_S * 1000 + 1]
    assert late == []


def _check_good(attempts: dict[str, Attempt], sent_at: dict[str, float]) -> None:
    """Against the server's own clock; a loaded machine may stop the server between clock and write."""
    good = [attempts[f"good-{n}"] for n in range(GOOD)]
    assert {attempt.outcome for attempt in good} == {"ok"}
    errors_ms = sorted(
        abs(attempt.started_at + happened(attempt.first_token_ms) / 1000 - sent_at[attempt.endpoint]) * 1000
        for attempt in good
    )
    assert statistics.median(errors_ms) < 20
    assert errors_ms[GOOD * 9 // 10] < 200


def _peak_mb(pid: int | None) -> float:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))

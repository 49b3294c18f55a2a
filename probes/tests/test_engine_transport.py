"""One attempt against servers that do exactly one thing: phases, and failures below HTTP."""

import asyncio
import errno
import os
import socket

import pytest

from probes.measurement import STALL_S
from probes.tests.making import happened, make_spec
from probes.tests.wire import (
    CHAT_OK,
    FIRST_TOKEN,
    STREAM_HEAD,
    answering,
    probe,
    read_request,
    self_signed,
    serving,
)
from testing.processes import free_port


def at(port: int, *, scheme: str = "http", host: str = "127.0.0.1", **changes):
    return make_spec(base_url=f"{scheme}://{host}:{port}/v1", **changes)


async def test_first_byte_is_measured_to_a_few_milliseconds():
    async with serving(answering(STREAM_HEAD + CHAT_OK, after_s=0.3)) as port:
        times = [happened((await probe(at(port))).first_byte_ms) for _ in range(10)]
    assert all(time >= 299 for time in times)
    assert min(times) < 380


async def test_the_phases_of_a_plain_exchange():
    async with serving(answering(STREAM_HEAD + CHAT_OK)) as port:
        attempt = await probe(at(port))
    assert attempt.outcome == "ok"
    assert (attempt.dns_ms, attempt.tls_ms) == (None, None)
    connected, first_byte = happened(attempt.connect_ms), happened(attempt.first_byte_ms)
    assert 0 < connected < first_byte <= happened(attempt.first_token_ms) <= happened(attempt.total_ms)
    assert attempt.first_answer_ms == attempt.first_token_ms
    assert (attempt.remote_ip, attempt.reused, attempt.http_status) == ("127.0.0.1", False, 200)


async def test_a_name_is_resolved_as_a_phase_of_its_own():
    async with serving(answering(STREAM_HEAD + CHAT_OK)) as port:
        attempt = await probe(at(port, host="localhost"))
    assert attempt.outcome == "ok"
    assert happened(attempt.dns_ms) > 0


async def test_reasoning_and_answer_have_their_own_first_moment():
    async def think(reader, writer):
        writer.write(STREAM_HEAD)
        for delta in (b'{"reasoning_content":"a"}', b'{"reasoning_content":"b"}', b'{"content":"ok"}'):
            writer.write(b'data: {"choices":[{"index":0,"delta":' + delta + b',"finish_reason":null}]}\n\n')
            await writer.drain()
            await asyncio.sleep(0.1)
        writer.write(b'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n')
        writer.write(b"data: [DONE]\n\n")

    async with serving(think) as port:
        attempt = await probe(at(port, reasoning=True))
    assert attempt.outcome == "ok"
    assert 150 < happened(attempt.first_answer_ms) - happened(attempt.first_token_ms) < 3000
    assert 75 < happened(attempt.inter_token_p50_ms) < 1500
    assert attempt.chunks == 3


async def test_a_certificate_nobody_vouches_for_is_a_tls_error(tmp_path):
    server, _ = self_signed(tmp_path)
    async with serving(answering(STREAM_HEAD + CHAT_OK), tls=server) as port:
        attempt = await probe(at(port, scheme="https"))
    assert attempt.outcome == "tls_error"
    assert "certificate" in attempt.error_detail.lower()
    assert attempt.connect_ms is not None
    assert attempt.tls_ms is None


async def test_an_expired_certificate_is_a_tls_error(tmp_path):
    server, cert_file = self_signed(tmp_path, days=-1)
    async with serving(answering(STREAM_HEAD + CHAT_OK), tls=server) as port:
        attempt = await probe(at(port, scheme="https"), ca_file=cert_file)
    assert attempt.outcome == "tls_error"
    assert "expired" in attempt.error_detail


async def test_a_valid_certificate_gives_a_tls_phase(tmp_path):
    server, cert_file = self_signed(tmp_path)
    async with serving(answering(STREAM_HEAD + CHAT_OK), tls=server) as port:
        attempt = await probe(at(port, scheme="https", host="localhost"), ca_file=cert_file)
    assert attempt.outcome == "ok", attempt.error_detail
    assert happened(attempt.tls_ms) > 0


async def test_a_server_without_tls_is_a_tls_error():
    async with serving(answering(b"HTTP/1.1 400 Bad Request\r\n\r\n"), raw=True) as port:
        attempt = await probe(at(port, scheme="https"))
    assert attempt.outcome == "tls_error"


async def test_an_unknown_name_is_a_dns_error():
    attempt = await probe(make_spec(base_url="http://nonexistent.invalid/v1"))
    assert attempt.outcome == "dns_error"
    assert attempt.dns_ms is not None
    assert attempt.connect_ms is None


async def test_a_refused_port_is_a_connect_error():
    attempt = await probe(at(free_port()))
    assert attempt.outcome == "connect_error"
    assert "111" in attempt.error_detail


async def test_no_free_sockets_is_our_own_fault(monkeypatch):
    class Exhausted(socket.socket):
        def connect(self, *args):
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

    port = free_port()
    monkeypatch.setattr("probes.wire.connection.socket.socket", Exhausted)
    attempt = await probe(at(port))
    assert attempt.outcome == "pop_offline"


def unreachable(monkeypatch, code: int, *, only: str = "") -> None:
    """Connecting fails as the kernel would say it; only: at addresses that begin so."""
    connect = socket.socket.connect

    def refuse(self, address):
        if address[0].startswith(only):
            raise OSError(code, os.strerror(code))
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.mark.parametrize("code", [errno.EHOSTUNREACH, errno.ENETUNREACH, errno.ENETDOWN])
async def test_no_way_to_the_server_is_our_own_fault(code, monkeypatch):
    unreachable(monkeypatch, code)
    attempt = await probe(at(free_port()))
    assert (attempt.outcome, attempt.connect_ms) == ("pop_offline", None)


@pytest.mark.parametrize("order", [("127.0.0.1", "::1"), ("::1", "127.0.0.1")])
async def test_a_refusal_is_the_providers_even_where_we_lack_the_other_ip_version(order, monkeypatch):
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0)) for address in order]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: found)
    unreachable(monkeypatch, errno.ENETUNREACH, only="::")
    attempt = await probe(at(free_port(), host="two-versions.test"))
    assert attempt.outcome == "connect_error"


async def test_a_connection_dropped_before_the_answer_is_a_connect_error():
    async def drop(reader, writer):
        writer.transport.abort()

    async with serving(drop) as port:
        attempt = await probe(at(port))
    assert attempt.outcome == "connect_error"
    assert attempt.first_byte_ms is None


async def test_something_that_is_not_http_is_bad_json():
    async with serving(answering(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")) as port:
        assert (await probe(at(port))).outcome == "bad_json"


async def test_a_reset_inside_the_stream_is_truncated():
    async def cut(reader, writer):
        writer.write(STREAM_HEAD.replace(b"Connection: close", b"Content-Length: 9999") + FIRST_TOKEN)
        await writer.drain()
        await asyncio.sleep(0.05)
        writer.transport.abort()

    async with serving(cut) as port:
        attempt = await probe(at(port))
    assert attempt.outcome == "truncated"


async def test_a_dirty_close_after_the_end_marker_is_no_failure():
    async def rude(reader, writer):
        writer.write(STREAM_HEAD.replace(b"Connection: close", b"Content-Length: 9999") + CHAT_OK)
        await writer.drain()
        writer.transport.abort()

    async with serving(rude) as port:
        assert (await probe(at(port))).outcome == "ok"


async def test_silence_beyond_the_limit_is_a_timeout():
    async with serving(answering(b"", after_s=30)) as port:
        attempt = await probe(at(port, timeout_s=1.0))
    assert attempt.outcome == "timeout"
    assert "waiting for the first byte" in attempt.error_detail
    assert 999 <= happened(attempt.total_ms) < 10_000


async def test_no_token_for_ten_seconds_is_a_slow_stream(monkeypatch):
    monkeypatch.setattr("probes.measurement.STALL_S", 0.3)

    async def stall(reader, writer):
        writer.write(STREAM_HEAD + FIRST_TOKEN)
        for _ in range(20):  # signs of life are no tokens
            writer.write(b": keep-alive\n\n")
            await writer.drain()
            await asyncio.sleep(0.1)

    async with serving(stall) as port:
        attempt = await probe(at(port))
    assert attempt.outcome == "slow_stream"
    assert STALL_S == 10


async def test_a_reasoning_model_may_think_silently(monkeypatch):
    monkeypatch.setattr("probes.measurement.STALL_S", 0.2)

    async def think(reader, writer):
        writer.write(STREAM_HEAD)
        await writer.drain()
        await asyncio.sleep(0.5)
        writer.write(CHAT_OK)

    async with serving(think) as port:
        assert (await probe(at(port, reasoning=True))).outcome == "ok"
        assert (await probe(at(port, reasoning=False))).outcome == "slow_stream"


async def test_an_endless_answer_is_cut_by_us():
    async def endless(reader, writer):
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n{")
        while True:
            writer.write(b" " * 65536)
            await writer.drain()

    async with serving(endless) as port:
        assert (await probe(at(port, tier="A"))).outcome == "ok"


async def test_a_key_is_sent_and_shown_nowhere():
    seen = []
    body = b'{"error":{"message":"Incorrect API key provided: planted-secret-42","code":"invalid_api_key"}}'

    async def refuse(reader, writer):
        seen.append(await read_request(reader))
        writer.write(b"HTTP/1.1 401 No\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))

    async with serving(refuse, raw=True) as port:
        attempt = await probe(at(port, key_env="SOME_API_KEY"), {"SOME_API_KEY": "planted-secret-42"})
    assert b"Bearer planted-secret-42" in seen[0]
    assert attempt.outcome == "auth"
    assert "planted-secret-42" not in str(attempt)


async def test_without_its_key_nothing_is_sent():
    attempt = await probe(make_spec(key_env="SOME_API_KEY"))
    assert (attempt.outcome, attempt.error_detail, attempt.total_ms) == ("auth", "key not set", None)


async def test_a_key_that_no_header_can_carry_stays_secret():
    async with serving(answering(STREAM_HEAD + CHAT_OK)) as port:
        spec = at(port, key_env="SOME_API_KEY")
        attempt = await probe(spec, {"SOME_API_KEY": "planted\nsecret"})
    assert attempt.outcome == "bad_request"
    assert "planted" not in str(attempt)


@pytest.mark.parametrize(
    "changes",
    [
        {"protocol": "smoke_signals"},
        {"options": {"auth": "handshake"}},
        {"options": {"max_output_tokens": "many"}},
        {"base_url": "http://127.0.0.1:port/v1"},
        {"base_url": "ftp://127.0.0.1/v1"},
        {"base_url": ""},
    ],
)
async def test_what_we_configured_wrongly_is_charged_to_us(changes):
    assert (await probe(make_spec(**changes))).outcome == "bad_request"

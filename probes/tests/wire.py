"""Servers for the engine's tests: raw bytes on loopback, so that any fault can be sent exactly."""

import asyncio
import datetime as dt
import math
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from probes.attempts import Attempt, ProbeSpec
from probes.measurement import Prober
from probes.wire.loop import Loop
from probes.wire.resolver import Resolver
from probes.wire.tls import make_ssl_context

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

CHAT_OK = (
    b'data: {"id":"1","model":"m","choices":[{"index":0,"delta":{"content":"ok"},"finish_reason":null}]}\n\n'
    b'data: {"id":"1","model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n'
    b"data: [DONE]\n\n"
)
FIRST_TOKEN = CHAT_OK[: CHAT_OK.index(b"\n\n") + 2]
STREAM_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"


@asynccontextmanager
async def serving(
    handler: Handler, tls: ssl.SSLContext | None = None, *, raw: bool = False
) -> AsyncIterator[int]:
    """Serve connections on 127.0.0.1; yields the port. Unless `raw`, the request is read beforehand."""
    running: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if task := asyncio.current_task():
            running.add(task)
        try:
            if not raw:
                await read_request(reader)
            await handler(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client has left, or the test is over
        finally:
            writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        await asyncio.sleep(0)  # lets the transports close


async def read_request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            await reader.readexactly(int(line.split(b":")[1]))
    return head


def answering(data: bytes, *, after_s: float = 0.0) -> Handler:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(after_s)
        writer.write(data)
        await writer.drain()

    return handler


@contextmanager
def probing(
    environ: dict[str, str] | None = None, *, ca_file: Path | None = None, max_lag_ms: float = math.inf
) -> Iterator[Prober]:
    """A prober with a loop of its own. max_lag_ms: a busy machine must not decide tests of other things."""
    context = make_ssl_context()
    if ca_file:
        context.load_verify_locations(ca_file)
    with closing(Loop()) as loop, closing(Resolver(loop)) as resolver:
        yield Prober("test", environ or {}, context, loop, resolver, max_lag_ms=max_lag_ms)


async def probe(
    spec: ProbeSpec,
    environ: dict[str, str] | None = None,
    ca_file: Path | None = None,
    max_lag_ms: float = math.inf,
) -> Attempt:
    """One attempt as the engine makes it, in a thread of its own beside the servers of the test."""

    def attempt() -> Attempt:
        with probing(environ, ca_file=ca_file, max_lag_ms=max_lag_ms) as prober:
            return prober.attempt(spec)

    return await asyncio.to_thread(attempt)


def self_signed(folder: Path, *, days: int = 1) -> tuple[ssl.SSLContext, Path]:
    """A server context for 127.0.0.1 and localhost, and the certificate's file. days < 0: it has expired."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    names = [x509.IPAddress(ip_address("127.0.0.1")), x509.DNSName("localhost")]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=30))
        .not_valid_after(now + dt.timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    cert_file, key_file = folder / "cert.pem", folder / "key.pem"
    cert_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert_file, key_file)
    return context, cert_file

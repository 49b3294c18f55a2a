"""One attempt: a spec in, an Attempt out. Never raises for anything that the network or a provider does.

Keys are read from the environment here, at the last moment, and nowhere else in the program.
"""

import asyncio
import secrets
import ssl
import statistics
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpcore

from probes.addresses import Address, Source, keeps_key_private, resolve_address
from probes.attempts import Attempt, ProbeSpec
from probes.protocols import PROTOCOLS
from probes.protocols.description import ProtocolDescription, WireRequest
from probes.protocols.errors import looks_like_html
from probes.protocols.questions import Question, cap_for, compose_prompt
from probes.protocols.reading import Facts, Reader, WholeReader, judge
from probes.scrubbing import clean_texts
from probes.transport import Phases, TransportError, exchange
from probes.watchdog import MAX_LOOP_LAG_MS, LoopWatchdog

STALL_S = 10.0  # no token for this long is `slow_stream`
MAX_BODY_BYTES = 256 * 1024
MAX_STREAM_BYTES = 2 * 1024 * 1024


class NotSendableError(Exception):
    """Ours, permanent until the operator acts: the attempt was not sent. outcome: `auth` or `bad_request`."""

    def __init__(self, outcome: str, detail: str) -> None:
        super().__init__(detail)
        self.outcome = outcome


class StalledError(Exception):
    """Theirs, transient: the stream stopped giving tokens."""


@dataclass(slots=True)
class _Run:
    """The state of one attempt while it runs."""

    spec: ProbeSpec
    description: ProtocolDescription
    reader: Reader
    phases: Phases
    expected: str | None
    status: int | None = None
    request_id: str = ""
    first_token_ms: float | None = None
    first_answer_ms: float | None = None
    arrivals: list[float] = field(default_factory=list)  # moments of reads that bore text or reasoning
    answered: tuple[str, str] | None = None  # (outcome, detail) once it is certain
    end: float | None = None

    @property
    def facts(self) -> Facts:
        return self.reader.facts

    def take(self, piece: bytes) -> None:
        """Feed one piece and stamp what became visible by it with the moment its bytes arrived."""
        facts = self.facts
        text, reasoning = facts.text_chunks, facts.reasoning_chunks
        self.reader.feed(piece)
        moment = self.phases.last_read
        if facts.text_chunks > text or facts.reasoning_chunks > reasoning:
            self.arrivals.append(moment)
            if self.first_token_ms is None:
                self.first_token_ms = self.phases.since_start_ms(moment)
        if facts.text_chunks > text and self.first_answer_ms is None:
            self.first_answer_ms = self.phases.since_start_ms(moment)

    def stall_at(self) -> float | None:
        """The moment at which silence becomes `slow_stream`.

        A reasoning model may think silently at first.
        """
        if self.spec.tier == "A" or self.facts.textless or (self.spec.reasoning and not self.arrivals):
            return None
        last = (
            self.arrivals[-1]
            if self.arrivals
            else self.phases.started + (self.phases.first_byte_ms or 0) / 1000
        )
        return last + STALL_S

    def finish(self, outcome: str, detail: str) -> None:
        """The first certainty stands: trouble while closing changes nothing."""
        if self.answered is not None:
            return
        self.answered = (outcome, detail)
        self.end = time.monotonic()


class Prober:
    """Makes attempts for one worker. environ is read anew for every attempt."""

    def __init__(
        self, worker: str, environ: Mapping[str, str], ssl_context: ssl.SSLContext, watchdog: LoopWatchdog
    ) -> None:
        self._worker = worker
        self._environ = environ
        self._ssl_context = ssl_context
        self._watchdog = watchdog

    async def attempt(self, spec: ProbeSpec, *, number: int = 1, lag_ms: float = 0.0) -> Attempt:
        """Make one attempt now. number: 1 = the first; lag_ms: how late it is."""
        key = self._environ.get(spec.key_env, "").strip() if spec.key_env else ""
        base = {"attempt": number, "lag_ms": round(lag_ms, 2), "started_at": time.time()}
        address = resolve_address(spec, self._environ)
        try:
            description, request, expected = self._prepare(spec, key, address)
        except NotSendableError as exc:
            detail = clean_texts({"error_detail": str(exc)}, [key])["error_detail"]
            return self.unsent(spec, exc.outcome, detail, number=number, lag_ms=lag_ms)
        run = _Run(spec, description, description.reader(spec.tier), Phases(time.monotonic()), expected)
        await self._run(run, request, guarded=address.source is Source.CATALOGUE)
        if (lag := self._watchdog.worst_since(run.phases.started)) > MAX_LOOP_LAG_MS:
            was = (run.answered or ("?", ""))[0]
            run.answered = ("lagged", f"our event loop stood still for {lag:.0f} ms (else: {was})")
        return self._row(run, key, base)

    def unsent(
        self, spec: ProbeSpec, outcome: str, detail: str, *, number: int = 1, lag_ms: float = 0.0
    ) -> Attempt:
        """The row of an attempt that was due and not sent."""
        row: dict[str, Any] = {**_identity(spec), "worker": self._worker, "started_at": time.time()}
        row |= {"attempt": number, "lag_ms": round(lag_ms, 2), "outcome": outcome, "error_detail": detail}
        return Attempt(**row)

    def _prepare(
        self, spec: ProbeSpec, key: str, address: Address
    ) -> tuple[ProtocolDescription, WireRequest, str | None]:
        description = PROTOCOLS.get(spec.protocol)
        if description is None:
            raise NotSendableError(
                "bad_request", f"unknown protocol {spec.protocol!r}; known: {', '.join(PROTOCOLS)}"
            )
        if spec.key_env and not key:
            raise NotSendableError("auth", "key not set")
        expected = spec.expected_answer
        if expected is not None:
            expected = expected.replace("{nonce}", str(secrets.randbelow(9000) + 1000))
        try:
            request = description.request(_question(spec, key, expected, address.base_url))
        except (KeyError, ValueError, TypeError, AttributeError) as exc:
            raise NotSendableError("bad_request", f"probe options: {type(exc).__name__} {exc}") from exc
        if not request.url.startswith(("http://", "https://")):
            raise NotSendableError("bad_request", f"base URL {request.url!r} is neither http nor https")
        if key and address.source is not Source.VARIABLE and not keeps_key_private(request.url):
            raise NotSendableError("bad_request", "no key over plain http: use https or <PROVIDER>_BASE_URL")
        return description, request, None if spec.tier == "A" else expected

    async def _run(self, run: _Run, request: WireRequest, *, guarded: bool) -> None:
        try:
            async with asyncio.timeout(run.spec.timeout_s):
                async with exchange(request, run.phases, self._ssl_context, guarded=guarded) as response:
                    await _read_answer(run, response)
        except TransportError as exc:
            run.finish(exc.outcome, str(exc))
        except TimeoutError:
            run.finish("timeout", f"{run.spec.timeout_s:g} s passed while {run.phases.stage}")
        except StalledError:
            run.finish("slow_stream", f"no token for {STALL_S:g} s")
        except httpcore.LocalProtocolError as exc:
            run.finish("bad_request", f"our request cannot be sent: {exc}")
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException) as exc:
            run.finish(*_broken(run, exc))
        except asyncio.CancelledError:
            run.finish("cancelled", "stopped before it ended")
            raise
        except (httpcore.UnsupportedProtocol, UnicodeError, ValueError, OSError) as exc:
            run.finish("bad_request", f"our request cannot be sent: {type(exc).__name__} {exc}")

    def _row(self, run: _Run, key: str, base: Mapping[str, Any]) -> Attempt:
        outcome, detail = run.answered or ("cancelled", "stopped before it ended")
        facts, phases = run.facts, run.phases
        texts = {
            "error_detail": detail,
            "request_id": run.request_id or facts.request_id,
            "answered_model": facts.answered_model,
            "fingerprint": facts.fingerprint,
            "remote_ip": phases.remote_ip,
        }
        gaps = [(b - a) * 1000 for a, b in zip(run.arrivals, run.arrivals[1:], strict=False)]
        return Attempt(
            **_identity(run.spec),
            **base,
            worker=self._worker,
            outcome=outcome,
            dns_ms=_ms(phases.dns_ms),
            connect_ms=_ms(phases.connect_ms),
            tls_ms=_ms(phases.tls_ms),
            first_byte_ms=_ms(phases.first_byte_ms),
            first_token_ms=_ms(run.first_token_ms),
            first_answer_ms=_ms(run.first_answer_ms),
            total_ms=_ms(phases.since_start_ms(run.end)),
            inter_token_p50_ms=_ms(statistics.median(gaps)) if gaps else None,
            chunks=facts.text_chunks + facts.reasoning_chunks,
            input_tokens=facts.input_tokens,
            output_tokens=facts.output_tokens,
            http_status=run.status if run.status is not None and 100 <= run.status <= 599 else None,
            **clean_texts(texts, [key]),
        )


async def _read_answer(run: _Run, response: httpcore.Response) -> None:
    """Read headers and body as far as the outcome needs."""
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
    run.status = response.status
    run.request_id = next(
        (headers[name] for name in run.description.request_id_headers if name in headers), ""
    )
    if not 200 <= response.status < 300:
        body = b"".join([piece async for piece in _bounded(response, MAX_BODY_BYTES)])
        run.finish(*run.description.classify(response.status, headers, body))
        return
    if looks_like_html(headers.get("content-type", ""), b""):
        run.facts.html = True
    whole = await _read_body(run, response)
    run.reader.close(whole=whole)
    outcome, detail = judge(run.facts, run.description.endings, run.description.rules, run.expected)
    run.finish(outcome, detail)


async def _read_body(run: _Run, response: httpcore.Response) -> bool:
    """Feed the reader until the protocol's end, the connection's end or our size limit.

    True = read to its end.
    """
    pieces = response.aiter_stream().__aiter__()
    limit = MAX_BODY_BYTES if run.spec.tier == "A" else MAX_STREAM_BYTES
    size = 0
    while not run.facts.ended and not run.facts.html:
        try:
            async with asyncio.timeout_at(run.stall_at()):
                piece = await anext(pieces)
        except StopAsyncIteration:
            return True
        except TimeoutError:
            raise StalledError from None
        run.take(piece)
        size += len(piece)
        if size > limit:
            if isinstance(run.reader, WholeReader):
                run.reader.cut_by_us = True
            return False
    return True


async def _bounded(response: httpcore.Response, limit: int) -> AsyncIterator[bytes]:
    size = 0
    async for piece in response.aiter_stream():
        yield piece
        size += len(piece)
        if size > limit:
            return


def _broken(run: _Run, exc: Exception) -> tuple[str, str]:
    """The connection broke: before any byte, inside the headers, or inside the body."""
    detail = f"{type(exc).__name__} while {run.phases.stage}: {exc}"
    if run.phases.first_byte_ms is None:
        return "connect_error", detail
    if run.status is None:
        return "bad_json", detail
    if not 200 <= run.status < 300:
        return run.description.classify(run.status, {}, b"")
    run.reader.close(whole=False)
    outcome, told = judge(run.facts, run.description.endings, run.description.rules, run.expected)
    return (outcome, detail) if outcome == "truncated" else (outcome, told)


def _question(spec: ProbeSpec, key: str, expected: str | None, base_url: str) -> Question:
    cap_tokens = cap_for(spec.tier, reasoning=spec.reasoning, expected_answer=expected, options=spec.options)
    return Question(
        base_url=base_url,
        model=spec.provider_model_id,
        tier=spec.tier,
        prompt=compose_prompt(spec.tier, secrets.token_hex(4), expected),
        cap_tokens=cap_tokens,
        key=key,
        options=spec.options,
    )


def _identity(spec: ProbeSpec) -> dict[str, Any]:
    return {name: getattr(spec, name) for name in ("target_id", "endpoint", "region", "tier", "due_at")}


def _ms(value: float | None) -> float | None:
    return None if value is None else round(value, 3)

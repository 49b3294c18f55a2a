"""From the bytes of an answer to facts, and from facts to an outcome. Pure: no clock, no network.

A stream is complete only when its protocol's terminal marker was seen; the vendors' own SDKs do not check
that.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from probes.protocols.errors import ErrorInfo, Rule, classify_stream_error, looks_like_html, read_error
from probes.protocols.sse import SseError, SseParser

MAX_TEXT_CHARS = 4_000
# Of a name that a provider gives; what is kept of it is cut when it has been scrubbed.
MAX_NAME_CHARS = 1_000
# What an integer column holds; more than this is no count of tokens.
MAX_TOKENS = 2**31
# No probe costs that much; a larger figure is no amount.
MAX_COST_USD = 1_000.0
# Enough of the beginning to tell a page or a JSON error from an event stream.
HEAD_BYTES = 8_192


@dataclass(slots=True)
class Facts:
    """What an answer has said so far.

    finish: the vendor's own finish reason. complete: the terminal marker was seen; ended: nothing can follow
    it. keep_alives: signs of queueing (comments, pings). malformed: what could not be read ("" = nothing).
    Token counts are None while the provider has not reported them; input_tokens includes cached_tokens,
    output_tokens includes reasoning_tokens. reported_cost_usd: what the provider says that it charged.
    """

    text: str = ""
    text_chunks: int = 0
    reasoning_chunks: int = 0
    keep_alives: int = 0
    events: int = 0
    finish: str = ""
    complete: bool = False
    ended: bool = False
    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_tokens: int | None = None
    reasoning_tokens: int | None = None
    reported_cost_usd: float | None = None
    answered_model: str = ""
    fingerprint: str = ""
    request_id: str = ""
    stream_error: ErrorInfo | None = None
    malformed: str = ""
    html: bool = False
    textless: bool = False  # an answer that bears no text by its nature (a list, an embedding)

    def add_text(self, text: Any) -> None:
        """Count a delta of visible text; anything but a non-empty string is none."""
        if isinstance(text, str) and text:
            self.text_chunks += 1
            self.text = (self.text + text)[:MAX_TEXT_CHARS]

    def add_reasoning(self, text: Any) -> None:
        if isinstance(text, str) and text:
            self.reasoning_chunks += 1

    def finish_with(self, reason: Any) -> None:
        if isinstance(reason, str) and reason:
            self.finish = reason

    def mark_end(self) -> None:
        self.complete = self.ended = True

    def set_usage(
        self, input_tokens: Any, output_tokens: Any, *, cached: Any = None, reasoning: Any = None
    ) -> None:
        """Keep the last reported numbers; a field that is absent or no count leaves the earlier one."""
        if (count := token_count(input_tokens)) is not None:
            self.input_tokens = count
        if (count := token_count(output_tokens)) is not None:
            self.output_tokens = count
        if (count := token_count(cached)) is not None:
            self.cached_tokens = count
        if (count := token_count(reasoning)) is not None:
            self.reasoning_tokens = count

    def set_cost(self, usd: Any) -> None:
        """Keep what the provider says that it charged; anything but an amount leaves the earlier one."""
        if type(usd) in (int, float) and 0 <= usd < MAX_COST_USD:
            self.reported_cost_usd = float(usd)

    def name_model(self, *, model: Any = None, fingerprint: Any = None, request_id: Any = None) -> None:
        self.answered_model = str(model or self.answered_model)[:MAX_NAME_CHARS]
        self.fingerprint = str(fingerprint or self.fingerprint)[:MAX_NAME_CHARS]
        self.request_id = str(request_id or self.request_id)[:MAX_NAME_CHARS]

    def fail_with(self, error: ErrorInfo) -> None:
        self.stream_error = self.stream_error or error

    def misread(self, what: str) -> None:
        self.malformed = self.malformed or what[:200]


def token_count(value: Any) -> int | None:
    """The value where it can be a count of tokens, else None (True, 9.5, -1 and 2**31 are none)."""
    return value if type(value) is int and 0 <= value < MAX_TOKENS else None


OnEvent = Callable[[Facts, str, dict[str, Any]], None]


class Reader(Protocol):
    """Turns the pieces of one answer into `facts`."""

    facts: Facts

    def feed(self, piece: bytes) -> None: ...

    def close(self, *, whole: bool) -> None:
        """End of the answer. whole: False when the connection broke or our size limit cut it."""
        ...


def _apply(facts: Facts, on_event: OnEvent, name: str, data: str) -> None:
    """Decode one payload and let the protocol read it; a shape it does not know is the provider's fault."""
    try:
        payload = json.loads(data)
        if not isinstance(payload, dict):
            raise TypeError("not an object")
        facts.events += 1
        on_event(facts, name, payload)
    except (ValueError, TypeError, AttributeError, KeyError, IndexError, RecursionError) as exc:
        facts.misread(f"{type(exc).__name__} in {data[:120]!r}")


class SseReader:
    """Reads `data:` payloads as JSON. done_marker: a payload that is the end itself (`[DONE]`)."""

    def __init__(self, on_event: OnEvent, *, done_marker: str = "") -> None:
        self.facts = Facts()
        self._on_event = on_event
        self._done_marker = done_marker
        self._parser = SseParser()
        self._head = b""

    def feed(self, piece: bytes) -> None:
        if len(self._head) < HEAD_BYTES:
            self._head += piece[:HEAD_BYTES]
        try:
            events = self._parser.feed(piece)
        except SseError as exc:
            self.facts.misread(str(exc))
            return
        self._read(events)

    def close(self, *, whole: bool) -> None:
        if whole:
            self._read(self._parser.close())
        if not self.facts.events and not self.facts.complete:
            self._explain_silence()

    def _read(self, events: Iterable[Any]) -> None:
        for event in events:
            if self._done_marker and event.data.strip() == self._done_marker:
                self.facts.mark_end()
            else:
                _apply(self.facts, self._on_event, event.name, event.data)
        if self._parser.comments:
            self.facts.keep_alives += self._parser.comments
            self._parser.comments = 0

    def _explain_silence(self) -> None:
        """No event at all: a page, a JSON error with status 200, or nothing."""
        if looks_like_html("", self._head):
            self.facts.html = True
        elif self._head.lstrip()[:1] in (b"{", b"["):
            try:
                error = read_error(json.loads(self._head))
            except (ValueError, RecursionError):
                error = ErrorInfo()
            if error.codes or error.message:
                self.facts.fail_with(error)
            else:
                self.facts.misread(f"JSON instead of an event stream: {self._head[:100]!r}")


class NdjsonReader:
    """Reads one JSON object per line (Ollama)."""

    def __init__(self, on_event: OnEvent) -> None:
        self.facts = Facts()
        self._on_event = on_event
        self._rest = b""

    def feed(self, piece: bytes) -> None:
        *lines, self._rest = (self._rest + piece).split(b"\n")
        for line in lines:
            self._take(line)

    def close(self, *, whole: bool) -> None:
        if whole and self._rest.strip():
            self._take(self._rest)

    def _take(self, line: bytes) -> None:
        if not line.strip():
            return
        if not self.facts.events and looks_like_html("", line):
            self.facts.html = True
            return
        _apply(self.facts, self._on_event, "", line.decode("utf-8", "replace"))


class WholeReader:
    """Reads one JSON document. A listing cut by our own size limit counts as complete if it began as JSON."""

    def __init__(self, on_event: OnEvent) -> None:
        self.facts = Facts(textless=True)
        self._on_event = on_event
        self._body = bytearray()
        self.cut_by_us = False

    def feed(self, piece: bytes) -> None:
        self._body += piece

    def close(self, *, whole: bool) -> None:
        start = bytes(self._body[:200]).lstrip()
        if looks_like_html("", start):
            self.facts.html = True
        elif self.cut_by_us:
            self.facts.mark_end() if start[:1] in (b"{", b"[") else self.facts.misread(repr(start[:80]))
        elif whole:
            _apply(self.facts, self._on_event, "", self._body.decode("utf-8", "replace"))


@dataclass(frozen=True, slots=True)
class Endings:
    """The finish reasons of one protocol that are not a plain stop, lower case."""

    length: frozenset[str] = frozenset()
    blocked: frozenset[str] = frozenset()  # the content filter or a refusal: our request
    failed: frozenset[str] = frozenset()  # the provider says that it broke off
    overloaded: frozenset[str] = frozenset()


def endings(*, length: str, blocked: str = "", failed: str = "", overloaded: str = "") -> Endings:
    """Blank-separated lists."""
    return Endings(*(frozenset(part.lower().split()) for part in (length, blocked, failed, overloaded)))


def judge(facts: Facts, ends: Endings, rules: Iterable[Rule], expected_answer: str | None) -> tuple[str, str]:
    """(outcome, detail) of an answer that began with 200. First match wins.

    The order is the order of certainty.
    """
    finish = facts.finish.lower()
    no_text = not facts.text.strip() and not facts.textless
    checks: tuple[tuple[bool, str, str], ...] = (
        (facts.html, "edge_block", "an HTML page with status 200"),
        (bool(facts.malformed), "bad_json", facts.malformed),
        (finish in ends.failed, "stream_error", f"finish reason {facts.finish}"),
        (finish in ends.overloaded, "overloaded", f"finish reason {facts.finish}"),
        (finish in ends.blocked, "bad_request", f"blocked: finish reason {facts.finish}"),
        (not facts.complete, "truncated", "ended without its terminal marker"),
        (no_text and finish in ends.length, "bad_request", "our output limit left no visible text"),
        (no_text, "empty", f"no text, finish reason {facts.finish or 'none'}"),
        (not _contains(facts.text, expected_answer), "wrong_answer", f"answered {facts.text[:80]!r}"),
    )
    if facts.stream_error is not None:
        return classify_stream_error(rules, facts.stream_error), facts.stream_error.summary()
    return next(((outcome, detail) for hit, outcome, detail in checks if hit), ("ok", ""))


def _contains(text: str, expected: str | None) -> bool:
    return expected is None or expected.strip().casefold() in text.casefold()

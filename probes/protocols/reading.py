"""From the bytes of an answer to facts. Pure: no clock, no network."""

import codecs
import json
from collections.abc import Callable, Iterable
from typing import Any, Protocol

import orjson

from probes.protocols.errors import MAX_KEPT_CHARS, ErrorInfo, looks_like_html, read_error
from probes.protocols.facts import Facts as Facts
from probes.protocols.facts import token_count as token_count
from probes.protocols.judging import judge as judge
from probes.protocols.sse import SseError, SseEvent, SseParser

# Enough of the beginning to tell a page or a JSON error from an event stream.
HEAD_BYTES = 8_192


OnEvent = Callable[[Facts, str, dict[str, Any]], None]


class Reader(Protocol):
    """Turns the pieces of one answer into `facts`."""

    facts: Facts

    def feed(self, piece: bytes) -> None: ...

    def close(self, *, whole: bool) -> None:
        """End of the answer. whole: False when the connection broke or our size limit cut it."""
        ...


def _decode(data: str) -> Any:
    """orjson is quick and strict; lone surrogates and the like, which vendors do send, are left to json."""
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        return json.loads(data)


def _apply(facts: Facts, on_event: OnEvent, name: str, data: str, *, list_is: str = "") -> None:
    """Decode one payload and let the protocol read it; a shape it does not know is the provider's fault.

    A ping (the protocol counts it among the keep-alives) is no event. list_is: the key under which a bare
    list is given on ("" = a list is refused).
    """
    try:
        payload = _decode(data)
        if list_is and isinstance(payload, list):
            payload = {list_is: payload}
        if not isinstance(payload, dict):
            raise TypeError("not an object")
        keep_alives = facts.keep_alives
        facts.events += 1
        on_event(facts, name, payload)
        if facts.keep_alives > keep_alives:
            facts.events -= 1
    except (ValueError, TypeError, AttributeError, KeyError, IndexError, RecursionError) as exc:
        facts.misread(f"{type(exc).__name__} in {data[:MAX_KEPT_CHARS]!r}")


class SseReader:
    """Reads `data:` payloads as JSON.

    done_marker: a payload that ends the answer (`[DONE]`); it is whole when a finish reason stood before it.
    """

    __slots__ = (
        "_done_marker",
        "_head",
        "_on_event",
        "_parser",
        "facts",
    )

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

    def _read(self, events: Iterable[SseEvent]) -> None:
        for name, data in events:
            if data[:1] != "{" and self._done_marker and data.strip() == self._done_marker:
                self.facts.ended = True
                self.facts.complete = bool(self.facts.finish)
            else:
                _apply(self.facts, self._on_event, name, data)
        if self._parser.comments:
            self.facts.keep_alives += self._parser.comments
            self._parser.comments = 0

    def _explain_silence(self) -> None:
        """No event at all: a page, a JSON error with status 200, no text, or nothing."""
        try:
            codecs.getincrementaldecoder("utf-8")().decode(self._head)
        except UnicodeDecodeError as exc:
            self.facts.misread(f"not UTF-8: {exc.reason}")
        if looks_like_html("", self._head):
            self.facts.html = True
        elif self._head.lstrip()[:1] == b"<":
            self.facts.misread(f"XML instead of an event stream: {self._head[:MAX_KEPT_CHARS]!r}")
        elif self._head.lstrip()[:1] in (b"{", b"["):
            try:
                error = read_error(json.loads(self._head))
            except (ValueError, RecursionError):
                error = ErrorInfo()
            if error.codes or error.message:
                self.facts.fail_with(error)
            else:
                self.facts.misread(f"JSON instead of an event stream: {self._head[:MAX_KEPT_CHARS]!r}")


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
    """Reads one JSON document; a bare list (Together's models) is given on below `data`.

    A listing cut by our own size limit counts as complete if it began as JSON.
    """

    def __init__(self, on_event: OnEvent) -> None:
        self.facts = Facts(textless=True)
        self._on_event = on_event
        self._body = bytearray()
        self.cut_by_us = False

    def feed(self, piece: bytes) -> None:
        self._body += piece

    def close(self, *, whole: bool) -> None:
        start = bytes(self._body[:MAX_KEPT_CHARS]).lstrip()
        if looks_like_html("", start):
            self.facts.html = True
        elif self.cut_by_us:
            self.facts.mark_end() if start[:1] in (b"{", b"[") else self.facts.misread(repr(start))
        elif whole:
            text = self._body.decode("utf-8", "replace")
            _apply(self.facts, self._on_event, "", text, list_is="data")

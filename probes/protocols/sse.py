"""Incremental parser of Server-Sent Events: bytes in any pieces → events.

Follows https://html.spec.whatwg.org/multipage/server-sent-events.html: LF, CR and CRLF end a line, `:` starts
a comment, several `data:` lines are joined by LF, a piece may end inside a UTF-8 character or between CR and
LF. Comments are counted, not dropped: DeepSeek's `: keep-alive` and OpenRouter's `: OPENROUTER PROCESSING`
mean queueing.
"""

import codecs
from dataclasses import dataclass

# A line longer than this is no event of any provider; the parser refuses instead of growing without bound.
MAX_LINE_CHARS = 1_000_000


class SseError(ValueError):
    """The bytes are not an event stream (not UTF-8, or a line without end).

    Charged to the provider: bad_json.
    """


@dataclass(frozen=True, slots=True)
class SseEvent:
    """name: the `event:` field, "" when the stream names none."""

    name: str
    data: str


class SseParser:
    """Feed it bytes as they arrive; it returns the events that became complete."""

    __slots__ = ("_data", "_decoder", "_line", "_name", "_skip_lf", "comments")

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("strict")
        self._line = ""
        self._skip_lf = False
        self._name = ""
        self._data: list[str] = []
        self.comments = 0

    def feed(self, piece: bytes) -> list[SseEvent]:
        try:
            text = self._decoder.decode(piece)
        except UnicodeDecodeError as exc:
            raise SseError(f"not UTF-8: {exc.reason}") from exc
        if self._skip_lf and text:
            text = text.removeprefix("\n")
            self._skip_lf = False
        if text.endswith("\r"):
            self._skip_lf = True
        *lines, self._line = _split_lines(self._line + text)
        if len(self._line) > MAX_LINE_CHARS:
            raise SseError("a line without end")
        events = []
        for line in lines:
            if event := self._take(line):
                events.append(event)
        return events

    def close(self) -> list[SseEvent]:
        """The event that lacked only its closing blank line. A line cut in the middle stays dropped."""
        event = self._take("")
        return [event] if event else []

    def _take(self, line: str) -> SseEvent | None:
        if not line:
            return self._dispatch()
        if line.startswith(":"):
            self.comments += 1
            return None
        field, _, value = line.lstrip("\ufeff").partition(":")
        value = value.removeprefix(" ")
        if field == "data":
            self._data.append(value)
        elif field == "event":
            self._name = value
        return None

    def _dispatch(self) -> SseEvent | None:
        name, data = self._name, self._data
        self._name, self._data = "", []
        return SseEvent(name, "\n".join(data)) if data else None


def _split_lines(text: str) -> list[str]:
    """Split at CRLF, LF and CR only (str.splitlines also splits at U+2028, which JSON may carry)."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")

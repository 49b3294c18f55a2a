"""Incremental parser of Server-Sent Events: bytes in any pieces → events.

Follows https://html.spec.whatwg.org/multipage/server-sent-events.html: LF, CR and CRLF end a line, `:` starts
a comment, several `data:` lines are joined by LF, a piece may end inside a UTF-8 character or between CR and
LF. Comments are counted, not dropped: DeepSeek's `: keep-alive` and OpenRouter's `: OPENROUTER PROCESSING`
mean queueing.

It works on bytes, for no byte of a longer UTF-8 character is a line end or a colon; only data is decoded.
"""

from typing import Final

# A line longer than this is no event of any provider; the parser refuses instead of growing without bound.
MAX_LINE_BYTES: Final = 1_000_000
_BOM: Final = b"\xef\xbb\xbf"


class SseError(ValueError):
    """The bytes are not an event stream (not UTF-8, or a line without end).

    Charged to the provider: bad_json.
    """


#: (name, data): the `event:` field, "" when the stream names none, and the payload.
SseEvent = tuple[str, str]


class SseParser:
    """Feed it bytes as they arrive; it returns the events that became complete."""

    __slots__ = ("_data", "_fresh", "_name", "_rest", "_skip_lf", "comments")

    def __init__(self) -> None:
        self._rest = b""
        self._skip_lf = False
        self._fresh = True
        self._name = b""
        self._data: list[bytes] = []
        self.comments = 0

    def feed(self, piece: bytes) -> list[SseEvent]:
        if self._skip_lf or b"\r" in piece:
            piece = self._with_lf_only(piece)
        if self._rest:
            piece = self._rest + piece
        *lines, self._rest = piece.split(b"\n")
        if len(self._rest) > MAX_LINE_BYTES:
            raise SseError("a line without end")
        if self._fresh and lines:
            self._fresh = False
            lines[0] = lines[0].removeprefix(_BOM)
        events = []
        for line in lines:
            if line[:6] == b"data: ":
                self._data.append(line[6:])
            elif line:
                self._take(line)
            elif self._data:
                events.append(self._event())
            else:
                self._name = b""
        return events

    def close(self) -> list[SseEvent]:
        """The event that lacked only its closing blank line. A line cut in the middle stays dropped."""
        return [self._event()] if self._data else []

    def _take(self, line: bytes) -> None:
        field, _, value = line.partition(b":")
        if not field:
            self.comments += 1
        elif field == b"data":
            self._data.append(value.removeprefix(b" "))
        elif field == b"event":
            self._name = value.removeprefix(b" ")

    def _event(self) -> SseEvent:
        data = self._data
        text = data[0] if len(data) == 1 else b"\n".join(data)
        name, self._name, self._data = self._name, b"", []
        try:
            return name.decode(), text.decode()
        except UnicodeDecodeError as exc:
            raise SseError(f"not UTF-8: {exc.reason}") from exc

    def _with_lf_only(self, piece: bytes) -> bytes:
        """CRLF and CR as LF; a CR at the very end may be the first half of a CRLF."""
        if self._skip_lf and piece:
            piece = piece.removeprefix(b"\n")
            self._skip_lf = False
        if piece.endswith(b"\r"):
            self._skip_lf = True
        return piece.replace(b"\r\n", b"\n").replace(b"\r", b"\n")

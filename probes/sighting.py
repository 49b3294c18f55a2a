"""What became visible of one answer, and when. No clock of its own: every piece comes with its moment."""

from collections.abc import Mapping
from typing import Final

from probes.protocols.facts import Facts
from probes.protocols.reading import Reader, WholeReader

MAX_BODY_BYTES: Final = 256 * 1024
MAX_STREAM_BYTES: Final = 2 * 1024 * 1024


class Sighting:
    """Status, headers and body of one answer. Moments: monotonic seconds, None = did not come.

    arrivals: the moments of chunks that bore text or reasoning. good: the status is 2xx, so the reader reads
    the body; else it is kept as it is, in `error_body`.
    """

    __slots__ = (
        "_bytes",
        "_listing",
        "_max_bytes",
        "arrivals",
        "error_body",
        "facts",
        "first_answer",
        "first_event",
        "first_keep_alive",
        "good",
        "headers",
        "reader",
        "status",
    )

    def __init__(self, reader: Reader, *, max_bytes: int, listing: bool) -> None:
        """listing: a long body may be cut, its beginning shows what it is."""
        self.reader = reader
        self._listing = listing
        self.facts: Facts = reader.facts
        self.status: int | None = None
        self.headers: Mapping[str, str] = {}
        self.good = False
        self.error_body = bytearray()
        self.arrivals: list[float] = []
        self.first_event: float | None = None
        self.first_keep_alive: float | None = None
        self.first_answer: float | None = None
        self._max_bytes = max_bytes
        self._bytes = 0

    def begin(self, status: int, headers: Mapping[str, str]) -> None:
        self.status, self.headers = status, headers
        self.good = 200 <= status < 300
        if not self.good:
            self._max_bytes = MAX_BODY_BYTES

    def take(self, piece: bytes, moment: float) -> bool:
        """Read one piece. True: a first token came in one piece with others, whose moment it now bears."""
        self._bytes += len(piece)
        if not self.good:
            self.error_body += piece
            return False
        facts = self.facts
        text, chunks = facts.text_chunks, facts.text_chunks + facts.reasoning_chunks
        self.reader.feed(piece)
        gained = facts.text_chunks + facts.reasoning_chunks - chunks
        answers = self.first_answer is None and facts.text_chunks > text
        crowded = gained > 1 and (answers or not self.arrivals)
        if gained:
            self._arrived(moment, gained)
            if answers:
                self.first_answer = moment
        if self.first_event is None and facts.events:
            self.first_event = moment
        if self.first_keep_alive is None and facts.keep_alives:
            self.first_keep_alive = moment
        return crowded

    def _arrived(self, moment: float, chunks: int) -> None:
        """Chunks of one read share the time since the one before: the kernel dates only the last of them."""
        if chunks > 1 and self.arrivals:
            before = self.arrivals[-1]
            step = (moment - before) / chunks
            self.arrivals += [before + step * place for place in range(1, chunks)]
        self.arrivals.append(moment)

    @property
    def is_too_long(self) -> bool:
        return self._bytes > self._max_bytes

    def close(self, *, whole: bool) -> None:
        """The body has ended; whole: False where it was cut, by them or by us."""
        if self.is_too_long and self._listing and isinstance(self.reader, WholeReader):
            self.reader.cut_by_us = True
        self.reader.close(whole=whole)

"""Bodies as they come in pieces: unpacked, and never more of them than was wanted. Pure.

FetchError    see aigo.lib.addresses
  TooLarge    more than was wanted, packed or unpacked
  Garbled     not compressed as it says
"""

import zlib
from typing import Final, Protocol

from aigo.lib.addresses import FetchError

#: For the header Accept-Encoding.
ACCEPTED: Final = "gzip, deflate"
_GZIP: Final = 16 + zlib.MAX_WBITS
#: Window bits by coding; "deflate" is told from its first byte, see `_wbits`.
_CODINGS: Final = {"gzip": _GZIP, "x-gzip": _GZIP, "deflate": zlib.MAX_WBITS}


class TooLarge(FetchError):
    """The body is larger than was wanted."""


class Garbled(FetchError):
    """What came is not HTTP, or not compressed as it says."""


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = 0, /) -> bytes: ...


class Unpacker:
    """Takes the pieces of one body. A bomb ends it as soon as one byte more than `max_bytes` has come out."""

    def __init__(self, where: str, coding: str, max_bytes: int) -> None:
        """where: for messages. coding: the header Content-Encoding, "" = none. Garbled: one unknown here."""
        self._coding = coding.strip().lower().replace("identity", "")
        if self._coding and self._coding not in _CODINGS:
            raise Garbled(f"{where}: compressed as {coding[:30]!r}, though only {ACCEPTED} was asked for")
        self._where = where
        self._max_bytes = max_bytes
        self._taken = 0
        self._body = bytearray()
        self._decompressor: _Decompressor | None = None

    def feed(self, piece: bytes) -> None:
        """TooLarge, Garbled."""
        self._taken += len(piece)
        if self._coding:
            self._unpack(piece)
        else:
            self._body += piece
        if max(self._taken, len(self._body)) > self._max_bytes:
            raise TooLarge(f"{self._where}: the answer is larger than {self._max_bytes:,} bytes")

    def whole(self) -> bytes:
        """The body; Garbled: its compression has no end."""
        if self._decompressor is not None and not self._decompressor.eof:
            raise Garbled(f"{self._where}: the compressed answer ends in its middle")
        return bytes(self._body)

    def _unpack(self, piece: bytes) -> None:
        while piece:
            if self._decompressor is None or self._decompressor.eof:  # gzip may have several members
                self._decompressor = zlib.decompressobj(_wbits(self._coding, piece[0]))
            room = self._max_bytes + 1 - len(self._body)
            try:
                self._body += self._decompressor.decompress(piece, room)
            except zlib.error:
                raise Garbled(f"{self._where}: the answer is not {self._coding}, though it says so") from None
            if len(self._body) > self._max_bytes:
                return
            piece = self._decompressor.unused_data


def _wbits(coding: str, first: int) -> int:
    """Some servers send deflate without zlib's frame, whose first byte has 8 in its lower half (RFC 1950)."""
    return -zlib.MAX_WBITS if coding == "deflate" and first & 0x0F != 8 else _CODINGS[coding]

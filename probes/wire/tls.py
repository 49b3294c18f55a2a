"""TLS over bytes in memory: the socket stays ours, and the kernel's receive times hold under TLS too."""

import ssl
from contextlib import suppress
from typing import Final

import certifi

from probes.wire.errors import TlsFailedError

_RECORD_BYTES: Final = 65_536


def make_ssl_context() -> ssl.SSLContext:
    """The system's authorities (and SSL_CERT_FILE) plus certifi's, for images that ship none.

    One context serves all attempts: Python resumes no TLS session unless it is handed one, so each handshake
    is full.
    """
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


class TlsPipe:
    """One TLS session without a socket: what the peer sent goes in, what is to be sent comes out."""

    __slots__ = ("_incoming", "_outgoing", "_session", "broken", "ended", "established", "version")

    def __init__(self, context: ssl.SSLContext, host: str) -> None:
        """ValueError: a host name that no certificate can have."""
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._session = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)
        self.established = False
        self.version = ""
        self.ended = False  # the peer said that nothing follows (close_notify)
        self.broken: ssl.SSLError | None = None  # what came after the plain text that was read is no TLS

    def hello(self) -> bytes:
        """The first flight of the handshake."""
        with suppress(ssl.SSLWantReadError):
            self._session.do_handshake()
        return self._outgoing.read()

    def shake(self, data: bytes) -> bytes:
        """Go on with the handshake; returns what is to be sent. TlsFailedError: it failed."""
        self._incoming.write(data)
        try:
            self._session.do_handshake()
        except ssl.SSLWantReadError:
            return self._outgoing.read()
        except ssl.SSLError as exc:
            raise TlsFailedError(str(exc)) from exc
        self.established = True
        self.version = self._session.version() or ""
        return self._outgoing.read()

    def encrypt(self, data: bytes) -> bytes:
        self._session.write(data)
        return self._outgoing.read()

    def reply(self) -> bytes:
        """What the session itself wants to send (a KeyUpdate is to be answered)."""
        return self._outgoing.read() if self._outgoing.pending else b""

    def decrypt(self, data: bytes) -> bytes:
        """All plain text that is complete now; what it ends with stands in `ended` and `broken`."""
        incoming, session = self._incoming, self._session
        incoming.write(data)
        pieces: list[bytes] = []
        try:
            while incoming.pending or session.pending():
                piece = session.read(_RECORD_BYTES)
                if not piece:
                    break
                pieces.append(piece)
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLZeroReturnError:
            self.ended = True
        except ssl.SSLError as exc:
            self.broken = exc
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

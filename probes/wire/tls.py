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
    """One TLS session without a socket: what the peer sent goes in, what is to be sent comes out.

    established, version: once the handshake is done. ended: the peer said that nothing follows
    (close_notify). broken: what came after the plain text that was read is no TLS.
    """

    __slots__ = (
        "_incoming",
        "_outgoing",
        "_payload",
        "_session",
        "broken",
        "ended",
        "established",
        "version",
    )

    def __init__(self, context: ssl.SSLContext, host: str, payload: bytes) -> None:
        """payload: sent with our last flight of the handshake. ValueError: no name for a certificate."""
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._session = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)
        self._payload = payload
        self.established = False
        self.version = ""
        self.ended = False
        self.broken: ssl.SSLError | None = None
        with suppress(ssl.SSLWantReadError):  # the first flight
            self._session.do_handshake()

    def outgoing(self) -> bytes:
        """What is to be sent now: a flight, the payload, an answer to a KeyUpdate."""
        return self._outgoing.read() if self._outgoing.pending else b""

    def receive(self, data: bytes) -> bytes:
        """All plain text that is complete now. TlsFailedError: the handshake failed."""
        self._incoming.write(data)
        if not self.established:
            self._shake()
        return self._decrypt() if self.established else b""

    def _shake(self) -> None:
        try:
            self._session.do_handshake()
        except ssl.SSLWantReadError:
            return
        except ssl.SSLError as exc:
            raise TlsFailedError(str(exc)) from exc
        self.established = True
        self.version = self._session.version() or ""
        self._session.write(self._payload)

    def _decrypt(self) -> bytes:
        incoming, session = self._incoming, self._session
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

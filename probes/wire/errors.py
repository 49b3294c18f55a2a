"""What can go wrong below the protocols.

TransportError            outcome
├── DnsFailedError            dns_error      theirs, transient
├── ConnectFailedError        connect_error  theirs, transient: refused, reset or closed before the answer
├── TlsFailedError            tls_error      theirs, permanent until they renew
├── NotHttpError              bad_json       theirs: what came is no HTTP answer
├── LocalFailedError          pop_offline    ours: no route, no resolver, no free sockets
├── AddressRefusedError       bad_request    ours: the catalogue points into our own network; not connected
└── UnsendableError           bad_request    ours: the request cannot be written as HTTP
"""

import errno
from collections.abc import Sequence
from typing import ClassVar, Final

# Ours: the kernel sends nothing (no sockets, memory, ports, interface or route), or nobody can deliver it.
# ENETDOWN is always ours; EPERM and EACCES are a local firewall's, EAFNOSUPPORT a host without IPv6.
# EHOSTUNREACH is mostly our own gateway that does not answer ARP. A far router's ICMP "unreachable" comes as
# the same EHOSTUNREACH or ENETUNREACH, so the two cannot be told apart; but it is never the word of the
# provider's server, which refuses (ECONNREFUSED), resets or stays silent (timeout). Who cannot be shown to
# have failed is not charged: the attempt is a gap here, other regions still judge.
LOCAL_ERRNOS: Final = frozenset(
    {
        errno.EMFILE,
        errno.ENFILE,
        errno.ENOBUFS,
        errno.ENOMEM,
        errno.EADDRNOTAVAIL,
        errno.ENETDOWN,
        errno.ENETUNREACH,
        errno.EHOSTUNREACH,
        errno.EPERM,
        errno.EACCES,
        errno.EAFNOSUPPORT,
    }
)


class TransportError(Exception):
    """The exchange failed below the protocol. The message may bear an address, never a secret."""

    outcome: ClassVar[str] = "connect_error"


class DnsFailedError(TransportError):
    outcome = "dns_error"


class ConnectFailedError(TransportError):
    outcome = "connect_error"


class TlsFailedError(TransportError):
    outcome = "tls_error"


class NotHttpError(TransportError):
    outcome = "bad_json"


class LocalFailedError(TransportError):
    outcome = "pop_offline"


class AddressRefusedError(TransportError):
    outcome = "bad_request"


class UnsendableError(TransportError):
    outcome = "bad_request"


def broken_connection(exc: OSError, stage: str, *, shaking: bool) -> TransportError:
    """The error of a connection that broke after it had stood. shaking: its TLS handshake was under way."""
    if exc.errno in LOCAL_ERRNOS:
        return LocalFailedError(f"{exc} while {stage}")
    return TlsFailedError(str(exc)) if shaking else ConnectFailedError(f"{exc} while {stage}")


def connect_failure(failures: Sequence[OSError]) -> TransportError:
    """The error of an endpoint none of whose addresses could be connected to.

    Ours only where no address could be tried: without IPv6, a refused IPv4 address is still theirs.
    """
    theirs = [failure for failure in failures if failure.errno not in LOCAL_ERRNOS]
    kind = ConnectFailedError if theirs else LocalFailedError
    return kind(str((theirs or failures)[-1]))

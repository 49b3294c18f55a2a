"""A real mail server on loopback that keeps what it is given, refuses whom it is told to, or hangs."""

import email
import socket
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from testing.patience import PATIENCE_S
from testing.processes import free_port


@dataclass(frozen=True, slots=True)
class Received:
    """A letter as it came. `sender`: the envelope's."""

    sender: str
    recipients: tuple[str, ...]
    message: EmailMessage

    def text(self, kind: str = "plain") -> str:
        """Its plain or html part."""
        part = self.message.get_body((kind,))
        assert part is not None, f"no {kind} part"
        return str(part.get_content())


@dataclass
class MailServer:
    """`refusals`: address → reply to RCPT. `connections`: how many were made."""

    host: str = "127.0.0.1"
    port: int = 0
    refusals: Mapping[str, str] = field(default_factory=dict)
    letters: list[Received] = field(default_factory=list)
    connections: int = 0
    timeout_s: float = PATIENCE_S

    async def handle_EHLO(  # noqa: N802 (aiosmtpd's name)
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        message = email.message_from_bytes(envelope.content, policy=default)
        assert isinstance(message, EmailMessage)
        self.letters.append(Received(str(envelope.mail_from), tuple(envelope.rcpt_tos), message))
        return "250 OK"

    def settings(self) -> dict[str, Any]:
        """Django's, so that letters go here."""
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "EMAIL_HOST": self.host,
            "EMAIL_PORT": self.port,
            "EMAIL_USE_TLS": False,
            "EMAIL_TIMEOUT": self.timeout_s,
        }


@contextmanager
def mail_server(**refusals: str) -> Iterator[MailServer]:
    """One of its own. `refusals`: local part of an address at example.org → the reply."""
    server = MailServer(refusals={f"{name}@example.org": reply for name, reply in refusals.items()})
    server.port = free_port()
    controller = Controller(
        server,
        hostname=server.host,
        port=server.port,
        server_hostname="mail.test",
        ready_timeout=PATIENCE_S,
    )
    controller.start()
    try:
        yield server
    finally:
        controller.stop()


@contextmanager
def hanging_server() -> Iterator[MailServer]:
    """Takes connections and never says a word."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:
        yield MailServer(port=listening.getsockname()[1])

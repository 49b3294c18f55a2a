"""Why a mail server takes a letter not: the mailbox is gone for good, the letter is refused, or not now.

Sources: RFC 5321 4.2 (reply codes), RFC 3463 (enhanced codes x.y.z), RFC 3464 (notifications of delivery).

    Unreadable    theirs: it is no delivery status notification
"""

import email
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.policy import compat32
from enum import StrEnum
from typing import Final

#: What is read of a notification, in bytes; longer ones quote a letter that was none of ours.
MOST_BYTES: Final = 1_000_000
#: What is kept of what a server said.
MOST_CHARS: Final = 300

_ENHANCED = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_RELAYING = re.compile(r"\brelay", re.IGNORECASE)
_MESSAGE_ID = re.compile(r"<([^<>\s@]+)@[^<>\s@]+>")


class Refusal(StrEnum):
    """GONE: no letter ever arrives there. REFUSED: this letter does not, another may. LATER: try again."""

    GONE = "gone"
    REFUSED = "refused"
    LATER = "later"


class Unreadable(Exception):
    """The message is no delivery status notification of RFC 3464."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A recipient that a notification says was not reached for good.

    `address`: as the server names it. `letter`: the part of the returned letter's Message-ID before the @; ""
    = the notification does not return it. `reason`: the server's words, one line.
    """

    address: str
    letter: str
    refusal: Refusal
    reason: str


def judge_refusal(code: int, text: str, *, letter: bool = False) -> Refusal:
    """What an SMTP reply to a recipient means, or to a whole letter (`letter`).

    550 → gone, 450 → later. The enhanced code says it better where there is one: 5.1.1 (no such mailbox) →
    gone, 5.2.2 (mailbox full) → refused, 5.7.1 (policy: about the sender, not the mailbox) → refused.
    Without one, 550 to a letter ("spam") or about relaying → refused: who is misread as gone is told no more.
    """
    found = _ENHANCED.search(text)
    if code < 500 or (found and found[1] == "4"):
        return Refusal.LATER
    if found:
        subject, detail = int(found[2]), int(found[3])
        # X.1: the address, but for 1.7 and 1.8 (the sender's); X.2.1: the mailbox is disabled
        gone = (subject == 1 and detail not in (7, 8)) or (subject, detail) == (2, 1)
        return Refusal.GONE if gone else Refusal.REFUSED
    gone = code in (550, 551, 553) and not letter and not _RELAYING.search(text)
    return Refusal.GONE if gone else Refusal.REFUSED


def failures_of(raw: bytes) -> list[Failure]:
    """What a delivery status notification says failed for good; delays and successes are left out.

    Raises Unreadable.
    """
    message = email.message_from_bytes(raw[:MOST_BYTES], policy=compat32)
    if message.get_content_type() != "multipart/report" or not message.is_multipart():
        raise Unreadable(f"it is {message.get_content_type()}, not multipart/report (RFC 3464)")
    parts = {part.get_content_type(): part for part in _children(message)}
    if "message/delivery-status" not in parts:
        raise Unreadable("it has no part message/delivery-status (RFC 3464)")
    letter = _returned_id(parts)
    return [
        failure
        for fields in _children(parts["message/delivery-status"])
        if (failure := _failure(fields, letter)) is not None
    ]


def _children(message: Message) -> Iterator[Message]:
    payload = message.get_payload()
    for part in payload if isinstance(payload, list) else ():
        if isinstance(part, Message):
            yield part


def _returned_id(parts: dict[str, Message]) -> str:
    """The id of the letter that comes back, whole or as its headers."""
    whole, headers = parts.get("message/rfc822"), parts.get("text/rfc822-headers")
    if whole is not None:
        returned = next(_children(whole), None)
    elif headers is not None:
        returned = email.message_from_string(str(headers.get_payload()), policy=compat32)
    else:
        returned = None
    found = _MESSAGE_ID.search(str(returned["Message-ID"] or "")) if returned is not None else None
    return found[1] if found else ""


def _failure(fields: Message, letter: str) -> Failure | None:
    if str(fields.get("Action", "")).strip().lower() != "failed":
        return None
    recipient = str(fields.get("Original-Recipient") or fields.get("Final-Recipient") or "")
    address = recipient.rpartition(";")[2].strip()
    said = " ".join(str(fields.get("Diagnostic-Code", "")).rpartition(";")[2].split())
    status = str(fields.get("Status", "")).strip()
    code = 450 if status.startswith("4") else 550
    reason = f"{status} {said}".strip()[:MOST_CHARS]
    return Failure(address, letter, judge_refusal(code, f"{status} {said}"), reason or "it failed")

"""What a mail server's refusal means, and what a delivery status notification says."""

import pytest

from status.rules.bounces import Failure, Refusal, Unreadable, failures_of, judge_refusal

#: As RFC 3464 shows them (appendix E), with our letter's headers returned.
NOTIFICATION = """\
From: MAILER-DAEMON@mx.example.net
To: bounces@status.example.org
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I'm sorry to have to inform you that your message could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net
Arrival-Date: Sat, 21 Nov 2026 12:00:03 +0000

Final-Recipient: rfc822; reader@example.net
Original-Recipient: rfc822;Reader@example.net
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 {status} <reader@example.net>:
    Recipient address rejected: User unknown

--b
Content-Type: {returned}

From: aigo@status.example.org
Message-ID: <{letter}@status.example.org>
Subject: Major: Nimbus

--b--
"""


def notification(
    action: str = "failed",
    status: str = "5.1.1",
    letter: str = "msg_1",
    returned: str = "text/rfc822-headers",
) -> bytes:
    return NOTIFICATION.format(action=action, status=status, letter=letter, returned=returned).encode()


@pytest.mark.parametrize(
    ("code", "text", "refusal"),
    [
        (550, "no such user", Refusal.GONE),
        (550, "5.1.1 <x>: user unknown", Refusal.GONE),
        (550, "5.2.1 mailbox disabled", Refusal.GONE),
        (552, "5.2.2 mailbox full", Refusal.REFUSED),
        (550, "5.7.1 relaying denied", Refusal.REFUSED),
        (550, "relay not permitted", Refusal.REFUSED),
        (553, "5.1.8 sender domain does not exist", Refusal.REFUSED),
        (554, "looks like spam", Refusal.REFUSED),
        (450, "4.2.0 greylisted, try again", Refusal.LATER),
        (421, "too many connections", Refusal.LATER),
        (550, "4.7.1 come back later", Refusal.LATER),
    ],
)
def test_a_reply_says_whether_the_mailbox_is_gone(code: int, text: str, refusal: Refusal):
    assert judge_refusal(code, text) is refusal


def test_a_letter_that_is_refused_says_nothing_of_its_mailbox():
    assert judge_refusal(550, "this looks like spam", letter=True) is Refusal.REFUSED
    assert judge_refusal(550, "5.1.1 no such user", letter=True) is Refusal.GONE


@pytest.mark.parametrize("returned", ["text/rfc822-headers", "message/rfc822"])
def test_a_notification_names_recipient_letter_and_reason(returned: str):
    reason = "5.1.1 550 5.1.1 <reader@example.net>: Recipient address rejected: User unknown"
    assert failures_of(notification(returned=returned)) == [
        Failure("Reader@example.net", "msg_1", Refusal.GONE, reason)
    ]


def test_a_full_mailbox_is_not_gone_and_a_delay_is_no_failure():
    ((full,), delayed) = (
        failures_of(notification(status="5.2.2")),
        failures_of(notification("delayed", "4.0.0")),
    )
    assert (full.refusal, delayed) == (Refusal.REFUSED, [])


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"Subject: I am on holiday\n\nBack on Monday.",
        b"Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: text/plain\n\nx\n--b--",
        b"\xff\xfe\x00" * 100,
    ],
)
def test_what_is_no_notification_is_refused(raw: bytes):
    with pytest.raises(Unreadable):
        failures_of(raw)

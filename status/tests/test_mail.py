"""Letters as a real mail server receives them, and what becomes of those it does not take."""

import re
from dataclasses import replace

import pytest

from status.outgoing import MailTarget, Outcome
from status.sending import mail
from status.sending.mail import notice_mail
from status.tests.outgoing_given import MAILBOX, outgoing
from testing.mail_server import MailServer, hanging_server, mail_server

SAID = {"status": "identified", "body_en": "A queue is full.", "body_ko": "대기열이 가득 찼습니다. <b>"}


def send(server: MailServer, settings, *targets: MailTarget, **changes) -> list[Outcome]:
    """What became of one notice to each of these mailboxes."""
    for name, value in server.settings().items():
        setattr(settings, name, value)
    outcomes: list[Outcome] = []
    mail.deliver([notice_mail(outgoing(target, **changes), target) for target in targets], outcomes)
    return outcomes


def mailbox(name: str) -> MailTarget:
    return replace(MAILBOX, address=f"{name}@example.org")


def test_a_letter_arrives_with_all_that_mail_programs_need(settings):
    settings.SITE_URL, settings.DEFAULT_FROM_EMAIL = "https://status.example.org", "AI-GO <aigo@example.org>"
    settings.EMAIL_BOUNCES_TO = "bounces@example.org"
    with mail_server() as server:
        (outcome,) = send(server, settings, MAILBOX)
    (letter,) = server.letters
    assert (outcome.ok, letter.sender) == (True, "bounces@example.org")
    message = letter.message
    assert (message["From"], message["To"]) == ("AI-GO <aigo@example.org>", "reader@example.org")
    assert message["Message-ID"] == "<msg_0123456789abcdef@status.example.org>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["References"] == "<incident-12.sub-1@status.example.org>"
    (end_url,) = re.findall(r"^<(https://\S+/end/\S+/)>$", message["List-Unsubscribe"])
    text, html = letter.text(), letter.text("html")
    assert end_url in text
    assert end_url in html
    assert message["Subject"] == "Major: Nimbus Works Nimbus 1: Requests fail (Seoul, Tokyo)"
    for part in (text, html):
        assert "https://status.example.org/incidents/12/" in part
        assert "2026-11-21 11:58 UTC" in part
    assert "http-equiv" not in html
    assert "<script" not in html


def test_a_korean_letter_is_korean_throughout_and_escapes_what_people_wrote(settings):
    with mail_server() as server:
        send(server, settings, MAILBOX, language="ko", facts={"update": SAID, "simulated": True})
    (letter,) = server.letters
    assert letter.message["Subject"] == "[시뮬레이션] 중대: Nimbus Works Nimbus 1: 요청 실패 (서울, 도쿄)"
    text, html = letter.text(), letter.text("html")
    assert "원인 파악: 대기열이 가득 찼습니다. <b>" in text
    assert "대기열이 가득 찼습니다. &lt;b&gt;" in html
    assert 'lang="ko"' in html
    labels = {line.partition(":")[0] for line in text.splitlines() if ": " in line}
    assert {"심각도", "증상", "지역", "시작", "감지", "구독 해지"} <= labels


def test_recovery_says_how_long_it_lasted_and_what_it_stood_for(settings):
    over = {"ended_at": "2026-11-21T13:20:10+00:00", "replaces": [3, 4], "scope": "global"}
    with mail_server() as server:
        send(server, settings, MAILBOX, kind="recovered", facts=over)
    text = server.letters[0].text()
    assert "It lasted 1 h 22 min." in text
    assert "In place of: #3, #4" in text
    assert "Where: Everywhere" in text


def test_one_connection_carries_a_batch_and_a_refused_mailbox_stops_no_other(settings):
    refusals = {"gone": "550 5.1.1 no such user", "full": "552 5.2.2 mailbox full", "grey": "450 4.2.0 later"}
    with mail_server(**refusals) as server:
        names = ("one", "gone", "full", "grey", "two")
        outcomes = send(server, settings, *map(mailbox, names))
    assert [letter.recipients for letter in server.letters] == [("one@example.org",), ("two@example.org",)]
    assert server.connections == 1
    told = {name: (o.ok, o.gone, o.permanent) for name, o in zip(names, outcomes, strict=True)}
    assert told == {
        "one": (True, False, False),
        "gone": (False, True, True),
        "full": (False, False, True),
        "grey": (False, False, False),
        "two": (True, False, False),
    }
    assert outcomes[1].error == "the mail server said 550 5.1.1 no such user"


def test_an_address_that_no_server_can_be_told_takes_no_other_letter_along(settings):
    with mail_server() as server:
        unheard = replace(MAILBOX, address="x@\N{RIGHT-TO-LEFT OVERRIDE}example.org")
        outcomes = send(server, settings, mailbox("one"), unheard, mailbox("two"))
    assert [(o.ok, o.gone, o.permanent) for o in outcomes] == [
        (True, False, False),
        (False, False, True),
        (True, False, False),
    ]
    assert [letter.recipients for letter in server.letters] == [("one@example.org",), ("two@example.org",)]


@pytest.mark.parametrize("away", [hanging_server, None])
def test_a_server_that_hangs_or_is_away_loses_no_letter(away, settings):
    settings.EMAIL_TIMEOUT = 1
    if away is None:
        with mail_server() as server:
            pass  # it has ended
        outcomes = send(replace_timeout(server), settings, mailbox("one"), mailbox("two"))
    else:
        with away() as server:
            outcomes = send(replace_timeout(server), settings, mailbox("one"), mailbox("two"))
    assert [(o.ok, o.gone, o.permanent) for o in outcomes] == [(False, False, False)] * 2
    assert all(o.error.startswith("the mail server (EMAIL_HOST) cannot be used") for o in outcomes)


def replace_timeout(server: MailServer) -> MailServer:
    """Half a second is enough to know."""
    server.timeout_s = 0.5
    return server


def test_a_batch_that_takes_too_long_leaves_the_rest_to_another(settings, monkeypatch):
    monkeypatch.setattr(mail, "BATCH_S", -1.0)
    with mail_server() as server:
        assert send(server, settings, mailbox("one")) == []
    assert server.letters == []

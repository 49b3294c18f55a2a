"""Letters to subscribers: what they say, and a batch of them over one connection to the mail server.

the server is away, or hangs       every letter of the batch is tried again later
it does not take one recipient     5xx: the mailbox is gone, or this letter is refused; 4xx: later
"""

import logging
import re
import smtplib
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.template.loader import render_to_string
from django.utils import translation

from status import links
from status.models import Subscription
from status.outgoing import MailTarget, Outcome, Outgoing
from status.rules.bounces import Refusal, judge_refusal
from status.sending.texts import telling_of
from status.services.subscriptions import ClaimedLetter, Wish, wish_names

logger = logging.getLogger(__name__)
#: A batch begins no other letter after so long, in seconds; those that are left are another batch's.
BATCH_S: Final = 60.0
MOST_ERROR_CHARS: Final = 300
#: What conditions in a template leave behind.
_BLANK_LINES: Final = re.compile(r"\n{3,}")


class Letter(EmailMultiAlternatives):
    """Its headers are not folded: some programs miss a link to unsubscribe that begins on a second line."""

    def message(self, **kwargs: Any) -> Any:
        """As it goes out."""
        made: Any = super().message(**kwargs)
        made.policy = made.policy.clone(max_line_length=998)  # RFC 5322, 2.1.1
        return made


def notice_mail(outgoing: Outgoing, target: MailTarget) -> Letter:
    """A notice as a letter: plain text and HTML, its id the notice's, one click away from unsubscribing."""
    told = telling_of(outgoing)
    end_url = links.unsubscribe_link(target.subscription_uid)
    shown = {
        "told": told,
        "end_url": end_url,
        "manage_url": links.manage_link(target.subscription_uid, target.token_version),
    }
    # All letters about one thing stand together: the thread's root is a letter that nobody sent.
    root = f"<{outgoing.subject.replace(':', '-')}.{target.subscription_uid}@{links.host()}>"
    headers = {
        "References": root,
        "In-Reply-To": root,
        "List-Unsubscribe": f"<{end_url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    return _letter("notice", told.title, target.address, outgoing.language, outgoing.uid, shown, headers)


def confirm_mail(letter: ClaimedLetter) -> Letter:
    """The letter that asks whether its reader has asked. One who is told already is told so."""
    language, now_told = letter.wish.language, letter.present
    with translation.override(language):
        shown: dict[str, Any] = {
            "confirm_url": links.confirm_link(letter.uid),
            "wish": wish_in_words(letter.wish),
            "present": wish_in_words(now_told) if now_told else None,
            "changes": now_told != letter.wish,
            "site": settings.SITE_URL,
        }
        if now_told:
            shown["manage_url"] = links.manage_link(letter.subscription_uid, letter.token_version)
            shown["end_url"] = links.unsubscribe_link(letter.subscription_uid)
        title = render_to_string("mail/confirm_subject.txt", shown).strip()
    return _letter("confirm", title, letter.address, language, f"ltr_{letter.uid}", shown, {})


def wish_in_words(wish: Wish) -> dict[str, Any]:
    """Severity and names, in the present language; no names = everything."""
    return {"severity": Subscription.MinSeverity(wish.min_severity).label, "names": wish_names(wish)}


def _letter(
    kind: str,
    title: str,
    address: str,
    language: str,
    uid: str,
    shown: dict[str, Any],
    headers: dict[str, str],
) -> Letter:
    with translation.override(language):
        text = render_to_string(f"mail/{kind}.txt", shown)
        html = render_to_string(f"mail/{kind}.html", {**shown, "title": title})
    letter = Letter(
        subject=" ".join(title.split()),
        body=_BLANK_LINES.sub("\n\n", text).strip() + "\n",
        # the envelope's sender, whom bounces go to; the header below is what readers see
        from_email=settings.EMAIL_BOUNCES_TO or settings.DEFAULT_FROM_EMAIL,
        to=[address],
        headers={
            "From": settings.DEFAULT_FROM_EMAIL,
            "Message-ID": f"<{uid}@{links.host()}>",
            "Auto-Submitted": "auto-generated",  # RFC 3834: nobody's holiday answers this
            "List-Id": f"AI-GO <notices.{links.host()}>",
            **headers,
        },
    )
    letter.attach_alternative(html, "text/html")
    return letter


def deliver(
    letters: Sequence[Letter], outcomes: list[Outcome], go_on: Callable[[], bool] = lambda: True
) -> None:
    """Send them over one connection, in order; what became of each is appended to `outcomes`. Blocks.

    Fewer outcomes than letters: there was no time for the others, or `go_on` said no.
    """
    begun_s = time.monotonic()
    connection = get_connection()
    try:
        connection.open()
        for letter in letters:
            if not go_on() or time.monotonic() - begun_s > BATCH_S:
                break
            outcomes.append(_deliver_one(connection, letter))
    except (OSError, smtplib.SMTPException) as error:
        # with nothing said about the letter itself: it is the connection, so none of the others can do better
        away = Outcome(ok=False, error=_error(error))
        outcomes.extend([away] * (len(letters) - len(outcomes)))
    finally:
        _close(connection)


def _deliver_one(connection: Any, letter: Letter) -> Outcome:
    """Raises what says that the connection is of no use any more."""
    begun_s = time.monotonic()
    try:
        connection.send_messages([letter])
    except smtplib.SMTPRecipientsRefused as error:
        ((code, said),) = list(error.recipients.values())[:1] or [(0, b"")]
        outcome = _refused(code, said)
    except smtplib.SMTPDataError as error:  # of the letter, not of whom it goes to
        outcome = _refused(error.smtp_code, error.smtp_error, letter=True)
    except smtplib.SMTPSenderRefused as error:  # ours: the operator's to put right
        outcome = Outcome(ok=False, error=_error(error))
    except ValueError as error:  # UnicodeError, too: no mail server can be told this address
        logger.warning("a letter cannot be written: %s", error)
        outcome = Outcome(ok=False, error=f"it cannot be written: {error}"[:MOST_ERROR_CHARS], permanent=True)
    else:
        outcome = Outcome(ok=True)
    return replace(outcome, duration_ms=(time.monotonic() - begun_s) * 1000)


def _refused(code: int, said: bytes | str, *, letter: bool = False) -> Outcome:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    refusal = judge_refusal(code, text, letter=letter)
    return Outcome(
        ok=False,
        error=" ".join(f"the mail server said {code} {text}".split())[:MOST_ERROR_CHARS],
        gone=refusal is Refusal.GONE,
        permanent=refusal is not Refusal.LATER,
    )


def _error(error: Exception) -> str:
    """The mail server by its setting, and what went wrong, without anything that was sent to it."""
    said = " ".join(str(error).split()) or type(error).__name__
    return f"the mail server (EMAIL_HOST) cannot be used: {said}"[:MOST_ERROR_CHARS]


def _close(connection: Any) -> None:
    try:
        connection.close()
    except (OSError, smtplib.SMTPException) as error:
        logger.debug("closing the connection to the mail server: %s", error)

"""Notices through apprise: Slack, Discord, Telegram, mail and some hundred other services.

Their addresses bear secrets, so they stand in the environment of the process that sends, and are never in a
row, a log line or an error: what apprise says is scrubbed of them.
"""

import logging
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final
from urllib.parse import unquote

import apprise
from django.conf import settings

from probes.scrubbing import scrub
from status.outgoing import AppriseTarget, Outcome, Outgoing
from status.sending.tellings import Telling
from status.sending.texts import telling_of
from status.sending.threads import Crowded, Overdue, in_thread

#: All addresses of a channel together have so long, in seconds; less than the lease of a claim.
LIMIT_S: Final = 35.0
#: No other variable is ever read: a channel cannot be made to tell what else the environment holds.
ENV_NAME: Final = re.compile(r"ALERT_URL_[A-Z0-9_]{1,48}")
MOST_ERROR_CHARS: Final = 300
_TYPES: Final = {
    "info": apprise.NotifyType.INFO,
    "minor": apprise.NotifyType.WARNING,
    "major": apprise.NotifyType.FAILURE,
    "critical": apprise.NotifyType.FAILURE,
    "over": apprise.NotifyType.SUCCESS,
}
#: Where what apprise says is heard; it takes the context along into its own threads.
_hearing: ContextVar[list[str] | None] = ContextVar("hearing", default=None)
#: Parts of an address that may be a secret: what stands between its punctuation.
_PIECES: Final = re.compile(r"[^/:@?&=#,]{6,}")


async def send(outgoing: Outgoing, target: AppriseTarget) -> Outcome:
    """One try. Where some of several addresses fail, all are tried again: at least once, not exactly once."""
    begun_s = time.monotonic()
    told = telling_of(outgoing)
    try:
        error = await in_thread(lambda: deliver(target.url_env, told), limit_s=LIMIT_S)
    except (Overdue, Crowded) as reason:
        error = f"{target.url_env}: {reason}"
    return Outcome(ok=not error, error=error, duration_ms=(time.monotonic() - begun_s) * 1000)


def deliver(url_env: str, told: Telling) -> str:
    """Tell every address that the variable holds. "" = all were told, else what went wrong; blocks."""
    if not ENV_NAME.fullmatch(url_env):
        return f"{url_env!r} is no name of a variable that may be read: ALERT_URL_ and capitals"
    urls = [
        url for url in re.split(r"[,\s]+(?=[a-z][a-z0-9+.-]*://)", os.environ.get(url_env, "").strip()) if url
    ]
    if not urls:
        return f"{url_env} is not set where notices are sent: give it apprise's addresses and start again"
    body = "\n".join(told.lines())
    wrong = [
        f"{url_env}, address {number} of {len(urls)}: {error}"
        for number, url in enumerate(urls, 1)
        if (error := _notify(url, told, body))
    ]
    return "; ".join(wrong)[:MOST_ERROR_CHARS]


def _notify(url: str, told: Telling, body: str) -> str:
    asset = apprise.AppriseAsset(
        app_id="AI-GO", app_desc="AI-GO", app_url=settings.SITE_URL, secure_logging=True
    )
    service = apprise.Apprise(asset=asset)
    with _overheard() as said:
        if not service.add(url):
            return "apprise does not understand it"
        done = service.notify(
            body=body, title=told.title, notify_type=_TYPES[told.tone], body_format=apprise.NotifyFormat.TEXT
        )
    if done:
        return ""
    return scrub("; ".join(said) or "it was not delivered", _secrets_of(url))


def _secrets_of(url: str) -> set[str]:
    pieces = set(_PIECES.findall(url.partition("://")[2]))
    return pieces | {unquote(piece) for piece in pieces}


@contextmanager
def _overheard() -> Iterator[list[str]]:
    """What apprise says of its troubles here; it tells nothing else but yes or no."""
    said: list[str] = []
    token = _hearing.set(said)
    ear, logger = _Ear(logging.WARNING), logging.getLogger("apprise")
    logger.addHandler(ear)
    try:
        yield said
    finally:
        logger.removeHandler(ear)
        _hearing.reset(token)


class _Ear(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        said = _hearing.get()
        if said is not None and record.getMessage() not in said:
            said.append(record.getMessage())

"""Sending what is due: one thread, an event loop in it, and the database as the only book.

    webhook, apprise   one in flight per channel: a target that hangs holds up nobody else
    letters            in batches over few connections; while those hang, no more letters are claimed

A sender claims with a lease. One that dies, or is told to stop while a target hangs, leaves the lease to end:
then the notice is tried again under the same id, here or by another sender. Any number may run.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, TypeVar

from django.db import connections
from django.utils import timezone

from aigo.lib.chunking import chunks
from aigo.lib.kept import AWAY
from status.outgoing import AppriseTarget, MailTarget, Outcome, Outgoing, WebhookTarget
from status.sending import apprising, mail, webhooks
from status.sending.threads import Crowded, Overdue, in_thread
from status.services import notices, subscriptions

logger = logging.getLogger(__name__)
T = TypeVar("T")
#: How often it is asked what is due, in seconds.
LOOK_EVERY_S: Final = 1.0
#: Between two tries at a database that is away: doubling from the first to the longest.
FIRST_PAUSE_S: Final = 0.5
LONGEST_PAUSE_S: Final = 10.0
MOST_IN_FLIGHT: Final = 100
#: Connections to the mail server at once, and letters over each.
MAIL_CONNECTIONS: Final = 4
MAIL_BATCH: Final = 20
#: A batch of letters has so long in all, in seconds; within the lease.
MAIL_LIMIT_S: Final = 120.0
#: The database has so long for each question, in seconds.
ASK_LIMIT_S: Final = 60.0
#: Told to stop, tries under way have so long to end, in seconds.
STOP_WITHIN_S: Final = 8.0


class Ask(Protocol):
    """How the book is asked from an event loop: what blocks does so elsewhere."""

    async def __call__(self, act: Callable[[], T], /) -> T: ...


@dataclass(frozen=True, slots=True)
class Post:
    """A letter on its way: how it is made, and whom its outcome is told."""

    make: Callable[[], mail.Letter]
    note: Callable[[Outcome], None]
    name: str


@dataclass(frozen=True, slots=True)
class Book:
    """Where it is written what is due and what became of it. All of it blocks."""

    claim: Callable[..., Sequence[Outgoing]] = notices.claim_due
    note: Callable[..., None] = notices.note_attempt
    claim_letters: Callable[..., Sequence[subscriptions.ClaimedLetter]] = subscriptions.claim_letters
    note_letter: Callable[..., None] = subscriptions.note_letter
    note_bounce: Callable[..., bool] = subscriptions.note_bounce


@dataclass(slots=True)
class Round:
    """What one look at the book found."""

    pushes: list[Outgoing] = field(default_factory=list)
    posts: list[Post] = field(default_factory=list)


class Sending:
    """The sender's work, in an event loop."""

    def __init__(self, book: Book | None = None, *, ask: Ask) -> None:
        self._book = book or Book()
        self._ask = ask
        self._busy: set[int] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._mailing = 0
        self._unnoted = 0
        self._stopping = False
        self._wake = asyncio.Event()

    async def run(self, stopped: Callable[[], bool]) -> None:
        """Until `stopped`; then what is under way may end, within STOP_WITHIN_S: a batch of letters after the
        one it is at."""
        pause_s = FIRST_PAUSE_S
        while not stopped():
            self._wake.clear()  # before it looks: what happens meanwhile is not in what it finds
            try:
                found = await self.look()
            except AWAY as error:
                logger.warning("notices wait: %s", error)
                await self._rest(pause_s)
                pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
                continue
            except Exception:  # nobody starts it again: whatever went wrong, go on
                logger.exception("looking for what is due failed")
                await self._rest(LONGEST_PAUSE_S)
                continue
            pause_s = FIRST_PAUSE_S
            await self._rest(0.0 if found else LOOK_EVERY_S)
        self._stopping = True
        await self.settle(STOP_WITHIN_S)

    async def look(self) -> int:
        """Begin what is due and has room; how many that was."""
        found = await self._ask(self._claim)
        for outgoing in found.pushes:
            self._begin(self._push(outgoing))
        for batch in chunks(found.posts, MAIL_BATCH):
            self._mailing += 1
            self._begin(self._mail(batch))
        return len(found.pushes) + len(found.posts)

    async def settle(self, within_s: float) -> None:
        """Wait for what is under way; what has not ended by then is left to its lease."""
        if self._tasks:
            _done, hanging = await asyncio.wait(self._tasks, timeout=within_s)
            for task in hanging:
                task.cancel()
            await asyncio.gather(*hanging, return_exceptions=True)

    def wake(self) -> None:
        """Look again now. From the event loop."""
        self._wake.set()

    async def _rest(self, seconds: float) -> None:
        """So long, or until something has ended and left room since the last look began."""
        try:
            async with asyncio.timeout(max(seconds, 0.01)):
                await self._wake.wait()
        except TimeoutError:
            return

    def _claim(self) -> Round:
        """In the book's thread. Letters that ask for confirmation go first: somebody waits for each."""
        found, now = Round(), timezone.now()
        room = (MAIL_CONNECTIONS - self._mailing) * MAIL_BATCH
        if self._unnoted:
            room = 0  # what left and is not noted yet would be found due again once its lease is over
        if room > 0:
            for letter in self._book.claim_letters(now=now, limit=room):
                found.posts.append(self._letter_post(letter))
        limit = MOST_IN_FLIGHT - len(self._tasks)
        most_mails = max(0, room - len(found.posts))
        if limit > 0:
            due = self._book.claim(
                now=now, limit=limit, busy_channels=frozenset(self._busy), most_mails=most_mails
            )
            for outgoing in due:
                if isinstance(outgoing.target, MailTarget):
                    found.posts.append(self._notice_post(outgoing, outgoing.target))
                else:
                    found.pushes.append(outgoing)
        return found

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._wake.set()
        if not task.cancelled() and task.exception():
            logger.error("a delivery could not be noted", exc_info=task.exception())

    async def _push(self, outgoing: Outgoing) -> None:
        """One try at a webhook or at apprise's services; none other to that channel until it is noted."""
        channel = outgoing.channel_id
        assert channel is not None  # noqa: S101 (letters go another way)
        self._busy.add(channel)
        begun_s = time.monotonic()
        try:
            outcome = await _try(outgoing)
        except Exception as error:  # a fault of ours must not keep the notice in flight for ever
            logger.exception("%s: a try broke off", outgoing.uid)
            took_ms = (time.monotonic() - begun_s) * 1000
            outcome = Outcome(ok=False, error=f"a fault of ours: {type(error).__name__}", duration_ms=took_ms)
        try:
            await self._note(lambda: self._book.note(outgoing, outcome, now=timezone.now()))
        finally:
            self._busy.discard(channel)

    async def _mail(self, posts: Sequence[Post]) -> None:
        """One batch over one connection."""
        try:
            made = await self._ask(lambda: [_made(post) for post in posts])
            outcomes = await self._deliver([letter for letter in made if not isinstance(letter, Outcome)])
        finally:
            self._mailing -= 1
        sent = iter(outcomes)
        told = [
            (post, it if isinstance(it, Outcome) else next(sent, None))
            for post, it in zip(posts, made, strict=True)
        ]
        await self._note(lambda: _note_each(told))

    async def _deliver(self, letters: Sequence[mail.Letter]) -> list[Outcome]:
        """Of each letter that was begun. One that went is never forgotten for one that did not."""
        outcomes: list[Outcome] = []
        try:
            if letters:
                await in_thread(
                    lambda: mail.deliver(letters, outcomes, lambda: not self._stopping), limit_s=MAIL_LIMIT_S
                )
        except (Overdue, Crowded) as error:
            hangs = Outcome(ok=False, error=f"the mail server (EMAIL_HOST): {error}")
            return outcomes + [hangs] * (len(letters) - len(outcomes))
        except Exception as error:
            logger.exception("a batch of letters broke off")
            return [*outcomes, Outcome(ok=False, error=f"a fault of ours: {type(error).__name__}")]
        return outcomes

    async def _note(self, note: Callable[[], object]) -> None:
        """For as long as the database is away, or too slow: a delivery that is not noted is done again."""
        pause_s, waits = FIRST_PAUSE_S, 0
        try:
            while True:
                try:
                    await self._ask(note)
                    return
                except (*AWAY, Overdue, Crowded) as error:
                    logger.warning("a delivery waits to be noted: %s", error)
                    self._unnoted += 1 - waits
                    waits = 1
                    await asyncio.sleep(pause_s)
                    pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
        finally:
            self._unnoted -= waits

    def _letter_post(self, letter: subscriptions.ClaimedLetter) -> Post:
        def note(outcome: Outcome) -> None:
            self._book.note_letter(letter, outcome, now=timezone.now())

        return Post(lambda: mail.confirm_mail(letter), note, letter.uid)

    def _notice_post(self, outgoing: Outgoing, target: MailTarget) -> Post:
        def note(outcome: Outcome) -> None:
            now = timezone.now()
            self._book.note(outgoing, outcome, now=now)
            if outcome.gone:
                self._book.note_bounce(
                    subscription_uid=target.subscription_uid, reason=outcome.error, now=now
                )

        return Post(lambda: mail.notice_mail(outgoing, target), note, outgoing.uid)


def _made(post: Post) -> mail.Letter | Outcome:
    """The letter; one that cannot be made keeps no other from its way."""
    try:
        return post.make()
    except AWAY:
        raise
    except Exception as error:
        logger.exception("%s: the letter cannot be made", post.name)
        return Outcome(ok=False, error=f"a fault of ours: {type(error).__name__}")


def _note_each(told: Sequence[tuple[Post, Outcome | None]]) -> None:
    """One that cannot be noted keeps no other from it; noting again, after an outage, changes nothing."""
    for post, outcome in told:
        try:
            if outcome:
                post.note(outcome)
        except AWAY:
            raise
        except Exception:
            logger.exception("%s: what became of the letter could not be noted", post.name)


async def _try(outgoing: Outgoing) -> Outcome:
    target = outgoing.target
    if isinstance(target, WebhookTarget):
        return await webhooks.send(outgoing, target, now=timezone.now())
    if isinstance(target, AppriseTarget):
        return await apprising.send(outgoing, target)
    raise TypeError(f"no way to a {type(target).__name__}")


class Sender:
    """The thread that sends; started where the consumers are."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._sending: Sending | None = None
        self._thread = threading.Thread(target=self._run, name="sender", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, *, within_s: float = STOP_WITHIN_S + 2.0) -> None:
        """Tell it to stop, and wait for the tries under way, for `within_s` seconds at most."""
        self._stop.set()
        with suppress(RuntimeError):  # it has ended by itself
            if self._loop and self._sending:
                self._loop.call_soon_threadsafe(self._sending.wake)
        if self._thread.is_alive():
            self._thread.join(within_s)

    def _run(self) -> None:
        asyncio.run(self._main())

    async def _main(self) -> None:
        self._loop, self._sending = asyncio.get_running_loop(), Sending(ask=asked_in_thread)
        await self._sending.run(self._stop.is_set)


async def asked_in_thread(act: Callable[[], T], /) -> T:
    """The book's answer, from a thread that ends with its connection. Raises Overdue, Crowded."""

    def ask() -> T:
        try:
            return act()
        finally:
            connections.close_all()

    return await in_thread(ask, limit_s=ASK_LIMIT_S, name="sending-book")

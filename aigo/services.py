"""What operators do to dead letters of the event log and to open pages, with a trace of who did it."""

from django.contrib.admin.models import CHANGE, DELETION, LogEntry
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from aigo.lib.events import MOST_DEAD, DeadLetter, event_log
from status.live.control import reload_pages


def replay_letter(letter_id: str, *, by: AbstractBaseUser) -> None:
    """Hand the event to its group again. KeyError where the letter was replayed or dropped already."""
    with transaction.atomic():  # who loses against another operator leaves no trace
        _trace(_letter(letter_id), CHANGE, "replayed", by)
        event_log().replay(letter_id)


def drop_letter(letter_id: str, *, by: AbstractBaseUser) -> None:
    """Forget the event for its group. KeyError where the letter was replayed or dropped already."""
    with transaction.atomic():
        _trace(_letter(letter_id), DELETION, "dropped", by)
        event_log().drop(letter_id)


def ask_pages_to_reload(*, by: AbstractBaseUser) -> bool:
    """Every open page of every process reloads. False: the channel layer does not answer, nothing happens."""
    if not reload_pages():
        return False
    LogEntry.objects.create(
        user_id=by.pk,
        content_type=None,
        object_repr="open pages",
        action_flag=CHANGE,
        change_message="asked to reload",
    )
    return True


def _letter(letter_id: str) -> DeadLetter:
    found = {letter.id: letter for letter in event_log().dead_letters(count=MOST_DEAD)}
    return found[letter_id]


def _trace(letter: DeadLetter, flag: int, what: str, by: AbstractBaseUser) -> None:
    """The letter is gone afterwards, so the entry says what it was."""
    event = letter.event
    LogEntry.objects.create(
        user_id=by.pk,
        content_type=None,
        object_id=letter.id,
        object_repr=f"{letter.group}: {event.type} {event.id}"[:200],
        action_flag=flag,
        change_message=f"{what} after {letter.tries} tries: {letter.reason}",
    )

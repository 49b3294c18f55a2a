"""How states, moves and steps are called: one place for the admin, its queue and its messages."""

from collections.abc import Iterable
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from editorial.workflow import Move, State

STATE_WORDS: Final[dict[str, Promise]] = {
    State.DRAFT: _("draft"),
    State.REVIEW: _("in review"),
    State.APPROVED: _("approved"),
    State.SCHEDULED: _("scheduled"),
    State.PUBLISHED: _("published"),
    State.WITHDRAWN: _("withdrawn"),
    State.ARCHIVED: _("archived"),
}

#: What a button says.
MOVE_WORDS: Final[dict[str, Promise]] = {
    "submit": pgettext_lazy("editorial button", "Submit for review"),
    "approve": pgettext_lazy("editorial button", "Approve"),
    "send_back": pgettext_lazy("editorial button", "Send back"),
    "schedule": pgettext_lazy("editorial button", "Schedule"),
    "unschedule": pgettext_lazy("editorial button", "Take off the schedule"),
    "publish": pgettext_lazy("editorial button", "Publish now"),
    "unpublish": pgettext_lazy("editorial button", "Unpublish"),
    "reopen": pgettext_lazy("editorial button", "Reopen as draft"),
    "archive": pgettext_lazy("editorial button", "Archive"),
    "trust": pgettext_lazy("editorial button", "Publish as trusted"),
}

#: What a line of the trail says was done.
STEP_WORDS: Final[dict[str, Promise]] = {
    "create": pgettext_lazy("editorial step", "created"),
    "edit": pgettext_lazy("editorial step", "edited"),
    "correct": pgettext_lazy("editorial step", "superseded"),
    "assign": pgettext_lazy("editorial step", "assigned"),
    "take_over": pgettext_lazy("editorial step", "took over the lock"),
    "submit": pgettext_lazy("editorial step", "submitted for review"),
    "approve": pgettext_lazy("editorial step", "approved"),
    "send_back": pgettext_lazy("editorial step", "sent back"),
    "schedule": pgettext_lazy("editorial step", "scheduled"),
    "unschedule": pgettext_lazy("editorial step", "taken off the schedule"),
    "publish": pgettext_lazy("editorial step", "published"),
    "unpublish": pgettext_lazy("editorial step", "unpublished"),
    "reopen": pgettext_lazy("editorial step", "reopened"),
    "archive": pgettext_lazy("editorial step", "archived"),
    "trust": pgettext_lazy("editorial step", "published as trusted"),
}


def who_words(by_name: str) -> str:
    """What the trail calls whoever did something. The project's own names are kept in English and told in the
    reader's language; a person's is told as it is."""
    return gettext(by_name) if by_name else ""


def reason_words(move: str, reason: str) -> str:
    """A line's reason for whoever reads it. Of what was superseded it is the number of what took its place;
    what trust rests on is the project's own word."""
    if move == "correct" and reason.isdecimal():
        return gettext("by number %(number)s") % {"number": reason}
    return who_words(reason) if move == "trust" else reason


def moves_left(moves: Iterable[Move]) -> str:
    """The names of moves as one list, "" where there is none."""
    return ", ".join(str(MOVE_WORDS[move.name]) for move in moves)


def refusal_words(kind: str, *, move: str, state: str = "", left: str = "") -> str:
    """Why a move is not made. kind: "state" or "right"; left: what can be done instead."""
    named = {"move": MOVE_WORDS[move], "state": STATE_WORDS.get(state, state), "left": left}
    if kind == "right":
        return gettext("Your roles do not allow “%(move)s” here.") % named
    if left:
        return gettext("“%(move)s” cannot be done: it is %(state)s. From there: %(left)s.") % named
    return gettext("“%(move)s” cannot be done: it is %(state)s.") % named

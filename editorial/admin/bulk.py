"""The moves as actions of a list. Each piece is moved by itself; those that are refused are named."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from editorial import services
from editorial.admin.forms import MoveForm
from editorial.selectors import right_name
from editorial.wording import MOVE_WORDS, STEP_WORDS
from editorial.workflow import MOVES, Move

#: So many refusals are named one by one; the rest is counted.
NAMED: Final = 10
#: So many pieces at once: each is a transaction of its own, and somebody waits for the page.
AT_MOST: Final = 500
#: The name of the field by which the page in between says that its form was sent.
SENT: Final = "editorial-sent"


def move_actions(page: Any, request: HttpRequest) -> dict[str, tuple[Any, str, Any]]:
    """{name: (function, name, label)} of the moves that this person's roles grant on this kind of work."""
    granted = [
        move for move in MOVES if move.right and request.user.has_perm(right_name(page.model, move.right))
    ]
    return {f"move_{move.name}": (_action(move), f"move_{move.name}", _label(move)) for move in granted}


def _label(move: Move) -> Any:
    return _("%(move)s: the chosen ones") % {"move": MOVE_WORDS[move.name]}


def _action(move: Move) -> Callable[[Any, HttpRequest, QuerySet[Any]], HttpResponse | None]:
    def act(page: Any, request: HttpRequest, chosen: QuerySet[Any]) -> HttpResponse | None:
        works = [*chosen[: AT_MOST + 1]]
        if len(works) > AT_MOST:
            text = gettext("More than %(most)d are chosen: narrow the list first.")
            page.message_user(request, text % {"most": AT_MOST}, messages.ERROR)
            return None
        form = MoveForm(move, request.POST if SENT in request.POST else None)
        if move.needs and not form.is_valid():
            return _ask(page, request, move, form, works)
        given = form.given() if form.is_bound and form.is_valid() else {}
        _tell(page, request, move, works, given)
        return None

    return act


def _ask(page: Any, request: HttpRequest, move: Move, form: MoveForm, works: Sequence[Any]) -> HttpResponse:
    """The page in between: what is chosen, and the reason or moment for all of it."""
    context = {
        **page.admin_site.each_context(request),
        **{"opts": page.opts, "media": page.media, "form": form, "move": move, "sent": SENT},
        **{"title": _label(move), "works": works, "checkbox": ACTION_CHECKBOX_NAME},
    }
    return TemplateResponse(request, "admin/editorial/moves.html", context)


def _tell(page: Any, request: HttpRequest, move: Move, works: Sequence[Any], given: dict[str, Any]) -> None:
    outcome = services.move_all(works, move.name, by=request.user, now=timezone.now(), **given)
    for work in outcome.moved:
        page.log_change(request, work, str(STEP_WORDS[move.name]))
    if outcome.moved:
        text = ngettext("%(count)d piece: %(done)s.", "%(count)d pieces: %(done)s.", len(outcome.moved))
        named = {"count": len(outcome.moved), "done": STEP_WORDS[move.name]}
        page.message_user(request, text % named, messages.SUCCESS)
    for work, refusal in outcome.refused[:NAMED]:
        page.message_user(request, f"“{work}”: {refusal}", messages.WARNING)
    more = len(outcome.refused) - NAMED
    if more > 0:
        text = ngettext("%d more was refused.", "%d more were refused.", more)
        page.message_user(request, text % more, messages.WARNING)

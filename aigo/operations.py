"""The operators' pages of the event log (who follows it, what was set aside) and of notices."""

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from aigo.lib.events import DeadLetter, GroupReport, LogUnavailable, event_log
from aigo.services import drop_letter, replay_letter
from status.notices import load_delivering

#: So many of the newest dead letters are shown.
LETTERS_SHOWN = 100
#: Action → what does it, and what the operator is told.
ACTIONS = {
    "replay": (replay_letter, _("Handed to its group again: %(letter)s.")),
    "drop": (drop_letter, _("Dropped: %(letter)s.")),
}


@dataclass(frozen=True, slots=True)
class Following:
    """`letters`: newest first. `away`: why the log cannot be read, "" = it answers."""

    groups: list[GroupReport]
    letters: list[DeadLetter]
    away: str = ""


def load_following() -> Following:
    """The log's groups and dead letters, asked now."""
    try:
        return Following(event_log().group_reports(), event_log().dead_letters(count=LETTERS_SHOWN))
    except LogUnavailable as error:
        return Following([], [], away=str(error))


@login_required
@permission_required("aigo.operate", raise_exception=True)
@never_cache
@require_safe
def events(request: HttpRequest) -> HttpResponse:
    """Groups, their consumers, and dead letters, for operators."""
    return render(request, "operations/events.html", {"following": load_following()})


@login_required
@permission_required("aigo.operate", raise_exception=True)
@never_cache
@require_safe
def notices(request: HttpRequest) -> HttpResponse:
    """What waits to be told, and which channels fail."""
    return render(request, "operations/notices.html", {"delivering": load_delivering(now=timezone.now())})


@login_required
@permission_required("aigo.operate", raise_exception=True)
@require_POST
def operate_letter(request: HttpRequest) -> HttpResponse:
    """Replay or drop one dead letter."""
    letter, action = request.POST.get("letter", ""), request.POST.get("action", "")
    if action not in ACTIONS:
        text = f"action={action!r} is not accepted. Accepted: {', '.join(ACTIONS)}."
        return HttpResponseBadRequest(text, content_type="text/plain; charset=utf-8")
    act, done = ACTIONS[action]
    try:
        act(letter, by=request.user)  # type: ignore[arg-type]  # login_required
    except KeyError:
        messages.warning(request, _("%(letter)s was replayed or dropped already.") % {"letter": letter})
    except LogUnavailable as error:
        messages.error(request, str(error))
    else:
        messages.success(request, done % {"letter": letter})
    return redirect("operations-events")

"""Keeping and deleting views of the board. A reader without an account keeps them in the browser alone."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from status.saved import board_address, canonical
from status.services.saving import Unsaveable, forget_view, save_view


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """`/views/`: {name, query}; back to the board that was saved. Who is not signed in does that first."""
    query = canonical(request.POST.get("query", ""))
    if not request.user.is_authenticated:
        return redirect(f"/accounts/login/?{urlencode({'next': board_address(query)})}")
    try:
        view, new = save_view(
            name=request.POST.get("name", ""), query=query, by=request.user, now=timezone.now()
        )
    except Unsaveable as refused:
        messages.error(request, str(refused))
        return redirect(board_address(query))
    text = _("Saved: %(name)s.") if new else _("Saved anew: %(name)s.")
    messages.success(request, text % {"name": view.name})
    return redirect(board_address(query))


@login_required
@require_POST
def forget(request: HttpRequest, pk: int) -> HttpResponse:
    """`/views/<id>/delete`: {query}; back to the board that was shown. Only one's own."""
    name = forget_view(pk=pk, by=request.user)
    if name is not None:
        messages.success(request, _("Deleted: %(name)s.") % {"name": name})
    return redirect(board_address(canonical(request.POST.get("query", ""))))

"""Freezing the figures of a comparison, and keeping comparisons under a name."""

from typing import Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from aigo.lib.throttles import PageThrottle
from compare.asking import PATH, CompareWish
from compare.kept import kept_asked, kept_comparison
from compare.services.freezing import Unfreezable, freeze
from compare.services.saving import Unsaveable, forget_comparison, save_comparison

#: An address, a name and a token of the form; anything longer is none of ours.
MOST_BYTES: Final = 16_384


class FreezeThrottle(PageThrottle):
    """So many comparisons may be kept from one address."""

    scope = "freeze"
    rate = "20/hour"


@require_POST
def freeze_figures(request: HttpRequest) -> HttpResponse:
    """`/compare/freeze`: what the page shows; leads to the address that shows it from now on (303)."""
    if _too_long(request):
        return HttpResponse(status=413)
    wish = _wish(request)
    if not FreezeThrottle().allows(request):
        messages.error(request, _("Too many comparisons were frozen from your address. Wait a while."))
        return _seen(wish.address())
    now = timezone.now()
    try:
        row = freeze(kept_comparison(wish, now=now).value, now=now)
    except Unfreezable as refused:
        messages.error(request, str(refused))
        return _seen(wish.address())
    return _seen(f"{PATH}as-of/{row.token}/")


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """`/compare/saved/`: {name, query}; back to the comparison. Who is not signed in does that first."""
    if _too_long(request):
        return HttpResponse(status=413)
    wish = _wish(request)
    if not request.user.is_authenticated:
        return redirect(f"/accounts/login/?{urlencode({'next': wish.address()})}")
    name = request.POST.get("name", "")
    try:
        row, new = save_comparison(name=name, address=wish.query, by=request.user, now=timezone.now())
    except Unsaveable as refused:
        messages.error(request, str(refused))
        return _seen(wish.address())
    text = _("Saved: %(name)s.") if new else _("Saved anew: %(name)s.")
    messages.success(request, text % {"name": row.name})
    return _seen(wish.address())


@login_required
@require_POST
def forget(request: HttpRequest, pk: int) -> HttpResponse:
    """`/compare/saved/<id>/delete`: {query}; back to the comparison that was shown. Only one's own."""
    name = forget_comparison(pk=pk, by=request.user)
    if name is not None:
        messages.success(request, _("Deleted: %(name)s.") % {"name": name})
    return _seen(_wish(request).address())


def _wish(request: HttpRequest) -> CompareWish:
    """What the form asks for: by its fields, or by `query`, an address's. What is unknown is left out."""
    given = request.POST
    if "query" in given:
        given = QueryDict(given["query"].lstrip("?")[:4_000])
    lists = {name: [str(value).replace("\0", "") for value in values] for name, values in given.lists()}
    return kept_asked(lists, now=timezone.now()).wish


def _too_long(request: HttpRequest) -> bool:
    length = request.META.get("CONTENT_LENGTH") or "0"
    return not length.isdigit() or int(length) > MOST_BYTES


def _seen(address: str) -> HttpResponse:
    """See the other address (303), whatever was sent here."""
    response = redirect(address)
    response.status_code = 303
    return response

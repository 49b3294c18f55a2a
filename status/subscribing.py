"""The pages of subscriptions by e-mail: ask, confirm, change, end.

A letter's link is the only authority on these pages: no account, no cookie. Opening one changes nothing, for
scanners of mail open every link; only a POST does. Whether an address is known is never told.
"""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from aigo.lib.throttles import SubscribeThrottle
from status import links
from status.forms import SubscribeForm, WishForm
from status.models import Subscription
from status.services import subscriptions
from status.services.subscriptions import Wish

#: On answers to links that lead nowhere.
GONE = 410


@require_http_methods(["GET", "HEAD", "POST"])
def subscribe(request: HttpRequest) -> HttpResponse:
    """`/subscriptions/`: the form; `?provider=` and `?model=` choose beforehand."""
    if request.method != "POST":
        return _form(request, SubscribeForm(initial=_chosen(request)))
    form = SubscribeForm(request.POST)
    if not form.is_valid():
        return _form(request, form, status=400)
    if not SubscribeThrottle().allows(request):
        return _form(request, form, status=429)
    subscriptions.request(email=form.cleaned_data["email"], wish=form.wish(), now=timezone.now())
    return redirect("subscription-asked")


@require_http_methods(["GET", "HEAD"])
def asked(request: HttpRequest) -> HttpResponse:
    """`/subscriptions/asked/`: the same whoever asked for whichever address."""
    hours = int(links.CONFIRM_WITHIN.total_seconds() // 3600)
    return render(
        request, "subscriptions/asked.html", {"hours": hours, "sender": settings.DEFAULT_FROM_EMAIL}
    )


@never_cache
@csrf_exempt  # the link is the authority; a cookie adds nothing to it
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """`/subscriptions/confirm/<token>/`: a button; its POST makes the letter's wish come true."""
    try:
        uid = links.read_confirm(token)
        if request.method != "POST":
            wish = subscriptions.asked_wish(letter_uid=uid, now=timezone.now())
            return render(request, "subscriptions/confirm.html", _in_words(wish))
        subscription = subscriptions.confirm(letter_uid=uid, now=timezone.now())
    except links.BadLink:
        return _gone(request)
    return render(request, "subscriptions/confirmed.html", _kept(subscription))


@never_cache
@csrf_exempt  # as above
@require_http_methods(["GET", "HEAD", "POST"])
def manage(request: HttpRequest, token: str) -> HttpResponse:
    """`/subscriptions/manage/<token>/`: what the subscriber wants, to be changed."""
    try:
        uid, version = links.read_manage(token)
        subscription = subscriptions.opened_by(uid=uid, version=version)
        form = WishForm(request.POST or None, initial=_initial(subscriptions.present_wish(subscription)))
        saved = request.method == "POST" and form.is_valid()
        if saved:
            subscription = subscriptions.change(uid=uid, version=version, wish=form.wish())
    except links.BadLink:
        return _gone(request)
    shown = {**_kept(subscription), "form": form, "saved": saved}
    return render(request, "subscriptions/manage.html", shown, status=400 if form.errors else 200)


@never_cache
@csrf_exempt  # a mail program's one click (RFC 8058) knows no cookie
@require_http_methods(["GET", "HEAD", "POST"])
def end(request: HttpRequest, token: str) -> HttpResponse:
    """`/subscriptions/end/<token>/`: a button; its POST, or a mail program's, ends the subscription."""
    try:
        uid = links.read_end(token)
    except links.BadLink:
        return _gone(request)
    if request.method == "POST":
        subscriptions.unsubscribe(uid=uid, now=timezone.now())
    return render(request, "subscriptions/end.html", {"ended": request.method == "POST"})


def _form(request: HttpRequest, form: SubscribeForm, *, status: int = 200) -> HttpResponse:
    """429: asked too often from here; the form says so."""
    return render(
        request, "subscriptions/index.html", {"form": form, "too_often": status == 429}, status=status
    )


def _gone(request: HttpRequest) -> HttpResponse:
    return render(request, "subscriptions/gone.html", status=GONE)


def _chosen(request: HttpRequest) -> dict[str, Any]:
    language = "ko" if (get_language() or "").startswith("ko") else "en"
    return {
        "language": language,
        "providers": request.GET.getlist("provider"),
        "models": request.GET.getlist("model"),
        "min_severity": Subscription.MinSeverity.MINOR,
    }


def _initial(wish: Wish) -> dict[str, Any]:
    return {
        "language": wish.language,
        "min_severity": wish.min_severity,
        "providers": list(wish.providers),
        "models": list(wish.models),
    }


def _kept(subscription: Subscription) -> dict[str, Any]:
    """What the pages of somebody's own subscription say of it."""
    return {
        "email": subscription.email,
        "manage_url": links.manage_link(subscription.uid, subscription.token_version),
        "end_url": links.unsubscribe_link(subscription.uid),
        **_in_words(subscriptions.present_wish(subscription)),
    }


def _in_words(wish: Wish) -> dict[str, Any]:
    """Labels and names instead of words for machines."""
    return {
        "severity": Subscription.MinSeverity(wish.min_severity).label,
        "language": Subscription.Language(wish.language).label,
        "names": subscriptions.wish_names(wish),
    }

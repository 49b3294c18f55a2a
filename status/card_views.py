"""Fragments of the page Server Status: its top cards."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from status.cards import top_of
from status.filtering import asked
from status.kept import kept_snapshot, kept_sparks, selection_of


@require_safe
def top(request: HttpRequest) -> HttpResponse:
    """`/status/top`: the cards of the wish in the address, whose lines are a minute old at most."""
    now = timezone.now()
    kept = kept_snapshot(now=now)
    wish = asked(dict(request.GET.lists()), kept.value.known_values()).wish
    rows = top_of(selection_of(kept, wish).rows)
    sparks = kept_sparks([row.slug for row in rows], region=wish.region, now=now).value
    response = render(request, "status/_top_cards.html", {"rows": rows, "sparks": sparks})
    response["Cache-Control"] = "private, no-cache"
    return response

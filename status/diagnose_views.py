"""`/is-it-me/`: paste what you got, and read whether it is you or them."""

from collections.abc import Mapping
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from aigo.lib.regions import ALL, EVERYWHERE
from aigo.lib.throttles import DiagnoseThrottle
from catalog.selectors import near_slugs
from probes.scrubbing import scrub
from status.diagnosing import Diagnosis, diagnose
from status.diagnosis.asking import FIELDS, Asked, asked
from status.diagnosis.reading import MOST_BYTES
from status.kept import kept_snapshot
from status.snapshot import Snapshot
from status.story import NoSuchModel

#: Endpoints that are offered without JavaScript, and incidents that are asked about at once.
MOST_OFFERED: Final = 60
MOST_TROUBLED: Final = 4
#: Time zones that are offered; any other can be typed.
ZONES: Final = (
    *("UTC", "Asia/Seoul", "Asia/Tokyo", "Asia/Singapore", "Asia/Kolkata", "Europe/London", "Europe/Berlin"),
    *("America/New_York", "America/Chicago", "America/Los_Angeles", "America/Sao_Paulo", "Australia/Sydney"),
)


@sensitive_post_parameters("message")
@require_http_methods(["GET", "HEAD", "POST"])
def is_it_me(request: HttpRequest) -> HttpResponse:
    """The form, and the answer to what it or the address asks. A message comes by POST only: addresses are
    logged. Nothing of it is stored, and it is shown again without what is shaped like a key.
    """
    now = timezone.now()
    snapshot = kept_snapshot(now=now).value
    places = {ALL: EVERYWHERE, **{region.slug: region for region in snapshot.regions}}
    values = request.POST if request.method == "POST" else _in_address(request)
    wish = asked({name: values.get(name, "") for name in FIELDS}, regions=places, now=now)
    context = {
        "given": dict(wish.given) | {"message": _shown_again(wish.given["message"])},
        "zone": wish.zone,
        "refused": wish.refused,
        "places": list(places.values()),
        "zones": ZONES,
        "most_bytes": MOST_BYTES,
        "offered": _offered(snapshot),
        "troubled": list(snapshot.incidents)[:MOST_TROUBLED],
        "unnamed": request.method == "POST" and not wish.given["model"],
    }
    status, answer = _answer(request, wish, context)
    response = render(request, "is_it_me/index.html", context | {"diagnosis": answer}, status=status)
    response["Cache-Control"] = "private, no-store" if request.method == "POST" else "private, no-cache"
    return response


def _answer(request: HttpRequest, wish: Asked, context: dict[str, Any]) -> tuple[int, Diagnosis | None]:
    """(HTTP status, the answer); what there is to say instead is laid into the context."""
    if wish.report is None:
        return (400 if request.method == "POST" else 200), None
    if not DiagnoseThrottle().allows(request):
        context["too_often"] = True
        return 429, None
    try:
        return 200, diagnose(wish.report, now=timezone.now())
    except NoSuchModel:
        context["unknown"] = wish.report.model[:200]
        context["near"] = near_slugs(wish.report.model)
        return 404, None


def _in_address(request: HttpRequest) -> Mapping[str, str]:
    return {name: value for name, value in request.GET.dict().items() if name != "message"}


def _offered(snapshot: Snapshot) -> list[Any]:
    """Endpoints that are measured, to choose from."""
    return [s.endpoint for s in snapshot.standings[ALL] if s.measured][:MOST_OFFERED]


def _shown_again(message: str) -> str:
    """Line by line, scrubbed; what is too long to be read is not shown again."""
    if len(message) > MOST_BYTES:
        return ""
    return "\n".join(scrub(line) for line in message.splitlines())

"""Pages and answers of the project itself: health, metrics, operations, errors."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, JsonResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views import defaults
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from aigo import jobs
from aigo.health import Check, checks
from aigo.lib import replicas
from aigo.lib.kept import AWAY
from aigo.lib.problems import CONTENT_TYPE, problem
from aigo.methodology import load_methodology
from aigo.observing import kept_observing
from aigo.selectors import load_store
from aigo.services import ask_pages_to_reload
from aigo.styleguide import samples
from probes.models import Pop
from probes.selectors import load_evidence
from status.kept import keeper
from status.selectors import load_official_pages

#: Action → what does it, and what the operator is told.
ACTIONS = {
    "pause": (jobs.pause, _("Paused: %(job)s.")),
    "resume": (jobs.resume, _("Resumed: %(job)s.")),
    "run": (jobs.run_now, _("Sent: %(job)s.")),
}


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:
    """`/favicon.ico`, which browsers and feed readers ask for unasked: the mark."""
    response = redirect(static("img/mark.svg"))
    response["Cache-Control"] = "public, max-age=86400"
    return response


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Every part the process needs answers; 503 with the failing ones otherwise."""
    found = checks()
    ready = all(check.ok for check in found)
    body = {
        "status": "ok" if ready else "unavailable",
        "checks": {check.name: {"ok": check.ok, "detail": _public(check)} for check in found},
    }
    return JsonResponse(body, status=200 if ready else 503)


def _public(check: Check) -> str:
    """The detail of a failure may name hosts and users; those are for the operations page and the log."""
    return check.detail if check.ok or check.name == "probes" else check.detail.partition(":")[0]


@require_safe
def styleguide(request: HttpRequest) -> HttpResponse:
    """Every component in every state, on invented samples."""
    return render(request, "styleguide.html", samples())


@require_safe
def methodology(request: HttpRequest) -> HttpResponse:
    """`/methodology/`: how every figure comes about, from the constants that the code judges by."""
    return render(request, "methodology/index.html", {"m": load_methodology()})


@require_safe
def operations(request: HttpRequest) -> HttpResponse:
    """`/operations/`: public; for operators with health, timetable and workers, and what steers them."""
    kept = kept_observing(now=timezone.now())
    context = {"seen": kept.value, "away": kept.away}
    if _operates(request):
        context |= _controls()
    response = render(request, "operations/index.html", context)
    response["Cache-Control"] = "private, no-cache"
    return response


def _operates(request: HttpRequest) -> bool:
    """While the database is away nobody is known: the page is shown to all alike."""
    try:
        return bool(request.user.has_perm("aigo.operate"))
    except AWAY:
        return False


def _controls() -> dict[str, Any]:
    return {
        "operator": True,
        "health": checks(),
        "jobs": jobs.job_lines(),
        "pops": Pop.objects.all(),
        "evidence": load_evidence(now=timezone.now()),
        "breakers": keeper().reports(),
        "replicas": replicas.standings(),
        "official_pages": load_official_pages(),
    }


@login_required
@permission_required("aigo.operate", raise_exception=True)
@never_cache
@require_safe
def store(request: HttpRequest) -> HttpResponse:
    """What the store holds, how it is kept, and what is in the archive, for operators."""
    return render(request, "operations/store.html", {"store": load_store(now=timezone.now())})


@login_required
@permission_required("aigo.operate", raise_exception=True)
@require_POST
def operate_job(request: HttpRequest) -> HttpResponse:
    """Pause, resume or run one job of the timetable."""
    name, action = request.POST.get("job", ""), request.POST.get("action", "")
    if name not in jobs.JOBS or action not in ACTIONS:
        known = f"job: {', '.join(jobs.JOBS)}; action: {', '.join(ACTIONS)}"
        text = f"job={name!r}, action={action!r} is not accepted. {known}."
        return HttpResponseBadRequest(text, content_type="text/plain; charset=utf-8")
    act, done = ACTIONS[action]
    act(name, by=request.user, now=timezone.now())  # type: ignore[arg-type]  # login_required
    messages.success(request, done % {"job": name})
    return redirect("operations")


@login_required
@permission_required("aigo.operate", raise_exception=True)
@require_POST
def reload_open_pages(request: HttpRequest) -> HttpResponse:
    """Ask every open page to reload: after a change of what pages are made of."""
    if ask_pages_to_reload(by=request.user):  # type: ignore[arg-type]  # login_required
        messages.success(request, _("Open pages reload within ten seconds."))
    else:
        messages.error(request, _("Open pages could not be asked: the channel layer does not answer."))
    return redirect("operations")


def server_error(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """A fault of ours: a problem for the API, a page for people."""
    if request.path.startswith("/api/"):
        body = problem(500, "The server failed to answer. The fault is ours and has been logged.")
        return JsonResponse(body, status=500, content_type=CONTENT_TYPE)
    return defaults.server_error(request)

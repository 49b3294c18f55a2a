"""The page that shows what observation costs."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from probes.accounts import cost_report


@require_safe
def cost(request: HttpRequest) -> HttpResponse:
    """`/operations/cost/`: public; on a page, a provider that nobody knows falls back to all."""
    now, provider = timezone.now(), request.GET.get("provider", "")
    report = cost_report(now=now, provider=provider)
    if provider and provider not in {slug for _, slug in report.known_providers}:
        report = cost_report(now=now)
    response = render(request, "operations/cost.html", {"report": report, "tiers": "ABCD"})
    response["Cache-Control"] = "private, no-cache"
    return response

"""The page Compare."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    """`/compare/`: nothing is compared yet; says so, and what will stand there."""
    return render(request, "compare/index.html")

"""The pages of Benchmark."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def benchmarks(request: HttpRequest) -> HttpResponse:
    """`/benchmarks/`: no score has been published yet; says so, and what will stand there."""
    return render(request, "benchmarks/index.html")

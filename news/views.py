"""The pages of News."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def news(request: HttpRequest) -> HttpResponse:
    """`/news/`: no article has been published yet; says so, and what will stand there."""
    return render(request, "news/index.html")

"""The pages of News."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from news.models import Article


@require_safe
def news(request: HttpRequest) -> HttpResponse:
    """`/news/`: no article has been published yet; says so, and what will stand there."""
    return render(request, "news/index.html")


@require_safe
def article(request: HttpRequest, slug: str) -> HttpResponse:
    """`/news/<slug>/`: one published article."""
    found = get_object_or_404(Article.objects.shown(), slug=slug)
    return render(request, "news/article.html", {"work": found})

"""What search engines read: where they may look, and which pages there are."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from aigo.lib.regions import ALL
from status.kept import kept_board

#: Names of the addresses of pages that are there once.
PAGES = (
    "status",
    "incidents",
    "providers",
    "servers",
    "is-it-me",
    "benchmarks",
    "compare",
    "value",
    "pricing",
    "cost",
    "methodology",
    "operations",
)


@cache_control(public=True, max_age=86_400)
@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """`/robots.txt`."""
    context = {"site_url": settings.SITE_URL.rstrip("/")}
    return render(request, "robots.txt", context, content_type="text/plain; charset=utf-8")


@cache_control(public=True, max_age=3_600)
@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """`/sitemap.xml`: the pages, and one of each provider and each endpoint on the board."""
    rows = kept_board(ALL, sort="usage", now=timezone.now()).endpoints
    paths = [_path(name) for name in PAGES]
    paths += [_path("provider", slug) for slug in sorted({row.provider_slug for row in rows})]
    paths += [_path("model", slug) for slug in sorted(row.slug for row in rows)]
    context = {"addresses": [f"{settings.SITE_URL.rstrip('/')}{path}" for path in paths if path]}
    return render(request, "sitemap.xml", context, content_type="application/xml; charset=utf-8")


def _path(name: str, *arguments: str) -> str:
    try:
        return reverse(name, args=arguments)
    except NoReverseMatch:
        return ""

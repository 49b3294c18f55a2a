"""What search engines read: where they may look, and which pages there are."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from aigo.lib.regions import ALL
from aigo.lib.site import absolute
from news.kept import kept_slugs, kept_topics
from status.kept import kept_board

#: The newest; a sitemap holds 50,000 addresses.
MOST_ARTICLES = 20_000

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
    context = {"site_url": absolute("")}
    return render(request, "robots.txt", context, content_type="text/plain; charset=utf-8")


@cache_control(public=True, max_age=3_600)
@require_safe
def sitemap(request: HttpRequest) -> HttpResponse:
    """`/sitemap.xml`: the pages, those of each provider and endpoint on the board, articles and topics."""
    now = timezone.now()
    rows = kept_board(ALL, sort="usage", now=now).endpoints
    paths = [_path(name) for name in PAGES]
    paths += [_path("provider", slug) for slug in sorted({row.provider_slug for row in rows})]
    paths += [_path("model", slug) for slug in sorted(row.slug for row in rows)]
    if slugs := kept_slugs(now=now).value[:MOST_ARTICLES]:
        paths += [_path("news"), _path("news-topics"), *(_path("news-article", slug) for slug in slugs)]
        paths += [tag.url for tag in kept_topics(now=now).value]
    context = {"addresses": [absolute(path) for path in paths if path]}
    return render(request, "sitemap.xml", context, content_type="application/xml; charset=utf-8")


def _path(name: str, *arguments: str) -> str:
    try:
        return reverse(name, args=arguments)
    except NoReverseMatch:
        return ""

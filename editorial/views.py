"""Pages beside the admin's own: what waits for whom, and what an unpublished piece looks like."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.response import TemplateResponse
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from editorial.selectors import Section, content_shown, queue_sections
from editorial.services import NoPreview, previewed
from editorial.workflow import State

#: On answers to links that lead nowhere any more.
GONE = 410


@never_cache
def queue(request: HttpRequest) -> HttpResponse:
    """`/admin/editorial/`: what waits for whoever looks, by their roles, overdue first."""
    sections = queue_sections(request.user, today=timezone.now().date())
    roles: dict[str, list[dict[str, object]]] = {}
    for section in sections:
        told = {"section": section, "url": _list_of(section)}
        roles.setdefault(str(section.queue.role), []).append(told)
    context = {
        **admin.site.each_context(request),
        "title": gettext("Editorial queue"),
        "roles": roles,
        "total": sum(section.count for section in sections if section.queue.waits),
        "late": sum(section.overdue for section in sections if section.queue.waits),
        "today": timezone.now().date(),
    }
    return TemplateResponse(request, "admin/editorial/queue.html", context)


@require_safe
@never_cache
def preview(request: HttpRequest, token: str) -> HttpResponse:
    """`/preview/<token>/`: a piece as it stands, for whoever has the link, until it is over.

    The link is all the right that there is: no account, no cookie. No search engine keeps the page, and its
    address is told to no site that it links to.
    """
    try:
        work = previewed(token)
    except NoPreview:
        return _closed(render(request, "editorial/no_preview.html", status=GONE))
    if work.state == State.PUBLISHED and (url := work.public_url()):
        return redirect(url)
    if not work.is_editable() and work.state != State.PUBLISHED:
        return _closed(render(request, "editorial/no_preview.html", {"work": work}, status=GONE))
    return _closed(render(request, "editorial/preview.html", {"work": work, "fields": content_shown(work)}))


def _closed(response: HttpResponse) -> HttpResponse:
    response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _list_of(section: Section) -> str:
    """The admin's list of exactly these; "" where that kind of work has no page there."""
    meta = section.model._meta
    try:
        return f"{reverse(f'admin:{meta.app_label}_{meta.model_name}_changelist')}?queue={section.queue.key}"
    except NoReverseMatch:
        return ""

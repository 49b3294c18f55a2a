"""What the newsroom's lists share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst


def moment_column(field: str, words: Any) -> Callable[[Any], SafeString]:
    """A column of moments, to the minute in UTC; "—" = none. words: its heading, translated when shown."""

    @admin.display(description=words, ordering=field)
    def column(row: Any) -> SafeString:
        moment: datetime | None = getattr(row, field)
        if moment is None:
            return format_html("{}", "—")
        day, clock = f"{moment:%Y-%m-%d}", f"{moment:%H:%M} UTC"
        return format_html('<span class="moment">{}</span> <span class="moment">{}</span>', day, clock)

    return column


class ListedByName:
    """For a ModelAdmin: its list bears the name of what it lists, in place of Django's "Select … to view"."""

    def changelist_view(self: Any, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        context = {"title": capfirst(self.opts.verbose_name_plural), **(extra_context or {})}
        shown: HttpResponse = super().changelist_view(request, context)  # type: ignore[misc]
        return shown


def named(name: Any, *more: Any) -> SafeString:
    """A name, and beneath it what else tells it apart."""
    return format_html(
        '{}<br><span class="quiet">{}</span>', name, " · ".join(str(one) for one in more if one)
    )

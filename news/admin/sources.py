"""Where news is read: addresses, how their crawling goes, and crawling one now."""

from __future__ import annotations

import json
from typing import Any, Final

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from news.admin.columns import ListedByName, moment_column, named
from news.crawling.kinds import SelectorFault, selector_faults
from news.models import HostRules, NewsSource
from news.services import ask_now, waits_for_browser
from news.tasks import send

_FAULTS: Final[dict[str, Promise]] = {
    "not_an_object": _('Selectors: got %(value)s. Write an object, like {} or {"item": "h2"}.'),
    "unknown": _(
        "Selector “%(key)s”: got %(value)s, but a source of this kind has none of that name. Use: %(known)s."
    ),
    "missing": _("Selector “%(key)s” is missing. Say what selects one item, like “article” or “.post”."),
    "not_a_text": _("Selector “%(key)s”: got %(value)s. Write a text of 1 to 200 characters."),
    "no_selector": _("Selector “%(key)s”: %(value)s is no CSS selector. Write one, like “main h2”."),
    "no_path": _("“%(key)s”: got %(value)s. Write a path that begins with a slash, like “/news/”."),
}
_NONE: Final = _("none: leave {}")


_HELP: Final[dict[str, Promise]] = {
    "url": _("Of the feed, sitemap or page that lists the items."),
    "selectors": _(
        "Page: item (needed), title, link, date, body. Changelog: item (its headings, h2), date, body. "
        "Sitemap: path. Others: {}."
    ),
    "lang": _("As in BCP 47: en, ko. Empty: each item tells."),
    "interval_s": _("At least 300."),
    "renders": _("Read by a browser, where NEWS_BROWSER names one; else the source is not crawled."),
}


class SourceForm(forms.ModelForm):
    """What a kind of source may say is checked when it is saved, not when it is crawled."""

    def clean(self) -> dict[str, Any]:
        """Each fault names the key, the value it has and what would do."""
        told: dict[str, Any] = super().clean() or self.cleaned_data
        if "kind" in told and "selectors" in told:
            told["selectors"] = told["selectors"] or {}
            faults = [_told(fault) for fault in selector_faults(told["kind"], told["selectors"])]
            if faults:
                self.add_error("selectors", [ValidationError(fault) for fault in faults])
        if told.get("interval_s", 300) < 300:
            text = gettext("Got %(value)d seconds. Write at least 300: hosts are asked politely.")
            self.add_error("interval_s", text % {"value": told["interval_s"]})
        return told


def _told(fault: SelectorFault) -> str:
    value = json.dumps(fault.value, ensure_ascii=False)[:80]
    known = ", ".join(fault.known) or str(_NONE)
    return str(_FAULTS[fault.fault]) % {"key": fault.key, "value": value, "known": known}


@admin.register(NewsSource)
class NewsSourceAdmin(ListedByName, admin.ModelAdmin):
    form = SourceForm
    list_display = (
        "called",
        "enabled",
        "state",
        moment_column("last_ok_at", _("last read")),
        moment_column("next_at", _("next")),
        "items_total",
    )
    list_filter = ("enabled", "problem", "kind", "renders", "lang", "category")
    list_select_related = ("provider",)
    search_fields = ("name", "slug", "url")
    prepopulated_fields = {"slug": ("name",)}
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    actions = ("crawl_now", "enable", "disable")
    readonly_fields = ("state", "last_tried_at", "last_ok_at", "next_at", "failures")
    fieldsets = (
        (None, {"fields": (("name", "slug"), ("kind", "url"), "home_url", "selectors", "stated_at")}),
        (_("About its items"), {"fields": (("lang", "category"), "provider")}),
        (_("Crawling"), {"fields": (("enabled", "interval_s", "renders"),)}),
        (
            _("How it goes (UTC)"),
            {"fields": ("state", ("last_tried_at", "last_ok_at"), ("next_at", "failures"))},
        ),
    )

    class Media:
        css = {"all": ("css/admin/news.css",)}

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(request, obj, change, **{"help_texts": _HELP, **kwargs})

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return {} if obj else self.prepopulated_fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return (*(("slug",) if obj else ()), *self.readonly_fields)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What was fetched is never deleted, nor where it was."""
        return super().has_delete_permission(request, obj) and not (obj is None or obj.items.exists())

    def get_queryset(self, request: HttpRequest) -> QuerySet[NewsSource]:
        sources: QuerySet[NewsSource] = super().get_queryset(request)
        return sources.annotate(total=Count("items"))

    def save_model(self, request: HttpRequest, obj: NewsSource, form: Any, change: bool) -> None:
        """What the old address answered is no validator of another."""
        if {"url", "kind", "selectors", "renders"} & set(form.changed_data):
            obj.etag = obj.last_modified = obj.error = obj.problem = ""
            obj.failures, obj.next_at, obj.last_tried_at = 0, None, None
        super().save_model(request, obj, form, change)

    @admin.display(description=_("name"), ordering="name")
    def called(self, source: NewsSource) -> SafeString:
        return named(source.name, source.get_kind_display(), source.lang, source.provider)

    @admin.display(description=_("state"))
    def state(self, source: NewsSource) -> str:
        if waits_for_browser(source):
            return gettext("Waits for a browser: set NEWS_BROWSER=1 (docs/news.md)")
        if source.problem:
            return f"{source.get_problem_display()}: {source.error}"
        return source.error or (pgettext("news source", "read") if source.last_ok_at else "—")

    @admin.display(description=_("items"), ordering="total")
    def items_total(self, source: Any) -> SafeString | int:
        address = f"{reverse('admin:news_rawitem_changelist')}?source__id__exact={source.pk}"
        return format_html('<a href="{}">{}</a>', address, source.total) if source.total else 0

    @admin.action(description=_("Crawl now"), permissions=["change"])
    def crawl_now(self, request: HttpRequest, queryset: QuerySet[NewsSource]) -> None:
        """The next tick of the timetable takes them up; disabled ones are read once, by hand."""
        chosen = [source for source in queryset if not waits_for_browser(source)]
        if waiting := [str(source) for source in queryset if waits_for_browser(source)]:
            text = gettext("Not crawled, since nothing here runs a browser: %(names)s. Set NEWS_BROWSER=1.")
            self.message_user(request, text % {"names": ", ".join(waiting)}, messages.WARNING)
        for source in chosen:
            ask_now(source, by=request.user, now=timezone.now())
            send(source)
        if not chosen:
            return
        text = gettext("%(count)d sources are crawled now; how that goes stands in the list.")
        self.message_user(request, text % {"count": len(chosen)}, messages.SUCCESS)

    @admin.action(description=_("Crawl by the timetable"), permissions=["change"])
    def enable(self, request: HttpRequest, queryset: QuerySet[NewsSource]) -> None:
        self._switch(request, queryset, on=True)

    @admin.action(description=_("Crawl no more"), permissions=["change"])
    def disable(self, request: HttpRequest, queryset: QuerySet[NewsSource]) -> None:
        self._switch(request, queryset, on=False)

    def _switch(self, request: HttpRequest, queryset: QuerySet[NewsSource], *, on: bool) -> None:
        for source in queryset.exclude(enabled=on):
            NewsSource.objects.filter(pk=source.pk).update(enabled=on)
            self.log_change(request, source, "enabled" if on else "disabled")


@admin.register(HostRules)
class HostRulesAdmin(ListedByName, admin.ModelAdmin):
    """What hosts allow; nobody writes here."""

    list_display = ("origin", "status", "fetched_at", "crawl_delay_s", "next_at", "failures")
    search_fields = ("origin",)
    fields = ("origin", "status", "fetched_at", "crawl_delay_s", "next_at", "failures", "robots")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

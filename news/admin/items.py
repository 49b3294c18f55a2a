"""What was fetched, as it was fetched: nobody writes or deletes here."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from news.admin.columns import ListedByName, moment_column, named
from news.crawling.decoding import decoded
from news.models import RawItem

#: So much of the bytes is shown, as text.
SHOWN: Final = 20_000


@admin.register(RawItem)
class RawItemAdmin(ListedByName, admin.ModelAdmin):
    list_display = (
        "called",
        moment_column("published_at", _("published")),
        moment_column("fetched_at", _("fetched")),
        "problem",
        "story",
        "joined_by",
    )
    list_display_links = ("called",)
    list_filter = ("problem", "rendered", "lang", "joined_by", "source")
    list_select_related = ("source", "story")
    search_fields = ("title", "canonical_url")
    date_hierarchy = "fetched_at"
    show_full_result_count = False
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "title",
                    "page",
                    "source",
                    "author",
                    ("published_at", "published_precision"),
                    "lang",
                )
            },
        ),
        (_("Text"), {"fields": ("text", "problem", "error")}),
        (
            _("As fetched"),
            {"fields": (("fetched_at", "content_type", "rendered"), "sha256", "guid", "url", "bytes_shown")},
        ),
        (_("Story"), {"fields": (("story", "joined_by", "similarity"),)}),
    )

    class Media:
        css = {"all": ("css/admin/news.css",)}

    def get_queryset(self, request: HttpRequest) -> QuerySet[RawItem]:
        """Without what is most of a row; an item's own page asks for it."""
        items: QuerySet[RawItem] = super().get_queryset(request)
        return items.defer("body", "text")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description=_("title"), ordering="title")
    def called(self, item: RawItem) -> SafeString:
        return named(str(item)[:120], item.source, item.lang)

    @admin.display(description=_("page"))
    def page(self, item: RawItem) -> SafeString:
        """Leads away from the admin: without telling from where."""
        return format_html('<a href="{0}" rel="nofollow noopener noreferrer">{0}</a>', item.canonical_url)

    @admin.display(description=_("bytes, as text"))
    def bytes_shown(self, item: RawItem) -> SafeString:
        text = decoded(item.as_fetched(), item.content_type)
        cut = gettext(" … (%(count)d characters)") % {"count": len(text)} if len(text) > SHOWN else ""
        return format_html("<pre>{}{}</pre>", text[:SHOWN], cut)

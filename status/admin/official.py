"""Official status pages: how reading goes, what they said, and the answers that prove it."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from catalog.admin.imported import ReadOnlyAdmin
from status.adapters.table import FORMS, sources_of
from status.models import OfficialIncident, OfficialPage, OfficialSnapshot
from status.rules.official import MAX_INTERVAL_S, MIN_INTERVAL_S
from status.services import polling, snapshots


class PageForm(forms.ModelForm):
    """Says in words what the database would refuse, or nobody could do."""

    def clean_interval_s(self) -> int:
        seconds: int = self.cleaned_data["interval_s"]
        if not MIN_INTERVAL_S <= seconds <= MAX_INTERVAL_S:
            raise forms.ValidationError(
                _("%(given)s s is not accepted. Give %(least)s to %(most)s seconds."),
                params={"given": seconds, "least": MIN_INTERVAL_S, "most": MAX_INTERVAL_S},
            )
        return seconds

    def clean_enabled(self) -> bool:
        enabled: bool = self.cleaned_data["enabled"]
        if enabled and not sources_of(self.instance.kind, self.instance.url):
            raise forms.ValidationError(
                _('Nobody can read pages of the kind "%(kind)s". Give the provider one of: %(known)s.'),
                params={"kind": self.instance.kind, "known": ", ".join(FORMS)},
            )
        return enabled


@admin.register(OfficialPage)
class OfficialPageAdmin(admin.ModelAdmin):
    """Pages come from the catalogue's providers; operators say whether and how often they are read."""

    form = PageForm
    list_display = (
        *("provider", "kind", "url", "enabled", "says", "last_read_at", "problem", "problem_since"),
        *("failures", "next_read_at"),
    )
    list_filter = ("enabled", "kind", "problem", "indicator", "provider__simulated")
    list_select_related = ("provider",)
    search_fields = ("provider__slug", "provider__name", "url")
    fields = (
        *("provider", "kind", "url", "enabled", "interval_s", "says", "components", "last_read_at"),
        *("last_tried_at", "next_read_at", "failures", "problem", "problem_detail", "problem_since"),
        "alarmed_at",
    )
    actions = ("read_now",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return tuple(name for name in self.fields if name not in ("enabled", "interval_s"))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Only what was decided: what a reading wrote meanwhile stays."""
        obj.save(update_fields=form.changed_data)

    @admin.display(description=_("says"))
    def says(self, page: OfficialPage) -> str:
        """What a page said before it could not be read any more, it does not say now."""
        return "—" if page.problem or page.last_read_at is None else page.get_indicator_display()

    @admin.action(description=_("Read now"), permissions=["change"])
    def read_now(self, request: HttpRequest, queryset: QuerySet[OfficialPage]) -> None:
        chosen = list(queryset.select_related("provider"))
        told = polling.read_now(pages=chosen, by=request.user, now=timezone.now())  # type: ignore[arg-type]
        text = ngettext(
            "%(told)d of %(of)d page told something.", "%(told)d of %(of)d pages told something.", len(chosen)
        )
        level = messages.SUCCESS if told == len(chosen) else messages.WARNING
        self.message_user(request, text % {"told": told, "of": len(chosen)}, level)


@admin.register(OfficialIncident)
class OfficialIncidentAdmin(ReadOnlyAdmin):
    list_display = (
        *("first_seen_at", "page_provider", "title", "impact", "status", "published_at"),
        *("claimed_started_at", "resolved_at", "maintenance"),
    )
    list_display_links = ("title",)
    list_filter = (
        *("impact", "status", "maintenance", "page__provider__simulated"),
        ("page__provider", admin.RelatedOnlyFieldListFilter),
    )
    list_select_related = ("page__provider",)
    search_fields = ("title", "external_id", "page__provider__slug")
    date_hierarchy = "first_seen_at"
    show_full_result_count = False
    fields = (
        *("page_provider", "external_id", "title", "impact", "status", "url", "maintenance", "components"),
        *("claimed_started_at", "published_at", "unseen_at", "first_seen_at", "last_seen_at"),
        *("resolved_at", "updates", "proof_text"),
    )

    @admin.display(description=_("provider"), ordering="page__provider__slug")
    def page_provider(self, incident: OfficialIncident) -> str:
        return incident.page.provider.name

    @admin.display(description=_("proof"))
    def proof_text(self, incident: OfficialIncident) -> SafeString:
        return _link(incident.proof_id)


@admin.register(OfficialSnapshot)
class OfficialSnapshotAdmin(ReadOnlyAdmin):
    list_display = ("first_seen_at", "last_seen_at", "page_provider", "url", "bytes", "as_text")
    list_display_links = ("first_seen_at",)
    list_filter = (("page__provider", admin.RelatedOnlyFieldListFilter),)
    list_select_related = ("page__provider",)
    search_fields = ("url", "sha256")
    show_full_result_count = False
    fields = ("page_provider", "url", "sha256", "bytes", "first_seen_at", "last_seen_at", "as_text")

    def get_queryset(self, request: HttpRequest) -> QuerySet[OfficialSnapshot]:
        found: QuerySet[OfficialSnapshot] = super().get_queryset(request)
        return found.defer("body")

    def get_urls(self) -> list[URLPattern]:
        text = path(
            "<int:pk>/text/", self.admin_site.admin_view(self.text), name="status_officialsnapshot_text"
        )
        return [text, *super().get_urls()]

    def text(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The answer as it was, which nothing in a browser interprets."""
        if not self.has_view_permission(request):
            return HttpResponse(status=403)
        snapshot = get_object_or_404(OfficialSnapshot, pk=pk)
        body = snapshots.text_of(snapshot)
        answer = HttpResponse(body, content_type="text/plain; charset=utf-8")
        answer["X-Content-Type-Options"] = "nosniff"
        answer["Content-Disposition"] = f'inline; filename="{snapshot.sha256[:12]}.txt"'
        return answer

    @admin.display(description=_("provider"), ordering="page__provider__slug")
    def page_provider(self, snapshot: OfficialSnapshot) -> str:
        return snapshot.page.provider.name

    @admin.display(description=_("answer"))
    def as_text(self, snapshot: OfficialSnapshot) -> SafeString:
        return _link(snapshot.pk)


def _link(snapshot_id: int) -> SafeString:
    return format_html(
        '<a href="{}">{}</a>',
        reverse("admin:status_officialsnapshot_text", args=[snapshot_id]),
        _("as text"),
    )

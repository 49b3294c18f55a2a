"""Incidents: what is measured, to look at; what people say and decide, by buttons."""

from collections.abc import Mapping
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Count, F, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from aigo.lib.words import Words
from catalog.admin.imported import ReadOnlyAdmin
from status import wording
from status.admin.reporting import Action, blank_forms, bound_form
from status.incidents import stage_of
from status.models import Incident, IncidentChange, IncidentUpdate
from status.phrasing import step_words
from status.services import Unreportable
from status.told import incident_title, update_line


class SeverityFilter(admin.SimpleListFilter):
    """By what everybody is told."""

    title = _("severity")
    parameter_name = "severity"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [*reversed(wording.SEVERITY_WORDS.items()), ("by_hand", _("decided by hand"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Incident]) -> QuerySet[Incident]:
        if self.value() == "by_hand":
            return queryset.exclude(severity_by_hand=None)
        # django-stubs does not know the annotation of `with_severity`
        return queryset.filter(told_severity=self.value()) if self.value() else queryset  # type: ignore[misc]


class ReportFilter(admin.SimpleListFilter):
    """What is left to do after the night."""

    title = _("reports")
    parameter_name = "reports"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("none", _("nobody posted anything")),
            ("draft", _("post-mortem drafted")),
            ("published", _("post-mortem published")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Incident]) -> QuerySet[Incident]:
        if self.value() == "none":
            return queryset.filter(updates=None)
        if self.value() == "draft":
            drafted = queryset.exclude(postmortem_en="", postmortem_ko="")
            return drafted.filter(postmortem_published_at=None)
        if self.value() == "published":
            return queryset.exclude(postmortem_published_at=None)
        return queryset


@admin.register(Incident)
class IncidentAdmin(ReadOnlyAdmin):
    """Open ones first. Nothing is edited in place: each button is a service with its own history."""

    show_full_result_count = False
    change_form_template = "admin/status/incident/report.html"
    list_display = (
        *("started_at", "provider", "headline", "told_severity", "state", "members_count", "ended_at"),
        "simulated",
    )
    list_filter = (
        *("state", SeverityFilter, ReportFilter, "kind", "scope", "simulated"),
        ("provider", admin.RelatedOnlyFieldListFilter),
    )
    list_select_related = ("provider",)
    ordering = (F("ended_at").desc(nulls_first=True), "-started_at", "-pk")
    search_fields = ("provider__slug", "members__endpoint__slug", "title_en", "title_ko")
    date_hierarchy = "started_at"

    class Media:
        css = {"all": ("css/admin/report.css",)}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Incident]:
        incidents = Incident.objects.with_severity().order_by(*self.ordering)
        return incidents.annotate(held=Count("members__endpoint", distinct=True))

    @admin.display(description=_("what"))
    def headline(self, incident: Incident) -> str | Promise:
        by_hand = incident.title_by_hand.told(get_language() or "en")
        return by_hand or wording.CAUSES.get(incident.cause, incident.cause)

    @admin.display(description=_("severity"), ordering="told_severity")
    def told_severity(self, incident: Incident) -> str | Promise:
        told = wording.SEVERITY_WORDS[incident.effective_severity]
        if incident.effective_severity == incident.severity:
            return told
        measured = wording.SEVERITY_WORDS[incident.severity]
        return _("%(told)s (measured: %(measured)s)") % {"told": told, "measured": measured}

    @admin.display(description=_("endpoints"))
    def members_count(self, incident: Any) -> int:
        return int(incident.held)

    def has_report_permission(self, request: HttpRequest) -> bool:
        """Operators and publishers: whoever may change an incident at all."""
        return request.user.has_perm("status.change_incident")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """The page with its buttons. What cannot be told stands in its form, with what was typed."""
        incident = self.get_object(request, unquote(object_id))
        if not self.has_view_permission(request, incident):
            raise PermissionDenied
        if incident is None:
            raise Http404
        if request.method != "POST":
            return self._page(request, incident, {})
        action = request.POST.get("_do", "")
        if action not in Action.values or not self.has_report_permission(request):
            raise PermissionDenied
        form = bound_form(action, incident, request.POST)
        if form.is_valid():
            try:
                told = form.save(by=request.user, now=timezone.now())
            except Unreportable as refusal:
                form.add_error(None, str(refusal))
            else:
                self.message_user(request, told, messages.SUCCESS)
                return HttpResponseRedirect(request.path)
        return self._page(request, incident, {form.prefix: form})

    def _page(self, request: HttpRequest, incident: Incident, sent: dict[str, Any]) -> HttpResponse:
        """sent: the form that came back, by its name."""
        updates = list(incident.updates.select_related("correction", "by"))
        seen = updates[-1].pk if updates else 0
        if "update" in sent:
            _has_seen(sent["update"], seen)
        corrects = _chosen(updates, request)
        members = list(incident.members.select_related("endpoint__model"))
        names = {member.endpoint.slug: member.endpoint.model.name for member in members}
        context = {
            **self.admin_site.each_context(request),
            **{"opts": self.opts, "media": self.media, "original": incident, "has_view_permission": True},
            "title": incident_title(incident, list(names.values())).told(get_language() or "en"),
            "incident": incident,
            "may_report": self.has_report_permission(request),
            "forms": blank_forms(incident, seen=seen, corrects=corrects) | sent,
            "corrects": corrects,
            "action": Action,
            "stage": _stage(incident, updates),
            "steps": _timeline(incident, updates, names),
            "members": members,
            "now": timezone.now(),
        }
        return TemplateResponse(request, self.change_form_template, context)


def _has_seen(form: Any, newest: int) -> None:
    """The page that comes back shows what was posted meanwhile: its form may be sent."""
    form.data = form.data.copy()
    form.data[form.add_prefix("seen")] = newest


def _chosen(updates: list[IncidentUpdate], request: HttpRequest) -> IncidentUpdate | None:
    """The update that is to be corrected; None = a new one is written."""
    asked = request.POST.get("update-corrects", "") or request.GET.get("corrects", "")
    return next((update for update in updates if str(update.pk) == asked), None)


def _stage(incident: Incident, updates: list[IncidentUpdate]) -> str:
    lines = [update_line(update) for update in updates]
    return stage_of(incident.state, lines, postmortem=incident.postmortem_published_at is not None)


def _timeline(
    incident: Incident, updates: list[IncidentUpdate], names: Mapping[str, str]
) -> list[dict[str, Any]]:
    """What was measured, decided and said, the newest first. A step that tells of an update shows that."""
    said = {update.pk: update for update in updates}
    return [
        {
            "change": change,
            "update": said.get(change.data.get("update", 0)),
            "text": _said(change, names),
        }
        for change in incident.changes.order_by("-at", "-pk")
    ]


def _said(change: IncidentChange, names: Mapping[str, str]) -> str:
    """A step in the words of the public timeline; a title is shown as it was set."""
    language = get_language() or "en"
    if change.kind == "title":
        return Words(**change.data["title"]).told(language) or gettext("from the facts")
    return step_words(change.kind, [change.data], names).told(language)

"""Sources of scores, each time they were read, and reading one: now, or from a file."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import models
from django.db.models import Count, Max, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from aigo.lib.fetch import FetchError
from benchmarks.adapters import FORMATS
from benchmarks.admin.links import linked_scores
from benchmarks.admin.uploads import UploadForm, Waiting, keep, kept
from benchmarks.models import ImportRun, Score, ScoreSource
from benchmarks.refusals import KEPT_BACK, placed
from benchmarks.services.fetching import fetch, import_read, preview
from benchmarks.services.planning import Diff, Planned
from editorial.content import json_value
from editorial.selectors import Change, changes_between
from editorial.services import Refused

#: So many rows of each kind are shown before an import; all of them are counted.
SHOWN: Final = 50


class SourceForm(forms.ModelForm):
    """Formats by their names."""

    format = forms.ChoiceField(
        label=_("format"), choices=[(found.name, found.title) for found in FORMATS.values()]
    )


@admin.register(ScoreSource)
class ScoreSourceAdmin(admin.ModelAdmin):
    """Who may publish may say which sources publish by themselves."""

    form = SourceForm
    list_display = (
        "called",
        "format",
        "licence",
        "trusted",
        "weekly",
        "scores_total",
        "last_read",
        "read_link",
    )
    list_filter = ("trusted", "weekly", "format", "licence_class")
    search_fields = ("name", "slug")
    prepopulated_fields = {"slug": ("name",)}
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    change_form_template = "admin/benchmarks/source.html"
    fieldsets = (
        (None, {"fields": (("name", "slug"), "format", ("url", "data_url"), ("licence", "licence_class"))}),
        (_("Trust"), {"fields": ("trusted", "weekly")}),
    )

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return {} if obj else self.prepopulated_fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        may = request.user.has_perm("benchmarks.publish_score")
        return (*(("slug",) if obj else ()), *(() if may else ("trusted",)))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What a trusted source states is published by itself: its address is a publisher's affair."""
        may = request.user.has_perm("benchmarks.publish_score")
        return super().has_change_permission(request, obj) and (may or not (obj and obj.trusted))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and not (obj and obj.scores.exists())

    def get_queryset(self, request: HttpRequest) -> QuerySet[ScoreSource]:
        sources: QuerySet[ScoreSource] = super().get_queryset(request)
        read = Max("runs__started_at", filter=Q(runs__applied_at__isnull=False))
        return sources.annotate(total=Count("scores", distinct=True), read_at=read)

    @admin.display(description=_("name"), ordering="name")
    def called(self, source: ScoreSource) -> str:
        return str(source)

    @admin.display(description=_("scores"), ordering="total")
    def scores_total(self, source: Any) -> SafeString | int:
        return linked_scores(source.total, source__id__exact=source.pk)

    @admin.display(description=_("last read (UTC)"), ordering="read_at", empty_value="—")
    def last_read(self, source: Any) -> str | None:
        return f"{source.read_at:%Y-%m-%d %H:%M}" if source.read_at else None

    @admin.display(description=_("read"))
    def read_link(self, source: ScoreSource) -> SafeString:
        return format_html('<a href="{}">{}</a>', _read_address(source), _("read…"))

    def get_urls(self) -> list[URLPattern]:
        read = self.admin_site.admin_view(self.read_view)
        return [path("<path:object_id>/read/", read, name="benchmarks_scoresource_read"), *super().get_urls()]

    def render_change_form(self, request: Any, context: Any, *args: Any, **kwargs: Any) -> Any:
        source = kwargs.get("obj")
        if source is not None:
            context["read_url"] = _read_address(source)
        return super().render_change_form(request, context, *args, **kwargs)

    # --- reading ---------------------------------------------------------------------------------

    def read_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """First step: the file, or its address. Second: what it would change. Third: it is applied."""
        source = self.get_object(request, unquote(object_id))
        if source is None:
            raise Http404
        if not request.user.has_perm("benchmarks.add_score"):
            raise PermissionDenied
        if request.method != "POST":
            return self._page(request, source, UploadForm(source))
        if "apply" in request.POST:
            return self._apply(request, source)
        if "fetch" in request.POST:
            return self._fetch(request, source)
        form = UploadForm(source, request.POST, request.FILES)
        if not form.is_valid():
            return self._page(request, source, form)
        return self._look(request, source, Waiting(form.read(), uploaded=True))

    def _fetch(self, request: HttpRequest, source: ScoreSource) -> HttpResponse:
        if not source.data_url:
            raise Http404
        try:
            return self._look(request, source, Waiting(fetch(source), uploaded=False))
        except FetchError as error:
            self.message_user(request, str(error), messages.ERROR)
            return HttpResponseRedirect(_read_address(source))

    def _look(self, request: HttpRequest, source: ScoreSource, waiting: Waiting) -> HttpResponse:
        diff = preview(source, waiting.read)
        token = "" if diff.faults else keep(source, waiting, user=request.user)
        return self._page(request, source, None, diff=diff, waiting=waiting, token=token)

    def _apply(self, request: HttpRequest, source: ScoreSource) -> HttpResponse:
        waiting = kept(source, request.POST.get("token", ""), user=request.user)
        if waiting is None:
            text = gettext("What was looked at is not kept any more: read it again.")
            self.message_user(request, text, messages.ERROR)
            return HttpResponseRedirect(_read_address(source))
        author: Any = request.user if waiting.uploaded else None
        try:
            run = import_read(source, waiting.read, now=timezone.now(), by=request.user, author=author)  # type: ignore[arg-type]
        except Refused as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return self._look(request, source, waiting)
        if run.problems:
            return self._look(request, source, waiting)
        text = gettext(
            "%(new)d new, %(changed)d changed; %(published)d published, %(unmatched)d without a model."
        )
        named = {name: getattr(run, name) for name in ("new", "changed", "published", "unmatched")}
        self.message_user(request, text % named, messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:benchmarks_importrun_change", args=[run.pk]))

    def _page(
        self, request: HttpRequest, source: ScoreSource, form: UploadForm | None, **more: Any
    ) -> HttpResponse:
        diff: Diff | None = more.get("diff")
        context = {
            **self.admin_site.each_context(request),
            **{"opts": self.opts, "media": self.media, "original": source, "source": source, "form": form},
            "title": gettext("Read %(source)s") % {"source": source},
            "work_url": reverse("admin:benchmarks_scoresource_change", args=[source.pk]),
            **(_told(diff) if diff else {}),
            **more,
        }
        status = 422 if (diff and diff.faults) or (form is not None and form.errors) else 200
        return TemplateResponse(request, "admin/benchmarks/read.html", context, status=status)


def _read_address(source: ScoreSource) -> str:
    return reverse("admin:benchmarks_scoresource_read", args=[source.pk])


def _told(diff: Diff) -> dict[str, Any]:
    """What the page shows of a diff: of each kind the first ones, and how many there are."""
    new, changed = diff.of("new"), diff.of("changed")
    return {
        "shown": SHOWN,
        "counts": diff.counts(),
        "to_publish": len(diff.to_publish),
        "faults": [placed(fault.to_json()) for fault in diff.faults],
        "new": [(one, KEPT_BACK.get(one.held, "")) for one in new[:SHOWN]],
        "changed": [(one, _changes(one), KEPT_BACK.get(one.held, "")) for one in changed[:SHOWN]],
        "gone": diff.gone[:SHOWN],
        "left_out": sorted(diff.left_out.items(), key=lambda pair: -pair[1])[:SHOWN],
        "nothing": not (new or changed),
    }


def _changes(one: Planned) -> list[Change]:
    """What the source states otherwise than before, in words."""
    fields = [field for field in Score.content_fields() if field.name in one.changes()]
    was, now = (
        {field.name: json_value(field, getattr(side, field.name)) for field in fields}
        for side in (one.old, one.row)
    )
    return changes_between(Score, was, now)


@admin.register(ImportRun)
class ImportRunAdmin(admin.ModelAdmin):
    """What every reading did; nobody writes here."""

    list_display = (
        *("started_at", "source", "origin", "outcome", "rows", "new", "changed", "unchanged", "gone"),
        *("unmatched", "published", "by"),
    )
    list_filter = ("source", ("applied_at", admin.EmptyFieldListFilter))
    list_select_related = ("source", "by")
    fields = (
        *("source", "origin", "outcome", "started_at", "by", "content_hash"),
        *("rows", "new", "changed", "unchanged", "gone", "unmatched", "published", "faults", "passed_over"),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description=_("outcome"))
    def outcome(self, run: ImportRun) -> Any:
        return _("applied") if run.applied_at else _("refused")

    @admin.display(description=_("problems"))
    def faults(self, run: ImportRun) -> SafeString | str:
        lines = ((placed(problem),) for problem in run.problems)
        return format_html("<ul>{}</ul>", format_html_join("", "<li>{}</li>", lines)) if run.problems else "—"

    @admin.display(description=_("left out on purpose"))
    def passed_over(self, run: ImportRun) -> SafeString | str:
        lines = sorted(run.left_out.items(), key=lambda pair: -pair[1])
        return format_html("<ul>{}</ul>", format_html_join("", "<li>{}: {}</li>", lines)) if lines else "—"

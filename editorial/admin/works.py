"""The base of every page of editorial work in the admin."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import ManyToManyField, URLField
from django.forms import Script
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from editorial import services
from editorial.admin import filters
from editorial.admin.bulk import move_actions
from editorial.admin.forms import VERSION, AssignForm, ContentForm, MoveForm
from editorial.admin.panel import full_history, panel_of
from editorial.models import EDITORIAL_FIELDS, Editorial
from editorial.selectors import MOST_URGENT, name_of
from editorial.services import Refused
from editorial.wording import MOVE_WORDS, STEP_WORDS
from editorial.workflow import BY_NAME


class EditorialAdmin(admin.ModelAdmin):
    """Content is edited in the form; everything else goes by buttons, each a service with its line of the
    trail. Nothing is deleted: it is archived.

    A page of its own for a kind of work extends admin/editorial/change_form.html.
    """

    form = ContentForm
    change_form_template = "admin/editorial/change_form.html"
    object_history_template = "admin/editorial/history.html"
    #: What a list of such work ends with.
    work_columns: ClassVar = ("state_badge", "people")
    list_display: Any = ("__str__", *work_columns)
    list_filter: ClassVar[Any] = (
        "state",
        filters.QueueFilter,
        filters.MineFilter,
        filters.DueFilter,
        filters.ReviewerFilter,
    )
    list_select_related: ClassVar[Any] = ("author", "reviewer")
    formfield_overrides: ClassVar = {URLField: {"assume_scheme": "https"}}
    exclude = tuple(sorted(EDITORIAL_FIELDS))
    list_per_page = 50
    save_on_top = False
    show_full_result_count = False

    class Media:
        css = {"all": ("css/admin/editorial.css",)}
        js = (Script("js/admin/editorial.js", type="module"),)

    # --- the list ------------------------------------------------------------------------------

    @admin.display(description=_("state"), ordering="state")
    def state_badge(self, work: Any) -> SafeString:
        return format_html(
            '<span class="work-state" data-state="{}">{}</span>', work.state, work.get_state_display()
        )

    @admin.display(description=_("author → reviewer, due"), ordering="due_on")
    def people(self, work: Any) -> SafeString:
        author = name_of(work.author) if work.author else gettext("an import")
        if not work.is_editable() or (work.reviewer is None and work.due_on is None):
            return format_html("{}", author)
        late = work.due_on is not None and work.due_on < timezone.now().date()
        due = (gettext("%s, overdue") if late else "%s") % work.due_on if work.due_on else ""
        reviewer = name_of(work.reviewer) if work.reviewer else "—"
        tone = "work-late" if late else "work-due"
        return format_html('{} → {} <span class="{}">{}</span>', author, reviewer, tone, due)

    def get_ordering(self, request: HttpRequest) -> Any:
        """A queue begins with what is overdue, as on its page."""
        return (
            MOST_URGENT
            if filters.QueueFilter.parameter_name in request.GET
            else super().get_ordering(request)
        )

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions: dict[str, Any] = super().get_actions(request)
        actions.pop("delete_selected", None)
        return {**actions, **move_actions(self, request)}

    # --- who may do what -------------------------------------------------------------------------

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whether the form is for this person. What was sent is judged by the form itself, which keeps what
        was typed where somebody else was quicker."""
        if obj is None:
            return super().has_change_permission(request)
        if request.method == "POST":
            return services.may_edit(obj, by=request.user)
        free = obj.is_editable() and not obj.is_locked_for(request.user, timezone.now())
        return free and services.may_edit(obj, by=request.user)

    def correct_url(self, request: HttpRequest, work: Any) -> str:
        """Where a correction of what is published begins, "" = nowhere: for kinds of work that take its place
        by another piece."""
        return ""

    # --- the form ------------------------------------------------------------------------------

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        made = super().get_form(request, obj, change=change, **kwargs)
        return type(made.__name__, (made,), {"by": request.user})

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Beside a link the other row can be looked at; it is added, changed and deleted on its own page."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        widget = getattr(field, "widget", None)
        for name in ("can_add_related", "can_change_related", "can_delete_related"):
            if hasattr(widget, name):
                setattr(widget, name, False)
        return field

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        fields = {field.name: field for field in obj.content_fields()}
        given = {name: form.cleaned_data[name] for name in form.cleaned_data if name in fields}
        now = timezone.now()
        if change:
            changes = {name: given[name] for name in form.changed_data if name in given}
            services.edit(obj, changes, by=request.user, now=now, version=form.seen)
            return
        several = {name: value for name, value in given.items() if isinstance(fields[name], ManyToManyField)}
        services.create(obj, by=request.user, now=now, several=several)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> Any:
        work = self.get_object(request, unquote(object_id)) if object_id else None
        context: dict[str, Any] = {"version_field": VERSION, **(extra_context or {})}
        if isinstance(work, Editorial):
            context |= {
                "panel": panel_of(self, request, work),
                "correct_url": self.correct_url(request, work),
            }
        try:
            return super().changeform_view(request, object_id, form_url, context)
        except Refused as refusal:  # between the form's look and the saving; next to never
            self.message_user(request, str(refusal), messages.ERROR)
            return HttpResponseRedirect(request.get_full_path())

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        work = self._work(request, object_id)
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("History: %s") % work,
            "module_name": capfirst(self.opts.verbose_name_plural),
            "opts": self.opts,
            "object": work,
            "media": self.media,
            "preserved_filters": self.get_preserved_filters(request),
            **full_history(work),
        }
        return TemplateResponse(request, self.object_history_template, context)

    # --- the buttons ---------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        def named(route: str, view: Any, name: str) -> URLPattern:
            whole = f"{self.opts.app_label}_{self.opts.model_name}_{name}"
            made: URLPattern = path(f"<path:object_id>/{route}", self.admin_site.admin_view(view), name=whole)
            return made

        return [
            named("move/<str:name>/", self.move_view, "move"),
            named("assign/", require_POST(self.assign_view), "assign"),
            named("lock/", require_POST(self.lock_view), "lock"),
            named("unlock/", require_POST(self.unlock_view), "unlock"),
            *super().get_urls(),
        ]

    def move_view(self, request: HttpRequest, object_id: str, name: str) -> HttpResponse:
        """A move's own page, for its reason or moment; sent, the move. A refused one comes back as typed."""
        work = self._work(request, object_id)
        if name not in BY_NAME:
            raise Http404
        made = BY_NAME[name]
        form = MoveForm(made, request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                services.move(
                    work, name, by=request.user, now=timezone.now(), version=_seen(request), **form.given()
                )
            except Refused as refusal:
                form.add_error(getattr(refusal, "field", None), str(refusal))
            else:
                return self._moved(request, work, name)
        context = {
            **self.admin_site.each_context(request),
            **{"opts": self.opts, "media": self.media, "original": work, "form": form, "move": made},
            **{"title": MOVE_WORDS[name], "subtitle": str(work), "version_field": VERSION},
            "work_url": self._address(work),
        }
        status = 409 if form.errors else 200
        return TemplateResponse(request, "admin/editorial/move.html", context, status=status)

    def assign_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        work = self._work(request, object_id)
        form = AssignForm(work, request.POST)
        if not form.is_valid():
            texts = [
                f"{form.fields[name].label}: {text}" for name in form.errors for text in form.errors[name]
            ]
            self.message_user(request, " ".join(texts), messages.ERROR)
            return HttpResponseRedirect(self._address(work))
        try:
            services.assign(work, **form.cleaned_data, by=request.user, now=timezone.now())
        except Refused as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
        else:
            self.message_user(request, gettext("Reviewer and due date are kept."), messages.SUCCESS)
        return HttpResponseRedirect(self._address(work))

    def lock_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """For the page's script: take or keep the lock. With `takeover` sent: a publisher's button."""
        work = self._work(request, object_id)
        takeover = "takeover" in request.POST
        try:
            until = services.lock(work, by=request.user, now=timezone.now(), takeover=takeover)
        except Refused as refusal:
            if takeover:
                self.message_user(request, str(refusal), messages.ERROR)
                return HttpResponseRedirect(self._address(work))
            return JsonResponse({"text": str(refusal)}, status=409)
        if takeover:
            return HttpResponseRedirect(self._address(work))
        return JsonResponse({"until": until.isoformat()})

    def unlock_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        services.unlock(self._work(request, object_id), by=request.user)
        return HttpResponse(status=204)

    def _moved(self, request: HttpRequest, work: Any, name: str) -> HttpResponse:
        self.log_change(request, work, str(STEP_WORDS[name]))
        text = gettext("“%(work)s”: %(done)s. It is %(state)s now.")
        named = {"work": work, "done": STEP_WORDS[name], "state": work.get_state_display()}
        self.message_user(request, text % named, messages.SUCCESS)
        return HttpResponseRedirect(self._address(work))

    def _address(self, work: Editorial) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[work.pk])

    def _work(self, request: HttpRequest, object_id: str) -> Any:
        """Whoever may see it; each service asks for the right to do more."""
        work = self.get_object(request, unquote(object_id))
        if work is None:
            raise Http404
        if not self.has_view_permission(request, work):
            raise PermissionDenied
        return work


def _seen(request: HttpRequest) -> int | None:
    typed = request.POST.get(VERSION, "")
    return int(typed) if typed.isdecimal() and len(typed) < 10 else None

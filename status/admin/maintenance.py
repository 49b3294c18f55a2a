"""Maintenance windows: planned by a form that shows what it would mean before it means it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from aigo.lib.regions import BY_SLUG
from catalog.models import Endpoint
from status import services, wording
from status.admin.planning import MaintenanceForm
from status.models import MaintenanceWindow
from status.rules.maintenance import Span, Unusable, Window, occurrences
from status.services import Unplannable

#: Occurrences that the form shows.
PREVIEWED = 5
#: The occurrences shown begin within that time.
_AHEAD = timedelta(days=800)


class PhaseFilter(admin.SimpleListFilter):
    """Coming or gone."""

    title = _("phase")
    parameter_name = "phase"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("live", _("now or to come")), ("past", _("over or cancelled"))]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[MaintenanceWindow]
    ) -> QuerySet[MaintenanceWindow]:
        live = Q(cancelled_at=None) & (Q(ends_at__gt=timezone.now()) | ~Q(recurrence=""))
        if self.value() == "live":
            return queryset.filter(live)
        return queryset.exclude(live) if self.value() == "past" else queryset


@admin.register(MaintenanceWindow)
class MaintenanceAdmin(admin.ModelAdmin):
    """Nothing is deleted: what was covered stays known. Buttons: preview, save, cancel."""

    form = MaintenanceForm
    change_form_template = "admin/status/maintenancewindow/plan.html"
    list_display = (
        "title",
        "covers",
        "where",
        "starts_at",
        "ends_at",
        "recurrence",
        "cancelled_at",
        "created_by",
    )
    list_filter = (PhaseFilter, ("provider", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("provider", "created_by")
    search_fields = ("title_en", "title_ko", "provider__slug", "endpoints__slug")
    autocomplete_fields = ("provider", "endpoints")
    fieldsets = (
        (None, {"fields": ("title_en", "title_ko")}),
        (_("What it covers"), {"fields": ("provider", "endpoints", "regions")}),
        (
            _("When"),
            {"fields": ("time_zone", "starts_local", "ends_local", "repeats", "recurrence")},
        ),
    )
    actions = None

    class Media:
        css = {"all": ("css/admin/report.css",)}

    def get_queryset(self, request: HttpRequest) -> QuerySet[MaintenanceWindow]:
        return super().get_queryset(request).prefetch_related("endpoints")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description=_("title"), ordering="title_en")
    def title(self, window: MaintenanceWindow) -> str:
        return window.title_en or window.title_ko

    @admin.display(description=_("covers"))
    def covers(self, window: MaintenanceWindow) -> str:
        if window.provider:
            return window.provider.name
        return ", ".join(endpoint.slug for endpoint in window.endpoints.all())

    @admin.display(description=_("regions"))
    def where(self, window: MaintenanceWindow) -> Any:
        return wording.region_names(window.regions) or BY_SLUG["all"].name

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """With the next occurrences, of what is entered or of what is kept."""
        window = context.get("original")
        form = context["adminform"].form
        shown = _previewed(form, window)
        context |= {
            "spans": _next(shown, timezone.now()) if shown else [],
            "zone": shown.time_zone if shown else "UTC",
            "previewed": form.is_bound and shown is not None,
            "covered": _covered(form, window),
            "may_cancel": window is not None
            and self.has_change_permission(request, window)
            and window.cancelled_at is None,
            "show_save_and_add_another": False,
            "show_save_and_continue": False,
        }
        return super().render_change_form(request, context, *args, **kwargs)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> Any:
        if request.method == "POST" and "_cancel" in request.POST and object_id:
            return self._cancel(request, object_id)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """A preview is a form that is not saved: it comes back with what it would mean."""
        form = super().get_form(request, obj, change, **kwargs)
        if request.method == "POST" and "_preview" in request.POST:
            return type(form.__name__, (form,), {"is_valid": lambda self: self.full_clean() and False})
        return form

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        now, plan = timezone.now(), form.plan()
        if change:
            kept = services.change_maintenance(obj, plan, by=request.user, now=now)
        else:
            kept = services.plan_maintenance(plan, by=request.user, now=now)
        vars(obj).update(vars(kept))

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """The service has written all of it."""

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """The service has written the history."""

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """As above."""

    def _cancel(self, request: HttpRequest, object_id: str) -> HttpResponse:
        window = self.get_object(request, object_id)
        if window is None or not self.has_change_permission(request, window):
            raise PermissionDenied
        try:
            services.cancel_maintenance(window, by=request.user, now=timezone.now())
        except Unplannable as refusal:
            self.message_user(request, str(refusal), messages.WARNING)
        else:
            self.message_user(request, _("It covers nothing from now on."), messages.SUCCESS)
        return HttpResponseRedirect(request.path)


def _previewed(form: Any, window: MaintenanceWindow | None) -> Window | None:
    if form.is_bound:
        return form.plan().window if not form.errors else None
    return window.window if window else None


def _next(window: Window, now: datetime) -> list[dict[str, Any]]:
    """What goes on and what comes, by the window's clock and in UTC."""
    try:
        spans = occurrences(window, now, now + _AHEAD)[:PREVIEWED]
    except Unusable:
        return []
    zone = ZoneInfo(window.time_zone)
    return [_shown(span, zone, now) for span in spans]


def _shown(span: Span, zone: ZoneInfo, now: datetime) -> dict[str, Any]:
    form = "%Y-%m-%d %H:%M"
    local = [moment.astimezone(zone) for moment in (span.start, span.end)]
    return {
        "local": [f"{moment:%a {form} %Z}" for moment in local],
        "utc": [f"{moment.astimezone(UTC):{form}}" for moment in (span.start, span.end)],
        "on": span.start <= now < span.end,
    }


def _covered(form: Any, window: MaintenanceWindow | None) -> int | None:
    """How many watched endpoints it is about; None = that is not said yet."""
    if form.is_bound and not form.errors:
        plan = form.plan()
        provider, endpoints = plan.provider, [endpoint.pk for endpoint in plan.endpoints]
    elif window is not None and not form.is_bound:
        provider, endpoints = window.provider, [endpoint.pk for endpoint in window.endpoints.all()]
    else:
        return None
    watched = Endpoint.objects.filter(watched=True)
    return watched.filter(provider=provider).count() if provider else watched.filter(pk__in=endpoints).count()

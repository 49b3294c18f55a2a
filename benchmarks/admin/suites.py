"""Suites: facts, baselines and what readers are told of them, in both languages."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from benchmarks.admin.links import linked_scores
from benchmarks.admin.suite_form import SuiteForm
from benchmarks.models import Suite
from catalog.admin.imported import ImportedAdmin
from editorial.workflow import EDITABLE

_PAIRS: Final = tuple((name, f"{name}_ko") for name in ("task_type", "metric", "items", "human_baseline"))


class TextFilter(admin.SimpleListFilter):
    """Suites in which something is missing that readers would look for."""

    title = _("missing")
    parameter_name = "missing"
    conditions: Final = {
        "caveats": Q(caveats="") | Q(caveats_ko=""),
        "baseline": Q(random_baseline__isnull=True),
        "people": Q(human_baseline=""),
        "reference": Q(reference_setting=""),
    }

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("caveats", _("caveats")),
            ("baseline", _("value of guessing")),
            ("people", _("a figure of people")),
            ("reference", _("reference setting")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Suite]) -> QuerySet[Suite]:
        condition = self.conditions.get(self.value() or "")
        return queryset if condition is None else queryset.filter(condition)


@admin.register(Suite)
class SuiteAdmin(ImportedAdmin):
    """A suite with scores cannot be deleted; one that has gone out of use is `retired`."""

    form = SuiteForm
    list_display = ("name", "topic", "lifecycle", "unit", "guessing", "published", "waiting", "decided")
    list_filter = ("topic", "lifecycle", "unit", TextFilter)
    search_fields = ("name", "full_name", "slug")
    readonly_fields = ("source_name", "edited_fields", "scores_link")
    prepopulated_fields = {"slug": ("name",)}
    fieldsets = (
        (None, {"fields": (("name", "slug"), "full_name", ("topic", "year", "position"), "scores_link")}),
        (
            _("What is measured"),
            {"fields": (*_PAIRS, ("unit", "higher_is_better"), ("scale_min", "scale_max"))},
        ),
        (
            _("How to read it"),
            {"fields": (("random_baseline", "random_basis"), "lifecycle", "reference_setting")},
        ),
        (_("Texts in English"), {"fields": ("summary", "detail", "caveats")}),
        (_("Texts in Korean"), {"fields": ("summary_ko", "detail_ko", "caveats_ko")}),
        (_("Sources"), {"fields": ("licence", "paper_url", "sources", "source_name", "edited_fields")}),
    )

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return {} if obj else self.prepopulated_fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Suite]:
        suites: QuerySet[Suite] = super().get_queryset(request)
        shown = Q(scores__state="published", scores__model__isnull=False)
        open_states = Q(scores__state__in=EDITABLE)
        return suites.annotate(
            shown_total=Count("scores", filter=shown), open_total=Count("scores", filter=open_states)
        )

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is not None and obj.scores.exists():
            return False
        return super().has_delete_permission(request, obj)

    @admin.display(description=_("guessing"), ordering="random_baseline", empty_value="—")
    def guessing(self, suite: Suite) -> str | None:
        return None if suite.random_baseline is None else f"{suite.random_baseline.normalize():f}"

    @admin.display(description=_("published scores"), ordering="shown_total")
    def published(self, suite: Any) -> SafeString | int:
        return linked_scores(
            suite.shown_total, suite__id__exact=suite.pk, state__exact="published", model__isnull=False
        )

    @admin.display(description=_("waiting scores"), ordering="open_total")
    def waiting(self, suite: Any) -> SafeString | int:
        return linked_scores(
            suite.open_total, suite__id__exact=suite.pk, state__in=",".join(sorted(EDITABLE))
        )

    @admin.display(description=_("decided by hand"), empty_value="—")
    def decided(self, suite: Suite) -> str | None:
        return ", ".join(suite.edited_fields) or None

    @admin.display(description=_("scores"))
    def scores_link(self, suite: Suite) -> SafeString | int | str:
        return linked_scores(suite.scores.count(), suite__id__exact=suite.pk) if suite.pk else "—"

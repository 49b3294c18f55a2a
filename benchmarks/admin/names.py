"""What sources call models: proposals with their reasons, accepted or rejected one by one or many at once."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, F, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from benchmarks.admin.links import linked_scores
from benchmarks.models import ModelAlias, Score
from benchmarks.services.aliases import accept_name, join_scores, reject_name


class NameForm(forms.ModelForm):
    """Says in words what the database would refuse."""

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("state") == ModelAlias.State.ACCEPTED and values.get("model") is None:
            self.add_error("model", _("Say which model it is, or that it is not in the catalogue."))
        if values.get("state") == ModelAlias.State.REJECTED:
            values["model"] = None
        return values


@admin.register(ModelAlias)
class ModelAliasAdmin(admin.ModelAdmin):
    """The proposed ones are the rows that no model is known of; what is similar stands beside them."""

    form = NameForm
    list_display = ("named", "waiting", "model", "similar", "state")
    list_editable = ("model",)
    list_filter = ("state", "how", ("model", admin.EmptyFieldListFilter))
    list_select_related = ("model",)
    list_per_page = 50
    search_fields = ("label", "maker", "model__slug", "model__name")
    autocomplete_fields = ("model",)
    fields = (("label", "maker"), "model", "state", "note", ("how", "decided_by", "decided_at"), "waiting")
    readonly_fields = ("how", "decided_by", "decided_at", "waiting")
    actions = ("accept", "reject")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ModelAlias]:
        """With how many scores wait for each name."""
        names: QuerySet[ModelAlias] = super().get_queryset(request)
        asked = Score.objects.unmatched().order_by().filter(label=OuterRef("label"), maker=OuterRef("maker"))
        counted = asked.values("label").annotate(found=Count("pk")).values("found")
        return names.annotate(waiting_total=Subquery(counted))

    def get_ordering(self, request: HttpRequest) -> Any:
        return (F("waiting_total").desc(nulls_last=True), "label", "maker")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def formfield_for_dbfield(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        """Without the buttons to add and edit models: fifty rows of them hide what is to be decided."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "model" and field is not None:
            for button in ("add", "change", "delete", "view"):
                setattr(field.widget, f"can_{button}_related", False)
        return field

    @admin.display(description=_("label in the source"), ordering="label")
    def named(self, alias: ModelAlias) -> SafeString:
        return format_html('{}<br><span class="quiet">{}</span>', alias.label, alias.maker)

    @admin.display(description=_("what is like it"))
    def similar(self, alias: ModelAlias) -> SafeString:
        """Why it was proposed, and what else is like it; or why it was decided so."""
        if alias.state == ModelAlias.State.PROPOSED and not alias.note:
            return format_html('<span class="quiet">{}</span>', _("nothing is like it"))
        return format_html('{}<br><span class="quiet">{}</span>', alias.get_how_display(), alias.note)

    @admin.display(description=_("waiting scores"), ordering="waiting_total")
    def waiting(self, alias: Any) -> SafeString | int:
        total = getattr(alias, "waiting_total", None)
        return linked_scores(total, label=alias.label, maker=alias.maker, model__isnull=True)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """What a person says of a name is a decision; the list's model field alone is none."""
        if not change or form.changed_data:
            obj.how = ModelAlias.How.PERSON
        if "state" in form.changed_data or not change:
            obj.decided_by, obj.decided_at = request.user, timezone.now()
        super().save_model(request, obj, form, change)
        if obj.state == ModelAlias.State.ACCEPTED:
            self._joined(request, join_scores(now=timezone.now(), label=obj.label))

    @admin.action(description=_("Accept: the chosen names mean these models"), permissions=["change"])
    def accept(self, request: HttpRequest, queryset: QuerySet[ModelAlias]) -> None:
        joined, nameless = 0, []
        for alias in queryset.select_related("model"):
            if alias.model_id is None:
                nameless.append(alias.label)
            else:
                joined += accept_name(alias, by=request.user, now=timezone.now())  # type: ignore[arg-type]
        self._joined(request, joined)
        if nameless:
            text = gettext("Say which model it is first: %(names)s")
            self.message_user(request, text % {"names": ", ".join(nameless[:10])}, messages.WARNING)

    @admin.action(description=_("Reject: the catalogue has no such models"), permissions=["change"])
    def reject(self, request: HttpRequest, queryset: QuerySet[ModelAlias]) -> None:
        count = 0
        for alias in queryset:
            reject_name(alias, by=request.user, now=timezone.now())  # type: ignore[arg-type]
            count += 1
        text = ngettext("%d name was rejected.", "%d names were rejected.", count)
        self.message_user(request, text % count, messages.SUCCESS)

    def _joined(self, request: HttpRequest, count: int) -> None:
        text = ngettext("%d score has its model now.", "%d scores have their model now.", count)
        self.message_user(request, text % count, messages.SUCCESS)

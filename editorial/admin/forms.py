"""What people fill in: the content itself, a move's reason or moment, who reviews."""

from __future__ import annotations

from datetime import UTC
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from editorial.content import json_value
from editorial.models import Editorial
from editorial.selectors import changes_since, content_at, name_of
from editorial.services import Refused, Stale, possible_reviewers
from editorial.services.editing import check_before_edit
from editorial.workflow import Move

#: The hidden field that carries the version which the form was filled in from.
VERSION = "editorial-version"


class ContentForm(forms.ModelForm):
    """Refuses, with what was typed kept, what the service would refuse.

    Where somebody saved meanwhile, fields that this person left alone take the new values, those that both
    changed keep what was typed and say what the other wrote; saving again then is a decision.
    """

    #: Who fills it in; the page sets it.
    by: Any = None
    #: The version that it was filled in from.
    seen: int = 0

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if self.instance.pk is None:
            return values
        self.seen = _number(self.data.get(VERSION))
        try:
            check_before_edit(self.instance, by=self.by, now=timezone.now(), version=self.seen)
        except Stale as refusal:
            self._merge(refusal)
            self.add_error(None, str(refusal))
        except Refused as refusal:
            self.add_error(None, str(refusal))
        return values

    def _merge(self, refusal: Stale) -> None:
        """Let the form that comes back differ from the newest version in what this person changed only."""
        newest = type(self.instance)._default_manager.get(pk=self.instance.pk)
        base, now = content_at(newest, refusal.seen), newest.content()
        self.data = self.data.copy()  # type: ignore[attr-defined]  # a QueryDict
        for change in changes_since(newest, refusal.seen):
            if change.field not in self.fields:
                continue
            field, widget = newest._meta.get_field(change.field), self.fields[change.field].widget
            mine = json_value(field, self.cleaned_data.get(change.field))
            if mine == base.get(change.field) and not isinstance(widget, forms.MultiWidget):
                _set_data(self.data, self.add_prefix(change.field), now[change.field])
            elif mine != now[change.field]:
                text = gettext("Meanwhile it was changed to: %(value)s")
                self.add_error(change.field, text % {"value": change.new})

    def _post_clean(self) -> None:
        """Rules of the table that look at derived fields are told here, before anything is saved."""
        super()._post_clean()  # type: ignore[misc]  # not in the stubs
        if self.errors:
            return
        self.instance.derive()
        try:
            self.instance.validate_constraints()
        except ValidationError as error:
            self.add_error(None, ValidationError(error.messages))


_TOLD: Final = _("Readers see it on the public page, and it cannot be changed afterwards.")
_NOT_TOLD: Final = _("Seen by those who work here, not by readers.")


class MoveForm(forms.Form):
    """What a move needs: a reason, a moment in UTC, or nothing."""

    reason = forms.CharField(
        label=_("Reason"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    moment = forms.DateTimeField(
        label=_("Publish at (UTC)"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
    )

    def __init__(self, move: Move, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("reason", "moment"):
            if move.needs == name:
                self.fields[name].required = True
                self.fields[name].widget.attrs["required"] = True
            elif name == "moment" or move.needs:
                del self.fields[name]
            else:
                self.fields[name].label = _("Note (optional)")
        if "reason" in self.fields:
            self.fields["reason"].help_text = _TOLD if move.told else _NOT_TOLD

    def given(self) -> dict[str, Any]:
        """As editorial.services.move takes it."""
        moment = self.cleaned_data.get("moment")
        aware = moment and (moment if timezone.is_aware(moment) else moment.replace(tzinfo=UTC))
        return {"reason": self.cleaned_data.get("reason", ""), "moment": aware or None}


class PersonField(forms.ModelChoiceField):
    """People by their names."""

    def label_from_instance(self, obj: Any) -> str:
        return name_of(obj)


class AssignForm(forms.Form):
    """Who reviews it, and until when."""

    reviewer: Any = PersonField(
        label=_("Reviewer"), queryset=None, required=False, empty_label=_("anybody who may")
    )
    due_on = forms.DateField(
        label=pgettext_lazy("editorial", "Due"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, work: Editorial, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"reviewer": work.reviewer_id, "due_on": work.due_on}
        super().__init__(*args, **kwargs)
        self.fields["reviewer"].queryset = possible_reviewers(work)  # type: ignore[attr-defined]


def _set_data(data: Any, name: str, value: Any) -> None:
    """What a widget of one input would have sent."""
    if isinstance(value, list):
        data.setlist(name, value)
    else:
        data[name] = "" if value is None else value


def _number(typed: Any) -> int:
    return int(typed) if str(typed or "").isdecimal() and len(str(typed)) < 10 else 0

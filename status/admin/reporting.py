"""The forms by which people report on an incident. Each calls one service, and names what it did."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, cast

from django import forms
from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from aigo.lib.words import Words
from status import services, wording
from status.models import Incident, IncidentUpdate
from status.services import reporting


class Action(TextChoices):
    """What the page's buttons ask for: the name of the form, and of the button."""

    UPDATE = "update", _("Post the update")
    SEVERITY = "severity", _("Set the severity")
    TITLE = "title", _("Set the title")
    DRAFT = "draft", _("Keep as a draft")
    PUBLISH = "publish", _("Publish the post-mortem")


def _text(label: Any, rows: int, most: int) -> forms.CharField:
    area = forms.Textarea(attrs={"rows": rows, "class": "vLargeTextField"})
    return forms.CharField(label=label, widget=area, required=False, max_length=most)


class _Report(forms.Form):
    """A form about an incident. `save` raises Unreportable."""

    def __init__(self, incident: Incident, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.incident = incident

    def words(self, name: str) -> Words:
        """What the fields of a text in both languages hold."""
        return Words(self.cleaned_data[f"{name}_en"], self.cleaned_data[f"{name}_ko"])


class UpdateForm(_Report):
    """Left without words, it says the status's standard sentence in both languages."""

    status = forms.ChoiceField(label=_("Status"), widget=forms.RadioSelect)
    body_en = _text(_("Text in English"), 4, reporting.BODY_MOST)
    body_ko = _text(_("Text in Korean"), 4, reporting.BODY_MOST)
    corrects = forms.IntegerField(widget=forms.HiddenInput, required=False)
    seen = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, incident: Incident, *args: Any, **kwargs: Any) -> None:
        super().__init__(incident, *args, **kwargs)
        _offer(self, "status", [(status, wording.STAGE_WORDS[status]) for status in _posted(incident)])

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not (values.get("body_en", "").strip() or values.get("body_ko", "").strip()):
            standard = wording.STANDARD_WORDS.get(values.get("status", ""))
            if standard is None and "status" in values:
                self.add_error("body_en", _("A note needs words of its own, in English or Korean."))
            elif standard is not None:
                told = wording.in_both(standard)
                values |= {"body_en": told.en, "body_ko": told.ko}
        return values

    def save(self, *, by: Any, now: datetime) -> str | Promise:
        corrects = self.cleaned_data["corrects"]
        services.post_update(
            self.incident,
            status=self.cleaned_data["status"],
            body=self.words("body"),
            corrects=self.incident.updates.filter(pk=corrects).first() if corrects else None,
            seen=self.cleaned_data["seen"],
            by=by,
            now=now,
        )
        return _("The update is posted, and on its way to everybody who follows this incident.")


class SeverityForm(_Report):
    severity = forms.ChoiceField(label=_("Severity"), required=False)

    def __init__(self, incident: Incident, *args: Any, **kwargs: Any) -> None:
        super().__init__(incident, *args, **kwargs)
        measured = wording.SEVERITY_WORDS[incident.severity]
        as_measured = _("as measured: %(severity)s") % {"severity": measured}
        _offer(self, "severity", [("", as_measured), *wording.SEVERITY_WORDS.items()])

    def save(self, *, by: Any, now: datetime) -> str | Promise:
        severity = self.cleaned_data["severity"] or None
        services.set_severity(self.incident, severity=severity, by=by, now=now)
        told = wording.SEVERITY_WORDS[self.incident.effective_severity]
        return _("Everybody is told the severity “%(severity)s” now.") % {"severity": told}


class TitleForm(_Report):
    title_en = forms.CharField(label=_("Title in English"), required=False, max_length=reporting.TITLE_MOST)
    title_ko = forms.CharField(label=_("Title in Korean"), required=False, max_length=reporting.TITLE_MOST)

    def save(self, *, by: Any, now: datetime) -> str | Promise:
        services.retitle(self.incident, title=self.words("title"), by=by, now=now)
        if not self.incident.title_by_hand:
            return _("The title is made from the facts again.")
        return _("The title is changed everywhere.")


class DraftForm(_Report):
    text_en = _text(_("Text in English"), 10, reporting.POSTMORTEM_MOST)
    text_ko = _text(_("Text in Korean"), 10, reporting.POSTMORTEM_MOST)

    def save(self, *, by: Any, now: datetime) -> str | Promise:
        services.draft_postmortem(self.incident, text=self.words("text"), by=by, now=now)
        return _("The draft is kept. Nobody is shown it before it is published.")


class PublishForm(DraftForm):
    def save(self, *, by: Any, now: datetime) -> str | Promise:
        services.publish_postmortem(self.incident, text=self.words("text"), by=by, now=now)
        return _("The post-mortem is published.")


_FORMS: Mapping[str, Callable[..., Any]] = {
    Action.UPDATE: UpdateForm,
    Action.SEVERITY: SeverityForm,
    Action.TITLE: TitleForm,
    Action.DRAFT: DraftForm,
    Action.PUBLISH: PublishForm,
}


def bound_form(action: str, incident: Incident, data: Any) -> Any:
    """The form that a button sent."""
    return _FORMS[action](incident, data, prefix=_prefix(action))


def blank_forms(incident: Incident, *, seen: int, corrects: IncidentUpdate | None) -> dict[str, Any]:
    """Every form of the page as it is first shown. seen: id of the newest update, 0 = none."""
    update: dict[str, Any] = {"seen": seen, "status": _next_status(incident)}
    if corrects is not None:
        update |= {"corrects": corrects.pk, "status": corrects.status}
        update |= {"body_en": corrects.body_en, "body_ko": corrects.body_ko}
    initial: dict[str, dict[str, Any]] = {
        Action.UPDATE: update,
        Action.SEVERITY: {"severity": incident.severity_by_hand or ""},
        Action.TITLE: {"title_en": incident.title_en, "title_ko": incident.title_ko},
        Action.DRAFT: {"text_en": incident.postmortem_en, "text_ko": incident.postmortem_ko},
    }
    return {
        _prefix(action): _FORMS[action](incident, initial=values, prefix=_prefix(action))
        for action, values in initial.items()
    }


def _prefix(action: str) -> str:
    """Draft and publication are two buttons of one form."""
    return "postmortem" if action in (Action.DRAFT, Action.PUBLISH) else str(action)


def _offer(form: forms.Form, name: str, choices: list[tuple[str, Any]]) -> None:
    cast(forms.ChoiceField, form.fields[name]).choices = choices


def _posted(incident: Incident) -> list[str]:
    """What people post by themselves: a post-mortem is published, and measurements end incidents."""
    left_out = {"postmortem"} if incident.ended_at else {"postmortem", "resolved"}
    return [status for status in IncidentUpdate.Status.values if status not in left_out]


def _next_status(incident: Incident) -> str:
    """What is mostly posted next."""
    if incident.ended_at is not None:
        return "resolved"
    said = incident.updates.exclude(status__in=("note", "postmortem")).order_by("pk").last()
    return said.status if said else "investigating"

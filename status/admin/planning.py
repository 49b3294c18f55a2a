"""The form of a maintenance window: times by the clock of its zone, and the usual recurrences by name."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from aigo.lib.regions import REGIONS
from aigo.lib.words import Words
from status import services
from status.models import MaintenanceWindow
from status.services import Plan, Unplannable

#: What is mostly wanted; anything else is written as a rule.
RULES: tuple[tuple[str, str | Promise], ...] = (
    ("", _("once")),
    ("FREQ=DAILY", _("every day")),
    ("FREQ=WEEKLY", _("every week")),
    ("FREQ=WEEKLY;INTERVAL=2", _("every two weeks")),
    ("FREQ=MONTHLY", _("every month on that day")),
    ("rule", _("by the rule below")),
)
#: Offered first; all others follow by name.
_NEAR = ("UTC", "Asia/Seoul", "Asia/Tokyo", "America/Los_Angeles", "America/New_York", "Europe/Berlin")


def _zones() -> list[tuple[str, str]]:
    return [(name, name) for name in (*_NEAR, *sorted(available_timezones() - set(_NEAR)))]


class Clock(forms.SplitDateTimeWidget):
    """The browser's own pickers: the admin's would fill in the server's clock."""

    def __init__(self) -> None:
        day, time = {"type": "date"}, {"type": "time"}
        super().__init__(date_attrs=day, date_format="%Y-%m-%d", time_attrs=time, time_format="%H:%M")


class MaintenanceForm(forms.ModelForm):
    """Times are entered by the clock of the chosen zone. Valid where the service would take it."""

    starts_local = forms.SplitDateTimeField(label=_("Starts"), widget=Clock)
    ends_local = forms.SplitDateTimeField(label=_("Ends"), widget=Clock)
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=_zones,
        help_text=_("Both times are by this clock, summer and winter."),
    )
    repeats = forms.ChoiceField(label=_("Takes place"), choices=RULES, required=False)
    recurrence = forms.CharField(
        label=_("Rule"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text=_(
            "RRULE of RFC 5545, such as FREQ=MONTHLY;BYDAY=1SU for every first Sunday, "
            "or FREQ=WEEKLY;BYDAY=TU,TH;UNTIL=20271231."
        ),
    )
    regions = forms.MultipleChoiceField(
        label=_("Regions"),
        choices=[(region.slug, region.name) for region in REGIONS],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("None = everywhere."),
    )

    class Meta:
        model = MaintenanceWindow
        fields = ("title_en", "title_ko", "provider", "endpoints")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        window = self.instance
        if self.is_bound:
            return
        if window.pk is None:
            self._begin_now()
            return
        zone = ZoneInfo(window.time_zone)
        known = window.recurrence in dict(RULES)
        self.initial.update(
            {
                "starts_local": window.starts_at.astimezone(zone).replace(tzinfo=None),
                "ends_local": window.ends_at.astimezone(zone).replace(tzinfo=None),
                "time_zone": window.time_zone,
                "repeats": window.recurrence if known else "rule",
                "recurrence": "" if known else window.recurrence,
                "regions": window.regions,
            }
        )

    def _begin_now(self) -> None:
        """An hour from now on, by the clock that was chosen last: what is entered at night is mostly that."""
        newest = MaintenanceWindow.objects.order_by("-created_at").first()
        name = newest.time_zone if newest else "UTC"
        now = timezone.now().astimezone(ZoneInfo(name)).replace(tzinfo=None, second=0, microsecond=0)
        self.initial.update(starts_local=now, ends_local=now + timedelta(hours=1), time_zone=name)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if not self.errors:
            kept = MaintenanceWindow.objects.get(pk=self.instance.pk) if self.instance.pk else None
            try:
                services.check_plan(self.plan(), now=timezone.now(), kept=kept)
            except Unplannable as refusal:
                field = _FIELDS.get(refusal.field, refusal.field)
                self.add_error(field if field in self.fields else None, str(refusal))
        return values

    def _post_clean(self) -> None:
        """The service judges and writes; the model has nothing to say of half-filled rows."""

    def plan(self) -> Plan:
        """What is entered."""
        values, zone = self.cleaned_data, ZoneInfo(self.cleaned_data["time_zone"])
        rule = values["recurrence"].strip().upper() if values["repeats"] == "rule" else values["repeats"]
        return Plan(
            title=Words(values["title_en"].strip(), values["title_ko"].strip()),
            starts_at=_moment(values["starts_local"], zone),
            ends_at=_moment(values["ends_local"], zone),
            provider=values["provider"],
            endpoints=list(values["endpoints"]),
            regions=values["regions"],
            recurrence=rule,
            time_zone=values["time_zone"],
        )


#: The form's fields for those of a Plan.
_FIELDS = {"starts_at": "starts_local", "ends_at": "ends_local"}


def _moment(entered: datetime, zone: ZoneInfo) -> datetime:
    """What was typed, by the window's own clock; Django has taken it for one of its own zone."""
    return entered.replace(tzinfo=zone).astimezone(UTC)

"""Alert channels and rules, and what became of every notice: operators say who is told, and see it done.

Whoever sets a channel's address decides what this machine asks, and who learns of outages: operators only.
"""

from collections.abc import Callable
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.formats import localize
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from aigo.lib.regions import BY_SLUG, MEASURED_SLUGS
from aigo.lib.validators import validate_address
from probes.admin.operating import OperatedAdmin
from status.models import AlertChannel, AlertRule, DeliveryAttempt, Notice
from status.models.notices import Topic, every_topic
from status.services import notices as services

#: So many of a rule's incidents are named by its preview.
_NAMED = 10


class ChannelForm(forms.ModelForm):
    """Says in words what the sender or the database would refuse."""

    def clean_url(self) -> str:
        url: str = self.cleaned_data["url"].strip()
        self.instance.url = url  # a refused one is no missing one
        if url:
            validate_address(url)
        return url


@admin.register(AlertChannel)
class AlertChannelAdmin(OperatedAdmin):
    form = ChannelForm
    list_display = ("name", "slug", "kind", "language", "enabled", "disabled_reason")
    list_filter = ("enabled", "kind")
    search_fields = ("name", "slug", "url")
    prepopulated_fields = {"slug": ("name",)}
    fields = ("name", "slug", "kind", "url", "url_env", "language")
    actions = ("send_tests",)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return (*self.fields, "standing", "buttons") if obj else self.fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Its secret hangs on the slug."""
        return ("slug", "standing", "buttons") if obj else ()

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return {} if obj else self.prepopulated_fields

    @admin.display(description=_("state"))
    def standing(self, channel: AlertChannel) -> str:
        if channel.enabled:
            return gettext("takes notices")
        return gettext("disabled on %(at)s: %(why)s") % {
            "at": localize(timezone.localtime(channel.disabled_at)),
            "why": channel.disabled_reason,
        }

    @admin.display(description="")
    def buttons(self, channel: AlertChannel) -> SafeString:
        shown = [("_test", _("Send a test")), ("_disable", _("Disable"))]
        if not channel.enabled:
            shown = [("_enable", _("Enable"))]
        elif channel.kind == AlertChannel.Kind.WEBHOOK:
            shown.append(("_rotate", _("Rotate the secret")))
        return format_html_join(" ", '<button type="submit" name="{}" class="button">{}</button>', shown)

    def response_change(self, request: HttpRequest, obj: AlertChannel) -> HttpResponse:
        pressed = next((name for name in self._buttons() if name in request.POST), None)
        if pressed is None:
            return super().response_change(request, obj)
        try:
            text = self._buttons()[pressed](request, obj)
        except services.Refused as refusal:
            self.message_user(request, str(refusal), messages.WARNING)
        else:
            self.message_user(request, text, messages.SUCCESS)
        return HttpResponseRedirect(request.path)

    def _buttons(self) -> dict[str, Callable[[HttpRequest, AlertChannel], SafeString | str]]:
        return {
            "_test": self._test,
            "_rotate": self._rotate,
            "_enable": self._enable,
            "_disable": self._disable,
        }

    def _test(self, request: HttpRequest, channel: AlertChannel) -> SafeString:
        notice = services.send_test(channel=channel, by=request.user, now=timezone.now())
        address = reverse("admin:status_notice_change", args=[notice.pk])
        words = gettext("A test is on its way.")
        return format_html('{} <a href="{}">{}</a>', words, address, gettext("See what becomes of it."))

    def _rotate(self, request: HttpRequest, channel: AlertChannel) -> str:
        services.rotate_secret(channel=channel, by=request.user, now=timezone.now())
        return gettext(
            "A new secret signs from now on, for 24 hours beside the old one: manage.py webhook_secret %s"
        ) % (channel.slug)

    def _enable(self, request: HttpRequest, channel: AlertChannel) -> str:
        services.set_enabled(channel=channel, enabled=True, by=request.user, now=timezone.now())
        return gettext("It takes notices again.")

    def _disable(self, request: HttpRequest, channel: AlertChannel) -> str:
        services.set_enabled(channel=channel, enabled=False, by=request.user, now=timezone.now())
        return gettext("It takes no more notices; what waited for it was dropped.")

    @admin.action(description=_("Send a test"))
    def send_tests(self, request: HttpRequest, queryset: QuerySet[AlertChannel]) -> None:
        for channel in queryset:
            try:
                self.message_user(request, self._test(request, channel), messages.SUCCESS)
            except services.Refused as refusal:
                self.message_user(request, str(refusal), messages.WARNING)


class RuleForm(forms.ModelForm):
    """Lists as boxes to tick; a clock by the name of its place."""

    topics = forms.MultipleChoiceField(
        label=_("topics"), choices=Topic.choices, widget=forms.CheckboxSelectMultiple, initial=every_topic
    )
    regions = forms.MultipleChoiceField(
        label=_("regions"),
        choices=[(slug, BY_SLUG[slug].name) for slug in MEASURED_SLUGS],
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("None ticked: everywhere."),
    )
    quiet_days = forms.TypedMultipleChoiceField(
        label=_("quiet hours begin on"),
        choices=list(WEEKDAYS.items()),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("None ticked: every day."),
    )

    def clean_time_zone(self) -> str:
        name: str = self.cleaned_data["time_zone"].strip()
        if name not in available_timezones():
            raise forms.ValidationError(_("Name a time zone like Asia/Seoul, Europe/Berlin or UTC."))
        return name

    def clean(self) -> dict[str, Any]:
        asked: dict[str, Any] = super().clean() or {}
        begins, ends = asked.get("quiet_from"), asked.get("quiet_until")
        if (begins is None) != (ends is None):
            raise forms.ValidationError(_("Quiet hours need a beginning and an end, or neither."))
        if begins is not None and begins == ends:
            raise forms.ValidationError(
                _("Quiet hours from %(at)s to %(at)s would never end. Disable the rule instead."),
                params={"at": begins},
            )
        return asked


@admin.register(AlertRule)
class AlertRuleAdmin(OperatedAdmin):
    form = RuleForm
    list_display = ("name", "enabled", "min_severity", "at_once_from", "told_to")
    list_filter = ("enabled", "min_severity")
    search_fields = ("name", "channels__name")
    autocomplete_fields = ("providers", "endpoints")
    filter_horizontal = ("channels",)
    readonly_fields = ("lately",)
    fieldsets = (
        (None, {"fields": ("name", "enabled", "channels")}),
        (_("Of what"), {"fields": ("topics", "min_severity", "providers", "endpoints", "regions", "lately")}),
        (_("When"), {"fields": ("at_once_from", "warning_after_s", "tells_updates", "tells_recovery")}),
        (
            _("Quiet hours"),
            {"fields": ("quiet_from", "quiet_until", "quiet_days", "time_zone", "breaks_quiet")},
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[AlertRule]:
        return super().get_queryset(request).prefetch_related("channels")

    @admin.display(description=_("channels"))
    def told_to(self, rule: AlertRule) -> str:
        return ", ".join(channel.name for channel in rule.channels.all()) or "—"

    @admin.display(description=_("as it is kept"))
    def lately(self, rule: AlertRule) -> SafeString | str:
        """What it would have told of in the last 30 days."""
        if rule.pk is None:
            return "—"
        found = services.preview(rule, now=timezone.now())
        words = _preview_words(found)
        links = [(reverse("admin:status_incident_change", args=[pk]), f"#{pk}") for pk in found.told[:_NAMED]]
        return format_html("{} {}", words, format_html_join(" ", '<a href="{}">{}</a>', links))

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        found = services.preview(form.instance, now=timezone.now())
        self.message_user(request, _preview_words(found), messages.INFO)


def _preview_words(found: services.Preview) -> str:
    text = ngettext(
        "Of the %(of)d incident of the last %(days)d days it would have told of %(told)d.",
        "Of the %(of)d incidents of the last %(days)d days it would have told of %(told)d.",
        found.of,
    )
    told = text % {"told": len(found.told), "of": found.of, "days": found.days}
    if found.changes is None:
        return told
    text = ngettext(
        "Of %(of)d change of prices and models: of %(told)d.",
        "Of %(of)d changes of prices and models: of %(told)d.",
        found.changes_of,
    )
    return f"{told} {text % {'told': found.changes, 'of': found.changes_of}}"


class AttemptInline(admin.TabularInline):
    model = DeliveryAttempt
    verbose_name_plural = _("tries")
    extra = 0
    can_delete = False
    fields = ("number", "started_at", "ended_at", "ok", "http_status", "error", "duration_ms")
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm("aigo.operate")


@admin.register(Notice)
class NoticeAdmin(OperatedAdmin):
    """The log: nobody writes, edits or deletes a notice; one that failed is tried again."""

    show_full_result_count = False
    list_display = (
        *("made_at", "topic", "subject", "kind", "severity", "recipient", "state", "tries"),
        *("due_at", "sent_at", "why"),
    )
    list_filter = (
        *("state", "kind", "topic", "severity"),
        ("channel", admin.RelatedOnlyFieldListFilter),
    )
    list_select_related = ("channel", "subscription")
    search_fields = ("uid", "subject", "channel__slug", "subscription__email")
    date_hierarchy = "made_at"
    fields = (
        *("uid", "recipient", "rule", "topic", "subject", "kind", "step", "severity", "facts", "made_at"),
        *("due_at", "state", "why", "tries", "next_try_at", "claimed_until", "sent_at", "retry_button"),
    )
    inlines = (AttemptInline,)
    actions = ("try_again",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Notice]:
        return super().get_queryset(request).defer("body")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return self.fields

    @admin.display(description=_("to"))
    def recipient(self, notice: Notice) -> str:
        return str(notice.channel or notice.subscription)

    @admin.display(description="")
    def retry_button(self, notice: Notice) -> SafeString:
        return format_html(
            '<button type="submit" name="_retry" class="button">{}</button>', _("Try again now")
        )

    def response_change(self, request: HttpRequest, obj: Notice) -> HttpResponse:
        if "_retry" not in request.POST:
            return super().response_change(request, obj)
        self._retry(request, [obj])
        return HttpResponseRedirect(request.path)

    @admin.action(description=_("Try again now"))
    def try_again(self, request: HttpRequest, queryset: QuerySet[Notice]) -> None:
        self._retry(request, queryset)

    def _retry(self, request: HttpRequest, chosen: Any) -> None:
        count = 0
        for notice in chosen:
            try:
                services.retry(notice=notice, by=request.user, now=timezone.now())
                count += 1
            except services.Refused as refusal:
                self.message_user(request, str(refusal), messages.WARNING)
        text = ngettext("%d notice is tried again.", "%d notices are tried again.", count)
        self.message_user(request, text % count, messages.SUCCESS if count else messages.WARNING)

"""Operators name the servers that are watched. Whoever sets an address decides what this machine asks."""

import re
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from probes.admin.operating import OperatedAdmin
from probes.models import Server
from probes.scraping.fetching import check_address
from probes.scraping.problems import Problem, ScrapeError
from probes.services import scraping

BAD_ADDRESSES = {
    Problem.ADDRESS: _(
        "This is not an http(s) address without user name and password. Use one like http://gpu-1:8000/metrics."
    ),
    Problem.REFUSED: _(
        "Nothing is read from there: a link-local address, a metadata service's, or one in an odd form."
    ),
}


class ServerForm(forms.ModelForm):
    """Says in words what a reading or the database would refuse."""

    def clean_metrics_url(self) -> str:
        url: str = self.cleaned_data["metrics_url"].strip()
        try:
            check_address(url, settings.FETCH_ALLOWED_NETWORKS)
        except ScrapeError as error:
            raise forms.ValidationError(BAD_ADDRESSES[error.problem]) from None
        return url

    def clean_token_env(self) -> str:
        name: str = self.cleaned_data["token_env"].strip()
        if name and not re.fullmatch(r"[A-Z][A-Z0-9_]*_METRICS_TOKEN", name):
            raise forms.ValidationError(
                _("Name a variable like GPU_METRICS_TOKEN: capital letters, ending in _METRICS_TOKEN.")
            )
        return name


@admin.register(Server)
class ServerAdmin(OperatedAdmin):
    form = ServerForm
    list_display = ("name", "host", "kind", "metrics_url", "endpoint", "enabled", "last_seen_at", "error")
    list_filter = ("kind", "enabled", "problem")
    list_select_related = ("endpoint",)
    search_fields = ("name", "slug", "host", "metrics_url")
    autocomplete_fields = ("endpoint",)
    prepopulated_fields = {"slug": ("name",)}
    fields = ("name", "slug", "host", "kind", "metrics_url", "token_env", "endpoint", "enabled")
    actions = ("read_now",)

    def save_model(self, request: HttpRequest, obj: Server, form: Any, change: bool) -> None:
        scraping.save_server(server=obj, changed=form.changed_data)

    @admin.action(description=_("Read now"))
    def read_now(self, request: HttpRequest, queryset: QuerySet[Server]) -> None:
        chosen = list(queryset)
        told = scraping.scrape_servers(now=timezone.now(), servers=chosen, backoffs_s=())
        text = ngettext(
            "%(told)d of %(of)d server was read.", "%(told)d of %(of)d servers were read.", len(chosen)
        )
        level = messages.SUCCESS if told == len(chosen) else messages.WARNING
        self.message_user(request, text % {"told": told, "of": len(chosen)}, level)

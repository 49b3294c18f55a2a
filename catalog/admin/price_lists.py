"""Lists of prices that people hand in: what one would change is looked at first, then applied.

Beside them stand the price changes that providers' own lists propose: all money is decided in one place.
"""

from __future__ import annotations

import hashlib
from typing import Any, Final

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from aigo.lib import waiting
from aigo.lib.faults import clean_text
from aigo.lib.refusing import placed
from catalog.adapters.price_csv import MAX_BYTES, read_prices
from catalog.admin.imported import HTTPS_LINKS, ReadOnlyAdmin
from catalog.models import CatalogChange, PriceImport
from catalog.price_lists import REFUSALS, PriceDiff, look
from catalog.services import apply_price_list
from catalog.stated import shown

#: So many rows of each kind are shown before a list is applied; all of them are counted.
SHOWN: Final = 100
_WHAT: Final = "prices-read"
_READ: Final = "admin:catalog_priceimport_read"


class PriceListForm(forms.Form):
    """A list, and who states it."""

    file = forms.FileField(
        label=_("File"),
        help_text=_(
            "A CSV with a header: endpoint, tier, input, output, cache_read, valid_from, source_url, "
            "correction … (docs/prices.md), at most 5 MB"
        ),
    )
    source_name = forms.CharField(
        label=_("Name of the source"), max_length=40,
        help_text=_("Who states these prices, as it is shown beside them: “OpenAI price page”"),
    )  # fmt: skip
    source_url = forms.URLField(
        label=_("Its address"), max_length=300, assume_scheme="https",
        help_text=_("Where everybody can see it; rows that have no address of their own cite it"),
    )  # fmt: skip
    complete = forms.BooleanField(
        label=_("It is the whole list of this source"), required=False,
        help_text=_("Prices of the same source that the list lacks end when it is applied"),
    )  # fmt: skip

    def clean_file(self) -> bytes:
        """Its bytes, read no further than the limit."""
        data: bytes = self.cleaned_data["file"].read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise ValidationError(gettext("The file is larger than %(wanted)s.") % {"wanted": "5 MB"})
        return data


@admin.register(PriceImport)
class PriceImportAdmin(ReadOnlyAdmin):
    """What every list did; nobody writes here."""

    formfield_overrides = HTTPS_LINKS
    list_display = (
        *("applied_at", "source_name", "origin", "rows", "new", "changed", "corrected", "unchanged"),
        *("ended", "by"),
    )
    list_filter = ("source_name", "complete")
    list_select_related = ("by",)
    change_list_template = "admin/catalog/price_lists.html"

    def get_urls(self) -> list[URLPattern]:
        read = self.admin_site.admin_view(self.read_view)
        return [path("read/", read, name="catalog_priceimport_read"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        may = request.user.has_perm("catalog.add_priceimport")
        return super().changelist_view(
            request, {**(extra_context or {}), "read_url": reverse(_READ) if may else ""}
        )

    # --- reading ---------------------------------------------------------------------------------

    def read_view(self, request: HttpRequest) -> HttpResponse:
        """First step: the file. Second: what it would change. Third: it is applied."""
        if not request.user.has_perm("catalog.add_priceimport"):
            raise PermissionDenied
        if request.method != "POST":
            return self._page(request, PriceListForm())
        if "apply" in request.POST:
            return self._apply(request)
        form = PriceListForm(request.POST, request.FILES)
        if not form.is_valid():
            return self._page(request, form)
        asked = form.cleaned_data
        about = (
            request.FILES["file"].name[:300],  # type: ignore[union-attr,index]
            clean_text(asked["source_name"], 40, may_be_number=True),
            asked["source_url"],
            asked["complete"],
        )
        return self._look(request, asked["file"], about)

    def _diff(self, data: bytes, about: tuple[Any, ...]) -> PriceDiff:
        _origin, source_name, source_url, complete = about
        reading = read_prices(data, source_url=source_url)
        return look(
            reading, source_name=source_name, source_url=source_url, complete=complete, now=timezone.now()
        )

    def _look(self, request: HttpRequest, data: bytes, about: tuple[Any, ...]) -> HttpResponse:
        diff = self._diff(data, about)
        token = "" if diff.faults else waiting.keep(_WHAT, data, about, user=request.user)
        return self._page(request, None, diff=diff, origin=about[0], token=token)

    def _apply(self, request: HttpRequest) -> HttpResponse:
        """Compared with the database anew: nothing is applied that somebody has changed meanwhile."""
        found = waiting.kept(_WHAT, request.POST.get("token", ""), user=request.user)
        if found is None:
            text = gettext("What was looked at is not kept any more: read it again.")
            self.message_user(request, text, messages.ERROR)
            return HttpResponseRedirect(reverse(_READ))
        data, about = found
        diff = self._diff(data, about)
        if diff.faults or request.POST.get("counts") != _counted(diff):
            text = gettext("Something has changed since it was looked at: look again.")
            self.message_user(request, text, messages.WARNING)
            return self._look(request, data, about)
        hashed = hashlib.sha256(data).hexdigest()
        run = apply_price_list(
            diff, origin=about[0], content_hash=hashed, now=timezone.now(), by=request.user
        )
        text = gettext(
            "%(new)d new, %(changed)d changed, %(corrected)d corrected, %(ended)d ended; "
            "%(unchanged)d confirmed."
        )
        names = ("new", "changed", "corrected", "ended", "unchanged")
        self.message_user(request, text % {name: getattr(run, name) for name in names}, messages.SUCCESS)
        return HttpResponseRedirect(reverse("admin:catalog_priceimport_change", args=[run.pk]))

    def _page(self, request: HttpRequest, form: PriceListForm | None, **more: Any) -> HttpResponse:
        diff: PriceDiff | None = more.get("diff")
        context = {
            **self.admin_site.each_context(request),
            **{
                "opts": self.opts,
                "media": self.media,
                "form": form,
                "title": gettext("Read a list of prices"),
            },
            **(_told(diff) if diff else _proposed()),
            **more,
        }
        status = 422 if (diff and diff.faults) or (form is not None and form.errors) else 200
        return TemplateResponse(request, "admin/catalog/read_prices.html", context, status=status)


def _counted(diff: PriceDiff) -> str:
    """What somebody has agreed to, in one word."""
    return "-".join(str(count) for count in diff.counts().values())


def _told(diff: PriceDiff) -> dict[str, Any]:
    """What the page shows of a diff: of each kind the first ones, and how many there are."""
    return {
        "limit": SHOWN,
        "counts": diff.counts(),
        "counted": _counted(diff),
        "faults": [placed(fault.to_json(), REFUSALS) for fault in diff.faults],
        "kinds": [
            (kind, rows[:SHOWN], len(rows))
            for kind in ("corrected", "changed", "announced", "new")
            if (rows := diff.of(kind))
        ],
        "gone": diff.gone[:SHOWN],
        "nothing": not diff.changes_anything,
    }


def _proposed() -> dict[str, Any]:
    """What providers' own lists say otherwise of prices, the newest first."""
    rows = CatalogChange.objects.proposed().filter(kind=CatalogChange.Kind.PRICE).select_related("provider")
    address = reverse("admin:catalog_catalogchange_changelist")
    return {
        "proposals": [(row, shown(row.old_value), shown(row.new_value)) for row in rows[:SHOWN]],
        "proposals_total": rows.count(),
        "proposals_url": f"{address}?kind__exact=price&state__exact=proposed",
    }

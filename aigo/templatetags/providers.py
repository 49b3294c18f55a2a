"""Providers in words, and their figures with what they rest on."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django import template
from django.template import Context
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from aigo.lib.provenance import Provenance
from aigo.lib.regions import ALL
from aigo.templatetags.figures import NONE, dollars, pct, whole
from aigo.templatetags.provenance import traced
from status.board import Counts
from status.dossier import Limit
from status.providers import Present, PriceRange
from status.uptime import Strip

register = template.Library()

RATES = {
    "input_usd_per_mtok": gettext_lazy("Input"),
    "output_usd_per_mtok": gettext_lazy("Output"),
}


@register.filter
def provider_sentence(present: Present, name: str) -> str:
    """What is true of a provider now, in one sentence."""
    counts = present.counts
    if not present.on_board:
        return _("%(name)s is in the catalogue and not on the board: nobody probes it.") % {"name": name}
    if not counts.active:
        if counts.not_measured == counts.total:
            return _("%(name)s is not measured: no key is set for it here.") % {"name": name}
        return _("The state of %(name)s is not known at the moment.") % {"name": name}
    values = {"name": name, "troubled": present.troubled, "active": counts.active}
    if present.troubled and counts.active == 1:
        return _("The measured endpoint of %(name)s is in trouble.") % values
    if present.troubled:
        return (
            ngettext(
                "%(troubled)d of %(active)d measured endpoints of %(name)s is in trouble.",
                "%(troubled)d of %(active)d measured endpoints of %(name)s are in trouble.",
                present.troubled,
            )
            % values
        )
    return (
        ngettext(
            "The measured endpoint of %(name)s works.",
            "All %(active)d measured endpoints of %(name)s work.",
            counts.active,
        )
        % values
    )


@register.inclusion_tag("_components/traced.html", takes_context=True)
def counted(
    context: Context, counts: Counts, name: str, region: str, at: datetime, label: object, key: str = ""
) -> dict[str, Any]:
    """How many of a provider's endpoints are `name`, counted as the board counts."""
    provenance = Provenance(
        kind="counted",
        samples=counts.total,
        region=region,
        last_at=at,
        simulated=counts.simulated > 0,
        note=gettext_lazy("Of the endpoints on the board, by the states they are in now."),
    )
    return traced(context, whole(getattr(counts, name)), "", provenance, label=label, key=f"{key} {name}")


@register.inclusion_tag("_components/traced.html", takes_context=True)
def days_figure(context: Context, strip: Strip, label: object) -> dict[str, Any]:
    """Availability over all the days of a strip; "—" with the reason where nothing counted."""
    written = pct(strip.availability_pct) if strip.attempts else NONE
    provenance = Provenance(
        kind="measured",
        samples=strip.attempts,
        window_s=len(strip.days) * 86_400,
        region=ALL,
        tier=strip.tier,
        simulated=strip.simulated,
        note=gettext_lazy("Right answers among the attempts that count; planned maintenance is left out."),
    )
    missing = "" if strip.attempts else _("No attempt has counted in these days.")
    return traced(context, written, "%", provenance, label=label, key=f"days {strip.slug}", missing=missing)


@register.inclusion_tag("_components/traced.html", takes_context=True)
def price_figure(context: Context, found: PriceRange) -> dict[str, Any]:
    """ "0.15–60.00": from the cheapest to the dearest."""
    low, high = dollars(found.low), dollars(found.high)
    written = low if low == high else f"{low}–{high}"
    return traced(context, written, "", found.provenance, label=rate_label(found), key=found.rate)


@register.inclusion_tag("_components/traced.html", takes_context=True)
def rate_figure(context: Context, row: Any, rate: str) -> dict[str, Any]:
    """An endpoint's standard price per million tokens, as its source states it."""
    value: Decimal | None = getattr(row, rate)
    provenance = Provenance(
        kind="cited", note=gettext_lazy("The source and the date stand on the endpoint’s page.")
    )
    missing = "" if value is not None else _("No source that we read states it.")
    label = RATES[rate]
    return traced(
        context, dollars(value), "", provenance, label=label, key=f"{row.slug} {rate}", missing=missing
    )


@register.inclusion_tag("_components/traced.html", takes_context=True)
def limit_figure(context: Context, limit: Limit) -> dict[str, Any]:
    """A rate limit as documentation or an answer's headers state it."""
    newest = limit.newest
    provenance = Provenance(
        kind="cited",
        source_name=newest.get_source_display(),
        source_url=newest.source_url,
        seen_at=newest.last_seen_at,
    )
    return traced(context, whole(newest.limit), "", provenance, label=_("Limit"), key=str(newest.pk))


@register.filter
def limit_words(limit: Limit) -> str:
    """What is limited: "requests per minute"; without its time where nobody states that."""
    newest = limit.newest
    if newest.window == newest.Window.UNKNOWN:
        return newest.get_kind_display()
    return _("%(what)s %(per)s") % {"what": newest.get_kind_display(), "per": newest.get_window_display()}


@register.filter
def rate_label(found: PriceRange) -> object:
    """The rate's name."""
    return RATES[found.rate]

"""Prices as sources state them: for what, how much, and who says so."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import template
from django.template import Context
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from aigo.lib.provenance import Provenance
from aigo.lib.regions import ALL
from aigo.templatetags.figures import NONE, dollars, spent
from aigo.templatetags.provenance import traced
from catalog.citing import SOURCES, price_provenance
from catalog.models import AMOUNT_FIELDS, Price
from catalog.wording import RATE_LABELS, step_words
from probes.lately import AskingCost
from status.dossier import Served

register = template.Library()


@register.inclusion_tag("_components/traced.html", takes_context=True)
def rate(context: Context, price: Price | None, name: str, served: Served) -> dict[str, Any]:
    """US dollars per million tokens as a source states them; "—" where it states none."""
    value = getattr(price, name) if price else None
    return traced(
        context,
        None if value is None else dollars(value),
        "",
        price_provenance(price, simulated=served.endpoint.simulated, name=name) if price else None,
        label=RATE_LABELS[name],
        key=f"{served.endpoint.slug} {price.pk if price else ''} {name}",
        missing=gettext_lazy("No source states this price.") if value is None else "",
    )


@register.inclusion_tag("_components/traced.html", takes_context=True)
def asking_figure(context: Context, asking: AskingCost, served: Served) -> dict[str, Any]:
    """What our probes cost in a day; "—" where no price is known."""
    provenance = Provenance(
        kind="computed",
        samples=asking.attempts,
        window_s=86_400,
        region=ALL,
        simulated=served.endpoint.simulated,
        note=gettext_lazy("Tokens as the provider reported them × the price of the moment."),
    )
    known = None if asking.usd is None else Decimal(asking.usd)
    return traced(
        context,
        None if known is None else spent(known),
        gettext_lazy("in 24 hours"),
        provenance,
        label=gettext_lazy("Cost of our probes"),
        key=served.endpoint.slug,
        missing=gettext_lazy("No source states a price to reckon with.") if known is None else "",
    )


@register.filter
def price_columns(prices: Sequence[Price]) -> list[str]:
    """Input and output, and whatever else any of these prices has."""
    always = AMOUNT_FIELDS[:2]
    stated = {name for name in AMOUNT_FIELDS if any(getattr(price, name) is not None for price in prices)}
    return [name for name in AMOUNT_FIELDS if name in always or name in stated]


@register.filter
def rate_label(name: str) -> str | Promise:
    """What a rate is for."""
    return RATE_LABELS[name]


@register.filter
def price_step(price: Price) -> str:
    """Which requests a price is for: "standard", "prompts over 200,000 tokens, us-east"."""
    return step_words(price.tier, price.region_scope)


@register.simple_tag
def source_of(price: Price) -> SafeString | str:
    """Who states the price, with its address."""
    address = price.source_url or SOURCES.get(price.source_name, ("", ""))[0]
    if not address:
        return price.source_name or NONE
    return format_html('<a href="{}" rel="nofollow noopener">{}</a>', address, price.source_name)


@register.filter
def source_link(name: str) -> SafeString | str:
    """A source of the catalogue by name, with its address where it has one."""
    if name not in SOURCES:
        return name
    return format_html('<a href="{}" rel="nofollow noopener">{}</a>', SOURCES[name][0], name)

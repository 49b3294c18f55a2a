"""Prices on their own pages: amounts with who states them, changes, the course of a price."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode

from django import template
from django.conf import settings
from django.template import Context
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy, ngettext, pgettext_lazy
from django.utils.translation import gettext as _

from aigo.templatetags.figures import dollars, signed_pct, whole
from aigo.templatetags.prices import price_step
from aigo.templatetags.provenance import traced
from catalog.charting import PriceCourse
from catalog.citing import blended_provenance, price_provenance
from catalog.models import Price
from catalog.price_table import PriceLine
from catalog.pricing import AmountChange, Offer, PriceChange
from catalog.toolbar import BAND_WORDS
from catalog.wording import RATE_LABELS

register = template.Library()

MISSING: Final = gettext_lazy("No source that we read states this price.")
#: Kind of a change → what it is called.
CHANGE_WORDS: Final[dict[str, str | Promise]] = {
    "raised": pgettext_lazy("price", "raised"),
    "lowered": pgettext_lazy("price", "lowered"),
    "changed": pgettext_lazy("price", "changed"),
    "corrected": pgettext_lazy("price", "corrected"),
    "announced": pgettext_lazy("price", "announced"),
    "ended": gettext_lazy("no longer stated"),
}
#: A shape beside the word: colour is never alone.
CHANGE_MARKS: Final = {
    "raised": "▲", "lowered": "▼", "changed": "◆", "corrected": "✎", "announced": "◷", "ended": "×",
}  # fmt: skip


@register.inclusion_tag("_components/traced.html", takes_context=True)
def offer_figure(context: Context, offer: Offer, name: str, key: str, simulated: bool) -> dict[str, Any]:
    """An amount of ordinary requests, from the row that states it; "—" where none does."""
    row = offer.stating(name)
    return _figure(context, row, name, key=key, simulated=simulated)


@register.inclusion_tag("_components/traced.html", takes_context=True)
def row_figure(context: Context, row: Price, name: str, simulated: bool) -> dict[str, Any]:
    """An amount of one row."""
    return _figure(context, row, name, key=str(row.pk), simulated=simulated)


def _figure(context: Context, row: Price | None, name: str, *, key: str, simulated: bool) -> dict[str, Any]:
    value = getattr(row, name) if row else None
    return traced(
        context,
        None if value is None else dollars(value),
        "",
        price_provenance(row, simulated=simulated, name=name) if row else None,
        label=RATE_LABELS[name],
        key=f"{key} {name}",
        missing=MISSING if value is None else "",
    )


@register.inclusion_tag("_components/traced.html", takes_context=True)
def blended_figure(context: Context, offer: Offer, key: str, simulated: bool) -> dict[str, Any]:
    """Three tokens in and one out, per million."""
    row, value = offer.standard, offer.blended
    return traced(
        context,
        None if value is None else dollars(value),
        "",
        blended_provenance(row, simulated=simulated) if row and value is not None else None,
        label=gettext_lazy("Blended rate"),
        key=f"{key} blended",
        missing=gettext_lazy("Input and output are not both stated.") if value is None else "",
    )


@register.inclusion_tag("_components/traced.html", takes_context=True)
def changed_figure(context: Context, change: PriceChange, amount: AmountChange) -> dict[str, Any]:
    """The new amount of a change; "—" where it is stated no more."""
    return traced(
        context,
        None if amount.new is None else dollars(amount.new),
        "",
        price_provenance(change.price, simulated=change.endpoint.simulated, name=amount.name),
        label=RATE_LABELS[amount.name],
        key=f"change {change.price.pk} {amount.name}",
        missing=gettext_lazy("No source states it any more.") if amount.new is None else "",
    )


@register.filter
def amount_label(name: str) -> str | Promise:
    """What an amount is for."""
    return RATE_LABELS[name]


@register.filter
def rise(amount: AmountChange) -> str:
    """By how many per cent: "+100 %", "−50 %", "" where that cannot be told."""
    return "" if amount.pct is None else f"{signed_pct(amount.pct)} %"


@register.filter
def change_word(change: PriceChange) -> SafeString:
    """What happened, with its mark."""
    mark, word = CHANGE_MARKS[change.kind], CHANGE_WORDS[change.kind]
    return format_html('<span aria-hidden="true">{}</span> {}', mark, word)


@register.filter
def told_amounts(change: PriceChange) -> list[AmountChange]:
    """Input and output first, at most three: what a line has room for."""
    return list(change.amounts[:3])


@register.filter
def band_word(band: str) -> str | Promise:
    """A price band's name."""
    return BAND_WORDS[band]


@register.filter
def extras(line: PriceLine) -> list[str]:
    """What else an endpoint has a price for, in words."""
    offer = line.offer
    found = []
    if offer.amount("cache_read_usd_per_mtok") is not None:
        found.append(_("cache"))
    if offer.batch:
        found.append(_("batch"))
    if steps := offer.steps:
        found.append(_("over %(tokens)s") % {"tokens": whole(steps[0][0])})
    if offer.amount("input_audio_usd_per_mtok") is not None:
        found.append(_("audio"))
    if offer.amount("output_image_usd_per_mtok") is not None or offer.amount("input_image_usd_per_mtok"):
        found.append(_("images"))
    if offer.amount("requests_usd_per_k") is not None:
        found.append(_("per request"))
    return found


@register.filter
def row_state(row: Price, now: Any) -> str:
    """struck, announced, ended or current."""
    if row.struck_at is not None:
        return "struck"
    if row.valid_from > now:
        return "announced"
    return "ended" if row.valid_to is not None and row.valid_to <= now else "current"


@register.simple_tag
def course_sentence(course: PriceCourse) -> str:
    """The drawing in words."""
    first, last = course.ordered[0], course.ordered[-1]
    times = len(course.ordered) - 1
    text = ngettext(
        "%(count)d change since %(since)s: input from %(a)s to %(b)s, output from %(c)s to %(d)s.",
        "%(count)d changes since %(since)s: input from %(a)s to %(b)s, output from %(c)s to %(d)s.",
        times,
    )
    return text % {
        "count": times,
        "since": f"{first.valid_from:%Y-%m-%d}",
        "a": dollars(first.input_usd_per_mtok),
        "b": dollars(last.input_usd_per_mtok),
        "c": dollars(first.output_usd_per_mtok),
        "d": dollars(last.output_usd_per_mtok),
    }


@register.simple_tag
def step_of(row: Price) -> str:
    """Which requests a price is for."""
    return price_step(row)


@register.simple_tag
def price_feed(**about: str) -> str:
    """The Atom feed of what changes, in the page's language. about: provider or model by slug; none = all."""
    return _followed("pricing-feed", about)


@register.inclusion_tag("pricing/_follow.html")
def follow_prices(**about: str) -> dict[str, str]:
    """Links to the feed and the calendar of the same."""
    return {"feed": _followed("pricing-feed", about), "calendar": _followed("price-calendar", about)}


def _followed(name: str, about: dict[str, str]) -> str:
    language = get_language() or settings.LANGUAGE_CODE
    query = about | ({"lang": language} if language != settings.LANGUAGES[0][0] else {})
    return f"{reverse(name)}{'?' if query else ''}{urlencode(query)}"


@register.simple_tag(takes_context=True)
def sorted_prices(context: Context, sort: str) -> SafeString:
    """aria-sort of the column that the list is sorted by."""
    wish = context["wish"]
    if wish.sort != sort:
        return SafeString("")
    return format_html(' aria-sort="{}"', "descending" if wish.order else "ascending")

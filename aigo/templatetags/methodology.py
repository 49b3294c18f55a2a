"""How constants are written on the methodology page: spans, numbers, shares."""

from datetime import timedelta

from django import template
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import ngettext

from aigo.templatetags.figures import FUNCTIONS, window

register = template.Library()


@register.filter
def duration(span: timedelta | float) -> str:
    """A span in the largest unit that fits: 300 → "5 minutes", two days → "2 days", 24 hours → "24 hours"."""
    seconds = span.total_seconds() if isinstance(span, timedelta) else float(span)
    if seconds % 1:
        return ngettext("%(count)s second", "%(count)s seconds", 2) % {"count": number(seconds)}
    return window(seconds)


@register.filter
def number(value: float) -> str:
    """All its digits, in the page's language: 200.0 → "200", 1.4826 → "1.4826", 3000 → "3,000"."""
    decimals = len(f"{value:.6f}".rstrip("0").partition(".")[2])
    return str(number_format(value, decimals, use_l10n=True, force_grouping=True))


@register.filter
def share(value: float) -> str:
    """A share in percent, without the sign: 0.5 → "50", 0.014 → "1.4"."""
    return number(round(100 * value, 6))


@register.filter
def function_label(tag: str) -> str | Promise:
    """One function tag in the page's language."""
    return FUNCTIONS.get(tag, tag)

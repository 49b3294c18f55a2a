"""How figures are written, the same on pages, in tables that are kept, and on paper.

Rounding never flatters: availability and latency are cut off, not rounded, so that 99.496 % does not read
as the 99.50 % that would earn a better colour, and 1499.7 ms does not read as 1,500 ms. Numbers are written
alike in both languages.
"""

import math
from decimal import ROUND_HALF_UP, ROUND_UP, Decimal
from typing import Final

from django.utils.formats import number_format
from django.utils.translation import ngettext

NONE: Final = "—"
_MILLIONTH: Final = Decimal("0.000001")


def localised(value: float, decimals: int) -> str:
    """A number in the page's language, cut off after `decimals` places, thousands grouped."""
    scale = 10**decimals
    cut = math.floor(value * scale + 1e-6) / scale
    return str(number_format(cut, decimals, use_l10n=True, force_grouping=True))


def pct(value: float | None) -> str:
    """A percentage without its sign: 100 → "100", 0 → "0", 99.496 → "99.49", -50 → "-50.00", None → "—"."""
    if value is None:
        return NONE
    if value == 0 or value >= 100:
        return "100" if value else "0"
    return localised(value, 2)


def signed_pct(value: float | None) -> str:
    """A change in per cent, whole from 10 on: 100 → "+100", -33.3 → "−33", 2.54 → "+2.5", None → "—"."""
    if value is None:
        return NONE
    decimals = 0 if abs(value) >= 10 or value == round(value) else 1
    sign = "+" if value > 0 else "−" if value < 0 else ""
    shown = round(abs(value), decimals)
    return sign + str(number_format(shown, decimals, use_l10n=True, force_grouping=True))


def error_pct(value: float | None) -> str:
    """A failure rate without its sign: 0 → "0", 0.004 → "<0.01" (one failed), 4.651 → "4.66", 100 → "100"."""
    if value is None:
        return NONE
    if value in (0, 100):
        return f"{value:.0f}"
    if value < 0.01:
        return "<" + localised(0.01, 2)
    return localised(math.ceil(value * 100 - 1e-6) / 100, 2)


def ms(value: float | None) -> str:
    """Milliseconds, whole, cut off: 1499.7 → "1,499", None → "—"."""
    return NONE if value is None else localised(value, 0)


def rpm(value: float | None) -> str:
    """Requests per minute: one decimal below 10, whole above."""
    if value is None:
        return NONE
    return localised(value, 1 if value < 10 else 0)


def usd(value: Decimal | float | str | None) -> str:
    """A price in US dollars without the sign, as its source states it: two decimals, up to six where it has
    them, all of them below a millionth: 2 → "2.00", 0.00255 → "0.00255", 0.0833333 → "0.083333".
    """
    if value is None or value == "":
        return NONE
    price = Decimal(str(value))
    if price >= _MILLIONTH:
        price = price.quantize(_MILLIONTH, ROUND_HALF_UP)
    decimals = max(2, -int(price.normalize().as_tuple().exponent))
    return str(number_format(price, decimals, use_l10n=True, force_grouping=True))


def dollars(value: Decimal | float | None) -> str:
    """The same with its sign: "$0.0375", None → "—"."""
    return NONE if value is None else f"${usd(value)}"


def spent(value: Decimal | None) -> str:
    """US dollars spent, never rounded down: 0 → "$0", 0.00004 → "<$0.0001", 0.12341 → "$0.1235"."""
    if value is None:
        return NONE
    if 0 < value < Decimal("0.0001"):
        return "<$" + localised(0.0001, 4)
    decimals = 0 if value == 0 else 4 if value < 10 else 2
    cut = value.quantize(Decimal(10) ** -decimals, ROUND_UP)
    return "$" + str(number_format(cut, decimals, use_l10n=True, force_grouping=True))


def whole(value: int | str | None) -> str:
    """A count with grouped thousands; None → "—"."""
    return NONE if value is None or value == "" else localised(float(value), 0)


def window(seconds: float | None) -> str:
    """A span in the largest unit that fits: 300 → "5 minutes", 90 → "90 seconds", 24 hours, two days."""
    if not seconds:
        return NONE
    seconds = int(seconds)
    if seconds > 86_400 and seconds % 86_400 == 0:
        return ngettext("%(count)d day", "%(count)d days", seconds // 86_400) % {"count": seconds // 86_400}
    if seconds % 3600 == 0:
        return ngettext("%(count)d hour", "%(count)d hours", seconds // 3600) % {"count": seconds // 3600}
    if seconds % 60 == 0:
        return ngettext("%(count)d minute", "%(count)d minutes", seconds // 60) % {"count": seconds // 60}
    return ngettext("%(count)d second", "%(count)d seconds", seconds) % {"count": seconds}

"""What an endpoint costs, as its source states it: list prices in US dollars, most per million tokens."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import partial
from typing import Final

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from aigo.lib.provenance import Provenance
from aigo.lib.writing import dollars, whole
from catalog.citing import blended_provenance, price_provenance
from catalog.models import Price
from catalog.pricing import EVERYWHERE
from catalog.rates import BATCH, EXTRA, STANDARD, step_tokens
from compare.lines import BY_KEY, lines_of
from compare.sections.rows import Make, absent, day, decimal_text, figure, listed, rows_of, text
from compare.subjects import Subject
from compare.table import Cell, Row
from compare.tongues import Text, lazily

#: Line → the amount of ordinary requests that it shows.
_SHOWN: Final = {
    "input": "input_usd_per_mtok",
    "output": "output_usd_per_mtok",
    "cache_read": "cache_read_usd_per_mtok",
    "cache_write": "cache_write_usd_per_mtok",
    "reasoning_rate": "reasoning_usd_per_mtok",
    "audio_in": "input_audio_usd_per_mtok",
    "audio_out": "output_audio_usd_per_mtok",
    "image_in": "input_image_usd_per_mtok",
    "image_out": "output_image_usd_per_mtok",
    "requests": "requests_usd_per_k",
}
_BATCH: Final = {"batch_input": "input_usd_per_mtok", "batch_output": "output_usd_per_mtok"}
#: What has lines of its own; every other price is told among the steps.
_OWN_LINES: Final = frozenset((tier, EVERYWHERE) for tier in (STANDARD, BATCH, EXTRA))


def rows(subjects: Sequence[Subject]) -> Iterable[Row]:
    return rows_of(lines_of("price"), subjects, _MAKERS)


def _none(subject: Subject) -> Cell:
    return absent("not_served" if subject.offer is None else "no_price")


def _money(value: Decimal, provenance: Provenance, price: Price) -> Cell:
    """A currency is a scale: amounts of several do not compare."""
    return figure(
        decimal_text(value), dollars(value), provenance, scale=price.currency, currency=price.currency
    )


def _amount(subject: Subject, name: str) -> Cell:
    price = subject.offer.stating(name) if subject.offer else None
    if price is None:
        return _none(subject)
    about = price_provenance(price, simulated=subject.simulated, name=name)
    return _money(getattr(price, name), about, price)


def _batch(subject: Subject, name: str) -> Cell:
    price = subject.offer.batch if subject.offer else None
    value = getattr(price, name) if price else None
    if price is None or value is None:
        return _none(subject)
    return _money(value, price_provenance(price, simulated=subject.simulated, name=name), price)


def _blended(subject: Subject) -> Cell:
    offer = subject.offer
    if offer is None or offer.standard is None or offer.blended is None:
        return _none(subject)
    about = blended_provenance(offer.standard, simulated=subject.simulated)
    return _money(offer.blended, about, offer.standard)


def _steps(subject: Subject) -> Cell:
    """Every price that holds under a condition, and what is announced, in words."""
    offer = subject.offer
    found = [one for one in offer.rows if (one.tier, one.region_scope) not in _OWN_LINES] if offer else []
    announced = list(offer.announced) if offer else []
    if not found and not announced:
        return _none(subject)
    told = [*found, *announced]
    values = [
        {
            "tier": one.tier,
            "region_scope": one.region_scope,
            "valid_from": f"{one.valid_from:%Y-%m-%d}" if one in announced else None,
            **{name: _plain(getattr(one, name)) for name in _BATCH.values()},
        }
        for one in told
    ]
    items = [(_told(one, announced=one in announced), "", "") for one in told]
    return listed(values, items, price_provenance(told[0], simulated=subject.simulated))


def _plain(value: Decimal | None) -> str | None:
    return None if value is None else decimal_text(value)


def _told(price: Price, *, announced: bool) -> Text:
    """ "prompts over 200,000 tokens: Input $2.50, Output $15.00"."""
    amounts = [(BY_KEY[key].label, getattr(price, name)) for key, name in _SHOWN.items()]
    stated = [(label, value) for label, value in amounts if value is not None]
    since = price.valid_from if announced else None

    def words() -> str:
        prices = ", ".join(f"{label} {dollars(value)}" for label, value in stated)
        when = gettext("from %(day)s") % {"day": f"{since:%Y-%m-%d}"} if since else ""
        return ": ".join(filter(None, [when, _step(price), prices]))

    return lazily(words)


def _step(price: Price) -> str:
    """Which requests a price is for, "" = ordinary ones."""
    tokens = step_tokens(price.tier)
    parts = []
    if price.tier.startswith(BATCH):
        parts.append(gettext("batch"))
    if tokens:
        parts.append(gettext("prompts over %(tokens)s tokens") % {"tokens": whole(tokens)})
    elif price.tier not in (STANDARD, BATCH):
        parts.append(price.tier.replace("_", " "))
    if price.region_scope != EVERYWHERE:
        parts.append(price.region_scope)
    return ", ".join(parts)


def _about(subject: Subject, key: str) -> Cell:
    price = subject.offer.standard if subject.offer else None
    if price is None:
        return _none(subject)
    about = price_provenance(price, simulated=subject.simulated)
    if key == "price_since":
        return day(price.valid_from, about)
    if key == "price_checked":
        return day(price.checked_at, about)
    if subject.simulated:
        return Cell(price.source_name, _("AI-GO’s built-in simulator"), about)
    return text(price.source_name, about, href=about.source_url)


_MAKERS: Final[dict[str, Make]] = {
    **{key: partial(_amount, name=name) for key, name in _SHOWN.items()},
    **{key: partial(_batch, name=name) for key, name in _BATCH.items()},
    "blended": _blended,
    "steps": _steps,
    **{key: partial(_about, key=key) for key in ("price_since", "price_checked", "price_source")},
}

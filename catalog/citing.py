"""Who states a price, as the envelope that every figure bears."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from aigo.lib.provenance import Provenance
from catalog.models import Price

#: Where each source that the catalogue names can be read, and the licence of what it publishes.
SOURCES: Final = {
    "models.dev": ("https://models.dev", "MIT"),
    "genai-prices": ("https://github.com/pydantic/genai-prices", "MIT"),
}
PER_MTOK: Final = _("US dollars per million tokens.")
PER_K_REQUESTS: Final = _("US dollars per thousand requests, beside the tokens.")


def price_provenance(
    price: Price, *, simulated: bool, name: str = "", note: str | Promise = ""
) -> Provenance:
    """Who states a price, and when a source was last read that did. name: the amount that is shown."""
    address, licence = SOURCES.get(price.source_name, ("", ""))
    unit = PER_K_REQUESTS if name == "requests_usd_per_k" else PER_MTOK
    return Provenance(
        kind="cited",
        source_name=price.source_name,
        source_url=price.source_url or address,
        seen_at=price.checked_at,
        licence=licence,
        simulated=simulated,
        note=note or _with_place(unit, price),
    )


def _with_place(unit: Promise, price: Price) -> Promise:
    """Where it was last found, where that is another place than the source's name says."""
    if price.last_checked_in in ("", price.source_name):
        return unit
    return format_lazy("{} {} {}.", unit, _("Last found in"), price.last_checked_in)


def blended_provenance(price: Price, *, simulated: bool) -> Provenance:
    """Of the blended rate: computed from a cited price."""
    about = _("(3 × input + output) ÷ 4 of the cited price: three input tokens for one output token.")
    cited = price_provenance(price, simulated=simulated)
    return Provenance(
        kind="computed",
        source_name=cited.source_name,
        source_url=cited.source_url,
        seen_at=cited.seen_at,
        licence=cited.licence,
        simulated=simulated,
        note=format_lazy("{} {}", about, PER_MTOK),
        rule="prices",
    )

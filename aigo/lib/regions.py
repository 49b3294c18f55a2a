"""Where probes are sent from (POPs, points of presence)."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

LOCAL = "local"
ALL = "all"


@dataclass(frozen=True, slots=True)
class Region:
    """A place of measurement. `name` is translated; `slug` is the id in the API and in queue names."""

    slug: str
    name: str | Promise


REGIONS: tuple[Region, ...] = (
    Region("seoul", _("Seoul")),
    Region("tokyo", _("Tokyo")),
    Region("singapore", _("Singapore")),
    Region("frankfurt", _("Frankfurt")),
    Region("virginia", _("Virginia")),
    Region("oregon", _("Oregon")),
)
#: A machine whose operator named no region: what it measures is never passed off as a city's figure.
THIS_MACHINE = Region(LOCAL, _("This machine"))
#: Not a place: the pool of all places.
EVERYWHERE = Region(ALL, _("All regions"))

SLUGS: tuple[str, ...] = tuple(region.slug for region in REGIONS)
MEASURED_SLUGS: tuple[str, ...] = (*SLUGS, LOCAL)
BY_SLUG: dict[str, Region] = {region.slug: region for region in (EVERYWHERE, *REGIONS, THIS_MACHINE)}
#: The number of each region in stored rows. Published: a number never changes its meaning.
CODES: dict[str, int] = {
    "seoul": 1,
    "tokyo": 2,
    "singapore": 3,
    "frankfurt": 4,
    "virginia": 5,
    "oregon": 6,
    LOCAL: 7,
}

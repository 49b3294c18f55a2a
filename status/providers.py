"""Providers: what the catalogue says of one, how its endpoints stand, what its official page says beside it.

NoSuchProvider    theirs: no provider of this slug serves anything; 404
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.conf import settings
from django.db.models import QuerySet

from aigo.lib.problems import Problem
from aigo.lib.provenance import Provenance
from aigo.lib.regions import ALL, Region
from catalog.models import DocRef, Endpoint, Lifecycle, Price, Provider, RateLimit
from status.board import SORTS, BoardRow, Counts, count
from status.dossier import Limit, limits_told_once
from status.rules import State
from status.said import Accord, Said, accord_of
from status.snapshot import Snapshot

#: The rates a range is told of.
RANGED: Final = ("input_usd_per_mtok", "output_usd_per_mtok")
#: From the gravest to the best.
_GRAVEST: Final = (State.OUTAGE, State.DEGRADED, State.OPERATIONAL)


class NoSuchProvider(Problem):
    """Nobody of this slug serves anything: 404."""

    def __init__(self, slug: str) -> None:
        accepted = "a provider's slug as /api/v1/providers names them"
        super().__init__("slug", slug, accepted, title="No such provider", status_code=404)


@dataclass(frozen=True, slots=True)
class Known:
    """What the catalogue says of a provider in a line. `endpoints`: live ones; `watched`: on the board."""

    pk: int
    slug: str
    name: str
    url: str
    docs_url: str
    status_page_url: str
    icon: Mapping[str, str]
    simulated: bool
    endpoints: int
    watched: int


@dataclass(frozen=True, slots=True)
class PriceRange:
    """What a rate costs, from the cheapest to the dearest of `stated` endpoints; USD per million tokens.

    `cheapest`, `dearest`: their models' names.
    """

    rate: str
    low: Decimal
    high: Decimal
    cheapest: str
    dearest: str
    stated: int
    provenance: Provenance


@dataclass(frozen=True, slots=True)
class ProviderFacts:
    """A provider with everything the catalogue has of it. `limits`: (endpoint, its limits), those with any;
    `prices`: of those rates that any source states."""

    known: Known
    docs: Sequence[DocRef]
    prices: Sequence[PriceRange]
    limits: Sequence[tuple[Endpoint, list[Limit]]]
    protocols: Sequence[str]


@dataclass(frozen=True, slots=True)
class Present:
    """How a provider's endpoints stand in a region. `rows`: ranked as on the board, those that are measured;
    `not_measured`: for want of a key. `by_region`: every region that a reader can choose.
    """

    region: str
    counts: Counts
    rows: Sequence[BoardRow]
    not_measured: Sequence[BoardRow]
    by_region: Sequence[tuple[Region, Counts]]

    @property
    def on_board(self) -> bool:
        return self.counts.total > 0

    @property
    def state(self) -> State:
        """The gravest state of any endpoint; unknown where none is known."""
        return worst_of(self.counts)

    @property
    def troubled(self) -> int:
        return self.counts.degraded + self.counts.outage


@dataclass(frozen=True, slots=True)
class ProviderLine:
    """A provider in the list; `said` None = no page of it is read."""

    known: Known
    counts: Counts
    said: Said | None

    @property
    def state(self) -> State:
        return worst_of(self.counts)

    @property
    def accord(self) -> Accord:
        return accord_of(self.said, self.state)


def worst_of(counts: Counts) -> State:
    """The gravest state that any endpoint is known to be in; unknown where none is."""
    return next((state for state in _GRAVEST if getattr(counts, state.value)), State.UNKNOWN)


def known_providers() -> list[Known]:
    """Everybody who serves anything, by name; invented ones as on the board. Two queries."""
    endpoints, watched = Counter[int](), Counter[int]()
    for pk, on_board in _live().values_list("provider", "watched"):
        endpoints[pk] += 1
        watched[pk] += on_board
    columns = ("pk", "slug", "name", "url", "docs_url", "status_page_url", "icon", "simulated")
    rows = Provider.objects.filter(pk__in=endpoints).values(*columns)
    found = [Known(**row, endpoints=endpoints[row["pk"]], watched=watched[row["pk"]]) for row in rows]
    return sorted(found, key=lambda known: (known.name.casefold(), known.slug))


def load_provider(slug: str) -> ProviderFacts:
    """Everything the catalogue has of a provider: at most five queries. Raises NoSuchProvider."""
    provider = None if "\0" in slug else Provider.objects.filter(slug=slug).first()
    endpoints = list(_live().filter(provider=provider).select_related("model")) if provider else []
    if provider is None or not endpoints:
        raise NoSuchProvider(slug)
    known = Known(
        *(
            provider.pk,
            provider.slug,
            provider.name,
            provider.url,
            provider.docs_url,
            provider.status_page_url,
        ),
        *(provider.icon, provider.simulated, len(endpoints), sum(one.watched for one in endpoints)),
    )
    names = {endpoint.pk: endpoint.model.name for endpoint in endpoints}
    prices = list(Price.objects.current().standard().filter(endpoint__in=names))
    limits: dict[int, list[RateLimit]] = defaultdict(list)
    for limit in RateLimit.objects.current().filter(endpoint__in=names).order_by("kind", "window"):
        limits[limit.endpoint_id].append(limit)
    order = DocRef.Kind.values
    return ProviderFacts(
        known=known,
        docs=sorted(DocRef.objects.filter(provider=provider), key=lambda ref: order.index(ref.kind)),
        prices=[found for rate in RANGED if (found := _range(rate, prices, names))],
        limits=[(one, limits_told_once(limits[one.pk])) for one in endpoints if one.pk in limits],
        protocols=sorted({one.protocol for one in endpoints if one.protocol}),
    )


def present_of(slug: str, region: str, snapshot: Snapshot) -> Present:
    """Cut from a snapshot, once for all its readers."""
    return snapshot.once(("provider", slug, region), lambda: _present(slug, region, snapshot))


def counts_of(snapshot: Snapshot, region: str = ALL) -> dict[str, Counts]:
    """Provider's slug → its counts, by the same rule as the board's."""
    return snapshot.once(("provider counts", region), lambda: _counts(snapshot, region))


def _counts(snapshot: Snapshot, region: str) -> dict[str, Counts]:
    groups: dict[str, list[BoardRow]] = defaultdict(list)
    for row in snapshot.rows(region):
        groups[row.provider_slug].append(row)
    return {slug: _count(rows) for slug, rows in groups.items()}


def _count(rows: Iterable[BoardRow]) -> Counts:
    """`catalogue_models`: of those on the board; what the whole catalogue knows is not a provider's."""
    rows = list(rows)
    return count(rows, catalogue_models=len({row.model_slug for row in rows}))


def _present(slug: str, region: str, snapshot: Snapshot) -> Present:
    own = [row for row in snapshot.board(region, SORTS[0]).endpoints if row.provider_slug == slug]
    nothing = _count(())
    return Present(
        region=region,
        counts=_count(own),
        rows=[row for row in own if row.measured],
        not_measured=[row for row in own if not row.measured],
        by_region=[(place, counts_of(snapshot, place.slug).get(slug, nothing)) for place in snapshot.regions],
    )


def _range(rate: str, prices: Sequence[Price], names: Mapping[int, str]) -> PriceRange | None:
    """None where no source states the rate."""
    having = [price for price in prices if getattr(price, rate) is not None]
    stated = sorted(having, key=lambda price: (getattr(price, rate), price.endpoint_id))
    if not stated:
        return None
    cheapest, dearest = stated[0], stated[-1]
    newest = max(stated, key=lambda price: price.retrieved_at)
    sources = {price.source_name for price in stated}
    provenance = Provenance(
        kind="cited",
        samples=len(stated),
        source_name=", ".join(sorted(sources)),
        source_url=newest.source_url if len(sources) == 1 else "",
        seen_at=newest.retrieved_at,
    )
    return PriceRange(
        rate=rate,
        low=getattr(cheapest, rate),
        high=getattr(dearest, rate),
        cheapest=names[cheapest.endpoint_id],
        dearest=names[dearest.endpoint_id],
        stated=len(stated),
        provenance=provenance,
    )


def _live() -> QuerySet[Endpoint]:
    live = Endpoint.objects.exclude(lifecycle=Lifecycle.RETIRED)
    return live if settings.SIMULATION else live.filter(simulated=False)

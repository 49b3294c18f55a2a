"""What a model's page is made of: the endpoint in sight, how it stands everywhere, who else serves it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from aigo.lib.regions import ALL
from catalog.models import AIModel, DocRef, Endpoint, Price, RateLimit
from catalog.selectors import EndpointFacts
from probes.servers import Usage
from status.board import BoardRow
from status.models import StatusChange
from status.slo import SloLine, line_of, open_alerts, standings
from status.snapshot import row_of
from status.story import Story

#: Changes of state that the page tells, the newest first.
MOST_CHANGES = 12


@dataclass(frozen=True, slots=True)
class Served:
    """The model as one provider serves it. `row`: over all regions, None = it is not on the board.

    `price`: the standard one, None = no source states it.
    """

    facts: EndpointFacts
    row: BoardRow | None
    price: Price | None

    @property
    def endpoint(self) -> Endpoint:
        return self.facts.endpoint


@dataclass(frozen=True, slots=True)
class Dossier:
    """`chosen`: what the slug stands for, None = nobody serves the model. `row`: of `region`.

    `rows`: the regions it is measured from, all of them together first; empty where it is not on the board.
    `age_s`, `away`: as of a board.
    """

    slug: str
    model: AIModel
    region: str
    chosen: Served | None
    served: tuple[Served, ...]
    rows: tuple[BoardRow, ...]
    listed_at: datetime | None
    generated_at: datetime
    event_id: str
    age_s: int
    away: str

    @property
    def row(self) -> BoardRow | None:
        return next((row for row in self.rows if row.region == self.region), None)

    @property
    def is_model(self) -> bool:
        """The model's own slug was asked for, and several serve it: the page is about all of them."""
        return "--" not in self.slug and len(self.served) > 1

    @property
    def live_served(self) -> list[Served]:
        """Those that were not retired, watched ones first, then by provider."""
        shown = [one for one in self.served if one.endpoint.lifecycle != "retired" or one is self.chosen]
        return sorted(shown, key=lambda one: (one.row is None, one.endpoint.provider.name.casefold()))

    @property
    def simulated(self) -> bool:
        return self.model.simulated


def dossier_of(
    story: Story,
    usage: Mapping[int, Usage],
    *,
    slug: str,
    region: str,
    generated_at: datetime,
    event_id: str = "",
    age_s: int = 0,
    away: str = "",
) -> Dossier:
    """Cut from a model's story; `usage` of the same snapshot. A region that it lacks falls back to all."""
    facts = story.past.facts
    served = tuple(_served(one, story, usage) for one in facts.endpoints)
    chosen = next((one for one in served if one.endpoint == facts.chosen), None)
    rows: tuple[BoardRow, ...] = ()
    if chosen:
        states = story.states[chosen.endpoint.slug]
        rows = tuple(row_of(s, place, usage.get(s.endpoint.pk)) for place, s in states.items())
    region = region if any(row.region == region for row in rows) else ALL
    return Dossier(
        slug=slug,
        model=facts.model,
        region=region,
        chosen=chosen,
        served=served,
        rows=rows,
        listed_at=story.past.listed_at.get(chosen.endpoint.provider_id) if chosen else None,
        generated_at=generated_at,
        event_id=event_id,
        age_s=age_s,
        away=away,
    )


def _served(facts: EndpointFacts, story: Story, usage: Mapping[int, Usage]) -> Served:
    standing = story.states[facts.endpoint.slug].get(ALL)
    row = row_of(standing, ALL, usage.get(standing.endpoint.pk)) if standing else None
    standard = (p for p in facts.prices if p.tier == "standard" and p.region_scope == "all")
    return Served(facts, row, next(standard, None))


@dataclass(frozen=True, slots=True)
class Limit:
    """A rate limit, told once for all POPs that see the same. `regions`: slugs; empty = documentation."""

    newest: RateLimit
    regions: tuple[str, ...]


def limits_told_once(limits: Iterable[RateLimit]) -> list[Limit]:
    """By kind and window; the POP whose headers told it last speaks for those that agree with it."""
    groups: dict[tuple[object, ...], list[RateLimit]] = defaultdict(list)
    for limit in limits:
        groups[limit.kind, limit.window, limit.tier, limit.source, limit.limit].append(limit)
    return [
        Limit(
            max(own, key=lambda limit: limit.last_seen_at),
            tuple(sorted(limit.region for limit in own if limit.region)),
        )
        for own in groups.values()
    ]


def load_docs(provider_id: int) -> list[DocRef]:
    """The curated links of a provider, by kind as its choices stand. One query."""
    order = DocRef.Kind.values
    return sorted(DocRef.objects.filter(provider=provider_id), key=lambda ref: order.index(ref.kind))


def load_prices(endpoint_id: int) -> list[Price]:
    """Every price there was, the newest first. One query."""
    return list(Price.objects.filter(endpoint=endpoint_id).order_by("-valid_from", "tier", "region_scope"))


def load_budget(slug: str) -> SloLine | None:
    """The error budget of an endpoint (slug); None = it is not judged. At most two queries."""
    row = standings(model=slug).first()
    return line_of(row, open_alerts()) if row else None


def load_changes(endpoint_id: int, region: str) -> list[StatusChange]:
    """The newest changes of state in one region: one fall seen from six would fill the list. One query."""
    return list(StatusChange.objects.filter(endpoint=endpoint_id, region=region)[:MOST_CHANGES])

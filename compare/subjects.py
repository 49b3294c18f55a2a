"""What is known of each model that stands in a comparison: one `Subject` a column, read for all at once."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from benchmarks.assembly import assemble
from benchmarks.filtering import EVERY_SUITE, NO_COMPOSITE, BenchmarkWish
from benchmarks.matrix import Cell as ScoreCell
from benchmarks.matrix import Matrix
from benchmarks.store import Store
from catalog.models import AIModel, DocRef, Endpoint, Provider, RateLimit
from catalog.pricing import Offer, offers_of
from catalog.selectors import EndpointFacts, ModelFacts, model_details
from compare.asking import CompareWish
from probes.throughput import LEAST_S, Throughput, load_throughputs
from status.board import BoardRow
from status.held import Held, load_held
from status.said import Said, load_all_said
from status.slo import SloLine, line_of, open_alerts, standings
from status.snapshot import Snapshot, row_in
from status.uptime import Strip, Uptime

#: How far back incidents and availability are told.
PAST: Final = timedelta(days=90)
DAY_S: Final = LEAST_S
#: No model's slug: a matrix of nobody, not of everybody.
NOBODY: Final = "-"


@dataclass(frozen=True, slots=True)
class Past:
    """What is kept of the models of a comparison, and is not of this moment. By slug as it was asked for, by
    provider's id or slug, by endpoint's id or slug.
    """

    facts: Mapping[str, ModelFacts]
    docs: Mapping[int, Sequence[DocRef]]
    said: Mapping[str, Said]
    slo: Mapping[str, SloLine]
    held: Mapping[int, Held]
    speeds: Mapping[int, Throughput]
    offers: Mapping[int, Offer]

    @property
    def slugs(self) -> list[str]:
        """Of the endpoints that are compared."""
        return [one.endpoint.slug for facts in self.facts.values() for one in facts.endpoints]


@dataclass(frozen=True, slots=True)
class Subject:
    """One column. `served`: None = nobody serves the model. `row`: as the board has it in the chosen region,
    None = it is not on the board. `scores`: suite → the figure that the matrix shows.
    """

    slug: str
    model: AIModel
    served: EndpointFacts | None
    region: str
    row: BoardRow | None = None
    strip: Strip | None = None
    docs: Sequence[DocRef] = ()
    said: Said | None = None
    slo: SloLine | None = None
    held: Held | None = None
    speed: Throughput | None = None
    offer: Offer | None = None
    scores: Mapping[str, ScoreCell] = field(default_factory=dict)

    @property
    def endpoint(self) -> Endpoint | None:
        return self.served.endpoint if self.served else None

    @property
    def provider(self) -> Provider | None:
        return self.served.endpoint.provider if self.served else None

    @property
    def limits(self) -> list[RateLimit]:
        return self.served.rate_limits if self.served else []

    @property
    def simulated(self) -> bool:
        return self.model.simulated


def load_known(slugs: Collection[str]) -> dict[str, str]:
    """Slug → the endpoint that it stands for, or the model where nobody serves it; unknown ones are left out.

    Four queries.
    """
    found = model_details(slugs)
    return {slug: (facts.chosen or facts.model).slug for slug, facts in found.items()}


def load_past(slugs: Collection[str], *, region: str, now: datetime) -> Past:
    """Of models by any of their slugs, unknown ones left out: thirteen queries, however many they are."""
    facts = {slug: _chosen_only(one) for slug, one in model_details(slugs).items()}
    chosen = [one.chosen for one in facts.values() if one.chosen]
    ids = {endpoint.pk for endpoint in chosen}
    alerts = open_alerts() if ids else {}
    docs: dict[int, list[DocRef]] = {endpoint.provider_id: [] for endpoint in chosen}
    order = DocRef.Kind.values
    for ref in DocRef.objects.filter(provider__in=docs) if docs else ():
        docs[ref.provider_id].append(ref)
    judged = standings().filter(endpoint__in=ids) if ids else ()
    return Past(
        facts=facts,
        docs={pk: sorted(own, key=lambda ref: order.index(ref.kind)) for pk, own in docs.items()},
        said=load_all_said() if ids else {},
        slo={row.endpoint.slug: line_of(row, alerts) for row in judged},
        held=load_held(ids, since=now - PAST, now=now) if ids else {},
        speeds=load_throughputs(ids, region=region, window_s=DAY_S, now=now) if ids else {},
        offers=offers_of(ids, now=now),
    )


def _chosen_only(facts: ModelFacts) -> ModelFacts:
    """Sixty others may serve a model; what is kept of each comparison need not hold them."""
    return replace(facts, endpoints=[one for one in facts.endpoints if one.endpoint == facts.chosen])


def subjects_of(
    wish: CompareWish, past: Past, *, snapshot: Snapshot, uptime: Uptime, matrix: Matrix
) -> list[Subject]:
    """The columns in their order; models that are not known are left out."""
    strips = {strip.slug: strip for strip in uptime.strips}
    scores = {row.model.slug: _scores(matrix, row.cells) for row in matrix.rows}
    found = []
    for slug in wish.models:
        facts = past.facts.get(slug)
        if facts is None:
            continue
        served = next((one for one in facts.endpoints if one.endpoint == facts.chosen), None)
        own = scores.get(facts.model.slug, {})
        subject = Subject(slug, facts.model, served, wish.region, scores=own)
        found.append(subject if served is None else _measured(subject, served, past, snapshot, strips))
    return found


def scores_of(wish: CompareWish, past: Past, store: Store) -> Matrix:
    """The figures of these models in every suite, made comparable as the wish says."""
    models = {facts.model.slug for slug, facts in past.facts.items() if slug in wish.models}
    asked = BenchmarkWish(
        suites=(EVERY_SUITE,),
        models=tuple(sorted(models)) or (NOBODY,),
        norm=wish.norm,
        composite=NO_COMPOSITE,
    )
    return assemble(store, asked)


def _measured(
    subject: Subject, served: EndpointFacts, past: Past, snapshot: Snapshot, strips: Mapping[str, Strip]
) -> Subject:
    endpoint = served.endpoint
    return replace(
        subject,
        row=row_in(snapshot, endpoint.slug, subject.region),
        strip=strips.get(endpoint.slug),
        docs=past.docs.get(endpoint.provider_id, ()),
        said=past.said.get(endpoint.provider.slug),
        slo=past.slo.get(endpoint.slug),
        held=past.held.get(endpoint.pk),
        speed=past.speeds.get(endpoint.pk),
        offer=past.offers.get(endpoint.pk),
    )


def _scores(matrix: Matrix, cells: Sequence[ScoreCell | None]) -> dict[str, ScoreCell]:
    pairs = zip(matrix.suites, cells, strict=True)
    return {column.suite.slug: cell for column, cell in pairs if cell is not None}

"""What pages and the API read of the catalogue across its models."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from django.db.models import Count, Prefetch, Q, QuerySet

from catalog.identity import own_providers, seller_rank
from catalog.models import RATE_FIELDS, AIModel, Endpoint, Lifecycle, Price, Provider, RateLimit
from catalog.stated import LISTING_SOURCE, KnownOffer
from catalog.tagging import FUNCTIONS

#: Share of the groups of letters that two slugs must have in common to be taken for near.
LEAST_ALIKE = 0.3


@dataclass(frozen=True, slots=True)
class EndpointFacts:
    """An endpoint with its open prices, the standard tier first, and its current rate limits.

    Empty = no source states one.
    """

    endpoint: Endpoint
    prices: list[Price] = field(default_factory=list)
    rate_limits: list[RateLimit] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ModelFacts:
    """A model and who serves it. `chosen`: the endpoint the slug stands for, None if nobody serves it."""

    model: AIModel
    endpoints: list[EndpointFacts]
    chosen: Endpoint | None


def model_list(
    *, q: str = "", creator: str = "", function: str = "", lifecycle: str = "", simulated: bool = False
) -> QuerySet[AIModel]:
    """Models by name, with creator, `endpoints` (retired ones too) and `endpoint_count` (live ones).

    q: words that must all occur in name, slug, family or creator; creator: slug; function: one of FUNCTIONS;
    lifecycle: one of Lifecycle; simulated: invented models beside the real ones. "" = no such filter; what is
    not in the vocabulary finds nothing, the API says so before it asks.
    """
    found = AIModel.objects.all() if simulated else AIModel.objects.known()
    for word in q.split():
        found = found.filter(
            Q(name__icontains=word)
            | Q(slug__icontains=word)
            | Q(family__icontains=word)
            | Q(creator__name__icontains=word)
        )
    if creator:
        found = found.filter(creator__slug=creator)
    if lifecycle:
        found = found.filter(lifecycle=lifecycle)
    if function:
        # A tag is a closed word between quotes in the JSON text: SQLite has no `contains` for JSON lists.
        found = found.filter(functions__icontains=f'"{function}"') if function in FUNCTIONS else found.none()
    endpoints = Endpoint.objects.select_related("provider").order_by("slug")
    return (
        found.select_related("creator")
        .annotate(endpoint_count=Count("endpoints", filter=~Q(endpoints__lifecycle=Lifecycle.RETIRED)))
        .prefetch_related(Prefetch("endpoints", queryset=endpoints))
        .order_by("name", "slug")
    )


def model_detail(slug: str) -> ModelFacts | None:
    """The model with this slug, or the model of the endpoint with this slug; None if there is neither.

    A model's slug stands for its creator's own endpoint, else for the first watched one, else for the first.
    """
    return model_details([slug]).get(slug)


def model_details(slugs: Collection[str]) -> dict[str, ModelFacts]:
    """Slug → its model, as `model_detail` says; unknown ones are left out. Four queries, however many."""
    asked = [slug for slug in slugs if "\0" not in slug]  # PostgreSQL would refuse the question
    found = AIModel.objects.select_related("creator")
    named, serving = [slug for slug in asked if "--" not in slug], [slug for slug in asked if "--" in slug]
    served = Endpoint.objects.filter(slug__in=serving).values("model")
    models = {model.pk: model for model in found.filter(Q(slug__in=named) | Q(pk__in=served))}
    if not models:
        return {}
    prices = Prefetch(
        "prices", queryset=Price.objects.current().order_by("tier", "region_scope"), to_attr="open_prices"
    )
    limits = Prefetch("rate_limits", queryset=RateLimit.objects.current(), to_attr="open_limits")
    endpoints: dict[int, list[Endpoint]] = {pk: [] for pk in models}
    rows = Endpoint.objects.filter(model__in=models).select_related("provider")
    for endpoint in rows.prefetch_related(prices, limits).order_by("slug"):
        endpoint.model = models[endpoint.model_id]
        endpoints[endpoint.model_id].append(endpoint)
    stands_for = {model.slug: pk for pk, model in models.items()}
    stands_for |= {endpoint.slug: pk for pk, own in endpoints.items() for endpoint in own}
    return {
        slug: _facts(slug, models[stands_for[slug]], endpoints[stands_for[slug]])
        for slug in asked
        if slug in stands_for
    }


def _facts(slug: str, model: AIModel, endpoints: Sequence[Endpoint]) -> ModelFacts:
    return ModelFacts(
        model=model,
        endpoints=[
            EndpointFacts(endpoint, _standard_first(endpoint.open_prices), endpoint.open_limits)  # type: ignore[attr-defined]
            for endpoint in endpoints
        ],
        chosen=_chosen(slug, model.creator.slug, endpoints),
    )


def endpoint_behind(slug: str) -> Endpoint | None:
    """The endpoint that a slug stands for, as `model_detail` says; None = nobody serves it."""
    if "\0" in slug:  # PostgreSQL would refuse the question
        return None
    endpoints = Endpoint.objects.select_related("provider", "model__creator")
    served = list(endpoints.filter(Q(slug=slug) if "--" in slug else Q(model__slug=slug)))
    return _chosen(slug, served[0].model.creator.slug, served) if served else None


def near_slugs(slug: str, *, most: int = 6) -> list[tuple[str, str]]:
    """(slug, name) of the models whose slugs have most in common with an unknown one, the nearest first.

    By groups of three letters: a typing error costs three of them. Two queries.
    """
    asked = _trigrams(slug[:200].casefold())
    found = sorted(
        (
            (len(asked & (own := _trigrams(known))) / len(asked | own), known, name)
            for known, name in _known()
        ),
        reverse=True,
    )
    return [(known, name) for share, known, name in found[:most] if share >= LEAST_ALIKE]


def _known() -> list[tuple[str, str]]:
    """Every model, and the endpoints that are watched."""
    models = AIModel.objects.values_list("slug", "name")
    watched = Endpoint.objects.filter(watched=True).values_list("slug", "model__name", "provider__name")
    return [*models, *((slug, f"{name} · {provider}") for slug, name, provider in watched)]


def _trigrams(text: str) -> set[str]:
    padded = f"  {text} "
    return {padded[n : n + 3] for n in range(len(padded) - 2)}


def rate_limit_list(
    *, provider: str = "", endpoint: str = "", simulated: bool = False
) -> QuerySet[RateLimit]:
    """The current rate limits with endpoint and provider, by endpoint.

    provider: slug; endpoint: slug of an endpoint, or of a model for all of its endpoints; "" = no such
    filter. simulated: those of invented endpoints beside the real ones.
    """
    found = RateLimit.objects.current().select_related("endpoint__provider")
    if not simulated:
        found = found.filter(endpoint__simulated=False)
    if provider:
        found = found.filter(endpoint__provider__slug=provider)
    if endpoint:
        is_model = "--" not in endpoint
        found = found.filter(**{"endpoint__model__slug" if is_model else "endpoint__slug": endpoint})
    return found.order_by("endpoint__slug", "kind", "window", "tier", "source", "region")


def known_offers(provider: Provider) -> dict[str, KnownOffer]:
    """What the catalogue holds of all that this provider serves, by its own model ids; retired ones too.

    A model's limits are the provider's to state where it serves the model once, and is its creator's own
    provider or the only one that serves it: elsewhere a host's own limit would pass for the model's.
    """
    endpoints = list(provider.endpoints.select_related("model__creator"))
    prices = {
        price.endpoint_id: price
        for price in Price.objects.current().standard().filter(endpoint__provider=provider)
    }
    served = Counter(endpoint.model_id for endpoint in endpoints)
    elsewhere = set(
        Endpoint.objects.filter(model__in=provider.endpoints.values("model"))
        .exclude(provider=provider)
        .exclude(lifecycle=Lifecycle.RETIRED)
        .values_list("model", flat=True)
    )
    return {
        endpoint.provider_model_id: known_offer(
            endpoint,
            prices.get(endpoint.pk),
            limits_are_its_own=served[endpoint.model_id] == 1
            and (
                endpoint.model_id not in elsewhere
                or provider.slug in own_providers(endpoint.model.creator.slug)
            ),
        )
        for endpoint in endpoints
    }


def known_offer(endpoint: Endpoint, price: Price | None, *, limits_are_its_own: bool) -> KnownOffer:
    """One endpoint with its open standard price (None = there is none) in the words of a list."""
    return KnownOffer(
        lifecycle=endpoint.lifecycle,
        deprecated_at=endpoint.deprecated_at,
        retires_at=endpoint.retires_at,
        own_dates=endpoint.dates_source_name == LISTING_SOURCE,
        rates={name: getattr(price, name) for name in RATE_FIELDS} if price else None,
        context_window=endpoint.model.context_window,
        max_output_tokens=endpoint.model.max_output_tokens,
        limits_are_its_own=limits_are_its_own,
    )


def _standard_first(prices: list[Price]) -> list[Price]:
    return sorted(prices, key=lambda price: (price.tier != "standard", price.tier, price.region_scope))


def _chosen(slug: str, creator: str, endpoints: Sequence[Endpoint]) -> Endpoint | None:
    def rank(endpoint: Endpoint) -> tuple[bool, bool, int, bool, str]:
        return (
            endpoint.slug != slug,
            endpoint.lifecycle == Lifecycle.RETIRED,
            seller_rank(endpoint.provider.slug, creator),
            not endpoint.watched,
            endpoint.slug,
        )

    return min(endpoints, key=rank, default=None)

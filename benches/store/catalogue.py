"""The models that the generated store is about: rows of the catalogue, targets and prices."""

from decimal import Decimal

from benches.store.plan import HOUR, Plan, slug_of
from catalog.models import AIModel, Creator, Endpoint, Price, Provider
from probes.models import ProbeTarget
from probes.services.targets import target_of


def make_catalogue(plan: Plan) -> dict[str, int]:
    """One endpoint per model with its target of tier B and its price; slug → target id."""
    creator = Creator.objects.create(slug="bench", name="Bench")
    providers: dict[str, Provider] = {}
    endpoints = []
    for number in range(plan.models):
        slug = slug_of(number)
        provider = slug.partition("--")[0]
        if provider not in providers:
            providers[provider] = Provider.objects.create(slug=provider, name=provider, simulated=True)
        model = AIModel.objects.create(
            slug=f"bench-model-{number}", name=slug, creator=creator, functions=["chat"], simulated=True
        )
        endpoints.append(
            Endpoint(
                slug=slug,
                provider=providers[provider],
                model=model,
                provider_model_id=f"model-{number}",
                protocol="openai_chat",
                base_url=f"simulator:/{provider}/v1",
                watched=True,
                simulated=True,
            )
        )
    Endpoint.objects.bulk_create(endpoints)
    Price.objects.bulk_create(_price(endpoint) for endpoint in endpoints)
    targets = ProbeTarget.objects.bulk_create([target_of(endpoint, "B") for endpoint in endpoints])
    return {target.endpoint.slug: target.pk for target in targets}


def target_ids() -> dict[str, int]:
    """Slug → target id of a catalogue that was made before."""
    rows = ProbeTarget.objects.filter(endpoint__slug__startswith="bench-")
    return dict(rows.values_list("endpoint__slug", "pk"))


def _price(endpoint: Endpoint) -> Price:
    return Price(
        endpoint=endpoint,
        input_usd_per_mtok=Decimal(2),
        output_usd_per_mtok=Decimal(8),
        valid_from=HOUR.replace(year=HOUR.year - 1),
        retrieved_at=HOUR,
        source_name="bench",
        content_hash="bench",
    )

"""Thousands of endpoints more, for a board of that length: a present state each, and no past."""

import random
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction

from aigo.lib.regions import ALL
from catalog.models import AIModel, Creator, Endpoint, Provider
from probes.attempts import METHOD_VERSION
from probes.models import ProbeTarget
from probes.services.targets import target_of
from status.models import EndpointState
from testing.showcase.cast import REGIONS

PROVIDERS: Final = 60
FAMILIES: Final = 90
FUNCTIONS: Final = (["chat"], ["chat", "code"], ["chat", "vision"], ["code"], ["embedding"])
#: They stay as they are for the showcase's life: nobody asks them again.
INTERVAL_S: Final = 86_400
STATES: Final = (
    ("operational", "within_limits", 0.9),
    ("degraded", "latency", 0.05),
    ("outage", "availability", 0.03),
)


@transaction.atomic
def add_rows(count: int, *, now: datetime) -> None:
    """So many endpoints, the same every time."""
    creator, _ = Creator.objects.get_or_create(slug="showcase", defaults={"name": "Showcase"})
    Provider.objects.bulk_create(
        Provider(slug=f"works-{n}", name=f"Works {n}", simulated=True) for n in range(PROVIDERS)
    )
    models = AIModel.objects.bulk_create(
        AIModel(
            slug=f"family-{n % FAMILIES}-{n}", name=f"Family {n % FAMILIES} {n}B Instruct", creator=creator,
            family=f"Family {n % FAMILIES}", functions=FUNCTIONS[n % len(FUNCTIONS)], simulated=True,
        )
        for n in range(count)
    )  # fmt: skip
    providers = list(Provider.objects.filter(slug__startswith="works-").order_by("pk"))
    endpoints = Endpoint.objects.bulk_create(
        [_endpoint(providers[n % PROVIDERS], model) for n, model in enumerate(models)], batch_size=500
    )
    targets = [target_of(endpoint, "B") for endpoint in endpoints]
    for target in targets:
        target.interval_s = INTERVAL_S
    ProbeTarget.objects.bulk_create(targets, batch_size=500)
    states = [state for endpoint in endpoints for state in _states(endpoint, now)]
    EndpointState.objects.bulk_create(states, batch_size=500)


def _endpoint(provider: Provider, model: AIModel) -> Endpoint:
    return Endpoint(
        slug=f"{provider.slug}--{model.slug}", provider=provider, model=model, simulated=True, watched=True,
        provider_model_id=model.slug, protocol="openai_chat", base_url=f"simulator:/{provider.slug}/v1",
    )  # fmt: skip


def _states(endpoint: Endpoint, now: datetime) -> list[EndpointState]:
    chance = random.Random(endpoint.slug)
    (state, reason, _), *_ = chance.choices(STATES, [weight for *_, weight in STATES])
    found = []
    for region in (ALL, *REGIONS):
        p50 = chance.uniform(200, 900)
        figures: dict[str, Any] = {
            "samples": 25, "window_s": 300, "availability_pct": 100.0, "error_rate_pct": 0.0, "p50_ms": p50,
            "p95_ms": p50 * 1.5, "ttft_p50_ms": p50 * 0.4, "last_sample_at": now,
        }  # fmt: skip
        found.append(
            EndpointState(
                endpoint=endpoint,
                region=region,
                tier="B",
                interval_s=INTERVAL_S,
                state=state,
                reason=reason,
                since=now - timedelta(hours=2),
                method_version=METHOD_VERSION,
                **figures,
            )
        )
    return found

"""Which tiers an endpoint is asked in, and the spec of one probe."""

from collections.abc import Iterable

from catalog.models import Endpoint
from probes.attempts import ProbeSpec, Tier, timeout_s_for
from probes.models import ProbeTarget

#: How often a tier asks, in seconds. A reasoning model costs more per answer and is asked less often in B.
INTERVAL_S = {"A": 30, "B": 60, "C": 7_200, "D": 86_400}
REASONING_INTERVAL_S = 180
#: Simulated endpoints cost nothing: their performance is asked every hour.
SIMULATED_PERFORMANCE_INTERVAL_S = 3_600
#: Tiers whose surprises are confirmed at once; the others are too rare and too dear for that.
CONFIRMED_TIERS = {"A", "B"}
#: Functions that a short text prompt can exercise; endpoints with none of them get tier A only.
TEXT_FUNCTIONS = {"chat", "code", "embedding"}
#: Functions that write text, whose speed and known answers can be measured.
WRITING_FUNCTIONS = {"chat", "code"}


def sync_targets() -> int:
    """Give every watched endpoint its targets; returns how many were added. Existing ones stay as edited.

    Tier A asks an address, not a model: one endpoint per address and key (the first by slug) stands for all
    behind it, besides the endpoints that have no other tier.
    """
    watched = list(Endpoint.objects.filter(watched=True).select_related("model").order_by("slug"))
    existing = set(ProbeTarget.objects.values_list("endpoint", "tier"))
    wanted = [
        target_of(endpoint, tier)
        for endpoint, tiers in tiers_of(watched)
        for tier in tiers
        if (endpoint.pk, tier) not in existing
    ]
    return len(ProbeTarget.objects.bulk_create(wanted, ignore_conflicts=True))


def tiers_of(watched: Iterable[Endpoint]) -> Iterable[tuple[Endpoint, list[Tier]]]:
    """The tiers that each of the watched endpoints is asked in, their models loaded."""
    addresses: set[tuple[str, str]] = set()
    for endpoint in watched:
        functions = set(endpoint.model.functions)
        tiers: list[Tier] = []
        address = (endpoint.base_url, endpoint.key_env)
        if address not in addresses or not TEXT_FUNCTIONS & functions:
            tiers.append("A")
        addresses.add(address)
        if TEXT_FUNCTIONS & functions:
            tiers.append("B")
        if WRITING_FUNCTIONS & functions:
            tiers += ["C", "D"]
        yield endpoint, tiers


def target_of(endpoint: Endpoint, tier: Tier) -> ProbeTarget:
    """The target of an endpoint in a tier as it begins, not saved yet."""
    return ProbeTarget(
        endpoint=endpoint,
        tier=tier,
        interval_s=_interval_s(endpoint, tier),
        timeout_s=timeout_s_for(tier, reasoning=endpoint.model.reasoning),
    )


def _interval_s(endpoint: Endpoint, tier: Tier) -> int:
    if endpoint.simulated:
        return SIMULATED_PERFORMANCE_INTERVAL_S if tier == "C" else INTERVAL_S[tier]
    return REASONING_INTERVAL_S if tier == "B" and endpoint.model.reasoning else INTERVAL_S[tier]


def spec_for(
    endpoint: Endpoint,
    *,
    region: str,
    tier: Tier,
    due_at: float,
    expect_ok: bool = True,
    target: ProbeTarget | None = None,
) -> ProbeSpec:
    """One probe of an endpoint; `due_at` in unix seconds. Without a target: one made by hand, id 0."""
    reasoning = endpoint.model.reasoning
    return ProbeSpec(
        target_id=target.pk if target else 0,
        endpoint=endpoint.slug,
        region=region,
        tier=tier,
        protocol=endpoint.protocol,
        base_url=endpoint.base_url,
        provider_model_id=endpoint.provider_model_id,
        key_env=endpoint.key_env,
        base_url_env=endpoint.base_url_env,
        due_at=due_at,
        timeout_s=target.timeout_s if target else timeout_s_for(tier, reasoning=reasoning),
        reasoning=reasoning,
        options=endpoint.probe_options,
        expected_answer=(target.expected_answer or None) if target else None,
        expect_ok=expect_ok,
        confirm=tier in CONFIRMED_TIERS,
    )


def spec_of_target(
    target: ProbeTarget, region: str, due_at: float, expected: dict[tuple[int, str], bool]
) -> ProbeSpec:
    """The scheduled probe of a target; `expected`: `probes.selectors.expectations`."""
    return spec_for(
        target.endpoint,
        region=region,
        tier=target.tier,  # type: ignore[arg-type]  # choices are the literals
        due_at=due_at,
        expect_ok=expected.get((target.pk, region), True),
        target=target,
    )

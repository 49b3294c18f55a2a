"""Reading the board. Every count on every page, in the API and in the push comes from `load_board`."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Prefetch, QuerySet

from aigo.lib.events import event_log
from aigo.lib.regions import ALL, BY_SLUG, REGIONS, THIS_MACHINE, Region
from catalog.models import AIModel, Endpoint, Price
from probes.attempts import METHOD_VERSION
from probes.selectors import Reach, reaches
from status.board import SORTS, Board, BoardRow, Counts, count, ranked
from status.models import EndpointState
from status.rules import Reason, State, is_fresh


@dataclass(frozen=True, slots=True)
class Stats:
    """The counts over all regions and for each."""

    counts: Counts
    by_region: dict[str, Counts]
    generated_at: datetime


def load_board(region: str, *, sort: str = SORTS[0], now: datetime) -> Board:
    """The whole board of a region ("all" = over all regions), ranked."""
    event_id = event_log().last_id()
    reach_list = reaches(now=now)
    endpoints = list(_board_endpoints())
    states = {state.endpoint_id: state for state in _states(endpoints).filter(region=region)}
    rows = [_row(endpoint, states.get(endpoint.pk), region, reach_list, now) for endpoint in endpoints]
    return Board(
        region=region,
        sort=sort,
        generated_at=now,
        event_id=event_id,
        method_version=METHOD_VERSION,
        counts=count(rows, catalogue_models=AIModel.objects.known().count()),
        endpoints=ranked(rows, sort),
        regions=shown_regions(reach_list),
    )


def load_stats(*, now: datetime) -> Stats:
    """The counts of every region, by the same rule as the board's."""
    reach_list = reaches(now=now)
    endpoints = list(_board_endpoints())
    states = {(state.endpoint_id, state.region): state for state in _states(endpoints)}
    known = AIModel.objects.known().count()

    def counted(region: str) -> Counts:
        rows = [_row(e, states.get((e.pk, region)), region, reach_list, now) for e in endpoints]
        return count(rows, catalogue_models=known)

    by_region = {region.slug: counted(region.slug) for region in shown_regions(reach_list)}
    return Stats(counts=counted(ALL), by_region=by_region, generated_at=now)


def shown_regions(reach_list: Iterable[Reach]) -> tuple[Region, ...]:
    """The regions a reader can choose: the six, and this machine where it measures under no city's name."""
    local = any(reach.region == THIS_MACHINE.slug and (reach.keys or reach.real) for reach in reach_list)
    return (*REGIONS, THIS_MACHINE) if local and not settings.SIMULATION else REGIONS


def region_or_none(slug: str) -> Region | None:
    """The region of that slug ("all" included), or None."""
    return BY_SLUG.get(slug)


def _board_endpoints() -> QuerySet[Endpoint]:
    standard = Price.objects.current().filter(tier="standard", region_scope="all")
    return (
        Endpoint.objects.for_board(simulation=settings.SIMULATION)
        .select_related("provider", "model__creator")
        .prefetch_related(Prefetch("prices", queryset=standard, to_attr="open_prices"))
    )


def _states(endpoints: list[Endpoint]) -> QuerySet[EndpointState]:
    return EndpointState.objects.filter(endpoint__in=[endpoint.pk for endpoint in endpoints])


def _row(
    endpoint: Endpoint, state: EndpointState | None, region: str, reach_list: list[Reach], now: datetime
) -> BoardRow:
    covering = [reach for reach in reach_list if region in (ALL, reach.region)]
    fresh = state is not None and is_fresh(state.last_sample_at, state.interval_s, now)
    measured = fresh or any(reach.covers(endpoint) for reach in covering)
    known = state if state is not None and measured else None
    return BoardRow(
        **_facts(endpoint),
        region=region,
        state=State(known.state) if known and fresh else State.UNKNOWN,
        reason=_reason(known, fresh, measured),
        since=known.since if known and fresh else None,
        availability_pct=known.availability_pct if known else None,
        p50_ms=known.p50_ms if known else None,
        p95_ms=known.p95_ms if known else None,
        ttft_p50_ms=known.ttft_p50_ms if known else None,
        error_rate_pct=known.error_rate_pct if known else None,
        samples=known.samples if known else 0,
        window_s=known.window_s if known else 0,
        last_sample_at=known.last_sample_at if known else None,
        tier=known.tier if known else "",
        method_version=known.method_version if known else METHOD_VERSION,
        measured=measured,
    )


def _facts(endpoint: Endpoint) -> dict[str, Any]:
    model = endpoint.model
    price = next(iter(endpoint.open_prices), None)  # type: ignore[attr-defined]  # from _board_endpoints
    return {
        "slug": endpoint.slug,
        "name": model.name,
        "model_slug": model.slug,
        "provider": endpoint.provider.name,
        "provider_slug": endpoint.provider.slug,
        "foundation": model.family or model.creator.name,
        "functions": tuple(model.functions),
        "reasoning": model.reasoning,
        "simulated": endpoint.simulated,
        "key_env": endpoint.key_env,
        "icon": endpoint.provider.icon,
        "context_window": model.context_window,
        "released_on": model.released_on,
        "input_usd_per_mtok": price.input_usd_per_mtok if price else None,
        "output_usd_per_mtok": price.output_usd_per_mtok if price else None,
    }


def _reason(state: EndpointState | None, fresh: bool, measured: bool) -> str:
    if not measured:
        return Reason.NO_KEY
    if state is None or state.last_sample_at is None:
        return Reason.NO_SAMPLES
    return state.reason if fresh else Reason.STALE

"""Reading the board. Every count on every page, in the API and in the push comes from `load_board`."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db.models import Prefetch, QuerySet

from aigo.lib.events import LogUnavailable, event_log
from aigo.lib.regions import ALL, REGIONS, THIS_MACHINE, Region
from catalog.models import AIModel, Endpoint, Price
from probes.attempts import METHOD_VERSION
from probes.selectors import POP_FORGOTTEN_AFTER, Reach, paused_endpoints, reaches
from probes.servers import Usage, usage_of_endpoints
from probes.services import pops, spending
from status.board import SORTS, Board, BoardRow, Counts, count, ranked
from status.models import EndpointState
from status.rules import Reason, State, is_fresh


@dataclass(frozen=True, slots=True)
class Stats:
    """The counts over all regions and for each."""

    counts: Counts
    by_region: dict[str, Counts]
    generated_at: datetime


@dataclass(frozen=True, slots=True)
class _Moment:
    """What all rows of one answer are judged against."""

    now: datetime
    live: list[Reach]
    known: list[Reach]
    broke: frozenset[int]
    paused: frozenset[int]
    offline: frozenset[str]

    @classmethod
    def of(cls, now: datetime) -> "_Moment":
        live, known = reaches(now=now), reaches(now=now, within=POP_FORGOTTEN_AFTER)
        return cls(now, live, known, spending.exhausted(now=now), paused_endpoints(), pops.offline_regions())


def load_board(region: str, *, sort: str = SORTS[0], now: datetime) -> Board:
    """The whole board of a region ("all" = over all regions), ranked."""
    event_id = _newest_event_id()
    moment = _Moment.of(now)
    endpoints = list(_board_endpoints())
    states = {state.endpoint_id: state for state in _states(endpoints).filter(region=region)}
    usage = usage_of_endpoints(now=now)
    rows = [_row(e, states.get(e.pk), region, moment, usage.get(e.pk)) for e in endpoints]
    return Board(
        region=region,
        sort=sort,
        generated_at=now,
        event_id=event_id,
        method_version=METHOD_VERSION,
        counts=count(rows, catalogue_models=AIModel.objects.known().count()),
        endpoints=ranked(rows, sort),
        regions=shown_regions(moment.known),
    )


def load_stats(*, now: datetime) -> Stats:
    """The counts of every region, by the same rule as the board's."""
    moment = _Moment.of(now)
    endpoints = list(_board_endpoints())
    states = {(state.endpoint_id, state.region): state for state in _states(endpoints)}
    known = AIModel.objects.known().count()

    def counted(region: str) -> Counts:
        rows = [_row(e, states.get((e.pk, region)), region, moment) for e in endpoints]
        return count(rows, catalogue_models=known)

    by_region = {region.slug: counted(region.slug) for region in shown_regions(moment.known)}
    return Stats(counts=counted(ALL), by_region=by_region, generated_at=now)


def _newest_event_id() -> str:
    """Where live readers go on from; "" (they begin with a snapshot) while the log cannot be reached."""
    try:
        return event_log().last_id()
    except LogUnavailable:
        return ""


def shown_regions(reach_list: Iterable[Reach]) -> tuple[Region, ...]:
    """The regions a reader can choose: the six, and this machine where it measures under no city's name."""
    local = any(reach.region == THIS_MACHINE.slug and (reach.keys or reach.real) for reach in reach_list)
    return (*REGIONS, THIS_MACHINE) if local and not settings.SIMULATION else REGIONS


def _board_endpoints() -> QuerySet[Endpoint]:
    standard = Price.objects.current().standard()
    return (
        Endpoint.objects.for_board(simulation=settings.SIMULATION)
        .select_related("provider", "model__creator")
        .prefetch_related(Prefetch("prices", queryset=standard, to_attr="open_prices"))
    )


def _states(endpoints: list[Endpoint]) -> QuerySet[EndpointState]:
    return EndpointState.objects.filter(endpoint__in=[endpoint.pk for endpoint in endpoints])


def _row(
    endpoint: Endpoint,
    state: EndpointState | None,
    region: str,
    moment: _Moment,
    usage: Usage | None = None,
) -> BoardRow:
    """The row; figures only while they are fresh, so that nothing old is ranked as if it were now."""
    fresh = state is not None and is_fresh(state.last_sample_at, state.interval_s, moment.now)
    shown = state if fresh else None
    measured = fresh or endpoint.simulated or _covered(endpoint, region, moment.known)
    return BoardRow(
        **_facts(endpoint),
        region=region,
        state=State(shown.state) if shown else State.UNKNOWN,
        reason=shown.reason if shown else _missing(endpoint, state, region, moment),
        since=shown.since if shown else None,
        availability_pct=shown.availability_pct if shown else None,
        p50_ms=shown.p50_ms if shown else None,
        p95_ms=shown.p95_ms if shown else None,
        ttft_p50_ms=shown.ttft_p50_ms if shown else None,
        error_rate_pct=shown.error_rate_pct if shown else None,
        samples=shown.samples if shown else 0,
        window_s=shown.window_s if shown else 0,
        last_sample_at=state.last_sample_at if state and measured else None,
        tier=state.tier if state else "",
        method_version=state.method_version if state else METHOD_VERSION,
        measured=measured,
        usage_rpm=usage.requests_per_min if usage else None,
        usage_servers=usage.servers if usage else (),
        usage_silent=usage.silent if usage else (),
        usage_at=usage.at if usage else None,
    )


def _covered(endpoint: Endpoint, region: str, reach_list: list[Reach]) -> bool:
    return any(region in (ALL, reach.region) and reach.covers(endpoint) for reach in reach_list)


def _missing(endpoint: Endpoint, state: EndpointState | None, region: str, moment: _Moment) -> Reason:
    """Why there is no fresh figure."""
    if not _covered(endpoint, region, moment.live):
        needs_key = not endpoint.simulated and not _covered(endpoint, region, moment.known)
        return Reason.NO_KEY if needs_key else Reason.NO_WORKER
    unpaid = endpoint.provider_id in moment.broke or endpoint.pk in moment.paused
    if unpaid and not (state and state.tier == "A"):
        return Reason.BUDGET
    if region in moment.offline:
        return Reason.POP_OFFLINE
    return Reason.NO_SAMPLES if state is None or state.last_sample_at is None else Reason.STALE


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

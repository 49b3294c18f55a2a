"""The same counts on every page and in the API, and verdicts that follow from what was announced."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import resolve

from aigo.invariants.finding import Finding, Scope
from aigo.lib.regions import ALL
from catalog.models import Endpoint
from status.board import SORTS
from status.models import EndpointState, StatusChange
from status.rules import State
from status.selectors import load_snapshot

STATES = ("operational", "degraded", "outage")


def counts_agree(scope: Scope) -> Finding:
    """total = active + unknown, active = operational + degraded + outage: board, stats and API."""
    finding, snapshot = Finding(), load_snapshot(now=scope.now)
    watched = Endpoint.objects.for_board(simulation=settings.SIMULATION).count()
    stats = snapshot.stats()
    for region, counted in {ALL: stats.counts, **stats.by_region}.items():
        board = snapshot.board(region, SORTS[0])
        finding.violations += [f"{region}: {wrong}" for wrong in _sums(asdict(counted), watched)]
        if board.counts != counted:
            finding.violations.append(f"{region}: the board counts {board.counts}, stats {counted}")
        rows = Counter(row.state.value for row in board.endpoints)
        if any(rows[state] != getattr(counted, state) for state in (*STATES, "unknown")):
            finding.violations.append(f"{region}: the rows are {dict(rows)}, stats say {counted}")
    status, told = _api_stats()
    if status == HTTPStatus.OK:
        for region, counted in {ALL: told["counts"], **told["by_region"]}.items():
            finding.violations += [f"API, {region}: {wrong}" for wrong in _sums(counted, watched)]
    else:
        finding.violations.append(f"/api/v1/stats answers {status}: {told.get('detail', told)}")
    finding.examined = f"{len(stats.by_region) + 1} regions, {watched:,} endpoints"
    return finding


def _sums(counted: Mapping[str, int], watched: int) -> list[str]:
    total, active, unknown = (counted[name] for name in ("total", "active", "unknown"))
    wrong = []
    if total != active + unknown:
        wrong.append(f"total {total} is not active {active} + unknown {unknown}")
    if active != sum(counted[state] for state in STATES):
        parts = ", ".join(f"{state} {counted[state]}" for state in STATES)
        wrong.append(f"active {active} is not the sum of {parts}")
    if total != watched:
        wrong.append(f"total {total}, but {watched} endpoints are watched")
    return wrong


def _api_stats() -> tuple[int, dict[str, Any]]:
    """Status and body that `/api/v1/stats` answers now."""
    request = HttpRequest()
    request.method, request.path = "GET", "/api/v1/stats"
    request.META |= {"REMOTE_ADDR": "127.0.0.1", "SERVER_NAME": "localhost", "SERVER_PORT": "80"}
    found = resolve(request.path)
    response = found.func(request, *found.args, **found.kwargs)
    if hasattr(response, "render"):
        response.render()
    return response.status_code, json.loads(response.content)


def states_follow_changes(scope: Scope) -> Finding:
    """A state that is known is the one that its last announced change led to.

    Last is what was written last: two workers take their moment before they wait for the endpoint's row.
    """
    last: dict[tuple[int, str], str] = {}
    for endpoint_id, region, to_state in StatusChange.objects.order_by("pk").values_list(
        "endpoint", "region", "to_state"
    ):
        last[endpoint_id, region] = to_state
    known = EndpointState.objects.exclude(state=State.UNKNOWN).select_related("endpoint")
    finding = Finding(examined=f"{known.count():,} states")
    for state in known:
        announced = last.get((state.endpoint_id, state.region), "nothing")
        if announced != state.state:
            finding.violations.append(
                f"{state.endpoint.slug} {state.region} is {state.state}; announced last was {announced}"
            )
    return finding


def changes_are_chains(scope: Scope) -> Finding:
    """Each change begins where the one before it ended, and is later: none lost, none doubled.

    One that begins with unknown may follow any: an endpoint may have been forgotten in between.
    """
    last: dict[tuple[int, str], tuple[str, datetime | None]] = {}
    finding, examined = Finding(), 0
    rows = StatusChange.objects.order_by("pk").values_list(
        "endpoint", "region", "from_state", "to_state", "at"
    )
    for endpoint_id, region, before, after, at in rows.iterator():
        examined += 1
        ended, ended_at = last.get((endpoint_id, region), (State.UNKNOWN, None))
        if before not in (ended, State.UNKNOWN):
            finding.violations.append(
                f"endpoint {endpoint_id} {region}: {before} → {after} at {at} follows on {ended}"
            )
        if ended_at is not None and at <= ended_at:
            finding.violations.append(f"endpoint {endpoint_id} {region}: a change at {at} follows {ended_at}")
        last[endpoint_id, region] = after, at
    finding.examined = f"{examined:,} changes"
    return finding

"""The control paths: stop and start providers and regions, swap models, put faults on, steer official pages.

A hand goes before the scenario, and a region before a provider.
"""

import json
from collections.abc import Collection
from typing import Any, Final

from aiohttp import web

from probes.simulator.sections import ScenarioError
from probes.simulator.state import STOP_MODES, Simulator

SIMULATOR: Final = web.AppKey("simulator", Simulator)


def add_routes(app: web.Application) -> None:
    app.router.add_get("/_control/state", show_state)
    app.router.add_post("/_control/providers/{slug}/{action:stop|start}", stop_or_start)
    app.router.add_post("/_control/regions/{slug}/{action:stop|start}", stop_or_start)
    app.router.add_post("/_control/endpoints/{slug}/{action:swap|restore}", swap_or_restore)
    app.router.add_put("/_control/faults/{name:[a-z0-9-]{1,40}}", put_fault)
    app.router.add_delete("/_control/faults/{name:[a-z0-9-]{1,40}}", lift_fault)
    app.router.add_put("/_control/pages/{slug}", put_page)
    app.router.add_delete("/_control/pages/{slug}", release_page)


async def show_state(request: web.Request) -> web.Response:
    return web.json_response(request.app[SIMULATOR].state())


async def stop_or_start(request: web.Request) -> web.Response:
    """`{"mode": "reset" | "503" | "529" | "hang"}`, default reset: for a provider or for all of a region."""
    simulator, slug = request.app[SIMULATOR], request.match_info["slug"]
    regions = "/regions/" in request.path
    known = simulator.scenario.multipliers if regions else simulator.fleet
    if slug not in known:
        return _unknown("region" if regions else "provider", slug, known)
    if request.match_info["action"] == "start":
        if regions:
            simulator.offline.pop(slug, None)
        else:
            simulator.start(slug)
        return web.json_response(simulator.state())
    body = await _body(request)
    mode = None if body is None else str(body.get("mode", "reset"))
    if mode is None:
        return _refuse("the body must be a JSON object")
    if mode not in STOP_MODES:
        return _refuse(f"mode: expected one of {', '.join(STOP_MODES)}, got {mode!r}")
    if regions:
        simulator.offline[slug] = mode
    else:
        simulator.stop(slug, mode)
    return web.json_response(simulator.state())


async def swap_or_restore(request: web.Request) -> web.Response:
    """`{"model": NAME, "fingerprint": TEXT}`, at least one of them: who answers from now on."""
    simulator, slug = request.app[SIMULATOR], request.match_info["slug"]
    known = [model.endpoint for models in simulator.fleet.values() for model in models.values()]
    if slug not in known:
        return _unknown("endpoint", slug, known)
    if request.match_info["action"] == "restore":
        simulator.swapped.pop(slug, None)
        return web.json_response(simulator.state())
    body = await _body(request) or {}
    names = str(body.get("model", "")), str(body.get("fingerprint", ""))
    if not any(names):
        return _refuse("name a model, a fingerprint or both")
    simulator.swapped[slug] = names
    return web.json_response(simulator.state())


async def put_fault(request: web.Request) -> web.Response:
    """Keys of the body as SCENARIOS.md describes them.

    The name is the caller's: by it the fault is put in the place of another, and lifted.
    """
    body = await _body(request)
    if body is None:
        return _refuse("the body must be a JSON object")
    try:
        request.app[SIMULATOR].put_fault(request.match_info["name"], body)
    except ScenarioError as error:
        return _refuse(str(error))
    return web.json_response(request.app[SIMULATOR].state())


async def lift_fault(request: web.Request) -> web.Response:
    """Lift a fault; one that is not there (any more) is lifted already."""
    request.app[SIMULATOR].lift_fault(request.match_info["name"])
    return web.json_response(request.app[SIMULATOR].state())


async def put_page(request: web.Request) -> web.Response:
    """How a provider's official page tells from now on; keys as SCENARIOS.md describes them."""
    simulator, slug = request.app[SIMULATOR], request.match_info["slug"]
    if slug not in simulator.fleet:
        return _unknown("provider", slug, simulator.fleet)
    body = await _body(request)
    if body is None:
        return _refuse("the body must be a JSON object")
    try:
        simulator.put_page(slug, body)
    except ScenarioError as error:
        return _refuse(str(error))
    return web.json_response(simulator.state())


async def release_page(request: web.Request) -> web.Response:
    """The page tells as the scenario says again."""
    simulator, slug = request.app[SIMULATOR], request.match_info["slug"]
    if slug not in simulator.fleet:
        return _unknown("provider", slug, simulator.fleet)
    simulator.pages.pop(slug, None)
    return web.json_response(simulator.state())


async def _body(request: web.Request) -> dict[str, Any] | None:
    """The JSON object of the request, {} for an empty one, None for anything else."""
    try:
        body = json.loads(await request.text() or "{}")
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def _unknown(kind: str, slug: str, known: Collection[str]) -> web.Response:
    return web.json_response({"error": f"no {kind} {slug!r}; known: {', '.join(sorted(known))}"}, status=404)


def _refuse(text: str) -> web.Response:
    return web.json_response({"error": text}, status=400)

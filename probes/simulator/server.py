"""The HTTP server: `/<region>/<provider>/<vendor path>`, also without the region, and `/_control/…`.

A provider can be stopped by hand at any time; that goes before the scenario.
"""

import asyncio
import json
import time
import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import web

from probes.simulator.answers import compose_answer
from probes.simulator.fleet import Fleet, load_fleet
from probes.simulator.planning import Plan, plan_request
from probes.simulator.scenario import Scenario, load_scenario
from probes.simulator.streaming import abort, stream_answer
from probes.simulator.vendors import find_route
from probes.simulator.vendors.openai_chat import embedding
from probes.simulator.vendors.shape import Call, Failure, Vendor

INVALID_KEY: Final = "invalid"
LOCAL_REGION: Final = "local"
HANG_S: Final = 600.0
# What `stop` accepts → the fault that strikes every request.
STOP_MODES: Final = {"reset": "reset", "503": "http_503", "529": "http_529", "hang": "hang"}

HTML_PAGE: Final = (
    "<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>Checking</body></html>"
)


@dataclass(slots=True)
class Simulator:
    """The state of one running simulator. counters: requests so far by (endpoint, region)."""

    scenario: Scenario
    fleet: Fleet
    seed: int
    started: float = field(default_factory=time.monotonic)
    counters: Counter[tuple[str, str]] = field(default_factory=Counter)
    stopped: dict[str, str] = field(default_factory=dict)

    @property
    def clock_s(self) -> float:
        """Seconds on the scenario's clock since the start."""
        return (time.monotonic() - self.started) * self.scenario.speed

    def plan(self, endpoint: str, region: str, *, listing: bool) -> Plan:
        self.counters[endpoint, region] += 1
        number = self.counters[endpoint, region]
        return plan_request(self.scenario, self.seed, endpoint, region, number, self.clock_s, listing=listing)

    def state(self) -> dict[str, Any]:
        return {
            "scenario": self.scenario.name,
            "about": self.scenario.about,
            "seed": self.seed,
            "clock_s": round(self.clock_s, 3),
            "providers": sorted(self.fleet),
            "stopped": dict(self.stopped),
            "requests": {
                f"{endpoint}@{region}": n for (endpoint, region), n in sorted(self.counters.items())
            },
        }


SIMULATOR: Final = web.AppKey("simulator", Simulator)


def make_simulator(scenario: str = "default", seed: int = 1) -> Simulator:
    """ScenarioError for a scenario that cannot be used."""
    fleet = load_fleet()
    endpoints = [model.endpoint for models in fleet.values() for model in models.values()]
    return Simulator(load_scenario(scenario, endpoints), fleet, seed)


def make_app(simulator: Simulator) -> web.Application:
    app = web.Application(client_max_size=4 * 1024 * 1024)
    app[SIMULATOR] = simulator
    app.router.add_get("/_control/state", show_state)
    app.router.add_post("/_control/providers/{slug}/{action:stop|start}", control_provider)
    app.router.add_route("*", "/{tail:.*}", answer)
    return app


async def show_state(request: web.Request) -> web.Response:
    return web.json_response(request.app[SIMULATOR].state())


async def control_provider(request: web.Request) -> web.Response:
    """Stop (`{"mode": "reset" | "503" | "529" | "hang"}`, default reset) or start a provider."""
    simulator, slug = request.app[SIMULATOR], request.match_info["slug"]
    if slug not in simulator.fleet:
        known = ", ".join(sorted(simulator.fleet))
        return web.json_response({"error": f"no provider {slug!r}; known: {known}"}, status=404)
    if request.match_info["action"] == "start":
        simulator.stopped.pop(slug, None)
        return web.json_response(simulator.state())
    try:
        mode = str((json.loads(await request.text() or "{}")).get("mode", "reset"))
    except (ValueError, AttributeError):
        return web.json_response({"error": "the body must be a JSON object"}, status=400)
    if mode not in STOP_MODES:
        text = f"mode: expected one of {', '.join(STOP_MODES)}, got {mode!r}"
        return web.json_response({"error": text}, status=400)
    simulator.stopped[slug] = mode
    return web.json_response(simulator.state())


def split_path(path: str, fleet: Fleet) -> tuple[str, str, str] | None:
    """(region, provider, vendor path) of `/<region>/<provider>/…` or `/<provider>/…`.

    None for anything else.
    """
    parts = path.split("/", 3)[1:]
    if parts[0] in fleet:
        return LOCAL_REGION, parts[0], "/" + path.split("/", 2)[2] if path.count("/") > 1 else "/"
    if len(parts) == 3 and parts[1] in fleet:
        return parts[0], parts[1], "/" + parts[2]
    return None


async def answer(request: web.Request) -> web.StreamResponse:
    """Any vendor's request: find whose it is, plan what happens to it, let it happen."""
    simulator = request.app[SIMULATOR]
    place = split_path(request.path, simulator.fleet)
    if place is None:
        text = "expected /<region>/<provider>/<vendor path> or /<provider>/<vendor path>"
        return web.json_response({"error": {"message": text}}, status=404)
    region, provider, path = place
    models = simulator.fleet[provider]
    route = find_route(next(iter(models.values())).protocol, request.method, path)
    if route is None:
        return web.json_response({"error": {"message": f"{request.method} {path}: no such path"}}, status=404)
    vendor, operation, model = route
    if provider in simulator.stopped:
        fault = STOP_MODES[simulator.stopped[provider]]
        return await strike(request, vendor, Plan(0, 0, 0, 0, fault, HANG_S, 0))
    if key_of(request) == INVALID_KEY:
        return failure(vendor, vendor.fail("bad_key", ""))
    if operation in ("list", "show"):
        plan = simulator.plan(provider, region, listing=True)
        return await send_listing(request, vendor, plan, model)
    try:
        call = vendor.read(await request.json(), model, path)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as exc:
        return failure(vendor, vendor.fail("bad_request", f"{type(exc).__name__} {exc}"))
    if call.model not in models:
        return failure(vendor, vendor.fail("not_found", call.model))
    is_embedder = models[call.model].protocol == "openai_embeddings"
    if is_embedder != (operation == "embed"):
        return failure(vendor, vendor.fail("bad_request", f"{call.model} does not serve this path"))
    plan = simulator.plan(models[call.model].endpoint, region, listing=False)
    return await send_answer(request, vendor, plan, call)


async def send_listing(request: web.Request, vendor: Vendor, plan: Plan, model: str) -> web.StreamResponse:
    simulator = request.app[SIMULATOR]
    place = split_path(request.path, simulator.fleet)
    models = simulator.fleet[place[1]] if place else {}
    if plan.fault is not None:
        return await strike(request, vendor, plan)
    await asyncio.sleep(plan.headers_ms / 1000)
    if not model:
        return web.json_response(vendor.listing(models.values()))
    if model not in models:
        return failure(vendor, vendor.fail("not_found", model))
    return web.json_response(vendor.show(models[model]))


async def send_answer(request: web.Request, vendor: Vendor, plan: Plan, call: Call) -> web.StreamResponse:
    if plan.fault in ("reset", "hang", "html_200") or (plan.fault or "").startswith(
        ("http_", "rate_", "quota_")
    ):
        return await strike(request, vendor, plan)
    request_id = uuid.uuid4().hex[:24]
    if call.operation == "embed":
        await asyncio.sleep(plan.first_token_ms / 1000)
        values = [round((index % 7 - 3) / 10, 1) for index in range(64)]
        return web.json_response(embedding(call, values), headers={vendor.request_id_header: request_id})
    reply = compose_answer(call, plan, request_id, int(time.time()))
    if call.stream:
        return await stream_answer(request, vendor, plan, reply)
    await asyncio.sleep((plan.first_token_ms + plan.token_gap_ms * reply.output_tokens) / 1000)
    if plan.fault in ("cut_stream", "truncate_stream"):
        return abort(request)
    if plan.fault == "stream_error":
        return failure(vendor, vendor.fail("http_500", ""))
    return web.json_response(vendor.whole(reply), headers={vendor.request_id_header: request_id})


async def strike(request: web.Request, vendor: Vendor, plan: Plan) -> web.StreamResponse:
    """A fault that answers before any stream begins."""
    fault = plan.fault or ""
    if fault == "hang":
        await asyncio.sleep(plan.seconds)
        return abort(request)
    await asyncio.sleep(plan.headers_ms / 1000)
    if fault == "html_200":
        return web.Response(text=HTML_PAGE, content_type="text/html")
    if fault.startswith(("http_", "rate_", "quota_")):
        return failure(vendor, vendor.fail(fault, ""))
    return abort(request)


def failure(vendor: Vendor, told: Failure) -> web.Response:
    headers: Mapping[str, str] = {vendor.request_id_header: "req_simulated", **told.headers}
    return web.json_response(told.body, status=told.status, headers=headers)


def key_of(request: web.Request) -> str:
    """The key by any vendor's way of sending one; "" when there is none."""
    bearer = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
    named = (request.headers.get(name, "") for name in ("x-api-key", "api-key", "x-goog-api-key"))
    return bearer or next(filter(None, named), "") or request.query.get("key", "")

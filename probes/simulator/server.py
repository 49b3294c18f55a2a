"""The HTTP server: `/<region>/<provider>/<vendor path>`, also without region, `/pages/…`, `/_control/…`."""

import asyncio
import time
import uuid
from collections.abc import Mapping
from typing import Final

from aiohttp import web

from probes.simulator.answers import compose_answer, count_input
from probes.simulator.control import SIMULATOR, add_routes
from probes.simulator.fleet import Fleet
from probes.simulator.paging import add_pages
from probes.simulator.planning import Plan
from probes.simulator.state import STOP_MODES as STOP_MODES
from probes.simulator.state import Simulator as Simulator
from probes.simulator.state import make_simulator as make_simulator
from probes.simulator.streaming import abort, stream_answer
from probes.simulator.vendors import find_route
from probes.simulator.vendors.shape import Call, Failure, Vendor

INVALID_KEY: Final = "invalid"
LOCAL_REGION: Final = "local"

HTML_PAGE: Final = (
    "<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>Checking</body></html>"
)


def make_app(simulator: Simulator) -> web.Application:
    app = web.Application(client_max_size=4 * 1024 * 1024)
    app[SIMULATOR] = simulator
    add_routes(app)
    add_pages(app)
    app.router.add_route("*", "/{tail:.*}", answer)
    return app


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
    if forced := simulator.forced(provider, region):
        return await strike(request, vendor, forced)
    if key_of(request) == INVALID_KEY:
        return failure(vendor, vendor.fail("bad_key", ""))
    if operation in ("list", "show"):
        plan = simulator.plan(provider, region, listing=True)
        return await send_listing(request, vendor, plan, provider, model)
    try:
        call = vendor.read(await request.json(), model, path)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as exc:
        return failure(vendor, vendor.fail("bad_request", f"{type(exc).__name__} {exc}"))
    if call.model not in models:
        return failure(vendor, vendor.fail("not_found", call.model))
    if models[call.model].embeds != (operation == "embed"):
        return failure(vendor, vendor.fail("bad_request", f"{call.model} does not serve this path"))
    plan = simulator.plan(models[call.model].endpoint, region, listing=False)
    return await send_answer(request, vendor, plan, call, models[call.model].endpoint)


async def send_listing(
    request: web.Request, vendor: Vendor, plan: Plan, provider: str, model: str
) -> web.StreamResponse:
    models = {listed.id: listed for listed in request.app[SIMULATOR].listed(provider)}
    if plan.fault is not None:
        return await strike(request, vendor, plan)
    await asyncio.sleep(plan.headers_ms / 1000)
    if model and model not in models:
        return failure(vendor, vendor.fail("not_found", model))
    if model:
        return web.json_response(vendor.show(models[model]))
    try:
        return web.json_response(vendor.listing(list(models.values()), request.query))
    except ValueError as exc:
        return failure(vendor, vendor.fail("bad_request", f"page: {exc}"))


async def send_answer(
    request: web.Request, vendor: Vendor, plan: Plan, call: Call, endpoint: str
) -> web.StreamResponse:
    allowance, passes = request.app[SIMULATOR].allow(endpoint, count_input(call.prompt) + (call.cap or 0))
    limits = vendor.limit_headers(allowance) if allowance else {}
    if not passes:
        told = vendor.fail("rate_429", "")
        return failure(vendor, Failure(told.status, told.body, {**told.headers, **limits}))
    if plan.fault in ("reset", "hang", "html_200") or (plan.fault or "").startswith(
        ("http_", "rate_", "quota_")
    ):
        return await strike(request, vendor, plan)
    request_id = uuid.uuid4().hex[:24]
    headers = {vendor.request_id_header: request_id, **limits}
    if call.operation == "embed":
        await asyncio.sleep(plan.first_token_ms / 1000)
        values = [round((index % 7 - 3) / 10, 1) for index in range(64)]
        return web.json_response(vendor.embed(call, values), headers=headers)
    reply = compose_answer(call, plan, request_id, int(time.time()))
    if call.stream:
        return await stream_answer(request, vendor, plan, reply, headers)
    await asyncio.sleep((plan.first_token_ms + plan.token_gap_ms * reply.output_tokens) / 1000)
    if plan.fault in ("cut_stream", "truncate_stream"):
        return abort(request)
    if plan.fault == "stream_error":
        return failure(vendor, vendor.fail("http_500", ""))
    return web.json_response(vendor.whole(reply), headers=headers)


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

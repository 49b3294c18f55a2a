"""The simulator's official pages over HTTP: `/pages/<provider>/api/v2/….json`, `…/history.atom`, `…/`."""

import asyncio
import hashlib
import html
import json
from typing import Final

from aiohttp import web

from probes.simulator.control import SIMULATOR
from probes.simulator.pages import bodies_at
from probes.simulator.state import HANG_S
from probes.simulator.streaming import abort

_CHUNK: Final = b" " * 65_536
_HUGE_CHUNKS: Final = 1_600  # 100 MB


def add_pages(app: web.Application) -> None:
    app.router.add_get("/pages/{provider}/{tail:.*}", show_page)


async def show_page(request: web.Request) -> web.StreamResponse:
    """A body of the page as it is now, with an ETag; words for people under its address and incidents'."""
    simulator, provider = request.app[SIMULATOR], request.match_info["provider"]
    if provider not in simulator.fleet:
        return web.json_response({"error": {"message": f"no provider {provider!r}"}}, status=404)
    now = simulator.now()
    telling = simulator.telling(provider)
    mode, tail = telling.mode_at(now), request.match_info["tail"]
    if mode == "hang":
        await asyncio.sleep(HANG_S)
        return abort(request)
    if mode == "huge":
        return await _send_huge(request)
    bodies = bodies_at(
        provider,
        simulator.troubles(provider),
        now,
        telling=telling,
        components=[model.name for model in simulator.fleet[provider].values()],
        name=provider.replace("-", " ").title(),
        url=f"{request.scheme}://{request.host}/pages/{provider}",
    )
    if tail in bodies:
        return _conditional(request, bodies[tail], _type_of(tail, mode))
    if not tail or tail.startswith("incidents/"):
        return web.Response(text=_for_people(provider, bodies), content_type="text/html")
    return web.json_response({"error": {"message": f"{tail}: no such path of a page"}}, status=404)


def _conditional(request: web.Request, body: bytes, content_type: str) -> web.Response:
    tag = hashlib.sha256(body).hexdigest()[:32]
    response = web.Response(body=body, content_type=content_type)
    if any(known.value == tag for known in request.if_none_match or ()):
        response = web.Response(status=304)
    response.etag = tag
    return response


async def _send_huge(request: web.Request) -> web.StreamResponse:
    """JSON that begins well and does not end for 100 MB."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    await response.write(b'{"page":{"name":"')
    for _ in range(_HUGE_CHUNKS):
        await response.write(_CHUNK)
    await response.write(b'"}}')
    return response


def _type_of(tail: str, mode: str) -> str:
    if mode == "html":
        return "text/html"
    return "application/atom+xml" if tail.endswith(".atom") else "application/json"


def _for_people(provider: str, bodies: dict[str, bytes]) -> str:
    """The incidents in words, so that a link to one leads somewhere."""
    try:
        incidents = json.loads(bodies["api/v2/incidents.json"])["incidents"]
    except (ValueError, KeyError):
        incidents = []
    lines = "".join(
        f"<h2>{html.escape(one['name'])} ({one['status']})</h2>"
        + "".join(f"<p>{up['created_at']} {html.escape(up['body'])}</p>" for up in one["incident_updates"])
        for one in incidents
    )
    title = f"{html.escape(provider)}: simulated status page"
    return (
        f"<!DOCTYPE html><html><head><title>{title}</title></head><body><h1>{title}</h1>{lines}</body></html>"
    )

"""Sends a streamed answer at its planned pace, and breaks it where the plan says."""

import asyncio
from collections.abc import Mapping
from typing import Final

from aiohttp import web

from probes.simulator.planning import Plan
from probes.simulator.vendors.shape import Answer, Frame, Vendor

KEEP_ALIVE: Final = b": keep-alive\r\n\r\n"
KEEP_ALIVES: Final = 3
NOT_JSON: Final = b'data: {"id": "broken", "choices": [{"delta": {"content": "o\n\n'


def abort(request: web.Request) -> web.Response:
    """Reset the connection. The response only satisfies aiohttp; nobody receives it."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)


async def stream_answer(
    request: web.Request, vendor: Vendor, plan: Plan, answer: Answer, headers: Mapping[str, str]
) -> web.StreamResponse:
    """Headers at their time, the first token at its time, then one token per gap."""
    await asyncio.sleep(plan.headers_ms / 1000)
    response = web.StreamResponse(headers={**headers, "Cache-Control": "no-cache"})
    response.content_type = vendor.stream_type
    await response.prepare(request)
    wait_ms = plan.first_token_ms - plan.headers_ms
    if plan.fault == "keep_alive" and vendor.comments:
        for _ in range(KEEP_ALIVES):
            await response.write(KEEP_ALIVE)
            await asyncio.sleep(wait_ms / KEEP_ALIVES / 1000)
        wait_ms = 0
    return await _send_frames(request, response, vendor, plan, answer, wait_ms)


async def _send_frames(
    request: web.Request,
    response: web.StreamResponse,
    vendor: Vendor,
    plan: Plan,
    answer: Answer,
    wait_ms: float,
) -> web.StreamResponse:
    """wait_ms: what is left until the first token."""
    tokens = 0
    for frame in vendor.frames(answer):
        if frame.kind != "open":  # the end of an empty answer keeps the planned time, too
            await asyncio.sleep(wait_ms / 1000)
            wait_ms = 0
        if frame.kind == "token":
            if tokens == 1 and plan.fault == "slow_stream":
                await asyncio.sleep(plan.seconds)
            await asyncio.sleep(plan.token_gap_ms / 1000 if tokens else 0)
            tokens += 1
        if _breaks_here(plan, frame, tokens):
            return await _break(request, response, vendor, plan)
        await response.write(frame.data)
    await response.write_eof()
    return response


def _breaks_here(plan: Plan, frame: Frame, tokens: int) -> bool:
    """Before the token after `cut_after`, or where the closing frames would begin."""
    if plan.fault not in ("cut_stream", "truncate_stream", "stream_error", "bad_json"):
        return False
    return frame.kind == "close" or tokens > plan.cut_after


async def _break(
    request: web.Request, response: web.StreamResponse, vendor: Vendor, plan: Plan
) -> web.StreamResponse:
    if plan.fault == "cut_stream":
        abort(request)
        return response
    if plan.fault == "stream_error":
        await response.write(vendor.broken_stream())
    elif plan.fault == "bad_json":
        await response.write(NOT_JSON)
    await response.write_eof()
    return response

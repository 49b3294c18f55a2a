"""A busy host must not be taken for a slow provider."""

import asyncio
import time

import pytest

from probes.scrubbing import scrub
from probes.tests.making import make_spec
from probes.tests.wire import CHAT_OK, STREAM_HEAD, probe, serving
from probes.watchdog import LoopWatchdog


async def test_an_attempt_during_which_our_loop_stood_still_is_lagged():
    async def blocked(reader, writer):
        time.sleep(0.7)  # noqa: ASYNC251 - what a starved host does to the loop
        writer.write(STREAM_HEAD + CHAT_OK)

    async with serving(blocked) as port:
        attempt = await probe(make_spec(base_url=f"http://127.0.0.1:{port}/v1"), watchdog=LoopWatchdog())
    assert attempt.outcome == "lagged"
    assert "(else: ok)" in attempt.error_detail


async def test_a_slow_server_is_no_lag_of_ours():
    async def slow(reader, writer):
        await asyncio.sleep(0.7)
        writer.write(STREAM_HEAD + CHAT_OK)

    async with serving(slow) as port:
        attempt = await probe(make_spec(base_url=f"http://127.0.0.1:{port}/v1"), watchdog=LoopWatchdog())
    assert attempt.outcome == "ok"


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Incorrect API key provided: sk-proj-abcDEF123456.", "Incorrect API key provided: ***"),
        ("Authorization: Bearer abc.def-ghi", "Authorization: Bearer ***"),
        ("GET /v1beta/models?key=AIzaSyAbcdef1234567890&alt=sse", "GET /v1beta/models?***&alt=sse"),
        ("token gsk_0123456789abcdef was refused", "token *** was refused"),
        ("proxy http://user:pass@host:1 refused", "proxy http://***@host:1 refused"),
        ("two\n lines", "two lines"),
        ("key-related and co-operative words stay", "key-related and co-operative words stay"),
    ],
)
def test_what_is_shaped_like_a_key_is_scrubbed(text, kept):
    assert scrub(text).rstrip(".") == kept.rstrip(".")

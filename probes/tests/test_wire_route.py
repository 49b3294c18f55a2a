"""The way to a server: names and addresses."""

import contextlib
import socket

from probes.tests.making import happened, make_spec
from probes.tests.wire import CHAT_OK, STREAM_HEAD, answering, probe, serving


async def test_an_address_that_stays_silent_gives_way_to_the_next(monkeypatch):
    """127.0.0.2 has a listener whose queue is full: the kernel drops what knocks."""
    monkeypatch.setattr("probes.wire.connection.ADDRESS_TIMEOUT_S", 0.3)
    async with serving(answering(STREAM_HEAD + CHAT_OK)) as port:
        found = [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0))
            for address in ("127.0.0.2", "127.0.0.1")
        ]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: found)
        with contextlib.ExitStack() as stack:
            silent = stack.enter_context(socket.socket())
            silent.bind(("127.0.0.2", port))
            silent.listen(0)
            for _ in range(3):
                knocking = stack.enter_context(socket.socket())
                knocking.setblocking(False)
                knocking.connect_ex(("127.0.0.2", port))
            attempt = await probe(make_spec(base_url=f"http://two-addresses.test:{port}/v1"))
    assert (attempt.outcome, attempt.remote_ip) == ("ok", "127.0.0.1")
    assert 300 <= happened(attempt.connect_ms) < 7000

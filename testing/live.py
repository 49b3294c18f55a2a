"""Web processes that push, one Redis, one database: what a test of the live push talks to."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import websockets
from django.utils import timezone

from aigo.lib.events import RedisLog
from testing import migrated, redis_servers
from testing.environment import ROOT, clean_environment
from testing.patience import PATIENCE_S
from testing.processes import ServerProcess, free_port

#: What ends a connection by the clock: taking nothing for half a minute, saying too much within ten seconds.
#: A slow machine needs longer to get there.
PATIENT = f"""
import sys, django; django.setup()
from status import consumers
from status.live import audience
audience.BEHIND_S = consumers.WITHIN_S = {PATIENCE_S}
"""
OURS = f"""{PATIENT}
from aigo import serving
serving.UNACKNOWLEDGED_S = {PATIENCE_S:.0f}
serving.main(sys.argv[1:])
"""
ANY_OTHER = f"""{PATIENT}
import uvicorn
uvicorn.main()
"""
#: Ours, and any other ASGI server.
SERVERS = {
    "direct": [OURS, "-b", "127.0.0.1", "-p"],
    "asgi": [
        *(ANY_OTHER, "aigo.asgi:application", "--lifespan", "off"),
        *("--ws", "websockets-sansio", "--ws-ping-interval", f"{PATIENCE_S:g}"),
        "--port",
    ],
}
SEED = """
import django; django.setup()
from django.contrib.auth.models import User
from django.core.management import call_command
from django.utils import timezone
from probes.services.targets import sync_targets
from status.selectors import load_board
from testing.sessions import new_session
call_command("import_catalog", quiet=True)
sync_targets()
print(*sorted(row.slug for row in load_board("all", now=timezone.now()).rows)[:2])
for name in ("anna", "ben", "carla"):
    user = User.objects.create_superuser(name, f"{name}@example.org", "a-password")
    print(name, new_session(user))
"""
Frame = dict[str, Any]


@dataclass
class LiveSite:
    """`urls`: two web processes of ours, and one of another server. `sessions`: by name.

    `slugs`: two endpoints on the board.
    """

    urls: dict[str, str]
    redis: redis_servers.Redis
    sessions: dict[str, str]
    slugs: list[str]
    processes: dict[str, ServerProcess]

    def append(self, type: str, data: dict[str, Any]) -> str:
        """An event, as another process writes it."""
        return RedisLog(self.redis.url, 5_000).append(type, data, now=timezone.now())

    def change(self, *slugs: str, region: str = "all") -> str:
        """Verdicts on these endpoints."""
        return self.append("status.update", {"changed": {region: list(slugs)}})


@contextmanager
def running_site(folder: Path, **more: str) -> Iterator[LiveSite]:
    """The processes, up and answering."""
    with ExitStack() as stack:
        redis = stack.enter_context(redis_servers.redis())
        environment = {
            "DJANGO_SETTINGS_MODULE": "aigo.settings",
            "DATA_DIR": str(folder),
            "REDIS_URL": redis.url,
            "SECRET_KEY": "of these processes alone",
            "STATIC_HASHED": "0",
            "SIMULATION": "1",
            "NUM_PROXIES": "1",
            **more,
        }
        migrated.sqlite_into(folder)
        seeded = subprocess.run(
            [sys.executable, "-c", SEED],
            env=clean_environment(**environment),
            cwd=ROOT,
            check=True,
            capture_output=True,
            text=True,
        )
        slugs, *sessions = seeded.stdout.splitlines()
        site = LiveSite({}, redis, dict(line.split() for line in sessions), slugs.split(), {})
        for name, command in {**SERVERS, "other": SERVERS["direct"]}.items():
            port = free_port()
            process = ServerProcess([sys.executable, "-c", *command, str(port)], environment=environment)
            stack.callback(process.stop_quickly)
            site.processes[name], site.urls[name] = process, f"http://127.0.0.1:{port}"
        for name, process in site.processes.items():
            process.wait_for_url(f"{site.urls[name]}/healthz")
        yield site


class Socket:
    """A WebSocket client."""

    def __init__(self, connection: websockets.ClientConnection) -> None:
        self.connection = connection

    async def frame(self, timeout_s: float = PATIENCE_S) -> Frame:
        """The next one."""
        text = await asyncio.wait_for(self.connection.recv(), timeout_s)
        assert isinstance(text, str)
        return dict(json.loads(text))

    async def next(self, kind: str, timeout_s: float = PATIENCE_S) -> Frame:
        """The next one of that kind; others before it are passed over."""
        async with asyncio.timeout(timeout_s):
            while (frame := await self.frame(timeout_s))["type"] != kind:
                pass
        return frame

    async def until(self, event_id: str, timeout_s: float = PATIENCE_S) -> Frame:
        """The first frame that holds this event; what was told of earlier ones is passed over."""
        async with asyncio.timeout(timeout_s):
            while (frame := await self.frame(timeout_s))["id"] != event_id:
                pass
        return frame

    async def say(self, message: Any) -> None:
        await self.connection.send(message if isinstance(message, str | bytes) else json.dumps(message))

    async def closed(self, timeout_s: float = PATIENCE_S) -> int | None:
        """The code it was closed with, once it is."""
        async with asyncio.timeout(timeout_s):
            while True:
                try:
                    await self.connection.recv()
                except websockets.ConnectionClosed:
                    return self.connection.close_code


class Stream(Socket):
    """A client of server-sent events; the protocol's own words are checked as they come."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self.response = response

    async def frame(self, timeout_s: float = PATIENCE_S) -> Frame:
        fields: dict[str, str] = {}
        async with asyncio.timeout(timeout_s):
            while "data" not in fields:
                fields = {}
                while line := (await self.response.content.readline()).decode().removesuffix("\n"):
                    name, _colon, fields[name] = line.partition(": ")
                if not fields and self.response.content.at_eof():
                    raise EOFError
        frame = dict(json.loads(fields["data"]))
        assert frame["type"] == fields["event"]
        assert fields.get("id", frame["id"]) == frame["id"]
        return frame

    async def closed(self, timeout_s: float = PATIENCE_S) -> int | None:
        """None, once the stream has ended."""
        async with asyncio.timeout(timeout_s):
            while True:
                try:
                    await self.frame(timeout_s)
                except EOFError:
                    return None


class Client:
    """Opens what one address opens, and closes it in the end."""

    def __init__(self, site: LiveSite, address: str) -> None:
        self.site, self.address = site, address
        self._open: list[websockets.ClientConnection] = []
        self._answers: list[aiohttp.ClientResponse] = []
        self.http = aiohttp.ClientSession(read_bufsize=2**24)

    async def socket(self, query: str = "", *, at: str = "direct", **headers: str) -> Socket:
        address = f"{self.site.urls[at].replace('http', 'ws')}/ws/status?{query}"
        connection = await websockets.connect(
            address,
            additional_headers={"X-Forwarded-For": self.address, **headers},
            max_size=None,
            ping_interval=None,  # it would hang up on a server that does not answer within twenty seconds
        )
        self._open.append(connection)
        return Socket(connection)

    async def request(self, query: str = "", *, at: str = "direct", **headers: str) -> aiohttp.ClientResponse:
        address = f"{self.site.urls[at]}/events/status?{query}"
        response = await self.http.get(address, headers={"X-Forwarded-For": self.address, **headers})
        self._answers.append(response)
        return response

    async def stream(self, query: str = "", *, at: str = "direct", **headers: str) -> Stream:
        response = await self.request(query, at=at, **headers)
        assert response.status == 200, await response.text()
        return Stream(response)

    async def open(self, kind: str, query: str = "", *, at: str = "direct", **headers: str) -> Socket:
        opens = {"websocket": self.socket, "sse": self.stream}
        return await opens[kind](query, at=at, **headers)

    async def post(self, path: str, *, at: str, session: str = "", **fields: str) -> int:
        """As a page's form does; the answer's status."""
        cookies = {"sessionid": session, "csrftoken": "x" * 32}
        headers = {"X-CSRFToken": "x" * 32}
        async with self.http.post(
            self.site.urls[at] + path, data=fields, cookies=cookies, headers=headers, allow_redirects=False
        ) as answer:
            return answer.status

    async def close(self) -> None:
        for connection in self._open:
            await connection.close()
        for answer in self._answers:
            answer.close()
        await self.http.close()

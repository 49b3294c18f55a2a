"""The process that has the browser: is given pages, and asks for whatever they ask for, by lines of JSON.

In:   {"show": {url, body, headers, user_agent, settle_s, dom_bytes, elements, mark}}
      {"id", "answer": {status, headers, body} or null}
Out:  {"ready": true}, once
      {"id", "ask": url, "kind"}
      {"shown": html}, {"moved": url}, {"large": text}, {"crashed": text}; "worn": it must have no other page

`kind` is Playwright's resource type. Bodies are Base64. It ends when its input does.
"""

from __future__ import annotations

import asyncio
import base64
import json
import sys
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any, Final

from playwright.async_api import Browser, BrowserContext, Page, Request, Route, async_playwright
from playwright.async_api import Error as PlaywrightError

FLAGS: Final = (
    *("--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--mute-audio"),
    *("--disable-component-update", "--disable-sync", "--disable-shared-workers", "--disk-cache-size=1"),
    # What would get past our answers finds no name, and a proxy that is not there.
    *("--host-resolver-rules=MAP * ~NOTFOUND", "--proxy-server=http://127.0.0.1:9"),
    *("--proxy-bypass-list=<-loopback>", "--blink-settings=imagesEnabled=false"),
    "--js-flags=--max-old-space-size=256",
)
#: Ways to others that are no requests.
NO_WAYS_OUT: Final = """
for (const name of ["RTCPeerConnection", "WebTransport", "SharedWorker", "EventSource", "WebSocketStream"])
  delete globalThis[name];
"""
#: High, since many pages show and load what is in sight only.
VIEWPORT: Final = {"width": 1280, "height": 4_000}
_READING: Final = (Path(__file__).parent / "visible.js").read_text().strip().rstrip(";")
_READING_S: Final = 10.0
_CLOSING_S: Final = 3.0
#: A page that asks for nothing for so long is at rest.
_CALM_S: Final = 1.0
_LOOK_S: Final = 0.1
#: True once a page that is there in whole has nothing to do.
_IDLE: Final = "new Promise(done => requestIdleCallback(() => done(document.readyState !== 'loading')))"


class Owner:
    """Who owns this process, at the other end of the lines."""

    def __init__(self) -> None:
        self.jobs: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._numbers = count(1)

    async def listen(self) -> None:
        """Until the input ends."""
        reader = asyncio.StreamReader(limit=64_000_000)
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while line := await reader.readline():
            told = json.loads(line)
            if "show" in told:
                self.jobs.put_nowait(told["show"])
            elif (waiting := self._waiting.pop(told["id"], None)) is not None and not waiting.done():
                waiting.set_result(told["answer"])

    def tell(self, told: dict[str, Any]) -> None:
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()

    async def ask(self, url: str, kind: str) -> Any:
        """What is answered, None = nothing."""
        number = next(self._numbers)
        self._waiting[number] = asyncio.get_running_loop().create_future()
        self.tell({"id": number, "ask": url, "kind": kind})
        return await self._waiting[number]


class Showing:
    """One page, in a context of its own: nothing is kept of the one before."""

    def __init__(self, owner: Owner, page: Page, job: dict[str, Any]) -> None:
        self._owner, self._page, self._job = owner, page, job
        self._begun = False
        self._asking, self._asked_at = 0, 0.0
        self.left: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()

    async def prepare(self, context: BrowserContext) -> None:
        """Everything it asks for comes to us."""
        await context.add_init_script(NO_WAYS_OUT)
        await context.route("**/*", self._answer)
        await context.route_web_socket("**/*", lambda socket: socket.close())
        context.on("page", lambda popup: asyncio.ensure_future(popup.close()))
        self._page.on("crash", lambda _: self._leave({"crashed": "the page ran its browser down"}))
        self._page.on("dialog", lambda dialog: asyncio.ensure_future(dialog.dismiss()))

    async def result(self) -> dict[str, Any]:
        """What stands there when it has come to rest, or where it leads."""
        resting: asyncio.Future[Any] = asyncio.ensure_future(self._rest())
        await asyncio.wait((resting, self.left), return_when=asyncio.FIRST_COMPLETED)
        resting.cancel()
        with suppress(asyncio.CancelledError, PlaywrightError):
            await resting
        if self.left.done():
            return self.left.result()
        try:
            return await self._read()
        except PlaywrightError as error:
            if self.left.done():
                return self.left.result()
            return {"crashed": f"it cannot be read: {str(error).splitlines()[0][:200]}", "worn": True}

    async def _rest(self) -> None:
        """Until it is there and has nothing left to do, or its time is over."""
        with suppress(PlaywrightError):  # it goes elsewhere, or tried to
            await self._page.goto(self._job["url"], wait_until="commit", timeout=0)
        self._asked_at = asyncio.get_running_loop().time()
        with suppress(TimeoutError):
            async with asyncio.timeout(self._job["settle_s"]):
                while not await self._is_at_rest():  # noqa: ASYNC110
                    await asyncio.sleep(_LOOK_S)

    async def _is_at_rest(self) -> bool:
        """Whether it has asked for nothing for a while, and its scripts, which may be slower than we are, had
        nothing to do thereafter and asked for nothing meanwhile."""
        asked_at = self._asked_at
        if self._asking or asyncio.get_running_loop().time() < asked_at + _CALM_S:
            return False
        try:
            idle = await self._evaluate(_IDLE, awaitPromise=True)
        except PlaywrightError:  # it is just being put in another's place
            return False
        return idle is True and not self._asking and self._asked_at == asked_at

    async def _read(self) -> dict[str, Any]:
        limits = {
            "bytes": self._job["dom_bytes"],
            "elements": self._job["elements"],
            "mark": self._job["mark"],
        }
        found = await self._evaluate(
            f"({_READING})({json.dumps(limits)})", returnByValue=True, timeout=_READING_S * 1_000
        )
        if not isinstance(found, dict):
            return {"crashed": "its DOM cannot be read"}
        return {"large": found["large"]} if "large" in found else {"shown": found["html"]}

    async def _evaluate(self, expression: str, **more: Any) -> Any:
        """Its value, in a world that the page's scripts do not reach. PlaywrightError."""
        session = await self._page.context.new_cdp_session(self._page)
        frames = await session.send("Page.getFrameTree")
        world = await session.send(
            "Page.createIsolatedWorld",
            {"frameId": frames["frameTree"]["frame"]["id"], "worldName": "reading"},
        )
        told = await session.send(
            "Runtime.evaluate",
            {"contextId": world["executionContextId"], "expression": expression, **more},
        )
        return told["result"].get("value")

    async def _answer(self, route: Route, request: Request) -> None:
        with suppress(PlaywrightError):  # the page has gone
            if request.is_navigation_request():
                return await self._navigate(route, request)
            self._asking += 1
            try:
                wanted = request.method == "GET"
                found = await self._owner.ask(request.url, request.resource_type) if wanted else None
                await _fulfil(route, found)
            finally:
                self._asking -= 1
                self._asked_at = asyncio.get_running_loop().time()

    async def _navigate(self, route: Route, request: Request) -> None:
        """The page itself; where it then leads to is told, not followed."""
        ours = request.frame == self._page.main_frame  # PlaywrightError: a window that it opens
        first, self._begun = ours and not self._begun, self._begun or ours
        if first:
            return await _fulfil(route, {**self._job, "status": 200})
        await route.abort("aborted")  # the page stays as it is
        if ours and request.method == "GET":
            self._leave({"moved": request.url})
        return None

    def _leave(self, told: dict[str, Any]) -> None:
        if not self.left.done():
            self.left.set_result(told)


async def _fulfil(route: Route, answer: Any) -> None:
    if answer is None:
        return await route.abort()
    body = base64.b64decode(answer["body"])
    return await route.fulfill(status=answer["status"], headers=answer["headers"], body=body)


async def show(owner: Owner, browser: Browser, job: dict[str, Any]) -> dict[str, Any]:
    """One page, from an empty context to its end."""
    context = await browser.new_context(
        user_agent=job["user_agent"],
        viewport=VIEWPORT,  # type: ignore[arg-type]  # a plain dict is one
        accept_downloads=False,
        service_workers="block",
    )
    page = await context.new_page()
    showing = Showing(owner, page, job)
    await showing.prepare(context)
    told = await showing.result()
    try:
        async with asyncio.timeout(_CLOSING_S):
            await context.close()
    except (TimeoutError, PlaywrightError):
        told["worn"] = True
    return told


async def main(program: str, *, sandboxed: bool) -> None:
    """Until the input ends: who owns us may have been killed, while a page does not end."""
    owner = Owner()
    working = asyncio.ensure_future(work(owner, program, sandboxed=sandboxed))
    await asyncio.wait((asyncio.ensure_future(owner.listen()), working), return_when=asyncio.FIRST_COMPLETED)
    working.cancel()
    await working


async def work(owner: Owner, program: str, *, sandboxed: bool) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=program, args=FLAGS, chromium_sandbox=sandboxed
        )
        owner.tell({"ready": True})
        while True:
            owner.tell(await show(owner, browser, await owner.jobs.get()))


if __name__ == "__main__":
    with suppress(asyncio.CancelledError):
        asyncio.run(main(sys.argv[1], sandboxed=sys.argv[2] == "sandboxed"))

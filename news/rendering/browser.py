"""A browser, as its owner sees it: begun with the first page, killed with all it began at any limit.

Unshown      theirs, unless it is missing: a page that no reader could see either, or not in our limits
"""

from __future__ import annotations

import asyncio
import base64
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import Any, Final, Self

from django.conf import settings

from aigo.lib.fetch import Answer
from news.crawling.trees import MARK
from news.rendering.answering import Answers
from news.rendering.process import Process
from news.rendering.program import path_of
from news.rendering.rules import Limits

#: Of an answer's headers, what a page's meaning depends on. Cookies are not among them.
_PASSED: Final = frozenset(
    {
        "access-control-allow-credentials",
        "access-control-allow-origin",
        "content-language",
        "content-security-policy",
        "content-type",
        "x-content-type-options",
    }
)
_WATCH_S: Final = 0.25


class Unshown(Exception):
    """The page could not be shown. `large`: because there is too much of it."""

    def __init__(self, text: str, *, large: bool = False) -> None:
        self.large = large
        super().__init__(text)


@dataclass(frozen=True, slots=True)
class Shown:
    """`html`: the DOM as it came to rest, what is hidden marked; `moved`: "" or where the page leads by
    itself, then there is no html."""

    html: str = ""
    moved: str = ""


class Browser:
    """`with Browser() as browser`: one process for some pages, one after another."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits(dom_bytes=settings.NEWS_MAX_PAGE_BYTES)
        self._process: Process | None = None
        self._own = ExitStack()

    def __enter__(self) -> Self:
        self._loop = self._own.enter_context(asyncio.Runner())
        folder = tempfile.TemporaryDirectory(prefix="aigo-browser-", ignore_cleanup_errors=True)
        self._folder = self._own.enter_context(folder)
        return self

    def __exit__(self, *_: object) -> None:
        with self._own:
            self._loop.run(self._end())

    def show(self, document: Answer, *, allowed: Callable[[str], bool]) -> Shown:
        """The page that this answer is. allowed: see Answers. Unshown."""
        return self._loop.run(self._show(document, allowed))

    async def _show(self, document: Answer, allowed: Callable[[str], bool]) -> Shown:
        answers = Answers(document.url, allowed, self.limits)
        asked: set[asyncio.Task[None]] = set()
        worn = True
        try:
            process = await self._begun()
            deadline = time.monotonic() + self.limits.page_s
            await process.tell({"show": self._job(document)})
            while "ask" in (told := await self._told(process, deadline)):
                asked.add(asyncio.ensure_future(_answer(process, answers, told)))
            worn = bool(told.get("worn"))
        except (OSError, EOFError, ValueError) as error:  # a broken pipe, its end, no JSON
            raise Unshown(f"its browser ended ({type(error).__name__})") from None
        finally:
            for task in asked:
                task.cancel()
            await asyncio.gather(*asked, return_exceptions=True)
            if worn:
                await self._end()
        return _shown(told)

    def _job(self, document: Answer) -> dict[str, Any]:
        limits = self.limits
        bounds = {"settle_s": limits.settle_s, "dom_bytes": limits.dom_bytes, "elements": limits.elements}
        return {
            **_as_json(document),
            **bounds,
            "url": document.url,
            "mark": MARK,
            "user_agent": settings.NEWS_USER_AGENT,
        }

    async def _begun(self) -> Process:
        if self._process is None:
            self._process = await Process.start(
                path_of(settings.NEWS_BROWSER), folder=self._folder, code=str(settings.BASE_DIR)
            )
            await self._told(self._process, time.monotonic() + self.limits.start_s)
        return self._process

    async def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            await process.end()

    async def _told(self, process: Process, deadline: float) -> dict[str, Any]:
        """Its next line. Unshown: a limit is passed."""
        told = None
        while told is None:
            if time.monotonic() > deadline:
                raise Unshown("it is not at rest in its time")
            if process.memory() > self.limits.memory_bytes:
                text = f"it takes more than {self.limits.memory_bytes:,} bytes of memory"
                raise Unshown(text, large=True)
            told = await process.told(within_s=_WATCH_S)
        return told


async def _answer(process: Process, answers: Answers, told: Mapping[str, Any]) -> None:
    found = await answers.answer(str(told["ask"]), str(told["kind"]))
    with suppress(OSError):
        await process.tell({"id": told["id"], "answer": None if found is None else _as_json(found)})


def _shown(told: Mapping[str, Any]) -> Shown:
    if "large" in told:
        raise Unshown(f"its scripts made a page of {told['large']}", large=True)
    if "crashed" in told:
        raise Unshown(str(told["crashed"]))
    return Shown(html=str(told.get("shown", "")), moved=str(told.get("moved", "")))


def _as_json(answer: Answer) -> dict[str, Any]:
    headers = {name: value for name, value in answer.headers.items() if name in _PASSED}
    body = base64.b64encode(answer.body).decode()
    return {"status": answer.status, "headers": headers, "body": body}

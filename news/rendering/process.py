"""The process that has the browser, as its owner holds it: lines of JSON both ways, and its end."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from typing import Any, Final

from news.rendering.program import can_sandbox, without_network
from news.rendering.tree import Tree

#: Of one line of it.
_MAX_LINE: Final = 64_000_000


class Process:
    """One that has been started. What it began ends with it."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._tree = Tree(process.pid)
        self._reading: asyncio.Future[bytes] | None = None

    @classmethod
    async def start(cls, program: str, *, folder: str, code: str) -> Process:
        """program: the browser's path. folder: where it may write. code: where this program's modules are."""
        process = await asyncio.create_subprocess_exec(
            *(*without_network(), sys.executable, "-m", "news.rendering.child"),
            *(program, "sandboxed" if can_sandbox() else "open"),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            # No secret and no address of a database.
            env={"PATH": os.environ.get("PATH", ""), "PYTHONPATH": code, "HOME": folder, "TMPDIR": folder},
            cwd=folder,
            start_new_session=True,
            limit=_MAX_LINE,
        )
        return cls(process)

    async def tell(self, told: Mapping[str, Any]) -> None:
        """OSError: it has ended."""
        if self._process.stdin is not None:
            self._process.stdin.write(json.dumps(told).encode() + b"\n")
            await self._process.stdin.drain()

    async def told(self, *, within_s: float) -> dict[str, Any] | None:
        """Its next line, None = none came yet. EOFError: it has ended. ValueError: it is none of ours."""
        if self._process.stdout is None:
            raise EOFError
        if self._reading is None:
            self._reading = asyncio.ensure_future(self._process.stdout.readline())
        done, _ = await asyncio.wait({self._reading}, timeout=within_s)
        if not done:
            return None
        line, self._reading = self._reading.result(), None
        if not line:
            raise EOFError
        found: dict[str, Any] = json.loads(line)
        return found

    def memory(self) -> int:
        """Bytes of it and all that it began."""
        return self._tree.memory()

    async def end(self) -> None:
        """Kill it, and all that it began."""
        if self._reading is not None:
            self._reading.cancel()
        self._tree.end()
        await self._process.wait()
        if self._process.stdin is not None:
            self._process.stdin.close()

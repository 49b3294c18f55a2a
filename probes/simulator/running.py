"""Starting the simulator, and a small client of its control paths. No Django."""

import asyncio
import contextlib
import json
import signal
import sys
import threading
import urllib.error
import urllib.request
from typing import Any

from aiohttp import web

from probes.simulator.server import make_app
from probes.simulator.state import make_simulator


class SimulatorError(Exception):
    """Ours: the port is taken, or no simulator answers. The message says what to do."""


async def serve(host: str, port: int, scenario: str, seed: int, *, until_eof: bool = False) -> None:
    """Serve until SIGINT or SIGTERM, or with `until_eof` until standard input closes.

    One line on stdout says when it is ready. Port 0 takes a free one.
    """
    simulator = make_simulator(scenario, seed)
    runner = web.AppRunner(
        make_app(simulator), access_log=None, handler_cancellation=True, shutdown_timeout=1
    )
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        try:
            await site.start()
        except OSError as exc:
            raise SimulatorError(
                f"port {port} on {host} cannot be used ({exc.strerror}); choose --port"
            ) from exc
        bound = runner.addresses[0][1]
        sys.stdout.write(
            f"simulator ready on http://{host}:{bound} scenario={simulator.scenario.name} seed={seed}\n"
        )
        sys.stdout.flush()
        await _until_stopped(until_eof=until_eof)
    finally:
        await runner.cleanup()


async def _until_stopped(*, until_eof: bool) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    if until_eof:
        threading.Thread(target=_tell_eof, args=(loop, stop), daemon=True).start()
    await stop.wait()


def _tell_eof(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    sys.stdin.buffer.read()
    with contextlib.suppress(RuntimeError):  # the loop has ended already
        loop.call_soon_threadsafe(stop.set)


def control(
    base_url: str, slug: str, action: str, mode: str = "reset", *, kind: str = "providers", **names: str
) -> dict[str, Any]:
    """Act on a running simulator; its state afterwards. SimulatorError says why not.

    kind: "providers" and "regions" take `stop` and `start`, "endpoints" `swap` (model=, fingerprint=) and
    `restore`.
    """
    return _ask(base_url, f"{kind}/{slug}/{action}", "POST", {"mode": mode, **names})


def read_state(base_url: str) -> dict[str, Any]:
    """What a running simulator says of itself. SimulatorError where none answers."""
    return _ask(base_url, "state", "GET")


def put_fault(base_url: str, name: str, **fault: Any) -> dict[str, Any]:
    """Put a fault on by hand, in the place of one of this name; the simulator's state afterwards.

    fault: the keys that SCENARIOS.md describes. SimulatorError says what is wrong with it.
    """
    return _ask(base_url, f"faults/{name}", "PUT", fault)


def lift_fault(base_url: str, name: str) -> dict[str, Any]:
    """Lift a fault that was put on by hand, if it is still there."""
    return _ask(base_url, f"faults/{name}", "DELETE")


def put_page(base_url: str, provider: str, **page: Any) -> dict[str, Any]:
    """Make a provider's official page tell otherwise: `mode`, `lag_s` and the other keys of SCENARIOS.md."""
    return _ask(base_url, f"pages/{provider}", "PUT", page)


def release_page(base_url: str, provider: str) -> dict[str, Any]:
    """Let it tell as the scenario says again."""
    return _ask(base_url, f"pages/{provider}", "DELETE")


def _ask(base_url: str, path: str, method: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    data = None if body is None else json.dumps(body).encode()
    url = f"{base_url.rstrip('/')}/_control/{path}"
    request = urllib.request.Request(url, data=data, method=method)  # noqa: S310 - the operator's own address
    try:
        with urllib.request.urlopen(request, timeout=5) as response:  # noqa: S310
            state: dict[str, Any] = json.load(response)
            return state
    except urllib.error.HTTPError as exc:
        raise SimulatorError(_told(exc)) from exc
    except (OSError, ValueError) as exc:
        raise SimulatorError(f"no simulator answers at {base_url}: {exc}") from exc


def _told(exc: urllib.error.HTTPError) -> str:
    """The simulator's own words, where it was one that answered."""
    try:
        return str(json.load(exc)["error"])
    except (ValueError, KeyError, TypeError):
        return str(exc)

"""Messages between processes, over the channel layer: reload, sign-out, subscriptions.

Nothing that is on the board goes this way: a channel layer drops what a slow process does not fetch.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer

from aigo.lib.problems import Problem, problem_of
from status.live.asking import subscribed
from status.live.audience import SIGNED_OUT, Audience
from status.live.listeners import Listener

logger = logging.getLogger(__name__)
GROUP = "live"
#: How often a process says again that it listens: Redis may have come back empty. In seconds.
REJOIN_S = 10.0
#: After a failure of the layer, in seconds.
RETRY_S = 2.0
#: A sender waits so long for the layer, in seconds.
PATIENCE_S = 2.0
#: Pages reload within this time of being asked, each at a moment of its own, in seconds.
RELOAD_WITHIN_S = 10


def reload_pages() -> bool:
    """Ask every open page of every process to reload. False: the layer cannot be reached."""
    return _send({"type": "live.reload"})


def sign_out(user_id: int) -> bool:
    """Disconnect this person's pages. False: the layer cannot be reached."""
    return _send({"type": "live.signout", "user_id": user_id})


def subscribe(connection: str, wish: dict[str, Any]) -> bool:
    """Change what a connection looks at, in whichever process it is. False: the layer cannot be reached."""
    return _send({"type": "live.subscribe", "connection": connection, "wish": wish})


def _send(message: dict[str, Any]) -> bool:
    layer: Any = get_channel_layer()
    try:
        async_to_sync(asyncio.wait_for)(layer.group_send(GROUP, message), PATIENCE_S)
    except Exception:  # whatever the layer's client raises while its server is away
        logger.warning("%s could not be sent", message["type"], exc_info=True)
        return False
    return True


class Control:
    """The one listener of a process (of an event loop, strictly)."""

    def __init__(self, audience: Audience) -> None:
        self._audience = audience
        self._obeys: dict[str, Callable[[dict[str, Any]], None]] = {
            "live.reload": self._reload,
            "live.signout": self._sign_out,
            "live.subscribe": self._subscribe,
        }

    async def run(self) -> None:
        """For ever; while the layer is away the connections stay, and it is tried again."""
        while True:
            try:
                await self._listen()
            except Exception as error:
                logger.warning("live control waits: %s", error)
                await asyncio.sleep(RETRY_S)

    async def _listen(self) -> None:
        layer: Any = get_channel_layer()
        channel = await layer.new_channel(GROUP)
        receiving = None
        try:
            while True:
                await layer.group_add(GROUP, channel)
                receiving = receiving or asyncio.ensure_future(layer.receive(channel))
                await asyncio.wait({receiving}, timeout=REJOIN_S)
                if receiving.done():
                    message, receiving = receiving.result(), None
                    self._obey(message)
        finally:
            if receiving:
                receiving.cancel()

    def _obey(self, message: dict[str, Any]) -> None:
        try:
            self._obeys[message["type"]](message)
        except Exception:  # a message that cannot be obeyed ends nothing
            logger.exception("live control cannot obey %s", message)

    def _reload(self, message: dict[str, Any]) -> None:
        for listener in self._listeners():
            self._audience.tell(listener, "reload", {"within_s": RELOAD_WITHIN_S})

    def _sign_out(self, message: dict[str, Any]) -> None:
        for listener in self._listeners():
            if listener.user_id == message["user_id"]:
                self._audience.dismiss(listener, SIGNED_OUT, "signed_out")

    def _subscribe(self, message: dict[str, Any]) -> None:
        if listener := self._audience.tokens.get(message["connection"]):
            try:
                self._audience.look_at(listener, subscribed(listener.view, message["wish"]))
            except Problem as refused:
                self._audience.tell(listener, "error", problem_of(refused))

    def _listeners(self) -> list[Listener]:
        return list(self._audience.tokens.values())

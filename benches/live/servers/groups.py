"""Two other ways to many clients: the channel layer's `group_send`, and a `send` to each consumer.

usage: python -m benches.live.servers.groups redis|process REDIS_URL CHANNEL; says "listening PORT". One task
subscribes to the channel, so that the server does what the others' servers do: receive once, send to all.
"""

import asyncio
import sys
from typing import Any, ClassVar, Final

import redis.asyncio
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.layers import get_channel_layer
from django.conf import settings

from benches.live.servers.listening import serve

GROUP = "bench"
#: Messages that wait for one consumer; the layer's default is 100.
CAPACITY = 1_000


class GroupConsumer(AsyncWebsocketConsumer):
    """Forwards what comes through the layer."""

    following: "asyncio.Task[None] | None" = None

    async def connect(self) -> None:
        await self.join()
        await self.accept()
        cls = type(self)
        if cls.following is None:
            cls.following = asyncio.create_task(_follow(cls, *sys.argv[2:4]))

    async def join(self) -> None:
        await self.channel_layer.group_add(GROUP, self.channel_name)

    async def frame(self, event: dict[str, Any]) -> None:
        await self.send(event["text"])

    @classmethod
    async def tell_all(cls, text: str) -> None:
        layer: Any = get_channel_layer()
        await layer.group_send(GROUP, {"type": "frame", "text": text})


class NeighbourConsumer(GroupConsumer):
    """No layer: the consumers of the process know each other."""

    together: ClassVar[set["NeighbourConsumer"]] = set()

    async def join(self) -> None:
        self.together.add(self)

    async def disconnect(self, code: int) -> None:
        self.together.discard(self)

    @classmethod
    async def tell_all(cls, text: str) -> None:
        for consumer in list(cls.together):
            await consumer.send(text)


CONSUMERS: Final = {"redis": GroupConsumer, "process": NeighbourConsumer}


async def _follow(consumers: type[GroupConsumer], url: str, channel: str) -> None:
    subscription = redis.asyncio.Redis.from_url(url, decode_responses=True).pubsub()
    await subscription.subscribe(channel)
    async for message in subscription.listen():
        if message["type"] == "message":
            await consumers.tell_all(message["data"])


def main() -> None:
    from daphne.server import Server

    kind, url = sys.argv[1:3]
    options = {"hosts": [url], "capacity": CAPACITY}
    layer = {"BACKEND": "channels_redis.core.RedisChannelLayer", "CONFIG": options}
    settings.configure(CHANNEL_LAYERS={"default": layer}, INSTALLED_APPS=[])
    serve(Server, CONSUMERS[kind].as_asgi())


if __name__ == "__main__":
    main()

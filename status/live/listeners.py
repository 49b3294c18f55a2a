"""Who listens: one connection, and the crowd of those who look at the same view. In their event loop only."""

import secrets
import time
from collections import defaultdict

from aigo.lib.events import order
from status.live.frames import Parcel, View
from status.live.wires import Straight, Wire, send_all


class Ask:
    """A listener's wish for a frame to begin with; `former`: the view that it goes back to if refused."""

    __slots__ = ("former", "since", "waiting")

    def __init__(self, since: str = "", former: View | None = None) -> None:
        self.since, self.former = since, former
        self.waiting: list[Parcel] = []


class Listener:
    """One open connection. `ask`: what it waits for; None = it has begun and gets what is new.

    `behind_at`: since when it was given nothing because its wire is full; 0 = it keeps up.
    `known`: the newest event in the frame that it began with, until something newer follows; then "".
    """

    __slots__ = ("ask", "behind_at", "known", "left", "token", "user_id", "view", "wire")

    def __init__(self, view: View, wire: Wire, user_id: int | None = None) -> None:
        self.view, self.wire, self.user_id = view, wire, user_id
        self.token = secrets.token_urlsafe(16)
        self.ask: Ask | None = None
        self.behind_at = 0.0
        self.known = ""
        self.left = False

    def give(self, parcel: Parcel, now: float) -> bool:
        """Whether it was handed on. Where the wire is full, the listener needs the whole later."""
        if self.ask is not None:
            self.ask.waiting.append(parcel)
        elif self.wire.paused:
            self.behind_at = self.behind_at or now
        elif not self.known or order(parcel.id) >= order(self.known):  # else it has seen newer rows
            self.behind_at, self.known = 0.0, ""
            self.wire.send(parcel)
            return True
        return False


class Crowd:
    """Those who look at one view, in two parts: the flow, and `apart` from it everybody else.

    The flow is for each encoding the listeners whose sockets can take bytes as they are: sending to them is
    one call each and touches no object but the socket, which is most of what a thousand listeners cost.
    """

    def __init__(self) -> None:
        self.apart: set[Listener] = set()
        self._flows: dict[str, dict[Listener, Straight]] = defaultdict(dict)
        #: When all of them were last given something.
        self.heard_at = time.monotonic()

    def __bool__(self) -> bool:
        return bool(self.apart) or any(self._flows.values())

    def add(self, listener: Listener) -> None:
        self.apart.add(listener)

    def discard(self, listener: Listener) -> None:
        self.take_apart(listener)
        self.apart.discard(listener)

    def take_apart(self, listener: Listener) -> None:
        """Out of the flow: something else is under way to it, or it waits for a first frame."""
        if self._flows[listener.wire.encoding].pop(listener, None):
            self.apart.add(listener)

    def give(self, parcel: Parcel, now: float) -> None:
        """To all of them. Who has nothing unsent afterwards is in the flow from then on."""
        apart = tuple(self.apart)
        for encoding, flow in self._flows.items():
            if flow:
                data = getattr(parcel, encoding)
                for listener, sent in send_all(flow, data):
                    listener.wire.send_rest(data[sent:])
        for listener in apart:
            if listener.give(parcel, now) and (straight := listener.wire.straight()):
                self.apart.discard(listener)
                self._flows[listener.wire.encoding][listener] = straight
        self.heard_at = now

"""Deliveries of a POP, signed with its own key: who can write to the broker cannot invent measurements.

    Unbelievable    theirs or the operator's: the delivery goes to the dead letters with this reason

The signature is HMAC-SHA256 over kind, region, worker and body, each on a line of its own; a key is a text of
at least 16 characters. Pure: keys come from the caller.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

MIN_KEY_CHARS: Final = 16


class Unbelievable(Exception):
    """The delivery cannot be taken for the region's own."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a POP sends. `body` is JSON text, signed as it stands."""

    kind: str
    region: str
    worker: str
    body: str
    signature: str

    @classmethod
    def make(cls, kind: str, region: str, worker: str, content: Any, *, key: str) -> "Delivery":
        body = json.dumps(content, separators=(",", ":"))
        return cls(kind, region, worker, body, _signature(key, kind, region, worker, body))

    def to_json(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in self.__slots__}


def open_delivery(
    message: Any, keys: Mapping[str, str], *, kind: str, called: str = "a delivery"
) -> tuple[Delivery, Any]:
    """The delivery and its content, once its signature is right. `keys`: region → key.

    Unbelievable: it is no delivery, its region has no key here, the signature is another's, or it is of
    another kind than the receiver takes in; `called` is what that reason calls it.
    """
    try:
        delivery = Delivery(**{name: str(message[name]) for name in Delivery.__slots__})
    except (KeyError, TypeError):
        raise Unbelievable(f"no signed delivery, but {type(message).__name__}") from None
    key = keys.get(delivery.region, "")
    if not key:
        raise Unbelievable(
            f"no key for region {delivery.region[:40]!r}: name it in POP_HMAC_KEYS=<region>:<key>,…"
        )
    try:
        expected = _signature(key, delivery.kind, delivery.region, delivery.worker, delivery.body)
        signed = hmac.compare_digest(expected.encode(), delivery.signature.encode())
    except UnicodeEncodeError:
        raise Unbelievable("it is no Unicode text: a half of a surrogate pair stands in it") from None
    if not signed:
        raise Unbelievable("wrong signature: POP_HMAC_KEY of the worker is not the region's in POP_HMAC_KEYS")
    try:
        content = json.loads(delivery.body)
    except ValueError as error:
        raise Unbelievable(f"its body is no JSON: {error}") from None
    if delivery.kind != kind:
        raise Unbelievable(f"{called} of {delivery.kind[:20]!r} where {kind!r} is taken in")
    return delivery, content


def _signature(key: str, *parts: str) -> str:
    return hmac.new(key.encode(), "\n".join(parts).encode(), hashlib.sha256).hexdigest()


def derived_key(secret: str, region: str) -> str:
    """The key of a region whose workers share the centre's SECRET_KEY (one process, one machine)."""
    return hmac.new(secret.encode(), f"pop:{region}".encode(), hashlib.sha256).hexdigest()

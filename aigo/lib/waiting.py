"""Files between two steps: looked at first, applied later. Each person's own, for an hour, in the cache."""

import hashlib
import zlib
from typing import Any, Final

from django.core.cache import cache

WAITS_S: Final = 3_600


def keep(what: str, data: bytes, about: tuple[Any, ...], *, user: Any) -> str:
    """Keep a file for the second step; its token. what: tells uploads apart; about: plain values."""
    token = hashlib.sha256(data).hexdigest()
    cache.set(_name(what, user, token), (zlib.compress(data, 1), about), WAITS_S)
    return token


def kept(what: str, token: str, *, user: Any) -> tuple[bytes, tuple[Any, ...]] | None:
    """None: nothing of this person's waits under the token (any more)."""
    found = cache.get(_name(what, user, token[:64]))
    return None if found is None else (zlib.decompress(found[0]), found[1])


def _name(what: str, user: Any, token: str) -> str:
    return f"{what}:{user.pk}:{token}"

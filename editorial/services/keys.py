"""Keys by which programs write drafts. The key itself is shown once and never kept."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from django.contrib.auth.models import User
from django.db.models import Q

from editorial.models import ApiKey

#: What a key may be for.
SCOPES: Final = ("scores:write",)
_KEY: Final = re.compile(r"(aigo_[0-9a-f]{8})_[\w-]{43}", re.ASCII)
#: Its last use is noted so often: a write for each request would be one too many.
_NOTED_EVERY: Final = timedelta(minutes=1)


def create_key(
    user: User, name: str, *, scopes: Iterable[str], by: User | None, now: datetime
) -> tuple[ApiKey, str]:
    """The key's row, and the key: whoever gets it keeps it. by None: on the machine itself.

    ValueError: a scope that there is not, or none.
    """
    wanted = sorted(set(scopes))
    if not wanted or set(wanted) - set(SCOPES):
        raise ValueError(f"scopes={wanted!r}: use some of {', '.join(SCOPES)}")
    prefix = f"aigo_{secrets.token_hex(4)}"
    text = f"{prefix}_{secrets.token_urlsafe(32)}"
    row = ApiKey.objects.create(
        user=user,
        name=name[:80],
        prefix=prefix,
        digest=_digest(text),
        scopes=wanted,
        created_at=now,
        created_by=by,
    )
    return row, text


def revoke_key(key: ApiKey, *, now: datetime) -> bool:
    """From now on it opens nothing; False where that was so before."""
    return bool(ApiKey.objects.filter(pk=key.pk, revoked_at__isnull=True).update(revoked_at=now))


def key_of(text: str, *, now: datetime) -> ApiKey | None:
    """The key that a request bears; None where nobody has it, it was revoked, or its account is closed."""
    match = _KEY.fullmatch(text)
    if match is None:
        return None
    working = ApiKey.objects.select_related("user").filter(revoked_at__isnull=True, user__is_active=True)
    found = working.filter(prefix=match[1]).first()
    if found is None or not hmac.compare_digest(found.digest, _digest(text)):
        return None
    stale = Q(last_used_at__isnull=True) | Q(last_used_at__lt=now - _NOTED_EVERY)
    ApiKey.objects.filter(stale, pk=found.pk).update(last_used_at=now)
    return found


def _digest(text: str) -> str:
    """The key is 256 random bits: a plain hash cannot be guessed back."""
    return hashlib.sha256(text.encode()).hexdigest()


def may_write(key: Any, scope: str) -> bool:
    """Whether a request's key is for this."""
    return isinstance(key, ApiKey) and scope in key.scopes

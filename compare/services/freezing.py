"""Keeping the figures of a comparison as they are shown, under an address that shows the same ones later.

Unfreezable    theirs, permanent: nothing is compared, or the comparison is too large to keep
"""

import hashlib
import json
from base64 import b32encode
from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from compare.models import TOKEN_LETTERS, FrozenComparison
from compare.table import Comparison, comparison_json

#: Four columns of ninety lines with all their envelopes take some 100 kB.
MOST_BYTES: Final = 500_000


class Unfreezable(ValueError):
    """There is nothing to keep."""


def freeze(comparison: Comparison, *, now: datetime) -> FrozenComparison:
    """Keep it; the row that is there already where the same figures of the same day were kept before.

    Anybody may: what is kept is public as it is, and bounded. Raises Unfreezable.
    """
    if not comparison.columns:
        raise Unfreezable(_("Choose a model first: nothing is compared."))
    body = comparison_json(comparison)
    content_hash, size = content_of(body)
    if size > MOST_BYTES:
        raise Unfreezable(_("This comparison is too large to keep."))
    known = FrozenComparison.objects.filter(content_hash=content_hash).first()
    if known:
        return known
    row = FrozenComparison(
        token=token_of(content_hash),
        content_hash=content_hash,
        body=body,
        made_at=now,
        address=comparison.wish.query,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:  # somebody else kept the same at the same moment
        return FrozenComparison.objects.get(content_hash=content_hash)
    return row


def content_of(body: dict[str, Any]) -> tuple[str, int]:
    """SHA-256 of the figures and of the day they are of, and how many bytes they take.

    The time of day is left out: it is when they were put together, and no figure of theirs.
    """
    told = body | {"generated_at": body["generated_at"][:10]}
    text = json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()
    return hashlib.sha256(text).hexdigest(), len(text)


def token_of(content_hash: str) -> str:
    """Twelve letters and digits that can be read aloud: 60 bits of the hash."""
    return b32encode(bytes.fromhex(content_hash))[:TOKEN_LETTERS].decode().lower()

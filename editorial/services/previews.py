"""Links that show unpublished work to people without an account, for a week."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.apps import apps
from django.core import signing

from editorial.models import Editorial

PREVIEW_LASTS: Final = timedelta(days=7)
_SALT: Final = "editorial.preview"


class NoPreview(Exception):
    """The link is none of ours, is too old, or what it led to is gone."""


def preview_token(work: Editorial) -> str:
    """The end of a link that leads to this piece, whatever its later versions, for PREVIEW_LASTS."""
    return signing.dumps([work._meta.label_lower, work.pk], salt=_SALT)


def previewed(token: str) -> Editorial:
    """The piece that a link leads to. NoPreview: none."""
    try:
        label, pk = signing.loads(token, salt=_SALT, max_age=PREVIEW_LASTS)
        model = apps.get_model(label)
    except (signing.BadSignature, LookupError, ValueError, TypeError):
        raise NoPreview from None
    work = model._default_manager.filter(pk=pk).first() if issubclass(model, Editorial) else None
    if work is None:
        raise NoPreview
    return work

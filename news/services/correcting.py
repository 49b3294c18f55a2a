"""What readers are told of what was put right."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from editorial.services import MissingRight, WrongState
from news.models import Article, Correction


def note_correction(article: Article, *, text_en: str, text_ko: str, by: Any, now: datetime) -> Correction:
    """A line of the article's corrections log. MissingRight: they do not publish. WrongState: readers have
    never seen it. The text itself changes on its editorial way: unpublished, reopened, edited, reviewed and
    published again."""
    if not by.has_perm("news.publish_article"):
        raise MissingRight(_("Your roles do not let you publish."))
    if article.published_at is None:
        raise WrongState(_("Readers have never seen it: there is nothing to correct for them."))
    return Correction.objects.create(article=article, at=now, by=by, text_en=text_en, text_ko=text_ko)

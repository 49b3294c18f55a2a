"""What people decide about a story in the inbox."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from news.models import Story


class NotDecided(Exception):
    """Theirs: it cannot be done as the story stands; str() is for the person who asked."""


def dismiss_story(story: Story, *, reason: str, by: Any, now: datetime) -> None:
    """Out of the inbox, with a reason; its items stay. NotDecided: an article was begun, or there is no
    reason."""
    with transaction.atomic():
        held = Story.objects.select_for_update().get(pk=story.pk)
        if held.state != Story.State.INBOX:
            raise NotDecided(_("It is not in the inbox any more: look again."))
        if not reason.strip():
            raise NotDecided(_("Say why: it is what the others read."))
        held.state, held.dismissed_reason = Story.State.DISMISSED, reason.strip()[:300]
        held.dismissed_by, held.dismissed_at = by, now
        held.save(update_fields=["state", "dismissed_reason", "dismissed_by", "dismissed_at"])


def take_back_story(story: Story) -> None:
    """Into the inbox again. NotDecided: it was not dismissed."""
    with transaction.atomic():
        held = Story.objects.select_for_update().get(pk=story.pk)
        if held.state != Story.State.DISMISSED:
            raise NotDecided(_("It was not dismissed."))
        held.state, held.dismissed_reason = Story.State.INBOX, ""
        held.dismissed_by = held.dismissed_at = None
        held.save(update_fields=["state", "dismissed_reason", "dismissed_by", "dismissed_at"])

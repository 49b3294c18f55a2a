"""What people decide about stories. Each move is remembered, and nothing undoes it by itself.

Refused    theirs; the message says what stands in the way
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from news.models import JoinedBy, RawItem, Regrouping, Story
from news.services.turns import take_turn


class Refused(Exception):
    """It cannot be done. str() is for the person who asked, in their language."""


@transaction.atomic
def split_story(story: Story, items: Collection[RawItem], *, by: Any, now: datetime) -> Story:
    """A new story of some of its items. Refused: one is not in it any more, or nothing would be left."""
    take_turn(now)  # nothing joins a story while people move its items
    numbers = {item.pk for item in items}
    held = set(RawItem.objects.filter(story=story).values_list("pk", flat=True))
    if not numbers:
        raise Refused(_("Choose the items that make another story."))
    if numbers - held:
        raise Refused(_("Some of these items are in another story by now: look again."))
    if numbers == held:
        raise Refused(_("Nothing would be left in this story."))
    made = Story.objects.create(created_at=now, last_at=now)
    _move(numbers, story, made, by=by, now=now)
    _refresh(story, made)
    return made


@transaction.atomic
def merge_stories(stories: Collection[Story], target: Story, *, by: Any, now: datetime) -> Story:
    """All items of these stories into `target`; what is left empty is dismissed, with the reason.

    Refused: one of them has an article, which would lose its items. Merge the others into that one.
    """
    take_turn(now)  # nothing joins a story while people move its items
    others = Story.objects.filter(pk__in=[story.pk for story in stories]).exclude(pk=target.pk)
    if others.filter(articles__isnull=False).exists():
        raise Refused(_("A story that has an article stays: merge the others into it."))
    for story in others:
        moved = set(RawItem.objects.filter(story=story).values_list("pk", flat=True))
        _move(moved, story, target, by=by, now=now)
        story.state = Story.State.DISMISSED
        story.dismissed_by, story.dismissed_at = by, now
        story.dismissed_reason = _("Merged into story %(number)d.") % {"number": target.pk}
        story.save(update_fields=["state", "dismissed_by", "dismissed_at", "dismissed_reason"])
    _refresh(target)
    return target


def _move(numbers: Collection[int], source: Story, target: Story, *, by: Any, now: datetime) -> None:
    RawItem.objects.filter(pk__in=numbers).update(story=target, joined_by=JoinedBy.PERSON, similarity=None)
    Regrouping.objects.bulk_create(
        Regrouping(at=now, by=by, item_id=number, source=source, target=target) for number in sorted(numbers)
    )


def _refresh(*stories: Story) -> None:
    for story in stories:
        story.last_at = (
            RawItem.objects.filter(story=story).aggregate(at=Max("fetched_at"))["at"] or story.last_at
        )
        story.save(update_fields=["last_at"])

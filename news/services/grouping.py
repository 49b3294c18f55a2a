"""Putting fetched items into stories. Nothing is merged or moved by itself: an item gets its story once.

Two workers at once are safe: whoever puts an item into a story holds the one row of GroupingTurn, so that the
second sees what the first has done.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from django.db import transaction
from django.db.models import Count, Min, Q
from django.db.models.functions import Coalesce, Least

from news.grouping.keys import Keys, keys_of
from news.grouping.names import Lexicon, lexicon_of
from news.grouping.rules import WINDOW, Match, Told, are_other_models, judge, subjects_of, told
from news.models import ItemKey, JoinedBy, RawItem, Story
from news.selectors.lexicon import catalogue_lexicon
from news.services.turns import take_turn

#: Those that share most keys with an item are compared with it: the 50th shares a word or two.
MOST_CANDIDATES: Final = 50
#: Of a story that an item would join as the same event: so many titles are looked at, the oldest.
MOST_MEMBERS: Final = 20
#: What a comparison needs; not the page as fetched, which may have megabytes.
_COMPARED: Final = ("pk", "story_id", "title", "text", "canonical_url", "published_at", "fetched_at")
_GROUNDS: Final = ("url", "title", "text", "event")


@dataclass(frozen=True, slots=True)
class Grouped:
    """Of items that had no story: how many joined one, and how many began one."""

    joined: int
    begun: int


class _Found(NamedTuple):
    item: RawItem
    match: Match

    @property
    def rank(self) -> tuple[int, float, datetime, int]:
        """The same page before the same title, text, event; then what shares most; then the newest."""
        order = -_GROUNDS.index(self.match.ground)
        return order, self.match.similarity, self.item.fetched_at, self.item.pk


def group_new(*, now: datetime, most: int = 100) -> Grouped:
    """Put items without a story into theirs, in the order in which they were fetched. Safe to call at any
    time; an item with neither title nor text waits for a version that has one."""
    waiting = RawItem.objects.filter(story=None).exclude(title="", text="").order_by("fetched_at", "pk")
    numbers = list(waiting.values_list("pk", flat=True)[:most])
    lexicon = catalogue_lexicon() if numbers else lexicon_of({})
    made = [group_item(number, now=now, lexicon=lexicon) for number in numbers]
    grouped = [item for item in made if item is not None]
    joined = sum(item.joined_by != "" for item in grouped)
    return Grouped(joined=joined, begun=len(grouped) - joined)


@transaction.atomic
def group_item(number: int, *, now: datetime, lexicon: Lexicon) -> RawItem | None:
    """Put the item into the story it belongs to, or begin one with it. None: it has one already."""
    take_turn(now)
    item = RawItem.objects.only(*_COMPARED).get(pk=number)
    if item.story_id is not None:
        return None
    mine = _told(item, lexicon)
    keys = keys_of(mine)
    best = max(_matches(item, mine, keys, lexicon), key=lambda found: found.rank, default=None)
    if best is None:
        item.story = Story.objects.create(created_at=now, last_at=item.fetched_at)
    else:
        item.story_id = best.item.story_id
        item.joined_by = JoinedBy(best.match.ground)
        item.similarity = round(best.match.similarity, 3)
        Story.objects.filter(items=best.item, last_at__lt=item.fetched_at).update(last_at=item.fetched_at)
    item.save(update_fields=["story", "joined_by", "similarity"])
    _keep_keys(item, keys, mine.at)
    return item


def _matches(item: RawItem, mine: Told, keys: Keys, lexicon: Lexicon) -> Iterable[_Found]:
    for other in _candidates(item, keys, mine.at):
        match = judge(mine, _told(other, lexicon))
        if match and (match.ground != "event" or _fits(mine, other, lexicon)):
            yield _Found(other, match)


def _candidates(item: RawItem, keys: Keys, at: datetime) -> list[RawItem]:
    """Items with a story that share keys, those that share most first."""
    near = Q(key__in=keys.marks, at__gte=at - WINDOW, at__lte=at + WINDOW)
    shared = (
        ItemKey.objects.filter(Q(key__in=keys.copies, at=None) | near)
        .exclude(item=item.pk)
        .filter(item__story__isnull=False)
        .values("item")
        .annotate(shared=Count("pk"))
        .order_by("-shared", "-item")
    )
    numbers = [row["item"] for row in shared[:MOST_CANDIDATES]]
    return list(RawItem.objects.filter(pk__in=numbers).only(*_COMPARED))


def _fits(mine: Told, other: RawItem, lexicon: Lexicon) -> bool:
    """Whether the other's story may take an event: three days from its first item on, and not of other models
    than those in its titles.

    Without it a story would grow from item to item into the news of a month.
    """
    members = RawItem.objects.filter(story=other.story_id)
    first = members.aggregate(at=Min(Least(Coalesce("published_at", "fetched_at"), "fetched_at")))["at"]
    if abs(mine.at - first) > WINDOW:
        return False
    titles = members.order_by("fetched_at", "pk").values_list("title", flat=True)[:MOST_MEMBERS]
    return not are_other_models(mine.subjects, subjects_of(titles, lexicon))


def _told(item: RawItem, lexicon: Lexicon) -> Told:
    at = min(item.published_at or item.fetched_at, item.fetched_at)
    return told(title=item.title, text=item.text, url=item.canonical_url, at=at, lexicon=lexicon)


def _keep_keys(item: RawItem, keys: Keys, at: datetime) -> None:
    for_all_times = [ItemKey(item=item, key=key, at=None) for key in sorted(keys.copies)]
    for_an_event = [ItemKey(item=item, key=key, at=at) for key in sorted(keys.marks)]
    ItemKey.objects.bulk_create([*for_all_times, *for_an_event])

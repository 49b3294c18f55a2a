"""A draft from a story: what its items say, with tags of the catalogue; a person makes an article of it.

NotDrafted      theirs; str() is for the person who asked
  NoItems       the story has no item with a text
  Dismissed     the story was dismissed: take it back into the inbox first
  Drafted       an article of it is on its way already: `article`
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from catalog.models import AIModel, Provider
from editorial import services as editorial
from editorial.workflow import OVER
from news.claims import LANGUAGES, write_claims
from news.cleaning import one_line
from news.models import Article, RawItem, Story, Tag
from news.services.summarising import Summarised, source_of, summarise
from news.signals import words_wanted
from news.tagging import Tagger, Word

#: Of an item, what is read for tags besides its title.
READ_FOR_TAGS: Final = 4_000
MOST_TAGS: Final = 12


class NotDrafted(Exception):
    """There is no new draft."""


class NoItems(NotDrafted):
    """Nothing to draft from."""


class Dismissed(NotDrafted):
    """The story was dismissed."""


class Drafted(NotDrafted):
    """`article` is on its way, or published."""

    def __init__(self, text: str, article: Article) -> None:
        super().__init__(text)
        self.article = article


def draft_article(
    story: Story, *, by: Any, now: datetime, by_name: str = "", words: Iterable[Word] = ()
) -> tuple[Article, Summarised]:
    """A draft of the story's items, and how it was summarised. by: its author, None = the project itself,
    which `by_name` then says. words: what else texts are tagged with (suites). Raises NotDrafted and
    editorial's MissingRight. The endpoint is asked before anything is written."""
    items = items_of(story)
    _check(story, items)
    made = summarise(items)
    tags = tags_of(items, words)
    with transaction.atomic():
        held = Story.objects.select_for_update().get(pk=story.pk)
        _check(held, items)
        article = editorial.create(
            _article(held, items, made),
            by=by,
            now=now,
            by_name=by_name,
            several={"sources": items, "tags": [_tag(word) for word in tags]},
        )
        held.state = Story.State.DRAFTED
        held.save(update_fields=["state"])
    story.state = held.state
    return article, made


def items_of(story: Story) -> list[RawItem]:
    """The story's items that have a text, first published first; of each page its newest version."""
    newest: dict[tuple[int, str], RawItem] = {}
    for item in story.items.select_related("source").defer("body").order_by("fetched_at", "pk"):
        if item.text:
            newest[item.source_id, item.canonical_url] = item
    return sorted(newest.values(), key=lambda item: (item.published_at or item.fetched_at, item.pk))


def tags_of(items: Sequence[RawItem], words: Iterable[Word] = ()) -> list[Word]:
    """What the titles and beginnings name, in the order of first mention."""
    known = {(word.kind, word.slug): word for word in (*known_words(), *words)}
    tagger = Tagger(known.values())
    found: dict[tuple[str, str], None] = {}
    for item in items:
        found |= dict.fromkeys(tagger.find(f"{item.title}\n{item.text[:READ_FOR_TAGS]}"))
    return [known[key] for key in found][:MOST_TAGS]


def known_words() -> list[Word]:
    """Models and providers that the catalogue knows, invented ones left out, and what other apps tell."""
    models = AIModel.objects.known().order_by("slug").values_list("slug", "name")
    providers = Provider.objects.filter(simulated=False).order_by("slug").values_list("slug", "name")
    told: Any = words_wanted.send(sender=Tag)
    return [
        *(word for _, words in told for word in words),
        *(Word(Tag.Kind.MODEL.value, slug, (name,)) for slug, name in models),
        *(Word(Tag.Kind.PROVIDER.value, slug, (name,)) for slug, name in providers),
    ]


def _article(story: Story, items: Sequence[RawItem], made: Summarised) -> Article:
    titles = {lang: _title(items, lang) for lang in LANGUAGES}
    deks = {lang: next((one.text for one in made.lines if one.lang == lang), "") for lang in LANGUAGES}
    return Article(
        story=story,
        title_en=titles["en"],
        title_ko=titles["ko"],
        dek_en=one_line(deks["en"], 400),
        dek_ko=one_line(deks["ko"], 400),
        summary=write_claims(made.lines),
        key_facts=write_claims(made.key_facts),
        category=next((item.source.category for item in items if item.source.category), ""),
    )


def _title(items: Sequence[RawItem], lang: str) -> str:
    """Of the first item in that language; "" = none: nothing is translated."""
    return next(
        (one_line(item.title, 200) for item in items if source_of(item).lang == lang and item.title), ""
    )


def _tag(word: Word) -> Tag:
    """The tag, with the name as it is when it is first used."""
    english = word.names[0]
    korean = next((name for name in word.names if any("가" <= letter <= "힣" for letter in name)), "")
    names = {"name_en": english[:120], "name_ko": korean[:120]}
    return Tag.objects.get_or_create(kind=word.kind, slug=word.slug[:120], defaults=names)[0]


def _check(story: Story, items: Sequence[RawItem]) -> None:
    if story.state == Story.State.DISMISSED:
        raise Dismissed(_("This story was dismissed: take it back into the inbox first."))
    open_one = story.articles.exclude(state__in=[state for state in OVER if state != "published"]).first()
    if open_one is not None:
        raise Drafted(_("There is an article of this story already."), open_one)
    if not items:
        raise NoItems(_("None of its items has a text that could be quoted."))

"""The catalogue's names as grouping reads them, Korean spellings included."""

from __future__ import annotations

from collections.abc import Sequence

from catalog.korean import korean
from catalog.models import AIModel, Creator, Provider
from news.grouping.names import Lexicon, lexicon_of, words_of_name


def catalogue_lexicon() -> Lexicon:
    """The words of the catalogue's names, with the Korean spellings that are known."""
    words: dict[str, Sequence[str]] = dict(korean().words)
    named = (
        Provider.objects.values_list("name", flat=True),
        Creator.objects.values_list("name", flat=True),
        AIModel.objects.order_by().values_list("family", flat=True).distinct(),
    )
    for word in (word for names in named for name in names for word in words_of_name(name)):
        words.setdefault(word, ())
    return lexicon_of(words)

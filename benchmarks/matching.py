"""Which model of the catalogue a source's label may mean. Pure.

Only accepted aliases join a figure to a model (`Names.find`). What is similar is proposed to people, with the
reason (`propose`), and never joined by itself: one letter tells two models apart, and so does a date.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

#: Words that say how a model was run, or that it is the one for chat; the rest of a name tells models apart.
_ASIDE: Final = re.compile(r"\((?:[^()]*think(?:ing)?[^()]*|high|low|medium|med|default|bf16)\)|\bapi\b")
_WORD: Final = re.compile(r"[a-z]+|\d+(?:\.\d+)*")
#: A proposal shares this much of its words with the label at least, of 1.
LIKE_ENOUGH: Final = 0.6
MOST_PROPOSALS: Final = 5
#: Less of the words in common is not looked at closer.
_OVERLAP: Final = 0.5


@dataclass(frozen=True, slots=True)
class Known:
    """A model of the catalogue. `names`: its slug and its name."""

    slug: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """`reason`: "same_name" or "similar"; `likeness` of 1."""

    slug: str
    reason: str
    likeness: float


def folded(name: str) -> str:
    """One spelling of a label: without regard to case and to the number of spaces."""
    return " ".join(name.casefold().split())


class Names:
    """Accepted labels → models. A label stands for its maker; one without a maker for the only model that the
    label is known for, whoever made it."""

    def __init__(self, accepted: Iterable[tuple[str, str, int]]) -> None:
        self._by_name: dict[tuple[str, str], int] = {}
        self._by_label: dict[str, set[int]] = defaultdict(set)
        for label, maker, model in accepted:
            self._by_name[folded(label), folded(maker)] = model
            self._by_label[folded(label)].add(model)

    def find(self, label: str, maker: str) -> int | None:
        """The model's id; None = nobody has said which."""
        exact = self._by_name.get((folded(label), folded(maker)))
        if exact is None and maker:
            exact = self._by_name.get((folded(label), ""))
        if exact is None and not maker:
            only = self._by_label.get(folded(label), set())
            return next(iter(only)) if len(only) == 1 else None
        return exact


class Catalogue:
    """The names of all models, to find those that a label is like."""

    def __init__(self, known: Iterable[Known]) -> None:
        self._words: dict[str, tuple[frozenset[str], str]] = {}
        self._by_word: dict[str, set[str]] = defaultdict(set)
        self._same: dict[str, set[str]] = defaultdict(set)
        for model in known:
            for name in model.names:
                self._same[_joined(name)].add(model.slug)
            words = _words(model.slug)
            self._words[model.slug] = (frozenset(words), _joined(model.slug))
            for word in words:
                self._by_word[word].add(model.slug)

    def propose(self, *labels: str) -> list[Proposal]:
        """The likest models, the likest first; [] = nothing is like it. `labels`: all that one is called."""
        same = {slug for label in labels for slug in self._same.get(_joined(label), ())}
        found = {slug: Proposal(slug, "same_name", 1.0) for slug in same}
        for label in labels:
            for slug, likeness in self._like(label):
                if slug not in found or found[slug].likeness < likeness:
                    found[slug] = Proposal(slug, "similar", likeness)
        order = sorted(found.values(), key=lambda one: (-one.likeness, len(one.slug), one.slug))
        return order[:MOST_PROPOSALS]

    def _like(self, label: str) -> Iterable[tuple[str, float]]:
        words, joined = frozenset(_words(label)), _joined(label)
        near: dict[str, int] = defaultdict(int)
        for word in words:
            for slug in self._by_word.get(word, ()):
                near[slug] += 1
        for slug, shared in near.items():
            others, other = self._words[slug]
            overlap = 2 * shared / (len(words) + len(others))
            # A number that only one of both has (a size, a version, a date) makes another model of it.
            if overlap < _OVERLAP:
                continue
            numbers = {word for word in words ^ others if word[0].isdigit()}
            likeness = (
                overlap * (0.7 if numbers else 1) * 0.7 + 0.3 * SequenceMatcher(None, joined, other).ratio()
            )
            if likeness >= LIKE_ENOUGH:
                yield slug, min(round(likeness, 3), 0.99)


def _words(name: str) -> list[str]:
    return _WORD.findall(_ASIDE.sub(" ", folded(name)).replace("_", "."))


def _joined(name: str) -> str:
    return "".join(_words(name)).replace(".", "")

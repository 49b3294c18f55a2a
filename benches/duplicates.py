"""How well items are put into stories: precision and recall on the labelled pairs of news/tests/labelled.

    python -m benches.duplicates [--write]

Rules are tuned on the development half alone; the figures of the held-back half are the ones to quote.
"""

import argparse
import os
import platform
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import Final

import yaml

from benches.machine import processor
from benches.processes import ROOT
from benches.report import table, write_into
from news.grouping import rules
from news.grouping.keys import keys_of
from news.grouping.names import Lexicon, lexicon_of
from news.tests.labelled import FOLDER, Half, Item, Label, Pair, pairs

MARKS: Final = "<!-- duplicates figures -->", "<!-- /duplicates figures -->"
LEAST_PRECISION, LEAST_RECALL = 0.95, 0.90
HALVES: Final[tuple[Half, ...]] = ("development", "held back")


@dataclass(frozen=True, slots=True)
class Score:
    """Pairs: `right` of those found, `found` by the rules, `there` by the labels."""

    name: str
    right: int
    found: int
    there: int

    @property
    def precision(self) -> float:
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.there if self.there else 1.0

    @property
    def met(self) -> bool:
        return self.precision >= LEAST_PRECISION and self.recall >= LEAST_RECALL


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules made of a labelled pair."""

    pair: Pair
    found: Label


@cache
def lexicon() -> Lexicon:
    """The names that the set's catalogue knows."""
    return lexicon_of(yaml.safe_load((FOLDER / "catalogue.yaml").read_bytes()))


def verdicts(half: Half) -> list[Verdict]:
    return [Verdict(pair, found(pair)) for pair in pairs(half)]


def found(pair: Pair) -> Label:
    """As the service does it: only what shares a key is compared."""
    one, other = told_of(pair.first), told_of(pair.second)
    mine, yours = keys_of(one), keys_of(other)
    if mine.copies.isdisjoint(yours.copies) and mine.marks.isdisjoint(yours.marks):
        return "different"
    match = rules.judge(one, other)
    if match is None:
        return "different"
    return "event" if match.ground == "event" else "duplicate"


def told_of(item: Item) -> rules.Told:
    return rules.told(title=item.title, text=item.text, url=item.url, at=item.published_at, lexicon=lexicon())


def scores(made: Sequence[Verdict]) -> list[Score]:
    """Duplicates, events, both as one question (does it belong to the story?), this one by languages."""
    by_langs = (
        _score(f"one story, {langs}", [each for each in made if each.pair.langs == langs], _joined)
        for langs in ("en-en", "en-ko", "ko-ko")
    )
    return [
        _score("duplicates", made, lambda label: label == "duplicate"),
        _score("events", made, lambda label: label == "event"),
        _score("one story", made, _joined),
        *by_langs,
    ]


def _joined(label: Label) -> bool:
    return label != "different"


def _score(name: str, made: Iterable[Verdict], counts: Callable[[Label], bool]) -> Score:
    pairs_of_it = [(counts(each.found), counts(each.pair.label)) for each in made]
    return Score(
        name,
        right=sum(got and is_it for got, is_it in pairs_of_it),
        found=sum(got for got, _ in pairs_of_it),
        there=sum(is_it for _, is_it in pairs_of_it),
    )


def report() -> str:
    versions = f"Python {platform.python_version()}; datasketch {version('datasketch')}"
    parts = [
        f"- {processor()}, {os.cpu_count()} cores, Linux {platform.release()}\n"
        f"- {versions}; rules {rules.METHOD_VERSION}"
    ]
    for half in HALVES:
        began = time.perf_counter()
        made = verdicts(half)
        spent_ms = (time.perf_counter() - began) * 1_000 / len(made)
        rows = [
            [
                each.name,
                str(each.there),
                str(each.found),
                f"{each.precision:.3f}",
                f"{each.recall:.3f}",
                _word(each),
            ]
            for each in scores(made)
        ]
        names = ["pairs", "labelled", "found", "precision", "recall", "≥ 0.95 and ≥ 0.90"]
        heading = f"**{half.capitalize()} half**, {len(made)} pairs, {spent_ms:.1f} ms each"
        parts.append("\n".join([heading, "", *table(names, rows)]))
    return "\n\n".join(parts)


def _word(score: Score) -> str:
    return "met" if score.met else "**NOT met**"


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benches.duplicates")
    parser.add_argument("--write", action="store_true", help="put the figures into docs/benches.md")
    options = parser.parse_args()
    text = report()
    sys.stdout.write(text + "\n")
    if options.write:
        write_into(ROOT / "docs" / "benches.md", text, MARKS)
    return 0


if __name__ == "__main__":
    sys.exit(main())

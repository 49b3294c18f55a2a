"""Measures how far the estimate of tokens misses:

    python -m benches.token_error DIR > compare/data/token_error.json

Each vocabulary of the panel is left out in turn and estimated from the others, and those that do not ship
(DIR: where their packages are, see benches/vocabularies.py) from all of it, over pieces of this repository's
own English (docs, with code) and Korean (translations).
"""

import json
import re
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any, Final

from benches.vocabularies import OUTSIDE, of_ranks, read
from compare.costing.estimating import PANEL, script_of
from compare.costing.vocabularies import counter_of

ROOT: Final = Path(__file__).resolve().parent.parent
#: Letters of a piece: a paragraph, a page, and a prompt with a document in it.
SIZES: Final = (500, 4_000, 20_000)
_TRANSLATED: Final = re.compile(r'msgstr(?:\[0\])? ((?:"(?:[^"\\]|\\.)*"\s*)+)')


def english() -> str:
    paths = [*sorted(ROOT.glob("docs/*.md")), *sorted(ROOT.glob("status/rules/*.py"))]
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


def korean() -> str:
    text = (ROOT / "locale/ko/LC_MESSAGES/django.po").read_text(encoding="utf-8")
    told = (
        "".join(json.loads(part) for part in re.findall(r'"(?:[^"\\]|\\.)*"', m))
        for m in _TRANSLATED.findall(text)
    )
    return "\n".join(line for line in told if script_of(line) == "ko")


def pieces(text: str) -> Iterator[str]:
    for size in SIZES:
        yield from (text[at : at + size] for at in range(0, len(text) - size, size * 3))


def outside(folder: Path) -> dict[str, Callable[[str], int]]:
    """Counters that the estimate has never seen."""
    import tiktoken

    counters: dict[str, Callable[[str], int]] = {}
    for name, (package, member, pattern) in OUTSIDE.items():
        tokens = of_ranks(read(folder, package, member))
        ranks = {token: rank for rank, token in enumerate(tokens)}
        encoding = tiktoken.Encoding(name, pat_str=pattern, mergeable_ranks=ranks, special_tokens={})
        counters[name] = partial(size_of, encoding)
    return counters


def size_of(encoding: Any, text: str) -> int:
    return len(encoding.encode_ordinary(text))


def misses(
    text: str, panel: dict[str, Callable[[str], int]], others: dict[str, Callable[[str], int]]
) -> Iterator[tuple[str, float]]:
    """(left out, by how many percent the median of the others is off its count)."""
    counts = {name: counter(text) for name, counter in panel.items()}
    for name, own in counts.items():
        guess = round(median(count for other, count in counts.items() if other != name))
        yield name, 100 * (guess - own) / own
    whole = round(median(counts.values()))
    for name, counter in others.items():
        yield name, 100 * (whole - (own := counter(text))) / own


def main() -> None:
    panel = {name: counter_of(name) for name in PANEL}
    others = outside(Path(sys.argv[1]))
    scripts, by_vocabulary = {}, {}
    for script, text in (("en", english()), ("ko", korean())):
        cut = list(pieces(text))
        found = [miss for piece in cut for miss in misses(piece, panel, others)]
        sizes = sorted(abs(off) for _, off in found)
        scripts[script] = {
            "median_pct": round(median(sizes), 1),
            "p95_pct": round(sizes[int(len(sizes) * 0.95)], 1),
            "most_pct": round(sizes[-1], 1),
            "texts": len(cut),
            "pairs": len(found),
        }
        by_vocabulary[script] = {
            name: round(median(off for other, off in found if other == name), 1) for name in (*panel, *others)
        }
    told = {
        "measured_on": datetime.now(UTC).date().isoformat(),
        "by": "python -m benches.token_error DIR",
        "note": "Median of the panel without the vocabulary, beside that vocabulary's own count.",
        "panel": PANEL,
        "outside": list(others),
        "scripts": scripts,
        "median_miss_pct_by_vocabulary": by_vocabulary,
    }
    sys.stdout.write(json.dumps(told, indent=1) + "\n")


if __name__ == "__main__":
    main()

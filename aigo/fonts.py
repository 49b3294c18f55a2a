"""Fonts of our own texts: the characters that pages are written with, cut out of Inter and Pretendard.

The whole fonts are 73 KB and 2 MB; what the first view needs must fit into its budget (docs/adr/0027). The
files that `manage.py fonts` makes are kept in static/fonts/: nobody needs fontTools to run the program. A
character in none of them comes from the whole fonts, in pieces, as pages need it (static/js/fonts.js).
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from babel.messages.catalog import Message

from aigo.translations import read_catalogue


@dataclass(frozen=True)
class Area:
    """Pages that are read first: the templates of what they begin with, and the Python that writes on them.

    `file`: of the Hangul that no area before it has. A page needs that of its own area and the first's.
    """

    file: str
    templates: tuple[str, ...]
    writers: tuple[str, ...]


def _tags(*names: str) -> tuple[str, ...]:
    return tuple(f"aigo/templatetags/{name}.py" for name in names)


AREAS: Final = (
    # What stands around every page, and the page most people see first.
    Area(
        "hangul",
        ("templates/base.html", "templates/status/board.html", "templates/status/_unmeasured.html"),
        (
            "aigo/context.py",
            "aigo/lib/regions.py",
            *_tags("board", "cards", "charts", "figures", "head", "incidents", "provenance", "saved"),
            *_tags("search", "sparklines"),
            *(f"status/{name}.py" for name in ("board", "phrasing", "toolbar", "tracing", "wording")),
        ),
    ),
    # Comparisons and prices.
    Area(
        "hangul-compare",
        (
            *(f"templates/compare/{name}.html" for name in ("index", "cost", "value", "_table")),
            *(f"templates/pricing/{name}.html" for name in ("index", "_list", "_changes", "_follow")),
        ),
        (
            *_tags("compared", "prices"),
            *(f"compare/{name}.py" for name in ("asking", "choosing", "examples", "lines", "reasons")),
            *(f"compare/{name}.py" for name in ("table", "telling", "toolbar", "wording")),
            *("compare/sections/", "compare/value/", "compare/costing/"),
            *("catalog/wording.py", "catalog/toolbar.py", "catalog/tagging.py", "catalog/telling.py"),
            "catalog/models/providers.py",
        ),
    ),
    # What the matrix of scores begins with.
    Area(
        "hangul-scores",
        tuple(
            f"templates/benchmarks/{name}.html"
            for name in ("_charts", "_evidence", "_filters", "_key", "_matrix", "_suite_card")
        ),
        (
            *_tags("score_charts", "scores"),
            *(f"benchmarks/{name}.py" for name in ("matrix", "models/scores", "models/suites")),
            *("benchmarks/toolbar.py", "benchmarks/wording.py"),
        ),
    ),
    # A model's page, and what it says of prices and limits.
    Area(
        "hangul-models",
        ("templates/status/model.html", "templates/status/_model.html"),
        (
            *(f"status/{name}.py" for name in ("dossier", "model_views", "said", "marks")),
            *("aigo/charting", "catalog/models/offers.py", "catalog/wording.py"),
            *_tags("dossier", "leads", "pricing"),
        ),
    ),
)
#: Written by browsers, not by us: "3초 전", "2026년 11월 22일 오후".
BROWSERS: Final = "초분시간일주개월년전후오지금어제내모레그작올다음지난요월화수목금토"
#: ASCII, and the typographic signs and letters that our English uses.
LATIN: Final = frozenset({*map(chr, range(0x20, 0x7F)), *"\u00a0·×÷–—‘’“”…†↑↓−•§±°µéü"})
_PARTS: Final = re.compile(r"""\{%\s*(?:include|extends)\s+"([^"]+)""")


@dataclass(frozen=True)
class Face:
    """One font file of ours: the name of its file, whose part it is, and which characters it has."""

    file: str
    source: str
    characters: frozenset[str]


def faces(base: Path) -> tuple[Face, ...]:
    """Latin; the Hangul of each area; the Hangul of all our other texts."""
    *areas, others = hangul(base)
    return (
        Face("inter", "inter", LATIN),
        *(Face(area.file, "hangul", found) for area, found in zip(AREAS, areas, strict=True)),
        Face("hangul-more", "hangul", others),
    )


def hangul(base: Path) -> tuple[frozenset[str], ...]:
    """Syllables of each of AREAS that those before it have not; at last those that only other pages have."""
    shown = [{*_templates(base, area.templates)} for area in AREAS]
    found: list[set[str]] = [set() for _area in AREAS]
    every = set(_syllables(BROWSERS))
    found[0] |= every
    for message in read_catalogue(base / "locale/ko/LC_MESSAGES/django.po"):
        syllables = set(_syllables(_text(message)))
        every |= syllables
        for own, area, templates in zip(found, AREAS, shown, strict=True):
            if any(
                where in templates or where.startswith(area.writers) for where, _line in message.locations
            ):
                own |= syllables
    compared, scores = found[1], found[2]
    scores |= set(_syllables((base / "benchmarks/data/composites.json").read_text()))
    for line in (base / "benchmarks/data/suites.json").read_text().splitlines():
        if '"summary_ko"' in line:  # beside a suite's row, and on the cards below the matrix
            compared |= set(_syllables(line))
    for name in ("benchmarks/data/suites.json", "catalog/data/korean.json"):
        every |= set(_syllables((base / name).read_text()))
    taken: set[str] = set()
    for own in found:
        own -= taken
        taken |= own
    return (*map(frozenset, found), frozenset(every - taken))


def _templates(base: Path, names: Iterable[str]) -> Iterator[str]:
    """The templates and all that they include, as paths from `base`."""
    waiting, seen = list(names), set()
    while waiting:
        name = waiting.pop()
        if name in seen or not (base / name).exists():
            continue
        seen.add(name)
        yield name
        waiting += [f"templates/{part}" for part in _PARTS.findall((base / name).read_text())]


def _text(message: Message) -> str:
    return message.string if isinstance(message.string, str) else "".join(message.string or ())


def _syllables(text: str) -> Iterator[str]:
    return (character for character in text if "\uac00" <= character <= "\ud7a3")


def unicode_range(characters: Iterable[str]) -> str:
    """As CSS writes it: U+20-7e, U+ac00."""
    runs: list[list[int]] = []
    for code in sorted(map(ord, characters)):
        if runs and code == runs[-1][1] + 1:
            runs[-1][1] = code
        else:
            runs.append([code, code])
    return ", ".join(f"U+{low:x}" if low == high else f"U+{low:x}-{high:x}" for low, high in runs)


#: What style sheets call them.
FAMILIES: Final = {"inter": "Inter Variable", "hangul": "AI-GO Hangul"}
_SHEET: Final = """/* Written by `manage.py fonts`: fonts of our own texts and what stands in for them. */
{faces}
/* The rest of Inter. Hangul that is not ours is Pretendard's, which static/js/fonts.js links. */
{rest}
/* As wide and as high as the fonts that replace them, so that nothing moves. */
{stand_ins}"""
_FACE: Final = """@font-face {{
  font-family: "{family}";
  font-style: normal;
  font-display: optional;
  font-weight: {weights};
  src: url("{url}") format("woff2");
  unicode-range: {range};
}}
"""
_STAND_IN: Final = """@font-face {{
  font-family: "{family}";
  src: {sources};
  size-adjust: {size}%;
  ascent-override: {ascent}%;
  descent-override: {descent}%;
  line-gap-override: 0%;
}}
"""
#: unicode-range of the whole file → what of it our own file has not.
_INTER: Final = {
    "latin": "U+a0-ff, U+131, U+152-153, U+2bb-2bc, U+2c6, U+2da, U+2dc, U+304, U+308, U+329, U+2000-206f, "
    "U+20ac, U+2122, U+2191, U+2193, U+2212, U+2215, U+feff, U+fffd",
    "latin-ext": "U+100-2ba, U+2bd-2c5, U+2c7-2cc, U+2ce-2d7, U+2dd-2ff, U+1d00-1dbf, U+1e00-1e9f, "
    "U+1ef2-1eff, U+20a0-20ab, U+20ad-20c0, U+2113, U+2c60-2c7f, U+a720-a7ff",
}
#: family, fonts that most systems have, size and heights in percent of theirs.
_STAND_INS: Final = (
    ("Inter Stand-in", ("Arial", "Liberation Sans", "Helvetica", "Roboto"), 107.1, 90.4, 22.5),
    (
        "Hangul Stand-in",
        ("Apple SD Gothic Neo", "Malgun Gothic", "Noto Sans CJK KR", "Noto Sans KR"),
        93,
        102,
        26,
    ),
)


def style_sheet(cut: Iterable[Face]) -> str:
    """static/css/fonts.css for these faces."""
    ours = [
        _FACE.format(
            family=FAMILIES[face.source],
            weights="400 720" if face.source == "inter" else "400 700",
            url=f"../fonts/{face.file}.woff2",
            range=unicode_range(face.characters),
        )
        for face in cut
    ]
    rest = [
        _FACE.format(
            family=FAMILIES["inter"],
            weights="100 900",
            url=f"../vendor/inter/files/inter-{part}-opsz-normal.woff2",
            range=unicode_range(covered(whole) - LATIN),
        )
        for part, whole in _INTER.items()
    ]
    stand_ins = [
        _STAND_IN.format(
            family=family,
            sources=", ".join(f'local("{name}")' for name in names),
            size=size,
            ascent=ascent,
            descent=descent,
        )
        for family, names, size, ascent, descent in _STAND_INS
    ]
    return _SHEET.format(faces="".join(ours), rest="".join(rest), stand_ins="".join(stand_ins))


def covered(sheet: str) -> frozenset[str]:
    """Every character that the unicode-ranges of a style sheet name."""
    found: set[str] = set()
    for low, high in re.findall(r"U\+([0-9a-f]+)(?:-([0-9a-f]+))?", sheet):
        found.update(map(chr, range(int(low, 16), int(high or low, 16) + 1)))
    return frozenset(found)

"""Texts to translate: found in Python and templates, kept in .po files, compiled to .mo files. Uses Babel."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

#: Folders whose texts readers see; tests and migrations in them are left out.
SOURCES: Final = (
    *("aigo", "catalog", "editorial", "probes", "status", "benchmarks", "news", "compare"),
    "templates",
)
LEFT_OUT: Final = frozenset({"tests", "migrations"})
#: Function name → which arguments are texts: (context, "c"), singular, plural.
KEYWORDS: Final[dict[str, tuple[int | tuple[int, str], ...] | None]] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}


def source_files(base: Path) -> Iterator[Path]:
    """Python files and templates that may hold texts, in a stable order."""
    for folder in SOURCES:
        for file in sorted((base / folder).rglob("*")):
            inside = file.relative_to(base).parts
            if file.suffix in (".py", ".html", ".txt") and LEFT_OUT.isdisjoint(inside):
                yield file


def extracted(base: Path) -> Catalog:
    """Every text to translate, with the files that hold it (without lines: they would change every diff)."""
    catalogue = Catalog(charset="utf-8")
    for file in source_files(base):
        where = file.relative_to(base).as_posix()
        for message, context in _messages(file):
            catalogue.add(message, locations=[(where, 0)], context=context)
    return catalogue


def _messages(file: Path) -> Iterator[tuple[str | tuple[str, ...], str | None]]:
    source = file.read_text()
    if file.suffix != ".py":
        # Django's form of a template is calls between blanked-out text; unindented, it can be tokenised.
        source = "\n".join(line.strip() for line in templatize(source, origin=str(file)).splitlines())
    for _line, function, found, _comments in extract_python(io.BytesIO(source.encode()), KEYWORDS, (), {}):
        texts = [found] if isinstance(found, str) else list(found or ())  # none: a variable holds it
        context = texts.pop(0) if str(function).startswith(("pgettext", "npgettext")) else None
        plural = "ngettext" in function or "npgettext" in function
        wanted = tuple(text for text in texts[: 2 if plural else 1] if text)
        if wanted:
            yield (wanted if plural else wanted[0]), context


def read_catalogue(po: Path) -> Catalog:
    """The kept translations."""
    with po.open("rb") as file:
        return read_po(file, locale=po.parent.parent.name)


def extract_into(po: Path, *, base: Path) -> int:
    """Bring `po` up to date with the sources and drop what is gone. Returns how many lack a translation."""
    catalogue, template = read_catalogue(po), extracted(base)
    template.creation_date = catalogue.creation_date  # else every run would change the file
    catalogue.update(template, no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    with po.open("wb") as file:
        write_po(file, catalogue, width=110, sort_output=True, include_lineno=False)
    return sum(not translated(message.string) for message in catalogue if message.id)


def translated(string: str | tuple[str, ...] | list[str] | None) -> bool:
    """Whether a translation, with all its plural forms, is there."""
    return all(string) if isinstance(string, (tuple, list)) else bool(string)


def compile_catalogue(po: Path) -> bool:
    """Write the .mo beside `po` where it is missing or older. True when it was written."""
    mo = po.with_suffix(".mo")
    if mo.exists() and mo.stat().st_mtime >= po.stat().st_mtime:
        return False
    written = mo.with_suffix(".mo.new")
    with written.open("wb") as file:
        write_mo(file, read_catalogue(po))
    written.replace(mo)
    return True

"""What is made of the static files when they are collected: one style sheet of all, names with hashes."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

#: All style sheets in one file, where static files are collected.
BUNDLE: Final = "css/site.css"
#: Named first, in the order of the cascade layers; tokens.css declares the order. All others are components:
#: none may count on standing before or after another.
FIRST: Final[tuple[str, ...]] = ("tokens", "fonts", "base", "layout")


@cache
def stylesheet_names() -> tuple[str, ...]:
    """Names of the pages' style sheets under static/css, in their order; the admin's stand in a subfolder."""
    found = {file.stem for file in (Path(settings.BASE_DIR) / "static" / "css").glob("*.css")}
    return (*FIRST, *sorted(found.difference(FIRST)))


def without_blanks(sheet: str) -> str:
    """A style sheet without comments and the blanks that mean nothing; strings are kept as they are."""
    parts = re.split(r'("[^"]*"|/\*.*?\*/)', sheet, flags=re.DOTALL)
    kept = [
        part if part.startswith('"') else "" if part.startswith("/*") else _tightened(part) for part in parts
    ]
    return "".join(kept)


def _tightened(code: str) -> str:
    """Around ( ) + - > ~ and : blanks may mean something; around these they do not."""
    return re.sub(r"\s*([{};,])\s*", r"\1", re.sub(r"\s+", " ", code)).replace(";}", "}")


class CollectedStorage(CompressedManifestStaticFilesStorage):
    """Whitenoise's storage, with the bundle added before names get their hashes."""

    def post_process(
        self, paths: dict[str, Any], dry_run: bool = False, **options: Any
    ) -> Iterator[tuple[str, str, bool]]:
        if not dry_run:
            sheets = [_text(*paths[f"css/{name}.css"]) for name in stylesheet_names()]
            self.delete(BUNDLE)
            self._save(BUNDLE, ContentFile(without_blanks("\n".join(sheets))))
            paths[BUNDLE] = (self, BUNDLE)
        yield from super().post_process(paths, dry_run, **options)


def _text(storage: Any, path: str) -> str:
    with storage.open(path) as file:
        return str(file.read().decode())

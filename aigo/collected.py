"""What is made of the static files when they are collected: a style sheet for each section, hashed names."""

import hashlib
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.files.base import ContentFile
from django.core.management import call_command
from whitenoise.storage import CompressedManifestStaticFilesStorage

#: What every page has: first, in the order of the cascade layers, which tokens.css declares; then components.
#: None of these may count on standing before or after another.
FRAME: Final[tuple[str, ...]] = (
    *("tokens", "fonts", "base", "layout"),
    *("button", "figure", "forms", "heading", "live", "menu", "notice", "palette", "panel", "print", "prose"),
    *("provenance", "search", "skeleton", "slide-over", "state"),
)
#: What the pages of each section have besides.
SECTIONS: Final[dict[str, tuple[str, ...]]] = {
    "board": (
        *("board", "cards", "chart", "counts", "filterbar", "incidents", "saved_views", "sparkline"),
        *("telling", "top", "trend", "trends", "unmeasured"),
    ),
    "models": ("chart", "dossier", "incidents", "news-lines", "sparkline", "uptime"),
    "incidents": ("entries", "filters", "incidents", "leads", "story", "tables", "telling", "uptime"),
    "providers": ("dossier", "incidents", "news-lines", "providers", "uptime"),
    "diagnosis": ("dossier", "tables", "whose"),
    "reports": (
        *("cards", "cost", "entries", "evidence", "method", "ops", "servers", "tables", "telling", "uptime"),
    ),
    "subscriptions": ("subscriptions",),
    "benchmarks": ("benchmark", "chart", "evidence", "filterbar", "matrix", "score-charts", "tables"),
    "scores": ("chart", "dossier", "evidence", "score-charts", "suite", "tables"),
    "compare": ("compare", "filterbar", "news-lines", "saved_views", "versus"),
    "prices": ("calculator", "chart", "dossier", "filterbar", "pricing", "score-charts", "tables", "value"),
    "search": ("tabs",),
    "news": ("article", "filterbar", "first-page", "news", "state-of", "tables"),
    "styleguide": ("styleguide",),
}
#: In the folder of collected files: what they were made of.
MADE_OF: Final = "made-of.txt"
#: Whose pages open over others.
OVER: Final = ("models", "scores")


def sheet_names(sections: Iterable[str]) -> tuple[str, ...]:
    """Names of the style sheets under static/css that the frame and these sections have, each once."""
    return tuple(dict.fromkeys([*FRAME, *(name for section in sections for name in SECTIONS[section])]))


def collected_sheets() -> dict[str, tuple[str, ...]]:
    """Files that are made of several: the name below static/ → the style sheets in it."""
    return {"css/site.css": FRAME} | {f"css/site-{name}.css": sheets for name, sheets in SECTIONS.items()}


def collect() -> None:
    """Collect the static files, unless just these have been collected: compressing them takes seconds."""
    made_of, note = _fingerprint(), Path(settings.STATIC_ROOT) / MADE_OF
    if note.exists() and note.read_text() == made_of:
        return
    note.unlink(missing_ok=True)
    call_command("collectstatic", interactive=False, verbosity=0)
    note.write_text(made_of)


def _fingerprint() -> str:
    """Of all files as they are found, and of what makes the collected ones of them."""
    found = hashlib.sha256(repr(settings.STORAGES).encode())
    for own in (Path(__file__), settings.BASE_DIR / "requirements.txt"):
        found.update(own.read_bytes())
    for finder in get_finders():
        for path, storage in finder.list([]):
            found.update(f"\n{getattr(storage, 'prefix', '')}/{path}\n".encode())
            found.update(Path(storage.path(path)).read_bytes())
    return found.hexdigest()


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
    """Whitenoise's storage, with the sections' sheets added before names get their hashes."""

    def post_process(
        self, paths: dict[str, Any], dry_run: bool = False, **options: Any
    ) -> Iterator[tuple[str, str, bool]]:
        if not dry_run:
            for made, names in collected_sheets().items():
                sheets = [_text(*paths[f"css/{name}.css"]) for name in names]
                self.delete(made)
                self._save(made, ContentFile(without_blanks("\n".join(sheets))))
                paths[made] = (self, made)
        yield from super().post_process(paths, dry_run, **options)


def _text(storage: Any, path: str) -> str:
    with storage.open(path) as file:
        return str(file.read().decode())

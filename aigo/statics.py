"""Finding the single files that pages use of large npm packages, so that nobody collects the rest."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

#: Folder below static/vendor/ → (folder below node_modules, the files of it).
PICKED: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "echarts": ("echarts/dist", ("echarts.simple.min.js",)),
}


class PickedFilesFinder(BaseFinder):
    """Where npm installed them; a package that is not installed has no files."""

    def check(self, **kwargs: Any) -> list[Any]:
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        found = [str(file) for name, file in _files() if name == path]
        return found if find_all else (found[0] if found else [])

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, FileSystemStorage]]:
        for name, file in _files():
            storage = FileSystemStorage(location=file.parent)
            storage.prefix = str(Path(name).parent)  # type: ignore[attr-defined]  # where collectstatic looks
            yield file.name, storage


def _files() -> Iterator[tuple[str, Path]]:
    """(name below /static/, file) of those that are installed."""
    for folder, (source, names) in PICKED.items():
        for name in names:
            file = Path(settings.BASE_DIR) / "node_modules" / source / name
            if file.is_file():
                yield f"vendor/{folder}/{name}", file

"""Programs that the tests start as servers: where they are, and a folder for each.

ServiceMissing   ours: a program is not installed; names what installs it
"""

import importlib.util
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from testing.processes import ServerProcess


class ServiceMissing(Exception):
    """A server program that the tests need is not on this machine."""


@dataclass
class Service:
    """A running server. `url` is what DATABASE_URL, REDIS_URL or a server's metrics address takes."""

    url: str
    process: ServerProcess


def located(name: str, *, folders: list[Path], remedy: str) -> Path:
    """The program, from one of the folders or the PATH."""
    for folder in folders:
        if (folder / name).is_file():
            return folder / name
    if found := shutil.which(name):
        return Path(found)
    raise ServiceMissing(f"{name} is not installed. Run `make test`, or: {remedy}")


def package_folder(package: str) -> Path:
    """Folder of an installed Python package that ships programs, without importing it."""
    spec = importlib.util.find_spec(package)
    return Path(spec.origin).parent if spec and spec.origin else Path("/nonexistent")


@contextmanager
def own_folder(user: str | None = None) -> Iterator[Path]:
    """A new folder, which belongs to `user` (None = us), removed afterwards."""
    path = Path(tempfile.mkdtemp(prefix="aigo-test-"))
    if user:
        shutil.chown(path, user)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)

"""What a first start makes, made once per test run and copied for whoever does not test the making.

Databases with today's schema: some fifty migrations take 5 to 10 s, and two dozen tests begin with a
database of their own. Collected static files: compressing them takes 6 s.
"""

import fcntl
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from testing.environment import ROOT, clean_environment, shared_folder

#: The database in the copied PostgreSQL clusters; their `postgres` is empty.
DATABASE: Final = "migrated"


def sqlite_into(folder: Path) -> None:
    """Put a migrated aigo.sqlite3 into a DATA_DIR."""
    folder.mkdir(exist_ok=True)
    shutil.copy(_once("sqlite", _migrate_sqlite) / "aigo.sqlite3", folder)


def installed_into(folder: Path) -> None:
    """Put a migrated aigo.sqlite3 and the collected static files into a DATA_DIR."""
    sqlite_into(folder)
    static_into(folder)


def static_into(folder: Path) -> None:
    """Put the collected static files into a DATA_DIR."""
    shutil.copytree(_once("static", _collect) / "static", folder / "static")


def sqlite_in_memory() -> sqlite3.Connection:
    """Fill the test database of this process, which lives as long as the connection that this returns."""
    memory = sqlite3.connect("file:memorydb_default?mode=memory&cache=shared", uri=True)
    with sqlite3.connect(_once("sqlite", _migrate_sqlite) / "aigo.sqlite3") as file:
        file.backup(memory)
    file.close()
    return memory


def postgresql_data(make: Callable[[Path], None]) -> Path:
    """The data of a cluster whose DATABASE is migrated; `make` does it in a folder, once."""
    return _once("postgresql", make) / "data"


def migrate(database_url: str, folder: Path) -> None:
    """Raises AssertionError with what the command said."""
    _manage("migrate", "-v0", DATABASE_URL=database_url, DATA_DIR=str(folder), STATIC_HASHED="0")


def _collect(folder: Path) -> None:
    _manage("shell", "-v0", "-c", "from aigo.collected import collect; collect()", DATA_DIR=str(folder))


def _manage(*command: str, **environment: str) -> None:
    made = subprocess.run(
        [sys.executable, "manage.py", *command],
        env=clean_environment(**environment), cwd=ROOT, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert made.returncode == 0, made.stdout + made.stderr


def _migrate_sqlite(folder: Path) -> None:
    migrate(f"sqlite:///{folder / 'aigo.sqlite3'}", folder / "var")
    with sqlite3.connect(folder / "aigo.sqlite3") as connection:
        connection.execute("PRAGMA journal_mode=DELETE")  # all of it in the one file
    connection.close()


def _once(name: str, make: Callable[[Path], None]) -> Path:
    """The folder that `make` filled, in whichever process of this run came first."""
    folder = shared_folder() / name
    with (shared_folder() / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            making = folder.with_suffix(".making")
            shutil.rmtree(making, ignore_errors=True)
            making.mkdir()
            make(making)
            os.rename(making, folder)
    return folder

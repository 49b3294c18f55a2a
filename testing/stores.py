"""Databases of the three kinds with something in them: restored from a release's fixture, or empty."""

import contextlib
import lzma
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

from testing import services
from testing.migrated import sqlite_into

KINDS = ("sqlite", "postgresql", "timescale")
FIXTURE = Path(__file__).parent / "fixtures" / "board_release"


@contextlib.contextmanager
def empty_store(kind: str, folder: Path) -> Iterator[str]:
    """DATABASE_URL of an empty database; a SQLite file is made in `folder`."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'store.sqlite3'}"
        return
    with services.postgresql() if kind == "postgresql" else services.timescale() as service:
        yield service.url


@contextlib.contextmanager
def migrated_store(kind: str, folder: Path) -> Iterator[str]:
    """DATABASE_URL of a database with today's schema and no more; TimescaleDB's is still empty."""
    if kind == "sqlite":
        sqlite_into(folder)
        yield f"sqlite:///{folder / 'aigo.sqlite3'}"
    elif kind == "postgresql":
        with services.postgresql(migrated=True) as service:
            yield service.url
    else:
        with empty_store(kind, folder) as url:
            yield url


def plain(url: str) -> str:
    """The URL as psycopg takes it."""
    return url.replace("timescale://", "postgres://", 1)


def restore_board_release(url: str) -> None:
    """Put the store of the catalogue-and-board release into an empty database."""
    kind = {"postgres": "postgresql"}.get(scheme := url.partition(":")[0], scheme)
    text = lzma.decompress((FIXTURE / f"{kind}.sql.xz").read_bytes()).decode()
    if kind == "sqlite":
        with contextlib.closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            connection.executescript(text)
        return
    with psycopg.connect(plain(url)) as connection:
        for statement, rows in _parts(text):
            if rows is None:
                connection.execute(statement.encode())
            else:
                with connection.cursor().copy(statement.encode()) as copy:
                    copy.write(rows)


def query(url: str, statement: str) -> list[dict[str, Any]]:
    """The rows of a statement, by column; what the database's own driver makes of them."""
    if url.startswith("sqlite:"):
        with contextlib.closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            found = connection.execute(statement)
            names = [column[0] for column in found.description or ()]
            rows = [dict(zip(names, row, strict=True)) for row in found]
            connection.commit()
            return rows
    with psycopg.connect(plain(url), autocommit=True) as connection:
        answer = connection.execute(statement.encode())
        columns = [column.name for column in answer.description or ()]
        return [dict(zip(columns, row, strict=True)) for row in answer] if columns else []


def _parts(text: str) -> Iterator[tuple[str, str | None]]:
    """(statements, None) or (COPY statement, its rows) in their order; as pg_dump lays them out."""
    gathered: list[str] = []
    copying = ""
    for line in text.split("\n"):
        if not copying and line.startswith("COPY ") and line.endswith("FROM STDIN;"):
            if gathered:
                yield "\n".join(gathered), None
            copying, gathered = line, []
        elif copying and line == "\\.":
            yield copying.rstrip(";"), "".join(f"{row}\n" for row in gathered)
            copying, gathered = "", []
        else:
            gathered.append(line)
    if gathered:
        yield "\n".join(gathered), None

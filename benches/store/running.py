"""The stores as processes, asked in turns: every figure of one run comes from interleaved repetitions."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from benches.store.plan import Plan
from testing import services
from testing.environment import ROOT, clean_environment

DATABASES: Final = ("postgresql", "sqlite")
#: The test server's flags and these: a server that has some memory of its own.
MEMORY: Final = ("-c", "shared_buffers=1GB", "-c", "max_wal_size=8GB", "-c", "maintenance_work_mem=512MB")


@dataclass(slots=True)
class Results:
    """Of one database. times: store → question → by round, what `worker.Store.ask` says of it.

    words: question → its words; ingest: one dict of ways per repetition; sizes: store → what it measured.
    """

    database: str
    version: str
    plans: list[Plan]
    built: dict[str, Any] = field(default_factory=dict)
    times: dict[str, dict[str, list[dict[str, Any]]]] = field(default_factory=dict)
    questions: dict[str, str] = field(default_factory=dict)
    ingest: list[dict[str, dict[str, float]]] = field(default_factory=list)
    sizes: dict[str, Any] = field(default_factory=dict)
    explained: dict[str, list[str]] = field(default_factory=dict)


class Child:
    """A `benches.store.worker`. RuntimeError where it ends instead of answering; why stands on stderr."""

    def __init__(self, url: str, folder: Path) -> None:
        environment = clean_environment(
            DATABASE_URL=url,
            DATA_DIR=str(folder),
            DJANGO_SETTINGS_MODULE="aigo.settings",
            SECRET_KEY="for a bench only",  # noqa: S106
            LOG_LEVEL="ERROR",
        )
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benches.store.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            env=environment,
            text=True,
        )

    def do(self, command: str, **arguments: Any) -> Any:
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("the store has no pipes")
        self._process.stdin.write(json.dumps({"do": command, **arguments}) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"the store ended at {command!r}; its message stands above")
        return json.loads(answer)

    def close(self) -> None:
        if self._process.stdin:
            self._process.stdin.close()
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()


def measure(
    database: str, plans: Sequence[Plan], *, rounds: int, times: int, explain: Sequence[str] = ()
) -> Results:
    """Build the stores of the plans, the first being the one whose figures are shown, and ask them."""
    with _databases(database, [plan.name for plan in plans]) as (version, urls), ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="aigo-bench-")))
        results = Results(database, version, list(plans))
        children = {}
        for plan, url in zip(plans, urls, strict=True):
            children[plan.name] = child = Child(url, folder)
            stack.callback(child.close)
            say(f"{database}: {plan.name} store, {plan.attempts:,} attempts")
            results.built[plan.name] = child.do("build", plan=plan.to_json())
            results.sizes[plan.name] = child.do("size")
        _ask_in_turns(results, children, rounds, times)
        shown = children[plans[0].name]
        results.questions = shown.do("describe")
        results.explained = shown.do("explain", names=list(explain)) if explain else {}
        for repetition in range(max(2, rounds - 2)):
            say(f"{database}: ingest {repetition + 1}")
            results.ingest.append(shown.do("ingest", repetition=repetition))
    return results


def _ask_in_turns(results: Results, children: dict[str, Child], rounds: int, times: int) -> None:
    """Every round asks all stores, each time another one first."""
    names = list(children)
    results.times = {name: {} for name in names}
    for number in range(rounds):
        say(f"{results.database}: round {number + 1}")
        first = number % len(names)
        for name in names[first:] + names[:first]:
            for question, found in children[name].do("ask", times=times, first=number == 0).items():
                results.times[name].setdefault(question, []).append(found)


@contextmanager
def _databases(kind: str, names: Sequence[str]) -> Iterator[tuple[str, list[str]]]:
    """(what the database calls itself, URLs of empty databases)."""
    if kind == "sqlite":
        import sqlite3

        with tempfile.TemporaryDirectory(prefix="aigo-bench-") as folder:
            yield f"SQLite {sqlite3.sqlite_version}", [f"sqlite:///{folder}/{name}.sqlite3" for name in names]
        return
    with services.postgresql(*MEMORY) as server, ExitStack() as stack:
        urls = [stack.enter_context(services.empty_database(server, f"bench_{name}")) for name in names]
        yield _version(server.url), urls


def _version(url: str) -> str:
    import psycopg

    with psycopg.connect(url) as connection:
        number = connection.info.server_version
    return f"PostgreSQL {number // 10_000}.{number % 10_000}"


def say(text: str) -> None:
    sys.stderr.write(text + "\n")

"""The test run's own ground: what it may reach, and that its servers are real."""

import re
import socket
from collections.abc import Callable
from contextlib import nullcontext
from itertools import pairwise
from pathlib import Path

import psycopg
import pytest
import redis
from django.db import connection
from playwright.sync_api import Page
from pytest_socket import SocketConnectBlockedError

from testing import processes
from testing.environment import ROOT, backend
from testing.processes import ServerProcess, free_port

#: One row, on the database of that name only.
VERSION_QUERY = {
    "sqlite": "SELECT sqlite_version()",
    "postgresql": "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'timescaledb')",
    "timescale": "SELECT extversion FROM pg_extension WHERE extname = 'timescaledb'",
}


def test_connections_beyond_this_machine_are_refused():
    with pytest.raises(SocketConnectBlockedError):
        socket.create_connection(("203.0.113.1", 80), timeout=1)


def test_redis_answers(redis_url: str):
    with redis.Redis.from_url(redis_url) as client:
        assert client.ping()


def test_each_test_gets_an_empty_postgresql_database_of_its_own(postgresql_url: str):
    with psycopg.connect(postgresql_url) as connection:
        tables = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'").fetchone()
    assert tables == (0,)


def test_timescaledb_makes_hypertables(timescale_url: str):
    with psycopg.connect(timescale_url.replace("timescale://", "postgres://"), autocommit=True) as connection:
        connection.execute("CREATE TABLE sample (at timestamptz NOT NULL, value double precision)")
        made = connection.execute(
            "SELECT created FROM create_hypertable('sample', by_range('at'))"
        ).fetchone()
    assert made == (True,)


@pytest.mark.parametrize("form", ["TEXT", "BINARY"])
def test_timescaledb_takes_rows_by_copy(timescale_url: str, form: str):
    url = timescale_url.replace("timescale://", "postgres://")
    rows = [(number, "연결 시간 초과") for number in range(5_000)]
    with psycopg.connect(url, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE sample (id int PRIMARY KEY, value text)")
        for expected in (nullcontext(), pytest.raises(psycopg.errors.UniqueViolation)):
            with expected, cursor.copy(f"COPY sample (id, value) FROM STDIN (FORMAT {form})") as copy:
                copy.set_types(["int4", "text"])
                for row in rows:
                    copy.write_row(row)
        with pytest.raises(ZeroDivisionError), cursor.copy("COPY sample FROM STDIN"):
            raise ZeroDivisionError
        assert sorted(cursor.execute("SELECT id, value FROM sample").fetchall()) == rows


def test_the_browser_has_a_font_with_korean_letters(page: Page):
    page.set_content("<canvas id=c width=200 height=50></canvas>")
    drawn = """text => {
        const canvas = document.getElementById("c"), pen = canvas.getContext("2d");
        pen.clearRect(0, 0, 200, 50); pen.font = "30px sans-serif"; pen.fillText(text, 5, 35);
        return canvas.toDataURL();
    }"""
    # Without a font every missing letter is drawn as the same box.
    assert page.evaluate(drawn, "상") != page.evaluate(drawn, "태")


def test_a_server_process_is_watched_and_ends_with_the_test(start: Callable[..., ServerProcess], port: int):
    server = start(["python3", "-u", "-m", "http.server", "--bind", "127.0.0.1", str(port)])
    server.wait_for_line("Serving HTTP")
    server.wait_for_url(f"http://127.0.0.1:{port}/Makefile")
    server.stop(exit_codes=(-15,))


def test_a_port_is_given_once_and_the_kernel_gives_it_to_nobody(monkeypatch: pytest.MonkeyPatch):
    given = free_port()
    least, _most = map(int, Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split())
    assert given < least
    monkeypatch.setattr(processes, "PORTS", [given])
    with pytest.raises(AssertionError, match="no port is free"):
        free_port()


@pytest.mark.django_db
def test_the_database_of_this_run_is_the_one_it_was_started_for():
    with connection.cursor() as cursor:
        cursor.execute(VERSION_QUERY[backend()])
        assert cursor.fetchone() is not None


@pytest.mark.parametrize(
    "file",
    ["requirements.txt", "requirements-browser.txt", "requirements-dev.txt", "requirements-services.txt"],
)
def test_requirements_are_pinned_and_each_group_says_why(file: str):
    lines = (ROOT / file).read_text().splitlines()
    wanted = [line for line in lines if line and not line.startswith(("#", "-r "))]
    assert [line for line in wanted if not re.fullmatch(r"[\w.-]+(\[\w+\])?==[\w.]+", line)] == []
    first_of_a_group = [below for above, below in pairwise(lines) if below in wanted and not above.strip()]
    assert first_of_a_group == []

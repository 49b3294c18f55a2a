"""`manage.py run` as a new user meets it: real processes, the real simulator, a real browser.

Its first start, on SQLite and from nothing, is that of test_commands.py.
"""

import json
import re
import signal
import socket
import sqlite3
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from aigo.lib.events.members import EVENTS
from testing import migrated
from testing.patience import PATIENCE_S
from testing.processes import ServerProcess, free_port, until
from testing.services import RedisCluster

RUN = [sys.executable, "manage.py", "run"]
#: An interval (60 s), the tries that confirm what they find, and a slow machine.
FOLLOWS_WITHIN_S = 300


class Site:
    """A running AI-GO and its simulator."""

    def __init__(
        self, process: ServerProcess, port: int, simulator_port: int, data: Path = Path("/nonexistent")
    ) -> None:
        self.process = process
        self.database = data / "aigo.sqlite3"
        self.base = f"http://127.0.0.1:{port}"
        self.simulator = f"http://127.0.0.1:{simulator_port}"

    def get(self, path: str) -> Any:
        with urllib.request.urlopen(f"{self.base}{path}", timeout=60) as answer:
            return json.load(answer)

    def job_last_ran(self, name: str) -> str:
        """When the job last ran, as the database has it."""
        with closing(sqlite3.connect(self.database)) as connection:
            (moment,) = connection.execute(
                "SELECT last_run_at FROM aigo_jobstate WHERE name = ?", (name,)
            ).fetchone()
        return str(moment)

    def pause_job(self, name: str, *, paused_at: str | None) -> None:
        with closing(sqlite3.connect(self.database, timeout=20)) as connection, connection:
            connection.execute("UPDATE aigo_jobstate SET paused_at = ? WHERE name = ?", (paused_at, name))

    def control(self, provider: str, action: str) -> None:
        url = f"{self.simulator}/_control/providers/{provider}/{action}"
        urllib.request.urlopen(urllib.request.Request(url, method="POST"), timeout=60).close()

    def until(self, what: Callable[[], bool]) -> None:
        """Wait for what the fleet's measuring leads to."""
        until(what, bool, timeout_s=FOLLOWS_WITHIN_S, every_s=0.25, log=lambda: self.process.log)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """One run for the whole module; its end is checked: Ctrl-C leaves nothing behind."""
    port, simulator_port, data = free_port(), free_port(), tmp_path_factory.mktemp("data")
    migrated.installed_into(data)
    process = ServerProcess(
        RUN,
        environment={
            "PORT": str(port),
            "SIMULATOR_URL": f"http://127.0.0.1:{simulator_port}",
            "DATA_DIR": str(data),
        },
    )
    try:
        process.wait_for_line("AI-GO serves")
        process.wait_for_url(f"http://127.0.0.1:{port}/healthz")
        yield Site(process, port, simulator_port, data)
        process.stop(by=signal.SIGINT)
        assert "Traceback" not in process.log
    finally:
        process.stop_quickly()


def measured(site: Site) -> list[dict[str, Any]]:
    rows = site.get("/api/v1/status?region=seoul&limit=500")["results"]
    simulated = [row for row in rows if row["simulated"]]
    names = ("availability_pct", "p50_ms", "last_sample_at")
    return [row for row in simulated if row["samples"] and all(row[name] is not None for name in names)]


def test_the_simulated_fleet_is_measured_from_seoul(site):
    simulated = site.get("/api/v1/stats")["counts"]["simulated"]
    assert simulated >= 20
    site.until(lambda: len(measured(site)) >= 0.95 * simulated)
    for row in measured(site):
        assert (row["p95_ms"] is None) == (row["samples"] < 20)


def test_counts_are_the_same_on_the_page_and_in_the_api(site, page: Page):
    site.until(lambda: site.get("/api/v1/stats")["counts"]["active"] >= 24)
    page.goto(f"{site.base}/")
    expect(page.locator("[data-live-indicator]")).to_have_attribute("data-status", "live")
    site.until(lambda: counts_agree(site, page))
    assert set(shown_counts(page)) >= {"available", "operational", "degraded", "outage", "unknown", "total"}


def counts_agree(site: Site, page: Page) -> bool:
    """Three readings one after the other; a state may change between them, so they are taken again."""
    stats, shown = site.get("/api/v1/stats")["counts"], shown_counts(page)
    agree = shown == {name: stats[name] for name in shown}
    return agree and site.get("/api/v1/status")["counts"] == stats


def shown_counts(page: Page) -> dict[str, int]:
    cards = page.locator("[data-count]")
    return {
        str(card.get_attribute("data-count")): int(
            re.sub(r"\D", "", card.locator("[data-value]").inner_text())
        )
        for card in cards.all()
    }


def test_a_stopped_provider_turns_outage_in_an_open_page_and_recovers(site, page: Page):
    site.until(lambda: site.get("/api/v1/stats")["counts"]["outage"] == 0)
    frames: list[dict[str, Any]] = []
    page.on("websocket", lambda ws: ws.on("framereceived", lambda text: frames.append(json.loads(text))))
    page.goto(f"{site.base}/?region=seoul")
    rows = page.locator(":is(tr.row, .top-card)[data-slug^='aurora-labs--']")
    expect(rows).to_have_count(4)
    page.evaluate("window.sameDocument = true")
    site.control("aurora-labs", "stop")

    def out() -> bool:
        rows = site.get("/api/v1/status?region=seoul&provider=aurora-labs")["results"]
        return [row["state"] for row in rows] == ["outage"] * 4

    site.until(out)
    for row in rows.all():
        expect(row).to_have_attribute("data-state", "outage")
    site.control("aurora-labs", "start")
    for row in rows.all():
        expect(row).to_have_attribute(
            "data-state", re.compile("operational|degraded"), timeout=1_000 * FOLLOWS_WITHIN_S
        )
    assert page.evaluate("window.sameDocument") is True, "the page was loaded anew"
    pushed = [frame["data"]["counts"] for frame in frames if frame["type"] == "stats"]
    assert any(counts["outage"] for counts in pushed)
    total = site.get("/api/v1/stats")["counts"]["total"]
    assert all(counts["total"] == total == counts["active"] + counts["unknown"] for counts in pushed)


def test_pages_answer_in_both_languages_and_say_that_they_simulate(site, page: Page):
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(f"{site.base}/")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator(".simulation")).to_contain_text("simulator")
    page.get_by_role("button", name="한국어").click()
    expect(page.locator("html")).to_have_attribute("lang", "ko")
    expect(page.get_by_role("heading", level=1)).to_have_text("서버 상태")
    page.goto(f"{site.base}/styleguide/")
    assert problems == []


def test_one_engine_and_one_simulator_run_beside_the_process(site):
    threads = Path(f"/proc/{site.process.process.pid}/task").glob("*/children")
    children = [Path(f"/proc/{pid}/cmdline") for thread in threads for pid in thread.read_text().split()]
    commands = sorted(re.findall(r"probes\.\w+", child.read_text())[0] for child in children)
    assert commands == ["probes.engine", "probes.simulator"]


def test_a_paused_job_rests_until_it_is_resumed(site):
    paused_at = site.job_last_ran("dispatch-probes")
    site.pause_job("dispatch-probes", paused_at=paused_at)
    rests_since = ""
    while rests_since != (rests_since := site.job_last_ran("dispatch-probes")):
        time.sleep(6)  # what was sent before runs; its interval is 5 s
    time.sleep(8)
    assert site.job_last_ran("dispatch-probes") == rests_since
    site.pause_job("dispatch-probes", paused_at=None)
    site.until(lambda: site.job_last_ran("dispatch-probes") != rests_since)


def metrics(site: Site) -> str:
    with urllib.request.urlopen(f"{site.base}/metrics", timeout=60) as answer:
        text: str = answer.read().decode()
        return text


def unknown_agree(site: Site) -> bool:
    """Two readings one after the other, as in `counts_agree`."""
    unknown = site.get("/api/v1/stats")["by_region"]["seoul"]["unknown"]
    return f'aigo_endpoints{{region="seoul",state="unknown"}} {float(unknown)}' in metrics(site)


def test_metrics_name_every_state_of_every_region(site):
    site.until(lambda: unknown_agree(site))
    site.until(lambda: "aigo_newest_probe_age_seconds" in metrics(site))


def test_static_files_are_named_by_their_content_and_kept(site):
    with urllib.request.urlopen(f"{site.base}/", timeout=60) as answer:
        styles = re.findall(r'href="(/static/css/[^"]+)"', answer.read().decode())
    assert styles
    with urllib.request.urlopen(f"{site.base}{styles[0]}", timeout=60) as answer:
        assert "immutable" in answer.headers["Cache-Control"]


@pytest.mark.parametrize(
    ("path", "origin", "status"),
    [
        ("/ws/status", b"Origin: https://evil.example\r\n", b" 403 "),
        ("/ws/status", b"", b" 101 "),
        ("/ws/nothing", b"", b" 403 "),
    ],
)
def test_sockets_are_for_this_sites_pages_and_for_programs(site, path, origin, status):
    port = int(site.base.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(
            b"GET " + path.encode() + b" HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
            b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" + origin + b"\r\n"
        )
        assert status in connection.recv(200)


def test_an_endpoint_pointed_at_a_third_partys_server_is_measured(start, tmp_path: Path):
    port, peer_port = free_port(), free_port()
    peer = start([str(Path(sys.executable).parent / "llmock"), "serve", "--port", str(peer_port)])
    peer.wait_for_url(f"http://127.0.0.1:{peer_port}/v1/models")
    migrated.installed_into(tmp_path)
    process = start(
        RUN,
        PORT=str(port),
        DATA_DIR=str(tmp_path),
        OPENAI_API_KEY="sk-planted-secret",
        OPENAI_BASE_URL=f"http://127.0.0.1:{peer_port}/v1",
        POP_REGION="seoul",
    )
    process.wait_for_url(f"http://127.0.0.1:{port}/healthz")
    site = Site(process, port, 0)

    def openai() -> list[dict[str, Any]]:
        rows = site.get("/api/v1/status?region=seoul&provider=openai")["results"]
        return [row for row in rows if row["state"] == "operational"]

    site.until(lambda: len(openai()) >= 3)
    body = site.get("/api/v1/status?region=seoul&limit=500")
    assert body["simulated"] is False
    assert not [row for row in body["results"] if row["simulated"]]
    assert {row["provider"] for row in body["results"] if row["measured"]} == {"openai"}
    assert "sk-planted-secret" not in process.log
    for path in ("/", "/api/v1/status?limit=500", "/metrics", "/readyz"):
        with urllib.request.urlopen(f"{site.base}{path}", timeout=60) as answer:
            assert b"sk-planted-secret" not in answer.read()


def refusal(**environment: str) -> str:
    """The one line that `manage.py run` ends with."""
    process = ServerProcess(RUN, environment=environment)
    try:
        assert process.process.wait(PATIENCE_S) == 1, process.log
        process._reader.join(PATIENCE_S)
        return process.lines[-1]
    finally:
        process.stop_quickly()


def test_a_port_in_use_is_one_clear_line(tmp_path: Path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        line = refusal(PORT=str(port), DATA_DIR=str(tmp_path))
    assert f"Port {port} is in use" in line
    assert "PORT=" in line


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("DATABASE_URL", "postgres://u:hunter2@127.0.0.1:{port}/aigo"),
        ("REDIS_URL", "redis://127.0.0.1:{port}/0"),
        ("EVENT_LOG_URL", "redis://:hunter2@127.0.0.1:{port}/0"),
        ("EVENT_LOG_URL", "redis+cluster://u:hunter2@127.0.0.1:{port}"),
        ("BROKER_URL", "redis://127.0.0.1:{port}/0"),
    ],
)
def test_a_server_that_cannot_be_reached_is_one_clear_line(tmp_path: Path, name, url):
    line = refusal(
        **{name: url.format(port=free_port()), "PORT": str(free_port()), "DATA_DIR": str(tmp_path)}
    )
    assert name in line
    assert "cannot be reached" in line
    assert "hunter2" not in line


def test_the_same_program_runs_on_postgresql_redis_and_a_cluster(
    start, tmp_path: Path, postgresql_url: str, redis_url: str, redis_cluster: RedisCluster
):
    port, simulator_port = free_port(), free_port()
    migrated.static_into(tmp_path)
    process = start(
        RUN,
        PORT=str(port),
        SIMULATOR_URL=f"http://127.0.0.1:{simulator_port}",
        DATA_DIR=str(tmp_path),
        DATABASE_URL=postgresql_url,
        REDIS_URL=redis_url,
        EVENT_LOG_URL=redis_cluster.url,
    )
    process.wait_for_url(f"http://127.0.0.1:{port}/healthz")
    site = Site(process, port, simulator_port)
    site.until(lambda: site.get("/api/v1/stats")["counts"]["active"] >= 20)
    checks = site.get("/readyz")["checks"]
    assert (checks["database"]["detail"], checks["broker"]["detail"]) == ("postgresql", "redis")
    event_id = site.get("/api/v1/status")["event_id"]
    with redis_cluster.holder(EVENTS).client() as cluster:
        assert cluster.xrange(EVENTS, event_id, event_id)
    process.stop(by=signal.SIGINT)

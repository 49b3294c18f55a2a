"""The whole way from a real node_exporter into the database, the cards and what other tools say."""

import shutil
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from probes.scraping.problems import Problem
from probes.servers import Condition, load_servers
from probes.services.scraping import scrape_server, scrape_servers
from probes.tests.serving import make_server
from testing.patience import PATIENCE_S
from testing.services import Service

# The exporter is what is real here; readings are kept by every database in test_scraping_service.
pytestmark = [pytest.mark.django_db, pytest.mark.only_on("sqlite")]


def meminfo(name: str) -> float:
    """Bytes, as /proc/meminfo has them."""
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith(f"{name}:"):
            return 1024.0 * int(line.split()[1])
    raise AssertionError(f"no {name} in /proc/meminfo")


def burn(until: threading.Event) -> None:
    while not until.is_set():
        sum(range(10_000))


def test_a_real_node_exporter_tells_this_machines_figures(node_exporter: Service):
    server = make_server("node", host="here", metrics_url=node_exporter.url)
    started = timezone.now()
    assert scrape_server(server, now=started)
    burning = threading.Event()
    worker = threading.Thread(target=burn, args=(burning,))
    worker.start()
    threading.Event().wait(6)
    burning.set()
    worker.join()
    assert scrape_server(server, now=timezone.now())

    (card,) = load_servers(now=timezone.now()).cards
    told = card.node.figures
    assert card.condition is Condition.REPORTING
    assert 6 <= told.rate_window_s < PATIENCE_S
    cpus = sum(line.startswith("processor") for line in Path("/proc/cpuinfo").read_text().splitlines())
    assert told.cpus == cpus
    # One thread was busy all the time, so at least a good part of one CPU was.
    assert 100 / cpus * 0.5 < told.cpu_pct <= 100
    assert told.memory_total_bytes == meminfo("MemTotal")
    assert told.memory_used_bytes == pytest.approx(
        meminfo("MemTotal") - meminfo("MemAvailable"), abs=0.2 * meminfo("MemTotal")
    )
    root = {disk.mountpoint: disk for disk in told.disks}.get("/")
    if root is not None:  # a container's root is an overlay, which is no disk
        usage = shutil.disk_usage("/")
        assert root.used_bytes == pytest.approx(usage.used, rel=0.1, abs=2e9)
        assert root.available_bytes == pytest.approx(usage.free, rel=0.1, abs=2e9)
    assert told.load1 >= 0


def test_an_exporter_that_dies_leaves_its_last_values_with_their_age(node_exporter: Service):
    make_server("node", metrics_url=node_exporter.url)
    now = timezone.now()
    assert scrape_servers(now=now) == 1
    node_exporter.process.stop(exit_codes=(0, 1, -15, 143))
    assert scrape_servers(now=now, backoffs_s=(0.05, 0.05, 0.05)) == 0
    (card,) = load_servers(now=now + timedelta(minutes=10)).cards
    (source,) = card.sources
    assert (source.problem, source.failures, source.fresh) == (Problem.UNREACHABLE, 1, False)
    assert source.figures.memory_total_bytes == meminfo("MemTotal")
    assert card.last_seen_at - now < timedelta(seconds=PATIENCE_S)


def test_a_server_named_as_another_kind_says_so(node_exporter: Service):
    server = make_server("vllm", metrics_url=node_exporter.url)
    assert not scrape_server(server, now=timezone.now())
    server.refresh_from_db()
    assert server.problem == Problem.WRONG_KIND

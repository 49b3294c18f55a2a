"""AI-GO at scale on one machine: database, broker, centre and a POP process per region, each able to die.

Used by the test of killed workers and by `make soak`.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from probes.outcomes import CODES
from testing import services
from testing.environment import ROOT, clean_environment
from testing.processes import ServerProcess, free_port, until

REGIONS = ("seoul", "tokyo", "singapore", "frankfurt", "virginia", "oregon")
#: A fleet that never fails: what is missing afterwards was lost by us.
CALM_SCENARIO = {"about": "nothing fails"}
#: Keeps every order ever written, beside the order book that forgets the answered ones.
WITNESS = """
CREATE TABLE witness (endpoint_id bigint, region text, tier text, due_at timestamptz, seen serial);
CREATE FUNCTION note_order() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO witness VALUES (NEW.endpoint_id, NEW.region, NEW.tier, NEW.due_at); RETURN NEW;
END $$;
CREATE TRIGGER witness AFTER INSERT ON probes_dueprobe FOR EACH ROW EXECUTE FUNCTION note_order();
"""
#: The raw rows in words; to be formatted with the words in the order of their numbers.
RESULTS = """
CREATE VIEW results AS SELECT endpoint_id, ('{regions}'::text[])[region] AS region,
  ('{{A,B,C,D}}'::text[])[tier] AS tier, due_at, attempt, ('{outcomes}'::text[])[outcome + 1] AS outcome,
  lag_us / 1000.0 AS lag_ms, loop_lag_us / 1000.0 AS loop_lag_ms
FROM probes_proberesult;
"""

#: Nobody but these providers is measured.
UNWATCH = """
UPDATE catalog_endpoint SET watched = false
WHERE provider_id NOT IN (SELECT id FROM catalog_provider WHERE slug = ANY(%s))
"""


class Broker:
    """A Redis that writes to disk as the compose file's does, and comes back on the same port."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/1"
        self._folder = folder
        self.process = self._started()

    def _started(self) -> ServerProcess:
        server = ServerProcess(services.redis_command(self.port, self._folder, appendonly=True))
        server.wait_for_line("Ready to accept connections")
        return server

    def kill_and_restart(self, *, down_s: float, empty: bool = False) -> None:
        """empty: what it held is gone, too."""
        self.process.process.send_signal(signal.SIGKILL)
        self.process.process.wait()
        if empty:
            shutil.rmtree(self._folder / "appendonlydir")
        time.sleep(down_s)
        self.process = self._started()


@dataclass
class Fleet:
    """The running parts. `database`: a connection of the observer's own. `web`: addresses by name."""

    database: psycopg.Connection[Any]
    broker: Broker
    environment: dict[str, str]
    parts: dict[str, ServerProcess] = field(default_factory=dict)
    web: dict[str, str] = field(default_factory=dict)

    def start(self, name: str, command: Sequence[str], **environment: str) -> None:
        whole = clean_environment(**self.environment, **environment)
        self.parts[name] = ServerProcess([sys.executable, "-m", *command], whole_environment=whole)

    def start_pop(self, region: str) -> None:
        """A worker of one region: it knows the broker and its signing key, and no database."""
        whole = clean_environment(
            BROKER_URL=self.broker.url,
            SIMULATOR_URL=self.environment["SIMULATOR_URL"],
            DATA_DIR=str(Path(self.environment["DATA_DIR"]) / region),
            DATABASE_URL="postgres://nobody@127.0.0.1:9/nothing",
            POP_REGION=region,
            POP_HMAC_KEY=f"the-own-key-of-{region}",
        )
        worker = ["celery", "-A", "aigo", "worker", "--pool", "threads", "-Q", f"probes.{region}"]
        self.parts[f"pop-{region}"] = ServerProcess(
            [sys.executable, "-m", *worker, "-n", f"{region}@%h"], whole_environment=whole
        )

    def start_web(self, name: str) -> None:
        """A web server process; returns once it answers."""
        port = free_port()
        self.web[name] = f"http://127.0.0.1:{port}"
        self.start(name, ["aigo.serving", "-b", "127.0.0.1", "-p", str(port)])
        self.parts[name].wait_for_url(f"{self.web[name]}/healthz")

    def kill(self, name: str) -> None:
        """SIGKILL for the process and its children, as a machine that loses power."""
        process = self.parts.pop(name).process
        with suppress(ProcessLookupError):  # it has ended already
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def manage(self, *command: str) -> str:
        """A management command of the centre, waited for; what it printed."""
        done = subprocess.run(
            [sys.executable, "manage.py", *command],
            env=clean_environment(**self.environment),
            cwd=ROOT,
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout

    def stop(self) -> None:
        for part in self.parts.values():
            part.stop_quickly()

    def requests_made(self) -> int:
        """Requests that reached the simulated providers."""
        url = f"{self.environment['SIMULATOR_URL']}/_control/state"
        with urllib.request.urlopen(url, timeout=30) as answer:
            return sum(json.load(answer)["requests"].values())

    def rows(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        return self.database.execute(query, parameters).fetchall()

    def held_by(self, region: str) -> int:
        """Orders that left for a region's worker and are not answered."""
        query = "SELECT count(*) FROM probes_dueprobe WHERE region = %s AND sendings > 0"
        return int(self.rows(query, region)[0][0])

    def log(self) -> str:
        return "\n".join(f"=== {name}\n{part.log[-1500:]}" for name, part in self.parts.items())


@contextmanager
def running_fleet(
    *, interval_s: int, regions: Sequence[str] = REGIONS, providers: Sequence[str] = ()
) -> Iterator[Fleet]:
    """Everything up and every region measuring its simulated endpoints each `interval_s` seconds.

    providers: whose endpoints are measured, () = all. No web server: `Fleet.start_web`.
    """
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="aigo-fleet-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        url = stack.enter_context(services.postgresql(migrated=True)).url
        broker = Broker(folder)
        stack.callback(lambda: broker.process.stop_quickly())
        database = stack.enter_context(psycopg.connect(url, autocommit=True))
        fleet = Fleet(database, broker, _environment(url, broker, folder, regions))
        stack.callback(fleet.stop)
        _prepare(fleet, interval_s, providers)
        _start_all(fleet, folder, regions)
        until(
            lambda: fleet.rows("SELECT count(DISTINCT region) FROM results")[0][0],
            lambda count: count == len(regions),
            log=fleet.log,
        )
        yield fleet


def _environment(url: str, broker: Broker, folder: Path, regions: Sequence[str]) -> dict[str, str]:
    return {
        "DATABASE_URL": url,
        "BROKER_URL": broker.url,
        "REDIS_URL": broker.url.removesuffix("/1") + "/0",
        "SECRET_KEY": "of the centre alone",
        "DATA_DIR": str(folder / "centre"),
        "SIMULATION": "1",
        "SIMULATOR_URL": f"http://127.0.0.1:{free_port()}",
        "PROBE_REGIONS": ",".join(regions),
        "POP_HMAC_KEYS": ",".join(f"{region}:the-own-key-of-{region}" for region in regions),
        "STATIC_HASHED": "0",
        # what notices go to stands on this machine, too
        "FETCH_ALLOWED_NETWORKS": "127.0.0.0/8",
    }


def _prepare(fleet: Fleet, interval_s: int, providers: Sequence[str]) -> None:
    fleet.manage("import_catalog")
    if providers:
        fleet.database.execute(UNWATCH, [list(providers)])
    fleet.manage("shell", "-c", "from probes.services.targets import sync_targets; sync_targets()")
    fleet.database.execute(
        "UPDATE probes_probetarget SET interval_s = %s WHERE tier IN ('A', 'B')", [interval_s]
    )
    fleet.database.execute(WITNESS)
    words = {"regions": ",".join(REGIONS), "outcomes": ",".join(CODES)}
    fleet.database.execute(RESULTS.format(**{name: f"{{{found}}}" for name, found in words.items()}))


def _start_all(fleet: Fleet, folder: Path, regions: Sequence[str]) -> None:
    scenario = folder / "calm.json"
    scenario.write_text(json.dumps(CALM_SCENARIO))
    port = fleet.environment["SIMULATOR_URL"].rpartition(":")[2]
    fleet.start("simulator", ["probes.simulator", "--port", port, "--scenario", str(scenario)])
    fleet.start("worker", ["celery", "-A", "aigo", "worker", "-Q", "default,ingest", "--concurrency", "1"])
    fleet.start("consumer", ["manage", "consume"])
    for region in regions:
        fleet.start_pop(region)
    fleet.start("beat", ["celery", "-A", "aigo", "beat", "--schedule", str(folder / "beat")])

"""docker-compose.yml is whole, and its services' own commands make a working installation."""

import json
import re
import shutil
import socket
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from aigo.celery import app
from aigo.lib.regions import LOCAL, SLUGS
from testing import compose
from testing.compose import ComposeService
from testing.environment import ROOT, clean_environment
from testing.processes import ServerProcess, free_port, until

DOT_ENV = {
    "SECRET_KEY": "a key for this test",
    "POSTGRES_PASSWORD": "a-password",
    **{f"POP_HMAC_KEY_{region.upper()}": f"the-own-key-of-{region}" for region in SLUGS},
}
#: Longer than a target's interval (60 s) and the start of twelve processes on two cores.
MEASURED_WITHIN_S = 600
START = ("simulator", "web", "worker", "consumer", *(f"pop-{region}" for region in SLUGS), "beat")


@pytest.fixture(scope="module")
def described() -> dict[str, ComposeService]:
    return {service.name: service for service in compose.services(DOT_ENV)}


def queues_of(service: ComposeService) -> set[str]:
    if "-Q" not in service.command:
        return set()
    return set(service.command[service.command.index("-Q") + 1].split(","))


@pytest.mark.parametrize("name", DOT_ENV)
def test_a_missing_secret_is_asked_for_and_has_no_default(name: str):
    with pytest.raises(KeyError, match=name):
        compose.services(DOT_ENV | {name: ""})


def test_only_web_publishes_a_port(described: dict[str, ComposeService]):
    assert [name for name, service in described.items() if service.ports] == ["web"]


def test_images_of_others_are_pinned(described: dict[str, ComposeService]):
    foreign = [service.image for service in described.values() if not service.is_ours]
    assert foreign
    assert all(re.search(r":\d+\.\d+", image) for image in foreign), foreign


def test_what_serves_is_watched_and_started_again(described: dict[str, ComposeService]):
    lasting = {name: service.raw for name, service in described.items() if name != "migrate"}
    assert {raw["restart"] for raw in lasting.values()} == {"unless-stopped"}
    assert [name for name, raw in lasting.items() if "healthcheck" not in raw] == ["beat"]


def test_the_image_runs_as_a_user_without_rights():
    instructions = (ROOT / "Dockerfile").read_text().splitlines()
    assert [line for line in instructions if line.startswith("USER ")][-1] == "USER aigo"


def test_every_region_has_a_pop_that_reads_its_queue_only(described: dict[str, ComposeService]):
    pops = {
        service.environment["POP_REGION"]: service for name, service in described.items() if "pop-" in name
    }
    assert set(pops) == set(SLUGS)
    assert all(queues_of(service) == {f"probes.{region}"} for region, service in pops.items())


def test_every_pop_has_a_file_of_keys_of_its_own_and_who_sends_one_of_addresses(
    described: dict[str, ComposeService],
):
    files = {name: service.raw.get("env_file") for name, service in described.items()}
    keys = {f"pop-{region}": f"providers.{region}.env" for region in SLUGS}
    addresses = {"web": "notices.env", "consumer": "notices.env"}
    assert {name: found for name, found in files.items() if found} == {
        name: [{"path": path, "required": False}] for name, path in (keys | addresses).items()
    }


def test_a_pop_knows_neither_the_database_nor_the_secret_key(described: dict[str, ComposeService]):
    known = set().union(*(service.environment for name, service in described.items() if "pop-" in name))
    assert known.isdisjoint({"DATABASE_URL", "SECRET_KEY", "REDIS_URL"})


def test_every_pop_signs_with_a_key_of_its_own_that_the_centre_knows(described: dict[str, ComposeService]):
    held = {region: described[f"pop-{region}"].environment["POP_HMAC_KEY"] for region in SLUGS}
    assert len(set(held.values())) == len(SLUGS)
    entries = described["worker"].environment["POP_HMAC_KEYS"].split(",")
    assert dict(entry.strip().split(":") for entry in entries) == held


def test_the_script_makes_what_compose_asks_for_and_leaves_what_is_there(tmp_path: Path):
    shutil.copytree(ROOT / "deploy", tmp_path / "deploy")
    (tmp_path / ".env").write_text("SECRET_KEY=mine\n")
    for _ in range(2):
        subprocess.run([tmp_path / "deploy/setup/make-env.sh"], check=True, capture_output=True)
    made = dict(line.split("=", 1) for line in (tmp_path / ".env").read_text().splitlines())
    assert made["SECRET_KEY"] == "mine"
    assert set(made) == set(DOT_ENV)
    assert min(len(value) for name, value in made.items() if name != "SECRET_KEY") == 50
    assert (tmp_path / ".env").stat().st_mode & 0o077 == 0


def test_every_queue_is_read_by_a_service(described: dict[str, ComposeService]):
    read = set().union(*(queues_of(service) for service in described.values()))
    assert read == {queue.name for queue in app.conf.task_queues} - {f"probes.{LOCAL}"}


class Installation:
    """The services as processes on this machine: their own commands, with local addresses."""

    def __init__(self, folder: Path, addresses: dict[str, str]) -> None:
        self.folder = folder
        self.addresses = addresses
        self.processes: dict[str, ServerProcess] = {}

    def local(self, text: str) -> str:
        """`text` with this machine's addresses, replaced in one pass and as whole words."""
        words = "|".join(re.escape(there) for there in self.addresses)
        return re.sub(rf"(?<!\w)(?:{words})(?!\w)", lambda match: self.addresses[match[0]], text)

    def environment_of(self, service: ComposeService) -> dict[str, str]:
        own = {name: self.local(value) for name, value in service.environment.items()}
        return clean_environment(DATA_DIR=str(self.folder), **own)

    def start(self, service: ComposeService) -> None:
        self.processes[service.name] = ServerProcess(
            [self.local(word) for word in service.command], whole_environment=self.environment_of(service)
        )

    def complete(self, service: ComposeService, command: list[str]) -> None:
        subprocess.run(command, env=self.environment_of(service), cwd=ROOT, check=True, capture_output=True)

    def is_healthy(self, service: ComposeService) -> bool:
        """What the service's own health check says of the local process."""
        kind, *words = (self.local(word) for word in service.raw["healthcheck"]["test"])
        command = ["sh", "-c", *words] if kind == "CMD-SHELL" else words
        environment = self.environment_of(service) | {"HOSTNAME": socket.gethostname()}
        return (
            subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, check=False).returncode
            == 0
        )

    def fetch(self, path: str) -> bytes:
        with urllib.request.urlopen(self.local(f"http://127.0.0.1:8000{path}"), timeout=60) as answer:
            body: bytes = answer.read()
            return body

    def samples_by_region(self) -> dict[str, int]:
        """Endpoints with at least one sample, per region, as the API tells."""
        boards = {region: self.fetch(f"/api/v1/status?region={region}&limit=500") for region in SLUGS}
        return {
            region: sum(1 for row in json.loads(body)["results"] if row["samples"])
            for region, body in boards.items()
        }

    def log(self) -> str:
        return "\n".join(f"=== {name}\n{process.log[-2000:]}" for name, process in self.processes.items())


@pytest.fixture
def installation(tmp_path: Path, postgresql_url: str, redis_url: str) -> Iterator[Installation]:
    redis_address = redis_url.removeprefix("redis://").removesuffix("/0")
    web, simulator = free_port(), free_port()
    addresses = {
        "timescale://aigo:a-password@database:5432/aigo": postgresql_url,
        "redis:6379": redis_address,
        "http://simulator:8001": f"http://127.0.0.1:{simulator}",
        "0.0.0.0": "127.0.0.1",
        "8001": str(simulator),
        "8000": str(web),
    }
    made = Installation(tmp_path, addresses)
    try:
        yield made
    finally:
        for process in made.processes.values():
            process.stop_quickly()


@pytest.mark.timeout(MEASURED_WITHIN_S + 900)
def test_the_services_commands_measure_the_simulated_fleet_in_every_region(
    described: dict[str, ComposeService], installation: Installation
):
    migrate, web = described["migrate"], described["web"]
    installation.complete(
        web, ["python", "manage.py", "collectstatic", "--no-input"]
    )  # the image's build step
    installation.complete(migrate, migrate.command)
    for name in START:
        installation.start(described[name])
    installation.processes["web"].wait_for_url(installation.local("http://127.0.0.1:8000/healthz"))

    measured = until(
        installation.samples_by_region,
        lambda counts: min(counts.values()) > 0,
        timeout_s=MEASURED_WITHIN_S,
        log=installation.log,
    )
    assert set(measured) == set(SLUGS)
    assert json.loads(installation.fetch("/readyz"))["status"] == "ok"
    assert b"<html" in installation.fetch("/")
    for name in ("web", "simulator", "worker", "consumer", "pop-seoul"):
        assert installation.is_healthy(described[name]), name

    for name in reversed(START):
        installation.processes[name].stop()
    assert not installation.is_healthy(web)


def test_every_service_of_ours_is_started_by_the_test(described: dict[str, ComposeService]):
    ours = {
        name
        for name, service in described.items()
        if service.is_ours and "profiles" not in service.raw  # started where they are asked for
    }
    assert ours == {*START, "migrate"}

"""The other tools under test: the clients of benches/clients, and Debian's blackbox exporter."""

import contextlib
import json
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from typing import IO, Any

from benches import processes
from benches.jobs import BODY, HEAD_START_S, HEADERS, Job, Outcome, Sighting


class PeerTool:
    """A file of benches/clients as a process on the client's core."""

    def __init__(self, module: str) -> None:
        self._module = module

    def run(self, job: Job) -> Outcome:
        return run_client(self._module, job)


class BlackboxTool:
    """Debian's prometheus-blackbox-exporter on the client's core; who asks it sits on the server's."""

    def run(self, job: Job) -> Outcome:
        port = free_port()
        with tempfile.NamedTemporaryFile("w", suffix=".yml") as config:
            config.write(json.dumps(blackbox_config(job)))  # YAML understands JSON
            config.flush()
            command = [
                "prometheus-blackbox-exporter",
                f"--config.file={config.name}",
                f"--web.listen-address=127.0.0.1:{port}",
                "--log.level=error",
            ]
            with processes.running(command, core=processes.CLIENT_CORE, limit_s=job.patience_s) as exporter:
                _wait_for_port(port)
                outcome = run_client("blackbox_asker", job, exporter, {"BLACKBOX_PORT": str(port)})
                exporter.terminate()
        return outcome


def run_client(
    module: str,
    job: Job,
    tool: "subprocess.Popen[bytes] | None" = None,
    environment: Mapping[str, str] | None = None,
) -> Outcome:
    """Run a client through a job. tool: the process whose cost counts where the client only asks it."""
    core = processes.SERVER_CORE if tool else processes.CLIENT_CORE
    command = [sys.executable, "-m", f"benches.clients.{module}"]
    with processes.running(command, core=core, limit_s=job.patience_s, environment=environment) as child:
        _write(child.stdin, json.dumps(job.to_json()))
        _expect(child.stdout, b"ready")
        meter = processes.Meter((tool or child).pid, processes.CLIENT_CORE)
        begin = time.monotonic() + HEAD_START_S
        _write(child.stdin, repr(begin))
        _expect(child.stdout, b"done")
        cost = meter.read()
        _write(child.stdin, "hand over")
        rows = json.loads(child.stdout.readline()) if child.stdout else []
    return Outcome(begin, [Sighting(**row) for row in rows], *cost)


def blackbox_config(job: Job) -> dict[str, Any]:
    """One module that asks as all the others do."""
    http: dict[str, Any] = {"method": "POST", "headers": HEADERS, "body": BODY.decode()}
    if job.ca_file:
        http["tls_config"] = {"ca_file": job.ca_file}
    http["preferred_ip_protocol"] = "ip4"
    return {"modules": {"bench": {"prober": "http", "timeout": "60s", "http": http}}}


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _wait_for_port(port: int, limit_s: float = 10.0) -> None:
    """TimeoutError when nobody listens in time."""
    end = time.monotonic() + limit_s
    while time.monotonic() < end:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise TimeoutError(f"nobody listens on port {port} after {limit_s:.0f} s")


def _write(stream: IO[bytes] | None, line: str) -> None:
    if stream is None:
        raise RuntimeError("the client has no input")
    stream.write(line.encode() + b"\n")
    stream.flush()


def _expect(stream: IO[bytes] | None, word: bytes) -> None:
    line = stream.readline() if stream else b""
    if line.strip() != word:
        raise RuntimeError(f"the client said {line!r} where {word!r} was due; its message stands above")

"""Runs: a server on one core, Redis, the publisher and the clients on the other; interleaved repetitions."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

import redis

from benches import processes
from benches.live.contenders import CHANNEL, CONTENDERS, Contender
from benches.live.figures import Figures, Run, summarize
from benches.live.generator import Generator, generating
from benches.live.messages import message
from benches.live.scenarios import Scenario

#: Clients that are there before memory is looked at: what a server loads at its first client is no client's.
FIRST_CLIENTS: Final = 20
#: A server that has not said where it listens, and a run that has not ended, after so long have failed.
START_S: Final = 30.0
LIMIT_S: Final = 90.0
#: After the last message; what has not arrived then is lost.
PATIENCE_S: Final = 10.0

Runs = dict[str, list[Figures | None]]


class Arena:
    """One Redis, one program of clients, all contenders in turns."""

    def __init__(self, redis_url: str, binary: Path, folder: Path) -> None:
        self._redis_url, self._binary, self._folder = redis_url, binary, folder

    def play(self, scenario: Scenario, shares: dict[str, int]) -> Runs:
        """Interleaved: every repetition runs all contenders, each time another one first."""
        runs: Runs = {name: [] for name in shares}
        for repetition in range(max(shares.values())):
            turn = [name for name, times in shares.items() if repetition < times]
            first = repetition % len(turn)
            for name in turn[first:] + turn[:first]:
                runs[name].append(self._try(scenario, name))
        return runs

    def _try(self, scenario: Scenario, name: str) -> Figures | None:
        """None when the contender could not do it; why is said on stderr."""
        try:
            figures = summarize(self._run(scenario, CONTENDERS[name]))
        except (RuntimeError, OSError, redis.RedisError) as exc:
            _say(f"{scenario.name}: {name} failed: {type(exc).__name__} {exc}")
            return None
        _say(f"{scenario.name}: {name}: {_brief(figures)}")
        return figures

    def _run(self, scenario: Scenario, contender: Contender) -> Run:
        with (
            self._serving(contender) as (pid, port),
            generating(
                self._binary,
                contender.clients,
                port=port,
                path=contender.path,
                greetings=contender.greetings,
                core=processes.CLIENT_CORE,
                limit_s=LIMIT_S,
            ) as generator,
        ):
            publish = contender.publisher(self._redis_url)
            return _measure(scenario, publish, pid, generator)

    @contextmanager
    def _serving(self, contender: Contender) -> Iterator[tuple[int, int]]:
        """(process id, port) of a fresh server."""
        command = [*processes.precedence(), *contender.server, self._redis_url, CHANNEL]
        environment = {
            "DATA_DIR": str(self._folder),
            "DJANGO_SETTINGS_MODULE": "aigo.settings",
            "REDIS_URL": self._redis_url,
            "SECRET_KEY": "for a bench only",
            "LIVE_MAX_CONNECTIONS": "5000",
            "LIVE_MAX_PER_ADDRESS": "5000",
        }
        with processes.running(
            command, core=processes.SERVER_CORE, limit_s=LIMIT_S, environment=environment
        ) as server:
            yield server.pid, _port(server.stdout)


def _measure(scenario: Scenario, publish: Callable[[str], object], pid: int, generator: Generator) -> Run:
    _connect(generator, FIRST_CLIENTS)
    publish(message(scenario.size, time.monotonic_ns()))
    generator.wait(FIRST_CLIENTS, PATIENCE_S)
    before_kb = processes.resident_kb(pid)
    _connect(generator, scenario.clients)
    publish(message(scenario.size, time.monotonic_ns()))  # the first message to all is no typical one
    generator.wait(FIRST_CLIENTS + scenario.clients, PATIENCE_S)
    generator.take()

    expected = scenario.clients * scenario.messages
    meter = processes.Meter(pid, processes.SERVER_CORE)
    began = time.monotonic()
    for number in range(scenario.messages):
        time.sleep(max(0.0, began + number * scenario.every_s - time.monotonic()))
        publish(message(scenario.size, time.monotonic_ns()))
    generator.wait(expected, PATIENCE_S)
    cpu_s, _peak_mb, others = meter.read()
    grown_kb = processes.resident_kb(pid) - before_kb
    return Run(scenario.clients - FIRST_CLIENTS, expected, generator.take(), cpu_s, grown_kb, others)


def _connect(generator: Generator, wanted: int) -> None:
    ready = generator.connect(0)
    ready = generator.connect(wanted - ready)
    if ready < wanted:
        raise RuntimeError(f"only {ready} of {wanted} clients were let in")


def _port(stdout: IO[bytes] | None) -> int:
    line = stdout.readline().decode() if stdout else ""
    word, _, port = line.strip().partition(" ")
    if word != "listening":
        raise RuntimeError("the server did not start; its message stands below")
    return int(port)


def _brief(figures: Figures) -> str:
    if figures.cpu_us is None:
        return "nothing arrived"
    return (
        f"{figures.cpu_us:.1f} µs, p99 {figures.p99_ms:.1f} ms, {figures.kb_per_client:.1f} kB per client, "
        f"{figures.delivered:.1%} delivered, others {figures.others_share:.0%}"
    )


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")

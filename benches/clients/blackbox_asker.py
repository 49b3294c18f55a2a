"""Asks Debian's prometheus-blackbox-exporter for probes, as Prometheus does: over connections that are kept.

It runs on the server's core and is no part of the tool's cost. The exporter names no token: its figure is the
duration of the whole answer, the phases "processing" and "transfer" together. The exporter's address comes in
the environment variable BLACKBOX_PORT.
"""

import os
import re
import select
import socket
import time
from collections import deque
from urllib.parse import quote

from benches.clients.harness import serve
from benches.jobs import Job, Sighting

PHASE = re.compile(r'^probe_http_duration_seconds\{phase="(?:processing|transfer)"\} (\S+)$', re.MULTILINE)
LENGTH = re.compile(rb"\r\nContent-Length: (\d+)", re.IGNORECASE)


class Asker:
    """Runs one job. Answers are read for their figures when all is over."""

    def __init__(self, job: Job, begin: float, port: int) -> None:
        self._job, self._begin, self._port = job, begin, port
        self._epoll = select.epoll()
        self._idle: list[socket.socket] = []
        self._running: dict[int, tuple[socket.socket, Sighting, bytearray]] = {}
        self._answers: list[tuple[Sighting, bytes]] = []
        self._sightings: list[Sighting] = []

    def run(self) -> list[Sighting]:
        todo = deque(enumerate(self._job.starts_s, start=1))
        end = self._begin + self._job.limit_s
        while (todo or self._running) and time.monotonic() < end:
            full = len(self._running) >= self._job.max_in_flight
            if todo and not full and time.monotonic() >= self._begin + todo[0][1]:
                self._ask(todo.popleft()[0])
                continue
            wait = self._begin + todo[0][1] - time.monotonic() if todo and not full else 0.1
            for descriptor, _events in self._epoll.poll(max(0.0, min(0.1, wait))):
                self._read(descriptor)
        for sighting, answer in self._answers:
            _read_figures(sighting, _body(answer).decode())
        return self._sightings

    def _ask(self, probe_id: int) -> None:
        connection = self._idle.pop() if self._idle else self._connect()
        sighting = Sighting(probe_id, time.monotonic(), problem="not ended in time")
        target = quote(self._job.url(probe_id), safe="")
        request = f"GET /probe?module=bench&target={target} HTTP/1.1\r\nHost: localhost\r\n\r\n"
        connection.sendall(request.encode())
        self._running[connection.fileno()] = connection, sighting, bytearray()
        self._sightings.append(sighting)

    def _connect(self) -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", self._port))
        self._epoll.register(connection, select.EPOLLIN)
        return connection

    def _read(self, descriptor: int) -> None:
        if descriptor not in self._running:  # an idle connection that the exporter closed
            self._epoll.unregister(descriptor)
            self._idle = [connection for connection in self._idle if connection.fileno() != descriptor]
            return
        connection, sighting, answer = self._running[descriptor]
        data = connection.recv(1 << 16)
        answer += data
        if data and not _is_whole(answer):
            return
        del self._running[descriptor]
        self._answers.append((sighting, bytes(answer)))
        if data:
            self._idle.append(connection)
        else:
            self._epoll.unregister(descriptor)
            connection.close()


def _is_whole(answer: bytearray) -> bool:
    head, separator, body = bytes(answer).partition(b"\r\n\r\n")
    if not separator:
        return False
    if length := LENGTH.search(head):
        return len(body) >= int(length[1])
    return body.endswith(b"0\r\n\r\n")


def _body(answer: bytes) -> bytes:
    head, _, rest = answer.partition(b"\r\n\r\n")
    if LENGTH.search(head):
        return rest
    pieces = []
    while rest:
        size, _, rest = rest.partition(b"\r\n")
        length = int(size, 16)
        pieces.append(rest[:length])
        rest = rest[length + 2 :]
    return b"".join(pieces)


def _read_figures(sighting: Sighting, answer: str) -> None:
    sighting.problem = "" if "\nprobe_success 1" in answer else "the exporter says that the probe failed"
    phases = [float(value) for value in PHASE.findall(answer)]
    if len(phases) == 2:
        sighting.whole_s = sum(phases)
    elif not sighting.problem:
        sighting.problem = "the exporter gave no phases"


if __name__ == "__main__":
    serve(lambda job, begin: Asker(job, begin, int(os.environ["BLACKBOX_PORT"])).run())

"""Bare pycurl: one CurlMulti driven by epoll; stamps the first read that bears text, parses nothing."""

import select
import time
from collections import deque

import pycurl

from benches.clients.harness import TEXT, serve
from benches.jobs import BODY, HEADERS, Job, Sighting


class Client:
    """Runs one job. Handles are used again, connections never."""

    def __init__(self, job: Job, begin: float) -> None:
        self._job, self._begin = job, begin
        self._multi = pycurl.CurlMulti()
        self._epoll = select.epoll()
        self._wake_at: float | None = None
        self._watched: set[int] = set()
        self._idle: list[pycurl.Curl] = []
        self._running: dict[pycurl.Curl, Sighting] = {}
        self._sightings: list[Sighting] = []
        self._headers = [f"{name}: {value}" for name, value in HEADERS.items()]

    def run(self) -> list[Sighting]:
        self._multi.setopt(pycurl.M_SOCKETFUNCTION, self._watch)
        self._multi.setopt(pycurl.M_TIMERFUNCTION, self._set_timer)
        todo = deque(enumerate(self._job.starts_s, start=1))
        while (todo or self._running) and time.monotonic() < self._begin + self._job.limit_s:
            while todo and self._is_due(todo[0][1]):
                self._start(todo.popleft()[0])
            for descriptor, events in self._epoll.poll(self._patience(todo[0][1] if todo else None)):
                self._multi.socket_action(descriptor, _as_curl(events))
            if self._wake_at is not None and time.monotonic() >= self._wake_at:
                self._wake_at = None
                self._multi.socket_action(pycurl.SOCKET_TIMEOUT, 0)
            self._collect()
        return self._give_up()

    def _give_up(self) -> list[Sighting]:
        """What has not ended by now has no figure."""
        for sighting in self._running.values():
            sighting.problem = "not ended in time"
        return self._sightings

    def _is_due(self, start_s: float) -> bool:
        full = len(self._running) >= self._job.max_in_flight
        return not full and time.monotonic() >= self._begin + start_s

    def _patience(self, next_start_s: float | None) -> float:
        """Seconds until the next start or curl's own timer, 0.1 at most."""
        now, moments = time.monotonic(), [self._wake_at] if self._wake_at is not None else []
        if next_start_s is not None and len(self._running) < self._job.max_in_flight:
            moments.append(self._begin + next_start_s)
        return max(0.0, min([0.1, *(moment - now for moment in moments)]))

    def _start(self, probe_id: int) -> None:
        curl = self._idle.pop() if self._idle else self._new_handle()
        sighting = Sighting(probe_id, time.monotonic())

        def on_data(data: bytes) -> None:
            if sighting.first_token_s is None and TEXT.search(data):
                sighting.first_token_s = time.monotonic()

        curl.setopt(pycurl.URL, self._job.url(probe_id))
        curl.setopt(pycurl.WRITEFUNCTION, on_data)
        self._running[curl] = sighting
        self._sightings.append(sighting)
        self._multi.add_handle(curl)

    def _new_handle(self) -> pycurl.Curl:
        curl = pycurl.Curl()
        curl.setopt(pycurl.HTTPHEADER, self._headers)
        curl.setopt(pycurl.POSTFIELDS, BODY)
        curl.setopt(pycurl.FRESH_CONNECT, 1)
        curl.setopt(pycurl.FORBID_REUSE, 1)
        curl.setopt(pycurl.NOSIGNAL, 1)
        curl.setopt(pycurl.SSL_SESSIONID_CACHE, 0)
        if self._job.ca_file:
            curl.setopt(pycurl.CAINFO, self._job.ca_file)
        return curl

    def _collect(self) -> None:
        while True:
            left, good, bad = self._multi.info_read()
            for curl in good:
                self._end(curl, "")
            for curl, code, text in bad:
                self._end(curl, f"curl {code}: {text}")
            if not left:
                return

    def _end(self, curl: pycurl.Curl, problem: str) -> None:
        self._multi.remove_handle(curl)
        self._running.pop(curl).problem = problem
        self._idle.append(curl)

    def _watch(self, what: int, descriptor: int, _multi: object, _data: object) -> None:
        if what == pycurl.POLL_REMOVE:
            self._watched.discard(descriptor)
            self._epoll.unregister(descriptor)
            return
        events = (select.EPOLLIN if what & pycurl.POLL_IN else 0) | (
            select.EPOLLOUT if what & pycurl.POLL_OUT else 0
        )
        if descriptor in self._watched:
            self._epoll.modify(descriptor, events)
        else:
            self._watched.add(descriptor)
            self._epoll.register(descriptor, events)

    def _set_timer(self, timeout_ms: int) -> None:
        self._wake_at = None if timeout_ms < 0 else time.monotonic() + timeout_ms / 1000


def _as_curl(events: int) -> int:
    return (
        (pycurl.CSELECT_IN if events & (select.EPOLLIN | select.EPOLLHUP) else 0)
        | (pycurl.CSELECT_OUT if events & select.EPOLLOUT else 0)
        | (pycurl.CSELECT_ERR if events & select.EPOLLERR else 0)
    )


if __name__ == "__main__":
    serve(lambda job, begin: Client(job, begin).run())

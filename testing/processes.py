"""A server process that a test starts, watches and ends."""

import contextlib
import os
import pwd
import random
import re
import shutil
import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, TypeVar

from testing.environment import ROOT, SHARED, clean_environment, shared_folder
from testing.patience import PATIENCE_S

Value = TypeVar("Value")

#: The kernel takes those above for connections and for whoever asks for any; browsers refuse some below.
PORTS: Final = range(20_000, 32_768)
#: A server that has not ended this long after it was asked to hangs.
STOP_TIMEOUT_S = 60.0


def free_port() -> int:
    """A TCP port on 127.0.0.1 that nothing listens on, and that nobody else of this test run gets.

    It stays so until its server has started, and while that is down. One that the kernel chose it would soon
    give to another.
    """
    for port in random.SystemRandom().sample(PORTS, len(PORTS)):
        if _is_unused(port) and _is_claimed(port):
            return port
    raise AssertionError("no port is free")


def _is_unused(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _is_claimed(port: int) -> bool:
    """Whether it is ours from now on; outside of a test run nobody else asks for ports."""
    if SHARED not in os.environ:
        return True
    try:
        (shared_folder() / f"port-{port}").touch(exist_ok=False)
    except FileExistsError:
        return False
    return True


def _ending_with_us(command: Sequence[str]) -> list[str]:
    """The command, ended by the kernel when the test run dies without stopping it."""
    if setpriv := shutil.which("setpriv"):
        return [setpriv, "--pdeathsig", "TERM", "--", *command]
    return list(command)


class ServerProcess:
    """One process in a session of its own, its output kept line by line.

    `environment` is added to the clean one. Failures raise AssertionError with the output so far.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        environment: dict[str, str] | None = None,
        whole_environment: dict[str, str] | None = None,
        cwd: Path = ROOT,
        user: str | None = None,
    ) -> None:
        self.command = list(command)
        self.lines: list[str] = []
        self._changed = threading.Condition()
        self._ended = False
        self.process = subprocess.Popen(
            _ending_with_us(command),
            env=clean_environment(**environment or {}) if whole_environment is None else whole_environment,
            cwd=cwd,
            user=user,
            group=pwd.getpwnam(user).pw_gid if user else None,
            extra_groups=[] if user else None,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        with self.process.stdout:
            for line in self.process.stdout:
                with self._changed:
                    self.lines.append(line.rstrip("\n"))
                    self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    @property
    def log(self) -> str:
        """Everything the process has written to standard output and standard error."""
        return "\n".join(self.lines)

    def wait_for_line(self, pattern: str, *, timeout_s: float = PATIENCE_S) -> re.Match[str]:
        """The first match of `pattern` in the output, waited for."""
        deadline = time.monotonic() + timeout_s
        seen = 0
        with self._changed:
            while True:
                for line in self.lines[seen:]:
                    if match := re.search(pattern, line):
                        return match
                seen = len(self.lines)
                left_s = deadline - time.monotonic()
                if self._ended or left_s <= 0:
                    raise self._failure(f"no line like {pattern!r} within {timeout_s:g} s")
                self._changed.wait(left_s)

    def wait_for_url(self, url: str, *, timeout_s: float = PATIENCE_S) -> None:
        """Returns once `url` answers with a status below 400."""
        deadline = time.monotonic() + timeout_s
        problem = "never asked"
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                with urllib.request.urlopen(url, timeout=30):
                    return
            except (urllib.error.URLError, ConnectionError, TimeoutError) as error:
                problem = str(error)
            threading.Event().wait(0.1)
        raise self._failure(f"{url} did not answer within {timeout_s:g} s ({problem})")

    def stop(self, *, by: signal.Signals = signal.SIGTERM, exit_codes: Sequence[int] = (0,)) -> None:
        """Asks the process to end and checks that it and everything it started is gone."""
        if self.process.poll() is None:
            self.process.send_signal(by)
        code = self._wait_for_end()
        left = self._kill_group(grace_s=0.0 if code is None else 10.0)
        if code is None:
            raise self._failure(f"did not end within {STOP_TIMEOUT_S:g} s of {by.name}")
        if code not in exit_codes:
            raise self._failure(f"ended with {code} after {by.name}, not {exit_codes}")
        if left:
            raise self._failure("left processes of its own behind")

    def stop_quickly(self) -> None:
        """Ends a server that keeps nothing: asks it to, and kills what is left, its children included."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(5)
        self._kill_group()
        self.process.wait()
        self._reader.join(1)

    def _wait_for_end(self) -> int | None:
        try:
            code = self.process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            return None
        self._reader.join(1)
        return code

    def _kill_group(self, *, grace_s: float = 0.0) -> bool:
        """Whether any process of the group outlived it by `grace_s`; none is left afterwards."""
        deadline = time.monotonic() + grace_s
        try:
            while time.monotonic() < deadline:
                os.killpg(self.process.pid, 0)
                threading.Event().wait(0.05)
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return False
        return True

    def _failure(self, what: str) -> AssertionError:
        self._reader.join(0.5)
        state = self.process.poll()
        ended = "still running" if state is None else f"exit code {state}"
        return AssertionError(f"{' '.join(self.command)}: {what} ({ended})\n--- its output ---\n{self.log}")


def until(
    ask: Callable[[], Value],
    is_enough: Callable[[Value], bool],
    *,
    timeout_s: float = PATIENCE_S,
    every_s: float = 2.0,
    log: Callable[[], str],
) -> Value:
    """The first answer of `ask` that is enough; AssertionError with the last one and `log()` otherwise."""
    deadline = time.monotonic() + timeout_s
    while not is_enough(answer := ask()):
        if time.monotonic() > deadline:
            raise AssertionError(f"after {timeout_s:g} s still {answer!r}\n{log()}")
        threading.Event().wait(every_s)
    return answer

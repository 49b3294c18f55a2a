"""A server process that a test starts, watches and ends."""

import contextlib
import os
import pwd
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
from typing import TypeVar

from testing.environment import ROOT, clean_environment
from testing.patience import PATIENCE_S

Value = TypeVar("Value")

#: A server that has not ended this long after it was asked to hangs.
STOP_TIMEOUT_S = 60.0


def free_port() -> int:
    """A TCP port on 127.0.0.1 that nothing listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


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

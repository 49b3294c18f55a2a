"""`make run` and its set-up: quick when nothing has changed, quiet at its end, clear when it cannot start."""

import json
import os
import shutil
import signal
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from testing.environment import ROOT, clean_environment
from testing.processes import ServerProcess, free_port

SETUP = ROOT / "deploy" / "setup"


@pytest.fixture
def settings_of_a_run(tmp_path: Path) -> dict[str, str]:
    """Variables that keep a run of the program apart from the developer's own."""
    return {
        "PORT": str(free_port()),
        "SIMULATOR_URL": f"http://127.0.0.1:{free_port()}",
        "DATA_DIR": str(tmp_path / "var"),
        "HOME": str(tmp_path),
    }


@pytest.fixture
def running(settings_of_a_run: dict[str, str]) -> Iterator[ServerProcess]:
    server = ServerProcess(["make", "run"], environment=settings_of_a_run)
    yield server
    server.stop_quickly()


def test_make_run_serves_and_ctrl_c_ends_it_without_an_error(
    running: ServerProcess, settings_of_a_run: dict[str, str]
):
    base = f"http://127.0.0.1:{settings_of_a_run['PORT']}"
    running.wait_for_line(f"serves {base}/")
    running.wait_for_url(f"{base}/healthz")
    with urllib.request.urlopen(f"{base}/api/v1/stats", timeout=60) as answer:
        assert json.load(answer)["counts"]["total"] > 0

    # What a terminal does on Ctrl-C: the signal goes to make and to everything it started.
    os.killpg(running.process.pid, signal.SIGINT)
    running.stop(by=signal.SIGINT, exit_codes=(-signal.SIGINT, 128 + signal.SIGINT))
    assert "***" not in running.log, running.log
    assert "Traceback" not in running.log, running.log


def test_a_port_in_use_is_one_line_with_the_remedy(settings_of_a_run: dict[str, str]):
    server = ServerProcess(
        ["python3", "-m", "http.server", "--bind", "127.0.0.1", settings_of_a_run["PORT"]],
    )
    server.wait_for_url(f"http://127.0.0.1:{settings_of_a_run['PORT']}/Makefile")
    try:
        run = make("run", **settings_of_a_run)
    finally:
        server.stop_quickly()
    assert run.returncode != 0
    assert f"Port {settings_of_a_run['PORT']} is in use" in run.stderr
    assert "Traceback" not in run.stderr


def make(target: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", target],
        cwd=ROOT, env=clean_environment(**variables), stdin=subprocess.DEVNULL,
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip


def test_nothing_is_installed_again_while_the_lists_have_not_changed():
    run = make("venv")
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


@pytest.fixture
def bare_machine(tmp_path: Path) -> tuple[Path, dict[str, str]]:
    """(a copy of the set-up without .venv, the environment of a machine whose Python is too old)"""
    shutil.copytree(SETUP, tmp_path / "deploy" / "setup")
    for name in ("requirements.txt", "requirements-dev.txt"):
        shutil.copy(ROOT / name, tmp_path)
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("bash", "env", "cat", "cut", "dirname", "sha256sum", "id"):
        (programs / name).symlink_to(str(shutil.which(name)))
    old = programs / "python3"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.9.2" && exit 0\nexit 1\n')
    old.chmod(0o755)
    return tmp_path, clean_environment(PATH=str(programs))


def test_a_python_that_is_too_old_is_named_with_the_remedy(bare_machine: tuple[Path, dict[str, str]]):
    folder, environment = bare_machine
    run = subprocess.run(
        ["bash", "deploy/setup/venv.sh", "requirements.txt"],
        cwd=folder, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 1
    assert "Python 3.11 or newer is needed, found Python 3.9.2" in run.stderr
    assert "apt-get install python3 python3-venv" in run.stderr
    assert len(run.stderr.splitlines()) == 1


def test_what_the_tests_lack_is_named_with_the_remedy(bare_machine: tuple[Path, dict[str, str]]):
    folder, environment = bare_machine
    shutil.copy(ROOT / "requirements-services.txt", folder)
    venv = folder / ".venv" / "bin"
    venv.mkdir(parents=True)
    (venv / "python").symlink_to("/bin/true")  # as if the wheels were there
    run = subprocess.run(
        ["bash", "deploy/setup/test-system.sh"],
        cwd=folder, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 1
    assert "the browser Chromium is missing. As root on Debian: apt-get install chromium." in run.stderr

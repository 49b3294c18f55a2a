"""The environment of a test run: nothing of the developer's own settings or provider keys reaches it."""

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

#: Variables of the machine, not of AI-GO. Everything else is left out.
MACHINE = {"PATH", "HOME", "USER", "LANG", "TZ", "TMPDIR", "TERM", "COLUMNS", "CI", "VIRTUAL_ENV", "CHROMIUM"}
MACHINE_PREFIXES = ("LC_", "PYTHON", "PYTEST_", "HYPOTHESIS_", "COV_", "NODE_", "XDG_")

#: URL of the database that this run tests; without it SQLite in memory. Set by `testing.suites`.
TESTED_DATABASE = "PYTEST_AIGO_DATABASE_URL"
#: A folder of this test run, for all its processes. Made by the first.
SHARED = "PYTEST_AIGO_SHARED_FOLDER"


def clean_environment(**variables: str) -> dict[str, str]:
    """The machine's variables and those given: the whole environment of a process that a test starts."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in MACHINE or name.startswith(MACHINE_PREFIXES)
    }
    # What a program says must come without the one; without the other, all of them compile our code anew.
    for name in (TESTED_DATABASE, "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE"):
        kept.pop(name, None)
    # The virtual environment's programs first: celery, daphne, and Node.js where the machine has none.
    programs = str(Path(sys.executable).parent)
    folders = [folder for folder in kept.get("PATH", "").split(":") if folder and folder != programs]
    return kept | {"PATH": ":".join([programs, *folders])} | variables


def enter() -> None:
    """Makes this process's environment a clean one; called before Django reads its settings."""
    sys.dont_write_bytecode = False
    tested = os.environ.get(TESTED_DATABASE)
    data = tempfile.mkdtemp(prefix="aigo-test-data-")
    atexit.register(shutil.rmtree, data, ignore_errors=True)
    shared = os.environ.get(SHARED)
    if not shared:
        shared = tempfile.mkdtemp(prefix="aigo-test-shared-")
        os.chmod(shared, 0o755)  # PostgreSQL's own account reads in it
        atexit.register(shutil.rmtree, shared, ignore_errors=True)
    wanted = clean_environment(
        DJANGO_SETTINGS_MODULE="aigo.settings",
        DATA_DIR=data,
        STATIC_HASHED="0",
        SECRET_KEY="for tests only: neither secret nor shared with any installation",
    )
    if tested:
        wanted |= {"DATABASE_URL": tested, TESTED_DATABASE: tested}
    wanted[SHARED] = shared
    os.environ.clear()
    os.environ.update(wanted)


def shared_folder() -> Path:
    """Of this test run: what one of its processes made, the others find."""
    return Path(os.environ[SHARED])


def backend() -> str:
    """The database kind this run tests: sqlite, postgresql or timescale."""
    scheme = os.environ.get(TESTED_DATABASE, "sqlite:").partition(":")[0]
    return "postgresql" if scheme == "postgres" else scheme

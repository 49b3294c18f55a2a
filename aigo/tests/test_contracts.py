"""The import contracts hold, and each of them is broken by the import it is there to refuse."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from testing.environment import ROOT, clean_environment

APPS = ("aigo", "benchmarks", "catalog", "compare", "editorial", "news", "probes", "status")

#: (file the line is added to, the line, words of the contract that must break)
VIOLATIONS = [
    ("probes/schedule.py", "from status import rules", "Apps import one way"),
    ("editorial/services/roles.py", "import catalog.models", "Apps import one way"),
    ("benchmarks/apps.py", "import news.apps", "Apps import one way"),
    ("aigo/lib/regions.py", "import editorial.services", "Apps import one way"),
    ("status/views.py", "from aigo import settings", "No app imports the project's wiring"),
    ("catalog/apps.py", "import aigo.celery", "No app imports the project's wiring"),
    ("news/apps.py", "from probes import outcomes", "Benchmarks and news do not depend on measurements"),
    (
        "probes/services/targets.py",
        "from celery import shared_task",
        "Services, selectors and models know no Celery",
    ),
    ("probes/outcomes.py", "import django.conf", "Pure modules know no Django"),
    ("probes/protocols/sse.py", "from django.utils import timezone", "Pure modules know no Django"),
    ("status/rules/judging.py", "from django.utils import timezone", "Pure modules know no Django"),
    ("probes/models/orders.py", "from probes import services", "Inside probes"),
    ("status/selectors.py", "from status import live", "Inside status"),
    ("benchmarks/looking.py", "from benchmarks import kept", "Inside benchmarks"),
    ("catalog/utils.py", "", "Inside catalog"),
    ("compare/helpers.py", "", "Inside compare"),
    ("aigo/lib/units.py", "from aigo import env", "Inside aigo"),
]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the source that a test may spoil."""
    for name in APPS:
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "tests"))
    shutil.copy(ROOT / ".importlinter", tmp_path)
    return tmp_path


def lint(tree: Path) -> subprocess.CompletedProcess[str]:
    """`lint-imports` as `make check` runs it, in `tree`."""
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [program, "--no-cache", "--no-logo"],
        cwd=tree, env=clean_environment(COLUMNS="200"), capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_the_source_keeps_every_contract(tree: Path):
    result = lint(tree)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    ("file", "line", "contract"), VIOLATIONS, ids=[f"{v[0]}: {v[1]}" for v in VIOLATIONS]
)
def test_a_forbidden_import_or_name_breaks_its_contract(tree: Path, file: str, line: str, contract: str):
    with (tree / file).open("a") as source:
        source.write(f"\n{line}\n")
    result = lint(tree)
    broken = [row for row in result.stdout.splitlines() if "BROKEN" in row]
    assert result.returncode == 1, result.stdout + result.stderr
    assert any(contract in row for row in broken), result.stdout

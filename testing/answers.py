"""All that a store answers at one moment, as JSON, from a process that uses the database of DATABASE_URL.

python -m testing.answers 2026-11-21T12:00:20+00:00 attempts boards
"""

import io
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from testing.environment import ROOT, clean_environment

#: Milliseconds are compared as whole microseconds: what the store keeps.
MICROSECONDS = 1000


def ask(url: str, *names: str, now: datetime, data: str) -> dict[str, Any]:
    """The named answers of the store at `url`, read in a process of their own; `data` is its DATA_DIR."""
    run = in_process(["-m", "testing.answers", now.isoformat(), *names], url=url, data=data)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)  # type: ignore[no-any-return]


def in_process(arguments: list[str], *, url: str, data: str) -> subprocess.CompletedProcess[str]:
    """Python with these arguments and a clean environment on the database at `url`."""
    environment = clean_environment(DATABASE_URL=url, DATA_DIR=data, DJANGO_SETTINGS_MODULE="aigo.settings")
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip


def attempts(now: datetime) -> dict[str, dict[str, Any]]:
    """Every fact of every attempt, by its key."""
    from probes.models import ProbeResult  # Django is set up in main()

    rows = ProbeResult.objects.select_related("endpoint")
    return {
        "|".join([row.endpoint.slug, row.tier, row.region, row.due_at.isoformat(), str(row.attempt)]): _facts(
            row
        )
        for row in rows.iterator()
    }


def _facts(row: Any) -> dict[str, Any]:
    names = {field.name for field in row._meta.concrete_fields} - {"id", "endpoint", "provenance"}
    shared = {"worker", "method_version", "answered_model", "fingerprint", "remote_ip"}
    return {name: _exact(name, getattr(row, name)) for name in sorted(names | shared)}


def _exact(name: str, value: Any) -> Any:
    return round(value * MICROSECONDS) if name.endswith("_ms") and value is not None else value


def boards(now: datetime) -> dict[str, Any]:
    """The board of every region and over all: its counts and its rows in their order."""
    from aigo.lib.regions import ALL, REGIONS
    from status.selectors import load_board

    shown = {slug: load_board(slug, now=now) for slug in [*(region.slug for region in REGIONS), ALL]}
    return {
        slug: {"counts": asdict(board.counts), "rows": [asdict(row) for row in board.endpoints]}
        for slug, board in shown.items()
    }


def migrate(now: datetime) -> str:
    """What `migrate` says, run once more."""
    from django.core.management import call_command

    said = io.StringIO()
    call_command("migrate", stdout=said, no_color=True)
    return said.getvalue()


ANSWERS: dict[str, Callable[[datetime], Any]] = {"attempts": attempts, "boards": boards, "migrate": migrate}


def main(moment: str, *names: str) -> None:
    import django

    django.setup()
    now = datetime.fromisoformat(moment)
    answers = {name: ANSWERS[name](now) for name in names}
    json.dump(answers, sys.stdout, ensure_ascii=False, default=str, sort_keys=True)


if __name__ == "__main__":
    main(*sys.argv[1:])

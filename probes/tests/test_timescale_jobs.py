"""TimescaleDB's policies: they are there, and what each does when it runs is what the store relies on."""

import subprocess
import sys
from pathlib import Path

from testing.environment import ROOT, clean_environment


def test_every_policy_does_what_it_is_for(timescale_url: str, tmp_path: Path):
    run = subprocess.run(
        [sys.executable, "-m", "probes.tests.policies"],
        env=clean_environment(DATABASE_URL=timescale_url, DATA_DIR=str(tmp_path), STATIC_HASHED="0"),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert run.returncode == 0, run.stderr[-3000:]
    assert run.stdout.strip().endswith("every policy does what it is for")

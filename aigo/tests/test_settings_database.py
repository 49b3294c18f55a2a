"""What is asked of a database besides what its URL says."""

import subprocess
import sys

import pytest

from testing.environment import ROOT, clean_environment

PRINT = "from aigo.settings import DATABASES; print(DATABASES['default']['OPTIONS'].get('options', ''))"
UNLIMITED = "-c timescaledb.max_tuples_decompressed_per_dml_transaction=0"


@pytest.mark.parametrize(
    ("url", "options"),
    [
        ("timescale://u@db/x", UNLIMITED),
        ("timescale://u@db/x?options=-c%20work_mem%3D8MB", f"{UNLIMITED} -c work_mem=8MB"),
        ("postgres://u@db/x?options=-c%20work_mem%3D8MB", "-c work_mem=8MB"),
        ("postgres://u@db/x", ""),
    ],
)
def test_timescaledb_may_unpack_any_number_of_rows(tmp_path, url, options):
    run = subprocess.run(
        [sys.executable, "-c", PRINT],
        env=clean_environment(DATABASE_URL=url, DATA_DIR=str(tmp_path)),
        cwd=ROOT, capture_output=True, text=True, check=True, timeout=300,
    )  # fmt: skip
    assert run.stdout.strip() == options

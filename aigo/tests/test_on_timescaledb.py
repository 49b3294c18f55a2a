"""The database's tests, once more on TimescaleDB."""

import pytest

from testing import suites

TIMEOUT_S = 3600


@pytest.mark.timeout(TIMEOUT_S)
def test_the_tests_of_the_database_that_need_one_connection_pass_on_timescaledb(timescale_url: str):
    print(suites.run_on(timescale_url, timeout_s=TIMEOUT_S))  # noqa: T201

"""The database's tests, once more on PostgreSQL."""

import pytest

from testing import suites
from testing.services import Service

TIMEOUT_S = 1200


@pytest.mark.timeout(TIMEOUT_S)
def test_all_tests_of_the_database_pass_on_postgresql(postgresql: Service):
    print(suites.run_on(postgresql.url, timeout_s=TIMEOUT_S))  # noqa: T201

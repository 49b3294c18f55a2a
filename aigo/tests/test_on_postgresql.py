"""The database's tests, once more on PostgreSQL."""

import pytest

from testing import services, suites

TIMEOUT_S = 3600


@pytest.mark.timeout(TIMEOUT_S)
def test_all_tests_of_the_database_pass_on_postgresql():
    with services.postgresql(migrated=True) as server:
        print(suites.run_on(server.url, timeout_s=TIMEOUT_S))  # noqa: T201

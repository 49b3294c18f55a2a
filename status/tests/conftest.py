"""Web processes that push, for the tests that talk to them."""

import itertools

import pytest

from testing.live import Client, running_site

#: Each test comes from an address of its own: connections are counted by it.
ADDRESSES = itertools.count(1)


@pytest.fixture(scope="session")
def live_site(tmp_path_factory):
    """Started once for all tests; an address may have three connections."""
    with running_site(tmp_path_factory.mktemp("live"), LIVE_MAX_PER_ADDRESS="3") as running:
        yield running


@pytest.fixture
async def visitor(live_site):
    """Opens sockets and streams, and closes them in the end."""
    made = Client(live_site, f"192.0.2.{next(ADDRESSES)}")
    yield made
    await made.close()

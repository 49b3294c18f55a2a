"""Loopback may be asked; nothing waits."""

import pytest

from aigo.lib.networks import networks


@pytest.fixture(autouse=True)
def _loopback_allowed(settings) -> None:
    settings.FETCH_ALLOWED_NETWORKS = networks(["127.0.0.0/8"])

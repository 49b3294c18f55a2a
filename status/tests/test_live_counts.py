"""Live push: the counts on an open page are those of the board, whoever looked at what in between."""

import asyncio
from datetime import timedelta

import pytest
from channels.db import database_sync_to_async
from django.utils import timezone

from aigo.lib.events import event_log
from probes.services.ingest import store_attempts
from probes.tests.factories import make_attempt
from status.live.hub import hub
from status.services import judge_endpoints
from status.tests.test_live import _own_hub, connected, endpoint, frame_of, measure
from testing.patience import PATIENCE_S

__all__ = ["_own_hub", "endpoint"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.only_on("sqlite")]


def mend(endpoint):
    """With one verdict: of several, a page may be told each."""
    now = timezone.now() + timedelta(milliseconds=3)
    store_attempts([make_attempt(endpoint, at=now - timedelta(milliseconds=n)) for n in range(3)], now=now)
    judge_endpoints([endpoint.pk], now=now)


async def told_counts(socket):
    return (await frame_of(socket, "stats"))["data"]["counts"]


async def test_counts_that_changed_while_nobody_looked_are_told_when_they_change_back(endpoint):
    before = await connected("region=seoul")
    await frame_of(before, "snapshot")
    await database_sync_to_async(measure)(endpoint)
    assert (await told_counts(before))["operational"] == 1
    await before.disconnect(timeout=PATIENCE_S)

    for _ in range(3):
        await database_sync_to_async(measure)(endpoint, "http_5xx")
    async with asyncio.timeout(PATIENCE_S):
        while hub()._last != event_log().last_id():  # noqa: ASYNC110 (another thread)
            await asyncio.sleep(0.01)

    after = await connected("region=seoul")
    assert (await frame_of(after, "snapshot"))["data"]["counts"]["outage"] == 1
    await database_sync_to_async(mend)(endpoint)
    assert (await told_counts(after))["operational"] == 1
    await after.disconnect(timeout=PATIENCE_S)

"""What a worker says of itself, and when: its clock, and announcements that come late or again."""

from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from aigo.lib.signing import Delivery
from probes import tasks
from probes.models import Pop
from probes.selectors import reaches
from probes.services.pops import register_pop
from probes.tests.factories import NOW

pytestmark = pytest.mark.django_db


def moment(at: float) -> datetime:
    return NOW + timedelta(seconds=at)


def announce(announced_at: float | None, *, now: float, keys: tuple[str, ...] = ()) -> Pop:
    register_pop(
        region="seoul",
        worker="seoul-1",
        real=True,
        keys=list(keys),
        now=moment(now),
        announced_at=None if announced_at is None else moment(announced_at),
    )
    return Pop.objects.get()


def test_an_announcement_registers_the_worker():
    at = timezone.now().timestamp()
    content = {"real": True, "keys": ["X_API_KEY"], "at": at}
    key = settings.POP_HMAC_KEYS["seoul"]
    tasks.register(Delivery.make("announcement", "seoul", "seoul-1", content, key=key).to_json())
    pop = Pop.objects.get()
    assert (pop.region, pop.worker, pop.real, pop.keys) == ("seoul", "seoul-1", True, ["X_API_KEY"])
    assert pop.last_seen_at == datetime.fromtimestamp(at, UTC)
    assert 0 <= pop.clock_skew_ms < 60_000


@pytest.mark.parametrize(
    ("announced_at", "skew_ms", "off"),
    [(9.5, 500, False), (9.49, 510, True), (10.5, -500, False), (10.51, -510, True), (None, None, False)],
)
def test_a_clock_that_is_off_by_more_than_half_a_second_is_flagged(announced_at, skew_ms, off):
    pop = announce(announced_at, now=10)
    assert (pop.clock_skew_ms, pop.clock_is_off) == (skew_ms, off)


@pytest.mark.parametrize(("announced_at", "seen"), [(None, 10), (7, 7), (3600, 10)])
def test_a_worker_was_seen_when_it_spoke_and_never_in_the_future(announced_at, seen):
    assert announce(announced_at, now=10).last_seen_at == moment(seen)


@pytest.mark.parametrize("again", [100, 99])
def test_an_announcement_that_is_not_newer_changes_nothing(again):
    announce(100, now=101, keys=("NEW",))
    pop = announce(again, now=5_000, keys=("OLD",))
    assert (pop.last_seen_at, pop.keys, pop.clock_skew_ms) == (moment(100), ["NEW"], 1000)
    pop = announce(101, now=102, keys=("NEWER",))
    assert (pop.last_seen_at, pop.keys) == (moment(101), ["NEWER"])


def test_a_replayed_announcement_makes_no_worker_live():
    announce(0, now=0)
    announce(0, now=600)
    assert reaches(now=moment(600)) == []
    Pop.objects.all().delete()  # it was forgotten
    register_pop(
        region="seoul", worker="seoul-1", real=True, keys=[], now=moment(600), announced_at=moment(0)
    )
    assert reaches(now=moment(600)) == []

"""Regions whose workers say nothing, and a centre that did not ask them."""

from datetime import datetime, timedelta

import pytest

from probes.models import DispatchCursor, Gap
from probes.services import dispatch, pops
from probes.tests.factories import NOW, make_endpoint, make_pop

pytestmark = pytest.mark.django_db
Kept = tuple[str, str, float, float | None, int | None]


def moment(at: float) -> datetime:
    return NOW + timedelta(seconds=at)


def count(region: str, began: datetime, ended: datetime) -> int:
    """One due moment a second."""
    return round((ended - began).total_seconds())


def note(live: list[str], *, at: float, ticked: float | None) -> None:
    ticked_at = None if ticked is None else moment(ticked)
    pops.note_silence(live, now=moment(at), ticked_at=ticked_at, count=count)


def gaps() -> list[Kept]:
    return [
        (
            gap.region,
            gap.reason,
            (gap.started_at - NOW).total_seconds(),
            (gap.ended_at - NOW).total_seconds() if gap.ended_at else None,
            gap.probes,
        )
        for gap in Gap.objects.order_by("started_at")
    ]


def run_ticks(seconds: range, *, seen: tuple[str, ...] = ("seoul",)) -> None:
    """The centre ticks at these seconds after NOW; so long some workers are there."""
    for at in seconds:
        for region in seen:
            pops.register_pop(region=region, worker=f"{region}-1", real=False, keys=[], now=moment(at))
        dispatch.due_batches(now=moment(at))


def test_a_silent_region_has_a_gap_from_its_last_word_until_it_is_back_with_its_number():
    make_pop()
    note([], at=119, ticked=114)
    assert gaps() == []
    note([], at=120, ticked=115)
    note([], at=125, ticked=120)
    assert gaps() == [("seoul", "no_worker", 0, None, None)]
    note(["seoul"], at=500, ticked=495)
    assert gaps() == [("seoul", "no_worker", 0, 500, 500)]


def test_moments_that_were_ordered_before_the_silence_was_noted_are_not_counted_again():
    make_pop()
    DispatchCursor.objects.create(region="seoul", dispatched_until=moment(130))
    note([], at=125, ticked=120)
    note(["seoul"], at=500, ticked=495)
    assert gaps() == [("seoul", "no_worker", 0, 500, 370)]


@pytest.mark.parametrize(("ticked", "noted"), [(None, False), (480, False), (481, True)])
def test_while_the_centre_was_away_nobody_is_silent(ticked, noted):
    make_pop()
    note([], at=600, ticked=ticked)
    assert bool(gaps()) is noted


def test_a_worker_has_time_to_be_heard_once_the_centre_is_back():
    make_pop("tokyo")
    Gap.objects.create(
        region="seoul",
        reason=Gap.Reason.NOT_DISPATCHED,
        started_at=moment(35),
        ended_at=moment(600),
        probes=9,
    )
    note(["seoul"], at=719, ticked=714)
    assert len(gaps()) == 1
    note(["seoul"], at=720, ticked=715)
    assert gaps()[0] == ("tokyo", "no_worker", 0, None, None)


def test_beat_that_was_away_is_a_gap_of_ours_in_every_region():
    make_endpoint()
    run_ticks(range(0, 30, 5), seen=("seoul", "tokyo"))
    run_ticks(range(600, 605, 5), seen=())  # before the announcements have come
    run_ticks(range(605, 610, 5), seen=("seoul",))
    run_ticks(range(610, 630, 5), seen=("seoul", "tokyo"))
    kept = sorted((region, reason) for region, reason, *_ in gaps())
    assert kept == [("seoul", "not_dispatched"), ("tokyo", "not_dispatched")]
    assert all(probes in (9, 10) for *_, probes in gaps())


def test_a_silent_region_is_counted_once():
    make_endpoint()
    run_ticks(range(0, 30, 5))
    run_ticks(range(30, 1800, 5), seen=())
    run_ticks(range(1800, 1830, 5))
    ((region, reason, began, ended, probes),) = gaps()
    assert (region, reason, began, ended) == ("seoul", "no_worker", 25, 1800)
    # Asked every minute; until 2 minutes after its last word they were ordered.
    assert probes in (27, 28)


@pytest.mark.parametrize(
    ("silences", "silent"),
    [
        ([], False),
        ([(-50, 49)], False),
        ([(-50, 50)], True),
        ([(50, None)], True),
        ([(51, None)], False),
        ([(0, 25), (60, 85)], True),
        ([(0, 25), (60, 84)], False),
        ([(100, None)], False),
        ([(-20, 0)], False),
    ],
)
def test_a_time_counts_as_silent_when_at_least_half_of_it_is_covered(silences, silent):
    for began, ended in silences:
        Gap.objects.create(
            region="seoul",
            reason=Gap.Reason.NO_WORKER,
            started_at=moment(began),
            ended_at=None if ended is None else moment(ended),
        )
    assert pops.was_silent("seoul", moment(0), moment(100)) is silent
    assert pops.was_silent("tokyo", moment(0), moment(100)) is False

"""What a region lost of each day: arithmetic on spans."""

from datetime import UTC, date, datetime, timedelta

from aigo.gaps import by_day, merged

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_gaps_that_overlap_are_lost_once():
    spans = [(NOON, NOON + 2 * HOUR), (NOON + HOUR, NOON + 3 * HOUR), (NOON + 5 * HOUR, NOON + 6 * HOUR)]
    assert merged(spans) == [(NOON, NOON + 3 * HOUR), (NOON + 5 * HOUR, NOON + 6 * HOUR)]


def test_a_gap_over_midnight_belongs_to_both_days():
    found = by_day(
        [(NOON + 11 * HOUR, NOON + 14 * HOUR)],
        first=date(2026, 11, 19),
        days=3,
        measured_from=NOON - 48 * HOUR,
    )
    assert [day.lost_s for day in found] == [0, 3_600, 7_200]
    assert found[2].share == 7_200 / 86_400


def test_days_before_anything_was_measured_have_no_gap():
    found = by_day([(NOON, NOON + HOUR)], first=date(2026, 11, 18), days=3, measured_from=NOON - HOUR)
    assert [day.lost_s for day in found] == [None, None, 3_600]
    assert {day.lost_s for day in by_day([], first=date(2026, 11, 18), days=3, measured_from=None)} == {None}

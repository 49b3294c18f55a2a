"""When windows take place: by the clock of their zone, bounded, and cut where they are cancelled."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from status.rules.maintenance import (
    Span,
    Unusable,
    Window,
    check_recurrence,
    is_under_maintenance,
    next_end,
    occurrences,
)

NIGHT = datetime(2027, 3, 7, 7, 30, tzinfo=UTC)  # Sunday, 02:30 in New York
HOUR = timedelta(hours=1)
WEEKLY = Window(7, NIGHT, NIGHT + HOUR, "FREQ=WEEKLY", "America/New_York")


def starts(window: Window, days: int = 30) -> list[str]:
    spans = occurrences(window, window.starts_at, window.starts_at + timedelta(days=days))
    return [f"{span.start:%m-%d %H:%M}" for span in spans]


def test_a_window_without_a_rule_takes_place_once():
    once = replace(WEEKLY, recurrence="")
    assert starts(once, 400) == ["03-07 07:30"]
    assert occurrences(once, NIGHT + HOUR, NIGHT + 2 * HOUR) == []
    assert occurrences(once, NIGHT - HOUR, NIGHT) == []
    assert len(occurrences(once, NIGHT + HOUR / 2, NIGHT + 2 * HOUR)) == 1


def test_what_recurs_keeps_its_local_time_when_clocks_change():
    # 02:30 does not exist on 14 March: read by the offset before the change (RFC 5545, 3.3.5)
    assert starts(WEEKLY) == ["03-07 07:30", "03-14 07:30", "03-21 06:30", "03-28 06:30", "04-04 06:30"]
    autumn = datetime(2027, 10, 31, 5, 30, tzinfo=UTC)  # 01:30; on 7 November it comes twice: the first
    assert starts(replace(WEEKLY, starts_at=autumn, ends_at=autumn + HOUR), 15) == [
        *("10-31 05:30", "11-07 05:30", "11-14 06:30"),
    ]


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        ("FREQ=DAILY;COUNT=3", ["03-07 07:30", "03-08 07:30", "03-09 07:30"]),
        ("FREQ=DAILY;UNTIL=20270308", ["03-07 07:30", "03-08 07:30"]),
        ("FREQ=DAILY;UNTIL=20270308T073000Z", ["03-07 07:30", "03-08 07:30"]),
        ("FREQ=DAILY;UNTIL=20270308T072959Z", ["03-07 07:30"]),
        ("freq=monthly;byday=1su", ["03-07 07:30", "04-04 06:30"]),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYSETPOS=7", ["03-07 07:30"]),
        ("FREQ=WEEKLY;INTERVAL=3;BYDAY=TU,SU", ["03-07 07:30", "03-23 06:30", "03-28 06:30"]),
    ],
)
def test_rules_are_read_as_calendars_read_them(rule: str, told: list[str]):
    assert starts(replace(WEEKLY, recurrence=rule)) == told


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ("FREQ=SECONDLY", "FREQ is one of DAILY"),
        ("FREQ=MINUTELY;INTERVAL=1", "FREQ is one of"),
        ("RRULE:FREQ=DAILY", "FREQ is one of"),
        ("every night", "FREQ is one of"),
        ("FREQ=DAILY;BYSECOND=0,1,2", "BYSECOND is not taken"),
        ("FREQ=DAILY;BYHOUR=1,2,3", "BYHOUR is not taken"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL='0'"),
        ("FREQ=DAILY;COUNT=99999", "COUNT='99999'"),
        ("FREQ=DAILY;COUNT=2;COUNT=3", "each part once"),
        ("FREQ=DAILY;COUNT=2;UNTIL=20280101", "not both"),
        ("FREQ=DAILY;UNTIL=20270230", "is no day"),
        ("FREQ=WEEKLY;BYDAY=1SU", "BYDAY='1SU'"),
        ("FREQ=DAILY\nRDATE:20270101", "FREQ is one of"),
        ("FREQ=WEEKLY;BYDAY=MO", "the window's own beginning, Sunday 2027-03-07 02:30"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "the window's own beginning"),
        ("FREQ=DAILY;COUNT=1", "no second occurrence"),
        ("FREQ=YEARLY;INTERVAL=100", "no second occurrence"),
    ],
)
def test_a_rule_that_is_unbounded_or_means_nothing_is_refused(rule: str, why: str):
    with pytest.raises(Unusable, match=why):
        check_recurrence(replace(WEEKLY, recurrence=rule))


def test_occurrences_must_not_overlap():
    day = replace(WEEKLY, recurrence="FREQ=DAILY", ends_at=NIGHT + 24 * HOUR)
    with pytest.raises(Unusable, match="Shorten the window"):
        check_recurrence(day)  # one of the days has 23 hours
    check_recurrence(replace(day, ends_at=NIGHT + 23 * HOUR))
    check_recurrence(replace(day, recurrence=""))


def test_what_is_cancelled_covers_nothing_from_then_on_and_stays_before():
    cut = replace(WEEKLY, cancelled_at=NIGHT + timedelta(days=7, minutes=20))
    spans = occurrences(cut, NIGHT, NIGHT + timedelta(days=30))
    assert [(span.start, span.end - span.start) for span in spans] == [
        (NIGHT, HOUR),
        (NIGHT + timedelta(days=7), timedelta(minutes=20)),
    ]
    assert occurrences(cut, NIGHT + timedelta(days=8), NIGHT + timedelta(days=30)) == []


def test_years_later_it_is_found_without_counting_from_the_start():
    late = NIGHT + timedelta(days=365 * 6)
    assert len(occurrences(replace(WEEKLY, recurrence="FREQ=DAILY"), late, late + timedelta(days=2))) == 2


def span(begin: int, end: int, *regions: str) -> Span:
    return Span(NIGHT + begin * HOUR, NIGHT + end * HOUR, frozenset(regions), 1)


def test_a_region_is_covered_by_what_names_it_and_by_what_names_none():
    assert is_under_maintenance([span(0, 1)], NIGHT, "seoul")
    assert is_under_maintenance([span(0, 1)], NIGHT)
    assert is_under_maintenance([span(0, 1, "seoul")], NIGHT, "seoul")
    assert not is_under_maintenance([span(0, 1, "seoul")], NIGHT, "tokyo")
    assert not is_under_maintenance([span(0, 1, "seoul")], NIGHT)
    assert not is_under_maintenance([span(0, 1)], NIGHT + HOUR)


def test_the_end_is_that_of_all_that_touch():
    spans = [span(2, 3), span(0, 1), span(1, 2, "seoul"), span(5, 6)]
    assert next_end(spans, NIGHT, "seoul") == NIGHT + 3 * HOUR
    assert next_end(spans, NIGHT, "tokyo") == NIGHT + HOUR
    assert next_end(spans, NIGHT + 4 * HOUR) is None
    assert next_end([span(0, 9), span(1, 2)], NIGHT) == NIGHT + 9 * HOUR

"""Who is told of what and when, by plain values: each threshold with a value on both sides of it."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from status.rules.maintenance import Span
from status.rules.notices import Matter, QuietHours, Wish, due_at, is_at_once, retry_after, wants

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)  # a Saturday
MINUTE = timedelta(minutes=1)
MAJOR, MINOR, CRITICAL = (Matter(severity) for severity in ("major", "minor", "critical"))
NIGHT = QuietHours(time(22), time(7))


def at(hour: int, minute: int = 0, second: int = 0, *, day: int = 21) -> datetime:
    return datetime(2026, 11, day, hour, minute, second, tzinfo=UTC)


@pytest.mark.parametrize(
    ("wish", "matter", "wanted"),
    [
        (Wish(), MINOR, True),
        (Wish(), Matter("info"), False),
        (Wish(min_severity="info"), Matter("info"), True),
        (Wish(min_severity="critical"), MAJOR, False),
        (Wish(min_severity="critical"), CRITICAL, True),
        (Wish(topics=frozenset({"slo"})), MAJOR, False),
        (Wish(topics=frozenset({"slo"})), Matter("major", topic="slo"), True),
        (Wish(providers=frozenset({1})), Matter("major", provider=1), True),
        (Wish(providers=frozenset({1})), Matter("major", provider=2), False),
        (Wish(providers=frozenset({1})), MAJOR, False),
        (Wish(endpoints=frozenset({7})), Matter("major", provider=1, endpoints=frozenset({6, 7})), True),
        (Wish(endpoints=frozenset({7})), Matter("major", provider=1, endpoints=frozenset({6})), False),
        (Wish(models=frozenset({3})), Matter("major", models=frozenset({3})), True),
        (Wish(models=frozenset({3})), Matter("major", models=frozenset({4})), False),
        (
            Wish(providers=frozenset({1}), endpoints=frozenset({7})),
            Matter("major", provider=1, endpoints=frozenset({9})),
            True,
        ),
        (Wish(regions=frozenset({"seoul"})), Matter("major", regions=frozenset({"seoul", "tokyo"})), True),
        (Wish(regions=frozenset({"seoul"})), Matter("major", regions=frozenset({"tokyo"})), False),
        (Wish(regions=frozenset({"seoul"})), MAJOR, True),
    ],
)
def test_a_wish_is_for_its_topics_severities_and_places(wish, matter, wanted):
    assert wants(wish, matter) is wanted


@pytest.mark.parametrize(
    ("severity", "from_", "at_once"),
    [
        ("major", "major", True),
        ("minor", "major", False),
        ("critical", "major", True),
        ("major", "critical", False),
        ("info", "info", True),
    ],
)
def test_what_is_told_at_once(severity, from_, at_once):
    assert is_at_once(Wish(at_once_from=from_), severity) is at_once


def test_a_warning_waits_and_what_is_grave_does_not():
    assert due_at(Wish(), MAJOR, NOW) == NOW
    assert due_at(Wish(), MINOR, NOW) == NOW + 15 * MINUTE
    assert due_at(Wish(warning_after=timedelta(0)), MINOR, NOW) == NOW
    assert due_at(Wish(), MINOR, NOW, delayed=False) == NOW


@pytest.mark.parametrize(
    ("hours", "moment", "end"),
    [
        (NIGHT, at(21, 59, 59), None),
        (NIGHT, at(22), at(7, day=22)),
        (NIGHT, at(6, 59, 59), at(7)),
        (NIGHT, at(7), None),
        (QuietHours(time(9), time(17)), at(8, 59, 59), None),
        (QuietHours(time(9), time(17)), at(9), at(17)),
        (QuietHours(time(9), time(17)), at(17), None),
        # Saturdays only: the night to Sunday is one, the night to Saturday is Friday's
        (QuietHours(time(22), time(7), frozenset({5})), at(23), at(7, day=22)),
        (QuietHours(time(22), time(7), frozenset({5})), at(6, 59, day=22), at(7, day=22)),
        (QuietHours(time(22), time(7), frozenset({5})), at(6), None),
        (QuietHours(time(22), time(7), frozenset({4})), at(6), at(7)),
        # 22:00 in Seoul is 13:00 UTC
        (QuietHours(time(22), time(7), zone="Asia/Seoul"), at(12, 59), None),
        (QuietHours(time(22), time(7), zone="Asia/Seoul"), at(13), at(22)),
    ],
)
def test_quiet_hours_by_the_wall_clock(hours, moment, end):
    assert hours.end_after(moment) == end


@pytest.mark.parametrize(
    ("day", "end_utc"),
    [
        # Berlin leaves summer time on 25 October 2026 at 03:00 and enters it on 28 March 2027 at 02:00
        (datetime(2026, 10, 24, 22, tzinfo=UTC), datetime(2026, 10, 25, 6, tzinfo=UTC)),
        (datetime(2026, 10, 23, 22, tzinfo=UTC), datetime(2026, 10, 24, 5, tzinfo=UTC)),
        (datetime(2027, 3, 27, 23, tzinfo=UTC), datetime(2027, 3, 28, 5, tzinfo=UTC)),
    ],
)
def test_quiet_hours_end_by_the_wall_clock_when_clocks_change(day, end_utc):
    assert QuietHours(time(22), time(7), zone="Europe/Berlin").end_after(day) == end_utc


@pytest.mark.parametrize(
    ("breaks", "severity", "due"),
    [
        ("critical", "critical", at(23)),
        ("critical", "major", at(7, day=22)),
        ("major", "major", at(23)),
        ("", "critical", at(7, day=22)),
        ("info", "minor", at(23, 15)),
    ],
)
def test_quiet_hours_hold_what_does_not_break_them(breaks, severity, due):
    wish = Wish(quiet=NIGHT, breaks_quiet=breaks)
    assert due_at(wish, Matter(severity), at(23)) == due


def test_a_warning_is_held_where_its_delay_ends_in_quiet_hours():
    wish = Wish(quiet=NIGHT)
    assert due_at(wish, MINOR, at(21, 44)) == at(21, 59)
    assert due_at(wish, MINOR, at(21, 45)) == at(7, day=22)


def span(start: datetime, end: datetime, *regions: str) -> Span:
    return Span(start, end, frozenset(regions), 1)


def matter(*endpoints: int, regions: frozenset[str] = frozenset(), **spans: list[Span]) -> Matter:
    maintenance = {int(name[1:]): found for name, found in spans.items()}
    return Matter("critical", endpoints=frozenset(endpoints), regions=regions, maintenance=maintenance)


SEOUL = frozenset({"seoul"})


@pytest.mark.parametrize(
    ("about", "due"),
    [
        (matter(1, e1=[span(NOW, NOW + MINUTE)]), NOW + MINUTE),
        (matter(1, e1=[span(NOW + MINUTE, NOW + 2 * MINUTE)]), NOW),
        (matter(1, e1=[span(NOW - MINUTE, NOW)]), NOW),
        (matter(1, 2, e1=[span(NOW, NOW + MINUTE)]), NOW),
        (matter(1, 2, e1=[span(NOW, NOW + MINUTE)], e2=[span(NOW, NOW + 5 * MINUTE)]), NOW + MINUTE),
        # one after the other, and overlapping
        (matter(1, e1=[span(NOW, NOW + MINUTE), span(NOW + MINUTE, NOW + 3 * MINUTE)]), NOW + 3 * MINUTE),
        # a region's maintenance excuses that region only
        (matter(1, regions=SEOUL, e1=[span(NOW, NOW + MINUTE, "seoul")]), NOW + MINUTE),
        (matter(1, regions=SEOUL | {"tokyo"}, e1=[span(NOW, NOW + MINUTE, "seoul")]), NOW),
        (matter(1, e1=[span(NOW, NOW + MINUTE, "seoul")]), NOW),
        (Matter("critical", maintenance={1: [span(NOW, NOW + MINUTE)]}), NOW),
    ],
)
def test_maintenance_holds_what_lies_in_it_wholly_however_grave(about, due):
    assert due_at(Wish(), about, NOW) == due
    assert due_at(Wish(), about, NOW, muted=False) == NOW


def test_maintenance_and_quiet_hours_hold_one_after_the_other():
    about = replace(matter(1, e1=[span(at(21), at(23))]), severity="major")
    assert due_at(Wish(quiet=NIGHT), about, at(21, 30)) == at(7, day=22)


@pytest.mark.parametrize(
    ("failures", "seconds"),
    [
        (1, 5), (2, 300), (3, 1_800), (4, 7_200), (5, 18_000), (6, 36_000), (7, 50_400), (8, 72_000),
        (9, 86_400), (10, None), (99, None),
    ],
)  # fmt: skip
def test_tries_grow_rarer_and_end(failures, seconds):
    expected = None if seconds is None else timedelta(seconds=seconds)
    assert retry_after(failures) == expected


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [
        ({"http_status": 500}, 5),
        ({"http_status": 429}, 300),
        ({"http_status": 502}, 300),
        ({"http_status": 503}, 5),
        ({"http_status": 504}, 300),
        ({"wish_s": 4.0}, 5),
        ({"wish_s": 60.0}, 60),
        ({"http_status": 429, "wish_s": 301.0}, 301),
        ({"wish_s": 1e9}, 86_400),
        ({"draw": 0.0}, 4.5),
        ({"draw": 1.0}, 5.5),
        ({"draw": 0.0, "wish_s": 5.0}, 5),
    ],
)
def test_targets_that_ask_for_patience_get_it(asked, seconds):
    delay = retry_after(1, **asked)
    assert delay is not None
    assert delay.total_seconds() == pytest.approx(seconds)

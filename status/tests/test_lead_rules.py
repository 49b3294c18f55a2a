"""Detection leads by plain values: when they said it, who was first, what is the same, what was missed."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from status.rules.leads import (
    Basis,
    Finding,
    Ours,
    Theirs,
    Typical,
    Verdict,
    first_said,
    is_unanswered,
    lead_of,
    missed,
    our_misses_of_pages,
    span_of,
    typical,
    was_announced,
)
from status.rules.matching import match
from status.rules.naming import Fit, fit

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
NAMES = ("GPT-4.1", "GPT-4.1 mini", "text-embedding-3-small")


def at(minutes: float) -> datetime:
    """So many minutes after noon."""
    return NOON + timedelta(minutes=minutes)


def ours(begins: float = 0, ends: float | None = 20, **changes: Any) -> Ours:
    """Begun and ended so many minutes after noon; detected a minute after it began."""
    values: dict[str, Any] = {
        **{"id": 1, "provider_wide": True, "grave": True, "names": frozenset(NAMES)},
        **{"started_at": at(begins), "detected_at": at(begins + 1)},
        "ended_at": None if ends is None else at(ends),
    }
    return Ours(**{**values, **changes})


def theirs(written: float | None = 5, gap: tuple[float | None, float] = (4, 6), **changes: Any) -> Theirs:
    """Written so many minutes after noon, in the gap between two readings; resolved after 25 minutes."""
    unseen, seen = gap
    values: dict[str, Any] = {
        **{"id": 11, "title": "Elevated error rates", "components": ("API",), "impact": "major"},
        **{"published_at": None if written is None else at(written), "claimed_started_at": None},
        **{"first_seen_at": at(seen), "unseen_at": None if unseen is None else at(unseen)},
        "resolved_at": at(25),
    }
    return Theirs(**{**values, **changes})


@pytest.mark.parametrize(
    ("written", "gap", "said_min", "error_s", "basis"),
    [
        (5, (4, 6), 5, 65, Basis.PUBLISHED),  # the middle of the gap: as far to either end
        (5.75, (4, 6), 5.75, 110, Basis.PUBLISHED),  # it may have been there since just after 4
        (-1, (4, 6), -1, 425, Basis.PUBLISHED),  # five minutes before the gap: a cache; the bar says so
        (-1.1, (4, 6), 6, 125, Basis.FIRST_SEEN),  # further back: dated back
        (11, (4, 6), 6, 125, Basis.PUBLISHED),  # their clock is ahead: not later than we saw it
        (11.1, (4, 6), 6, 125, Basis.FIRST_SEEN),
        (None, (4, 6), 6, 125, Basis.FIRST_SEEN),
        (5, (0, 60), 5, 3305, Basis.PUBLISHED),  # the page could not be read for an hour
        (5, (None, 6), 5, None, Basis.UNBOUNDED),
    ],
)
def test_the_moment_of_their_first_words_and_how_far_it_may_be_wrong(written, gap, said_min, error_s, basis):
    said = first_said(theirs(written, gap))
    assert (said.at, said.error_s, said.basis) == (at(said_min), error_s, basis)


@pytest.mark.parametrize(
    ("written", "verdict"),
    [(2.08, Verdict.TOGETHER), (2.1, Verdict.US), (-0.08, Verdict.TOGETHER), (-0.1, Verdict.THEM)],
)
def test_a_lead_within_its_error_bar_is_nobodys(written, verdict):
    said = first_said(theirs(written, (written - 1, written + 1)))
    found, lead_s, error_s = lead_of(at(1), said)
    assert (found, error_s) == (verdict, 65)
    assert lead_s == pytest.approx((written - 1) * 60)


def test_without_a_bound_there_is_no_lead():
    assert lead_of(at(1), first_said(theirs(5, (None, 6)))) == (Verdict.UNBOUNDED, None, None)


def pairs(one: list[Ours], other: list[Theirs]) -> list[tuple[int | None, int | None, bool]]:
    return [(found.ours, found.theirs, found.counted) for found in match(one, other, NAMES)]


def test_one_of_ours_and_one_of_theirs_of_the_same_hour_are_the_same():
    (found,) = match([ours()], [theirs()], NAMES)
    assert (found.verdict, found.lead_s, found.error_s, found.fit) == (Verdict.US, 240, 65, Fit.API)


@pytest.mark.parametrize(
    ("begins", "ends", "same"),
    [
        (0, 20, True),
        (29, 40, True),  # theirs was resolved at 25: five minutes give or take
        (31, 40, False),
        (-80, -55, True),  # they speak at 5, an hour after the end
        (-80, -56, False),
        (-356, None, True),  # six hours between detection and their words
        (-356.1, None, False),
    ],
)
def test_times_must_be_near_one_another(begins, ends, same):
    assert bool(pairs([ours(begins, ends)], [theirs()])) is same


def test_a_claimed_start_places_theirs_but_never_makes_the_lead():
    told_late = theirs(90, (89, 91), resolved_at=at(95), claimed_started_at=at(0))
    (found,) = match([ours(0, 20)], [told_late], NAMES)
    assert found.lead_s == 89 * 60
    assert span_of(told_late) == (at(0), at(95))
    assert span_of(theirs(claimed_started_at=at(-24 * 60))) == (at(5), at(25))
    assert span_of(theirs(claimed_started_at=at(6))) == (at(5), at(25))
    assert span_of(theirs(resolved_at=at(-20), open_at=at(6))) == (at(5), at(6))


def test_each_incident_is_counted_once_and_the_nearest_goes_first():
    first, second = ours(0, 20, id=1), ours(3, 30, id=2)
    assert pairs([first, second], [theirs()]) == [(2, 11, True), (1, 11, False)]
    later = theirs(12, (11, 13), id=12)
    assert pairs([first, second], [theirs(), later]) == [
        *((2, 11, True), (1, 11, False), (2, 12, False), (1, 12, True)),
    ]


def test_what_only_nearly_overlaps_is_nobodys_second_pair():
    long_over, present = ours(-40, -20, id=1), ours(0, 20, id=2)
    assert pairs([long_over, present], [theirs()]) == [(2, 11, True)]
    assert pairs([long_over], [theirs()]) == [(1, 11, True)]
    earlier = theirs(-38, (-39, -37), id=10, resolved_at=at(-15))
    assert pairs([long_over, present], [earlier, theirs()]) == [(1, 10, True), (2, 11, True)]


def test_true_overlap_goes_before_words_that_fit_better():
    named_late = theirs(60, (59, 61), id=12, title="GPT-4.1 errors", resolved_at=at(70))
    assert pairs([ours()], [theirs(), named_late]) == [(1, 11, True)]


def test_words_that_name_a_model_are_of_the_incident_that_holds_it():
    small = ours(id=2, provider_wide=False, names=frozenset({"text-embedding-3-small"}))
    told = theirs(title="Errors with text-embedding-3-small")
    assert pairs([ours(), small], [told])[0][2]
    assert pairs([ours(names=frozenset({"GPT-4.1"}), id=3), small], [told]) == [(2, 11, True)]


def test_words_of_no_model_are_rather_of_a_provider_wide_incident():
    near = ours(3, id=2, provider_wide=False)
    assert pairs([near, ours(id=1)], [theirs()]) == [(1, 11, True), (2, 11, False)]


@pytest.mark.parametrize(
    ("title", "components", "held", "expected"),
    [
        ("Errors", ("API",), NAMES, Fit.API),
        ("Errors", ("Claude API (api.anthropic.com)",), NAMES, Fit.API),
        ("GPT-4.1 is slow", ("API",), ("GPT-4.1",), Fit.MODEL),
        ("gpt-4.1-mini: elevated errors", ("API",), ("GPT-4.1",), None),  # another model
        ("gpt-4.1-mini and gpt-4.1", (), ("GPT-4.1",), Fit.MODEL),
        ("Errors", (), NAMES, Fit.WHOLE),
        ("ChatGPT login", (), NAMES, None),
        ("Errors", ("ChatGPT", "Website"), NAMES, None),
        ("Errors", ("ChatGPT", "Chat Completions"), NAMES, Fit.API),
        ("Errors", ("Video generation",), NAMES, Fit.OTHER),
        ("서비스 오류", (), NAMES, Fit.WHOLE),
    ],
)
def test_words_fit_or_do_not(title, components, held, expected):
    assert fit(title, components, held, NAMES) is expected


def silence(one: Ours, *, read: float | None = 80, since: float | None = -60, now: float = 80) -> list[Any]:
    read_at, since_at = (None if moment is None else at(moment) for moment in (read, since))
    return [found.verdict for found in our_misses_of_pages([one], [], read_at, since_at, at(now))]


def test_the_page_missed_ours_when_an_hour_after_the_end_it_has_not_said_a_word():
    assert silence(ours(0, 20)) == [Verdict.PAGE_SILENT]
    assert silence(ours(0, 20.1)) == []
    assert silence(ours(0, None)) == []
    assert silence(ours(0, 20, grave=False)) == []
    told = [Finding(1, 11, Verdict.US, at(1))]
    assert our_misses_of_pages([ours(0, 20)], told, at(80), at(-60), at(80)) == []


@pytest.mark.parametrize(
    ("begins", "ends", "told"),
    [(-30, 60, True), (20, None, True), (21, None, False), (-30, 0, True), (-30, -1, False)],
)
def test_what_happened_under_announced_maintenance_was_told(begins, ends, told):
    work = theirs(claimed_started_at=at(begins), resolved_at=None if ends is None else at(ends))
    assert was_announced(ours(0, 20), [work]) is told


@pytest.mark.parametrize(("read", "since"), [(None, -60), (74.9, -60), (80, 2), (80, None)])
def test_a_page_that_was_not_read_is_not_called_silent(read, since):
    assert silence(ours(0, 20), read=read, since=since) == [Verdict.PAGE_UNREAD]


def test_theirs_is_unanswered_an_hour_after_its_end_or_six_hours_after_its_words():
    assert is_unanswered(theirs(), at(85))
    assert not is_unanswered(theirs(), at(84.9))
    assert not is_unanswered(theirs(resolved_at=None), at(365))
    assert is_unanswered(theirs(resolved_at=None), at(366))
    assert not is_unanswered(theirs(impact="none"), at(999))
    assert not is_unanswered(theirs(gap=(None, 6)), at(999))


@pytest.mark.parametrize(
    ("changes", "attempts", "verdict"),
    [
        ({}, 5, Verdict.WE_MISSED),
        ({}, 4, Verdict.NOT_MEASURED),
        ({"components": ("Video generation",)}, 500, Verdict.NOT_MEASURED),
        ({"components": ("ChatGPT",)}, 500, Verdict.NOT_MEASURED),
        ({"components": (), "title": "Trouble"}, 5, Verdict.WE_MISSED),
    ],
)
def test_we_missed_theirs_only_where_we_measured(changes, attempts, verdict):
    assert missed(theirs(**changes), NAMES, attempts).verdict is verdict


def test_the_typical_lead_is_the_median_between_its_worst_cases():
    assert typical([(240, 65), (60, 125), (600, 65)]) == Typical(3, 240, 175, 305)
    assert typical([]) is None

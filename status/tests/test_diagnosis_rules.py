"""Them, you or unclear: a table of cases, and what the rules promise of every case there can be."""

from datetime import UTC, datetime, timedelta
from itertools import combinations

import pytest

from aigo.lib import regions
from status.diagnosis.deciding import decide, rule_for
from status.diagnosis.kinds import BY_KIND, Kind, Side
from status.diagnosis.page import printed
from status.diagnosis.reading import read_complaint
from status.diagnosis.sight import ALL, CONSTANTS, SIGNS, Evidence, Other, Place, Sight, Sign
from status.diagnosis.table import RULES, Advice, Answer, Confidence
from status.diagnosis.words import (
    ADVICE,
    ANSWER_WORDS,
    CONFIDENCE_WORDS,
    CONFIDENCES,
    HEADLINES,
    KIND_WORDS,
    SIDE_WORDS,
    SIGHT_WORDS,
    SIGN_WORDS,
)
from testing.environment import ROOT

pytestmark = pytest.mark.only_on("sqlite")
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def place(region="seoul", ok=20, failed=0, worst=None, p95_ms=None, **outcomes):
    """So many right and failed attempts (HTTP 500, at the end), and others by outcome."""
    told = {"ok": ok, "http_5xx": failed} | outcomes
    return Place(
        region,
        attempts=ok + failed,
        failed=failed,
        worst=min(5, failed) if worst is None else worst,
        outcomes={name: times for name, times in told.items() if times},
        p95_ms=p95_ms,
        samples=ok,
    )


def seen(*places, tier="B", **more):
    """What was seen: these regions, and their pool."""
    outcomes: dict[str, int] = {}
    for one in places:
        for name, times in one.outcomes.items():
            outcomes[name] = outcomes.get(name, 0) + times
    whole = Place(
        ALL,
        attempts=sum(one.attempts for one in places),
        failed=sum(one.failed for one in places),
        worst=max((one.worst for one in places), default=0),
        outcomes=outcomes,
        p95_ms=max((one.p95_ms for one in places if one.p95_ms), default=None),
    )
    since = NOW - timedelta(minutes=10)
    return Evidence(since, NOW, "attempts", tier, places, whole, slow_ms=1500.0, **more)


def other(number, failed=0):
    seen_of_it = place("all", failed=failed)
    return Other(f"p--m{number}", f"M {number}", seen_of_it, seen_of_it.sight)


WELL = seen(place("seoul"), place("tokyo"), place("oregon"))
DOWN = seen(place("seoul", 3, 17), place("tokyo", 5, 15), place("oregon", 4, 16))
SEOUL_DOWN = seen(place("seoul", 3, 17), place("tokyo"), place("oregon"))
SHAKY = seen(place("seoul", 18, 2), place("tokyo"), place("oregon"))
ONCE = seen(place("seoul", 19, 1), place("tokyo"), place("oregon"))
FEW = seen(place("seoul", 2))
NOTHING = seen()
UNASKED = seen(place("seoul", 0, budget=20))
SAME_KEY = seen(place("seoul", 0, auth=10), place("tokyo", 0, auth=10))
ONE_KEY = seen(place("seoul", 0, auth=10), place("tokyo", 20))
THROTTLED = seen(place("seoul", 12, capacity_throttle=8), place("tokyo"))
INCIDENT = seen(place("seoul"), incidents=1)
TOLD = seen(place("seoul"), official=1)
PROVIDER = seen(place("seoul"), others=(other(1, 9), other(2, 9), other(3)))
SLOW = seen(place("seoul", p95_ms=9_000.0))
LISTED = seen(place("seoul"), tier="A")
RETIRED = seen(retired=True)

QUOTA = '{"error":{"code":"insufficient_quota","message":"quota"}}'
COUNTED = '{"error":{"code":"rate_limit_exceeded","message":"Limit 100, Used 100"}}'
#: (status, message, region, what was seen, answer, confidence, rule)
CASES = [
    # the provider's failures
    (500, "", "seoul", DOWN, "them", "confirmed", "failed"),
    (503, "", "all", DOWN, "them", "confirmed", "failed"),
    (500, "", "seoul", SEOUL_DOWN, "them", "confirmed", "failed"),
    (500, "", "all", SEOUL_DOWN, "them", "likely", "shaky"),
    (500, "", "tokyo", SEOUL_DOWN, "unclear", "", "elsewhere"),
    (500, "", "frankfurt", SEOUL_DOWN, "them", "likely", "shaky"),
    (500, "", "seoul", SHAKY, "them", "likely", "shaky"),
    (500, "", "seoul", ONCE, "them", "likely", "once"),
    (500, "", "tokyo", ONCE, "unclear", "", "server-well"),
    (500, "", "seoul", WELL, "unclear", "", "server-well"),
    (500, "", "seoul", INCIDENT, "them", "likely", "incident"),
    (500, "", "seoul", TOLD, "them", "likely", "official"),
    (500, "", "seoul", PROVIDER, "them", "likely", "provider"),
    (500, "", "seoul", FEW, "unclear", "", "few"),
    (500, "", "seoul", NOTHING, "unclear", "", "unmeasured"),
    (500, "", "seoul", UNASKED, "unclear", "", "unmeasured"),
    (529, "", "seoul", WELL, "them", "likely", "capacity"),
    (529, "", "seoul", DOWN, "them", "confirmed", "failed"),
    (None, "incomplete chunked read", "seoul", DOWN, "them", "confirmed", "failed"),
    (None, "incomplete chunked read", "seoul", WELL, "unclear", "", "server-well"),
    # the way there
    (None, "Request timed out.", "seoul", DOWN, "them", "confirmed", "failed"),
    (None, "Request timed out.", "seoul", WELL, "unclear", "", "timeout-well"),
    (None, "Request timed out.", "seoul", SLOW, "them", "likely", "slow"),
    (None, "ECONNREFUSED", "seoul", WELL, "you", "likely", "way-well"),
    (None, "ECONNREFUSED", "seoul", DOWN, "them", "confirmed", "failed"),
    (None, "getaddrinfo ENOTFOUND", "seoul", WELL, "you", "likely", "way-well"),
    (None, "CERTIFICATE_VERIFY_FAILED", "seoul", WELL, "you", "likely", "way-well"),
    (None, "ECONNREFUSED 127.0.0.1:7890", "seoul", DOWN, "you", "likely", "proxy"),
    (403, "<html>blocked</html>", "seoul", WELL, "you", "likely", "edge-well"),
    (403, "<html>blocked</html>", "seoul", seen(place(ok=0, edge_block=9)), "them", "likely", "edge-same"),
    (499, "", "seoul", WELL, "you", "likely", "left"),
    # the caller's
    (401, "", "seoul", WELL, "you", "confirmed", "caller-well"),
    (401, "", "seoul", FEW, "you", "likely", "caller"),
    (401, "", "seoul", LISTED, "you", "likely", "caller"),
    (401, "", "seoul", DOWN, "unclear", "", "key-in-trouble"),
    (401, "", "seoul", SAME_KEY, "them", "likely", "same-refusal"),
    (401, "", "seoul", ONE_KEY, "you", "confirmed", "caller-well"),
    (401, "", "seoul", NOTHING, "unclear", "", "unmeasured-caller"),
    (400, "", "seoul", WELL, "you", "confirmed", "caller-well"),
    (400, "", "seoul", seen(place(ok=0, bad_request=9)), "unclear", "", "same-request"),
    (404, "", "seoul", WELL, "you", "confirmed", "caller-well"),
    (404, "", "seoul", seen(place(ok=0, bad_request=9)), "them", "likely", "same-refusal"),
    (404, "", "seoul", RETIRED, "you", "likely", "retired"),
    (413, "", "seoul", WELL, "you", "confirmed", "caller-well"),
    (422, "", "seoul", DOWN, "you", "likely", "caller"),
    (402, "", "seoul", WELL, "you", "confirmed", "money-well"),
    (402, "", "seoul", DOWN, "you", "likely", "money"),
    # 429: whose limit
    (429, QUOTA, "seoul", WELL, "you", "confirmed", "money-well"),
    (429, QUOTA, "seoul", THROTTLED, "you", "confirmed", "money-well"),
    (429, COUNTED, "seoul", WELL, "you", "confirmed", "rate-well"),
    (429, COUNTED, "seoul", DOWN, "you", "likely", "rate"),
    (429, COUNTED, "seoul", THROTTLED, "unclear", "", "rate-throttled"),
    (429, "", "seoul", THROTTLED, "them", "likely", "throttle-throttled"),
    (429, "", "seoul", DOWN, "them", "likely", "throttle-failed"),
    (429, "", "seoul", WELL, "you", "likely", "throttle-well"),
    (429, "", "seoul", FEW, "unclear", "", "throttle"),
    # answers of a list of models say nothing of limits and money
    (429, "", "seoul", LISTED, "unclear", "", "throttle"),
    (429, COUNTED, "seoul", LISTED, "you", "likely", "rate"),
    (402, "", "seoul", LISTED, "you", "likely", "money"),
    (429, "system is experiencing high demand", "seoul", WELL, "them", "likely", "capacity"),
    # nobody knows what
    (None, "it does not work", "seoul", WELL, "unclear", "", "unknown-well"),
    (None, "it does not work", "seoul", DOWN, "them", "likely", "anything-failed"),
    (None, "", "seoul", INCIDENT, "them", "likely", "incident"),
    (None, "", "seoul", ONCE, "unclear", "", "rest"),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]} {case[1][:12]} {case[6]} {case[2]}")
def test_a_case_is_decided(case):
    status, message, region, evidence, answer, confidence, rule = case
    complaint = read_complaint(status, message, protocol="openai_chat")
    decision = decide(complaint, evidence, region)
    assert (decision.answer, decision.confidence, decision.rule.id) == (answer, confidence, rule)


def test_every_rule_decides_a_case():
    assert {case[6] for case in CASES} == {rule.id for rule in RULES}


@pytest.mark.parametrize("kind", Kind)
def test_whatever_there_is_to_see_there_is_one_answer(kind):
    """What names the caller is never laid at the provider's door by its failures, nor the other way round."""
    seeing = (Sign.FAILED_HERE, Sign.SHAKY_HERE, Sign.ONCE_HERE, Sign.WELL_HERE, Sign.FEW)
    besides = (
        *(Sign.INCIDENT, Sign.OFFICIAL, Sign.PROVIDER, Sign.SLOW, Sign.FAILED_ELSEWHERE, Sign.THROTTLED),
        Sign.REACHABILITY,
    )
    for sight in seeing:
        for number in range(len(besides) + 1):
            for some in combinations(besides, number):
                rule = rule_for(kind, {sight, *some})
                assert bool(rule.confidence) is (rule.answer is not Answer.UNCLEAR)
                if BY_KIND[kind].side is Side.YOU:
                    assert rule.answer is not Answer.THEM
                if BY_KIND[kind].side is Side.THEM:
                    assert rule.answer is not Answer.YOU
                if rule.answer is Answer.THEM and rule.confidence is Confidence.CONFIRMED:
                    assert sight is Sign.FAILED_HERE
                if rule.answer is Answer.YOU and rule.confidence is Confidence.CONFIRMED:
                    assert sight is Sign.WELL_HERE
                    assert Sign.REACHABILITY not in some


def test_what_was_seen_on_each_side_of_a_limit():
    assert place(ok=2, failed=3).sight is Sight.FAILING
    assert place(ok=3, failed=2).sight is Sight.SHAKY
    assert place(ok=4, failed=1).sight is Sight.ONCE
    assert place(ok=5).sight is Sight.WELL
    assert place(ok=4).sight is Sight.FEW
    assert place(ok=0, missed=9).sight is Sight.NONE
    half = seen(place("seoul", 0, 9), place("tokyo"))
    third = seen(place("seoul", 0, 9), place("tokyo"), place("oregon"))
    assert Sign.FAILED_HERE in decide(read_complaint(500, ""), half, ALL).signs
    assert Sign.SHAKY_HERE in decide(read_complaint(500, ""), third, ALL).signs


def test_a_region_of_which_too_little_is_known_is_stood_in_for():
    signs = decide(read_complaint(500, ""), WELL, "virginia").signs
    assert signs == (Sign.STOOD_IN, Sign.WELL_HERE)


def test_advice_fits_the_error():
    key, request = (decide(read_complaint(status, ""), WELL, ALL).advice for status in (401, 400))
    assert (key, request) == ((Advice.KEY,), (Advice.REQUEST,))
    broke, limited = (decide(read_complaint(status, ""), NOTHING, ALL).advice for status in (402, 429))
    assert broke == (Advice.MONEY, Advice.ELSEWHERE)
    assert limited == (Advice.WAIT, Advice.BACK_OFF, Advice.LIMITS, Advice.ELSEWHERE)


def test_everything_that_is_said_has_words():
    assert {row.sign for row in SIGNS} == set(Sign) == set(SIGN_WORDS)
    assert set(KIND_WORDS) == set(Kind)
    assert set(SIDE_WORDS) == set(Side)
    assert set(SIGHT_WORDS) == set(Sight)
    assert set(ADVICE) == set(Advice)
    assert set(ANSWER_WORDS) == set(Answer)
    assert set(CONFIDENCE_WORDS) == set(CONFIDENCES) == set(Confidence)
    assert {(rule.answer, rule.confidence) for rule in RULES} == set(HEADLINES)
    assert len({rule.id for rule in RULES}) == len(RULES)
    assert all(row.when % CONSTANTS for row in SIGNS)
    assert regions.ALL == ALL


def test_the_page_is_printed_from_the_tables():
    page = (ROOT / "docs" / "is-it-me.md").read_text(encoding="utf-8")
    assert page == printed(page), "run python -m status.diagnosis.page docs/is-it-me.md"

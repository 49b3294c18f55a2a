"""Whatever becomes of the judge and its events: the same changes of state, each once, each announced."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from itertools import count
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aigo.lib.events import Event, event_log
from catalog.models import Endpoint
from probes.attempts import Attempt
from probes.models import ProbeResult
from probes.services.ingest import store_attempts
from probes.tests.factories import NOW, make_attempt, make_endpoint
from status.groups import FOLLOWERS
from status.models import EndpointState, StatusChange
from status.services import judge_endpoints, judging, refresh_stale
from testing import environment

pytestmark = [pytest.mark.django_db, pytest.mark.only_on("sqlite", "postgresql")]
REGIONS = ("seoul", "tokyo", "oregon")
_names = count(1)
#: The rules are the same everywhere: on another database the question is whether it keeps what they say.
SHARE = 1.0 if environment.backend() == "sqlite" else 0.4
Change = tuple[str, str, str, str]


def history(pattern: Sequence[str], endpoint: Endpoint) -> list[Attempt]:
    """Attempts of three regions, by moment. Of each sign: + right, - wrong, s slow, a blank none at all."""
    attempts = []
    for minute, sign in enumerate("".join(pattern)):
        for number, region in enumerate(REGIONS):
            if sign == " " or (sign == "1" and region != "tokyo"):
                continue
            attempts.append(
                make_attempt(
                    endpoint,
                    "http_5xx" if sign in "-1" else "ok",
                    at=NOW + timedelta(minutes=minute, seconds=7 * number),
                    region=region,
                    total_ms=5000.0 if sign == "s" else 500.0,
                )
            )
    return attempts


def changes_of(endpoint: Endpoint) -> list[Change]:
    """In the order in which they were written: region, from, to, at."""
    rows = StatusChange.objects.filter(endpoint=endpoint).order_by("region", "pk")
    return [(row.region, row.from_state, row.to_state, row.at.isoformat()) for row in rows]


def of_a_judge_who_was_always_there(pattern: Sequence[str], end: timedelta) -> list[Change]:
    endpoint = make_endpoint(f"always-{next(_names)}")
    for attempt in history(pattern, endpoint):
        store_attempts([attempt], now=NOW + end)
        judge_endpoints([endpoint.pk], now=moment_of([attempt]))
    judge_endpoints([endpoint.pk], now=NOW + end)
    return changes_of(endpoint)


def moment_of(attempts: Sequence[Attempt]):
    return NOW + timedelta(seconds=attempts[-1].started_at - NOW.timestamp())


patterns = st.lists(
    st.sampled_from(["+++", "---", "+-", "111", "sssss", "     ", "+", "-"]), min_size=1, max_size=5
)
fates = st.lists(st.sampled_from(["judged", "away", "twice", "killed", "late event"]), min_size=1, max_size=8)


@given(patterns, fates, st.randoms(use_true_random=False))
@settings(max_examples=int(12 * SHARE), deadline=None)
def test_the_changes_are_those_of_a_judge_who_was_always_there(pattern, fates, chance: Random):
    """Away, killed with a batch half done, events twice, out of order, or never: caught up at the end."""
    end = timedelta(minutes=len("".join(pattern)) + 5)
    expected = of_a_judge_who_was_always_there(pattern, end)
    endpoint, other = (make_endpoint(f"endpoint-{next(_names)}") for _ in range(2))
    attempts = history(pattern, endpoint)
    cuts = sorted(chance.randrange(len(attempts) + 1) for _ in fates[1:])
    for fate, begin, cut in zip(fates, [0, *cuts], [*cuts, len(attempts)], strict=True):
        part = attempts[begin:cut]
        if part:
            store_attempts(part, now=NOW + end)
            meet(fate, endpoint, other, now=moment_of(part))
    judge_endpoints([endpoint.pk], now=NOW + end)
    assert changes_of(endpoint) == expected
    judge_endpoints([endpoint.pk], now=NOW + end)
    assert changes_of(endpoint) == expected


def meet(fate: str, endpoint: Endpoint, other: Endpoint, *, now) -> None:
    if fate == "judged":
        judge_endpoints([endpoint.pk, other.pk], now=now)
    elif fate == "twice":
        judge_endpoints([other.pk, endpoint.pk], now=now)
        judge_endpoints([endpoint.pk], now=now)
    elif fate == "killed":
        # Without a change it is not killed: nothing was to be written.
        with pytest.MonkeyPatch.context() as patch, suppress(KeyboardInterrupt):
            patch.setattr(judging, "_change", killed)
            judge_endpoints([endpoint.pk, other.pk], now=now)
    elif fate == "late event":
        judge_endpoints([endpoint.pk], now=NOW)


def killed(*args: object, **kwargs: object) -> None:
    raise KeyboardInterrupt


@given(patterns)
@settings(max_examples=int(5 * SHARE), deadline=None)
def test_without_any_event_the_timetable_finds_the_same(pattern):
    """The event log was emptied: what is stored is found by what is stored."""
    end = timedelta(minutes=len("".join(pattern)) + 5)
    expected = of_a_judge_who_was_always_there(pattern, end)
    endpoint = make_endpoint(f"endpoint-{next(_names)}")
    store_attempts(history(pattern, endpoint), now=NOW + end)
    refresh_stale(now=NOW + end)
    assert changes_of(endpoint) == expected


def test_what_was_written_by_a_judge_who_was_killed_before_telling_is_told_once(monkeypatch):
    endpoint = make_endpoint()
    store_attempts(history("+++---", endpoint), now=NOW + timedelta(minutes=6))
    before = event_log().last_id()
    with monkeypatch.context() as patch:
        patch.setattr(judging, "tell", killed)
        with pytest.raises(KeyboardInterrupt):
            judge_endpoints([endpoint.pk], now=NOW + timedelta(minutes=6))
    written = set(StatusChange.objects.values_list("pk", flat=True))
    assert written
    assert event_log().last_id() == before
    refresh_stale(now=NOW + timedelta(minutes=6))
    refresh_stale(now=NOW + timedelta(minutes=6))
    told = [e for e in event_log().read_after(before) if e.type == "status.changed"]
    assert [event.data["change"] for event in told] == sorted(written)
    ids = StatusChange.objects.order_by("pk").values_list("event_id", flat=True)
    assert list(ids) == [event.id for event in told]
    updates = [e for e in event_log().read_after(before) if e.type == "status.update"]
    assert set(updates[0].data["changed"]) == {*REGIONS, "all"}


def test_nothing_is_looked_at_again_once_it_is_judged(django_assert_num_queries):
    endpoint = make_endpoint()
    end = NOW + timedelta(minutes=6)
    store_attempts(history("++++++", endpoint), now=end)
    assert set(refresh_stale(now=end)) == {*REGIONS, "all"}
    # targets, known states, what is ahead of them; what is untold: of states, of incidents
    with django_assert_num_queries(3 + 2):
        assert refresh_stale(now=end) == {}


def test_a_result_that_is_left_out_afterwards_is_not_looked_for_again(django_assert_num_queries):
    endpoint = make_endpoint()
    end = NOW + timedelta(minutes=6)
    store_attempts(history("++++++", endpoint), now=end)
    refresh_stale(now=end)
    store_attempts(history("      -", endpoint), now=end)
    ProbeResult.objects.filter(outcome="http_5xx").update(counts=False, left_out="pop_offline")
    before = EndpointState.objects.order_by("pk").values_list("pk", "last_sample_at")
    assert refresh_stale(now=end) == {}
    assert list(before) == list(EndpointState.objects.order_by("pk").values_list("pk", "last_sample_at"))


def test_followers_take_what_concerns_them_and_pass_over_the_rest():
    verdicts, alerts = FOLLOWERS
    endpoint = make_endpoint()
    Endpoint.objects.filter(pk=endpoint.pk).update(watched=False)
    others = [Event("1-0", "stats", {"minute": 1}), Event("1-1", "catalog.changed", {})]
    pairs = {"seoul": [endpoint.pk, 999_999]}
    slug = {"slug": "gone--gone", "region": "all", "from": "unknown", "to": "outage"}
    verdicts.handle([*others, Event("1-2", "results.stored", {"pairs": pairs})])
    alerts.handle([*others, Event("1-3", "status.changed", slug | {"change": 1})])
    assert not EndpointState.objects.exists()

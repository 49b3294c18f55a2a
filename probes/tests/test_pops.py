"""Workers: silence, a POP whose own network fails, and deliveries that cannot be believed."""

import json
from datetime import timedelta

import pytest
from django.conf import settings

from aigo.lib.signing import Delivery
from probes import tasks
from probes.models import DeadLetter, Gap, Pop, ProbeResult
from probes.services import pops
from probes.services.ingest import store_attempts
from probes.signals import results_stored
from probes.tests.factories import NOW, make_attempt, make_endpoint

pytestmark = pytest.mark.django_db
PROVIDERS = ("nimbus", "stratus", "cirrus", "cumulus")


@pytest.fixture
def fleet():
    return [make_endpoint(provider=name, model=f"{name}-1") for name in PROVIDERS]


def see(fleet, region: str, outcomes: str, *, at: float) -> None:
    """One attempt per endpoint: + is right, x a timeout."""
    moment = NOW + timedelta(seconds=at)
    attempts = [
        make_attempt(endpoint, "ok" if sign == "+" else "timeout", region=region, at=moment)
        for endpoint, sign in zip(fleet, outcomes, strict=True)
    ]
    store_attempts(attempts, now=moment + timedelta(seconds=1))


def marks(region: str) -> list[tuple[str, bool, str]]:
    rows = ProbeResult.objects.filter(region=region).order_by("started_at", "endpoint_id")
    return list(rows.values_list("outcome", "counts", "left_out"))


def test_a_pop_from_which_most_providers_fail_at_once_is_offline_and_its_failures_are_left_out(fleet):
    see(fleet, "tokyo", "++++", at=0)
    see(fleet, "seoul", "xxx+", at=5)
    gap = Gap.objects.get()
    assert (gap.region, gap.reason, gap.ended_at) == ("seoul", Gap.Reason.POP_OFFLINE, None)
    assert marks("seoul") == [("timeout", False, "pop_offline")] * 3 + [("ok", True, "")]
    assert {mark for _, _, mark in marks("tokyo")} == {""}


def test_what_fails_while_it_is_offline_is_left_out_and_it_ends_when_providers_answer(fleet):
    see(fleet, "tokyo", "++++", at=0)
    see(fleet, "seoul", "xxxx", at=5)
    see(fleet[:1], "seoul", "x", at=20)
    assert set(marks("seoul")) == {("timeout", False, "pop_offline")}
    see(fleet, "seoul", "++++", at=40)
    assert Gap.objects.get().ended_at == NOW + timedelta(seconds=41)
    see(fleet[:1], "seoul", "x", at=50)
    assert marks("seoul")[-1] == ("timeout", True, "")


def test_an_outage_that_every_region_sees_is_the_providers(fleet):
    see(fleet, "tokyo", "xxxx", at=0)
    assert {mark for _, _, mark in marks("tokyo")} == {"pop_offline"}
    see(fleet, "seoul", "xxxx", at=5)
    see(fleet, "tokyo", "xxxx", at=10)
    assert not Gap.objects.exists()
    assert marks("seoul") == [("timeout", True, "")] * 4
    assert marks("tokyo") == [("timeout", True, "")] * 8


def test_endpoints_whose_results_were_marked_are_judged_again(fleet, django_capture_on_commit_callbacks):
    heard: set[tuple[int, str]] = set()

    def listen(sender, pairs, **kwargs):
        heard.update(pairs)

    see(fleet, "tokyo", "++++", at=0)
    see(fleet[:2], "seoul", "xx", at=2)
    results_stored.connect(listen)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            see(fleet[2:], "seoul", "xx", at=5)
    finally:
        results_stored.disconnect(listen)
    assert {(endpoint.pk, "seoul") for endpoint in fleet} <= heard


def deliver(content, *, kind="results", region="seoul", key=None) -> dict[str, str]:
    key = settings.POP_HMAC_KEYS[region] if key is None else key
    return Delivery.make(kind, region, "seoul-1", content, key=key).to_json()


def test_a_signed_delivery_is_stored():
    endpoint = make_endpoint()
    tasks.ingest(deliver([make_attempt(endpoint).to_json()]))
    assert ProbeResult.objects.count() == 1
    assert not DeadLetter.objects.exists()


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        ({"signature": "0" * 64}, "wrong signature"),
        ({"region": "tokyo"}, "wrong signature"),
        ({"worker": "another"}, "wrong signature"),
        ({"body": "[]"}, "wrong signature"),
        ({"region": "mars"}, "POP_HMAC_KEYS=<region>:<key>"),
        ({"kind": "announcement"}, "wrong signature"),
    ],
)
def test_what_cannot_be_believed_goes_to_the_dead_letters_with_its_reason(spoil, reason):
    tasks.ingest({**deliver([make_attempt(make_endpoint()).to_json()]), **spoil})
    assert not ProbeResult.objects.exists()
    letter = DeadLetter.objects.get()
    assert reason in letter.reason
    assert letter.region == spoil.get("region", "seoul")
    assert letter.body


def test_a_wrong_key_is_named_with_its_remedy():
    tasks.ingest(deliver([], key="another-key-of-enough-letters"))
    assert "POP_HMAC_KEY of the worker is not the region's" in DeadLetter.objects.get().reason


@pytest.mark.parametrize("message", [None, 7, "text", [], {}, {"kind": "results"}])
def test_a_message_of_another_shape_is_a_dead_letter_too(message):
    tasks.ingest(message)
    assert "no signed delivery" in DeadLetter.objects.get().reason


def test_a_delivery_of_another_kind_is_refused():
    tasks.register(deliver([], kind="results"))
    assert "'results' where 'announcement'" in DeadLetter.objects.get().reason
    assert not Pop.objects.exists()


def test_rows_that_speak_for_another_region_are_buried_and_the_others_kept():
    own = make_attempt(make_endpoint()).to_json()
    tasks.ingest(deliver([own, {**own, "region": "tokyo"}]))
    assert ProbeResult.objects.get().region == "seoul"
    assert "1 rows are no attempts of region seoul" in DeadLetter.objects.get().reason


def test_an_announcement_registers_the_worker():
    tasks.register(deliver({"real": True, "keys": ["X_API_KEY"]}, kind="announcement"))
    pop = Pop.objects.get()
    assert (pop.region, pop.worker, pop.real, pop.keys) == ("seoul", "seoul-1", True, ["X_API_KEY"])


def test_only_the_newest_dead_letters_are_kept(monkeypatch):
    monkeypatch.setattr(pops, "DEAD_LETTERS_KEPT", 3)
    for number in range(5):
        moment = NOW + timedelta(seconds=number)
        pops.bury(kind="results", region="", worker="", reason=str(number), body=json.dumps({}), now=moment)
    assert [letter.reason for letter in DeadLetter.objects.all()] == ["4", "3", "2"]

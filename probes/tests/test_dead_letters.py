"""Deliveries: who is believed, and what is kept of the others."""

import json
import sqlite3
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import OperationalError
from django.utils import timezone

from aigo.lib.signing import Delivery
from probes import tasks
from probes.models import DeadLetter, Pop, ProbeResult
from probes.selectors import refused_rows
from probes.services import ingest, pops
from probes.services.patience import can_pass
from probes.tests.factories import NOW, make_attempt, make_endpoint

pytestmark = pytest.mark.django_db


def deliver(content, *, kind="results", region="seoul", key=None) -> dict[str, str]:
    key = settings.POP_HMAC_KEYS[region] if key is None else key
    return Delivery.make(kind, region, "seoul-1", content, key=key).to_json()


def test_a_signed_delivery_is_stored():
    endpoint = make_endpoint()
    tasks.ingest(deliver([make_attempt(endpoint, at=timezone.now()).to_json()]))
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
    own = make_attempt(make_endpoint(), at=timezone.now()).to_json()
    tasks.ingest(deliver([own, {**own, "region": "tokyo"}]))
    assert ProbeResult.objects.get().region == "seoul"
    letter = DeadLetter.objects.get()
    assert (letter.reason, letter.worker) == ("1 foreign_region: an attempt from 'tokyo'", "seoul-1")
    assert json.loads(letter.body) == [{**own, "region": "tokyo"}]


def test_what_is_set_aside_is_counted_by_region_and_reason():
    own = make_attempt(make_endpoint(), at=timezone.now()).to_json()
    odd: list[dict[str, Any]] = [
        {"total_ms": -1.0},
        {"total_ms": 10**400},
        {"endpoint": "gone--gone"},
        {"due_at": own["due_at"] + 100},
        {"due_at": own["due_at"] - 8 * 86_400},
    ]
    tasks.ingest(deliver([own, 7, *({**own, **change} for change in odd)]))
    assert ProbeResult.objects.count() == 1
    expected = {"future": 1, "implausible": 2, "malformed": 1, "past": 1, "unknown_endpoint": 1}
    assert refused_rows() == [("seoul", reason, rows) for reason, rows in expected.items()]
    (letter,) = DeadLetter.objects.filter(reason__contains="future")
    assert "is its clock right?" in letter.reason


def test_what_is_set_aside_is_counted_once_however_often_it_is_tried(monkeypatch):
    own = make_attempt(make_endpoint(), at=timezone.now()).to_json()
    really, tried = ingest._follow_up, []

    def away_at_first(*args: Any) -> None:
        tried.append(args)
        if len(tried) == 1:
            raise OperationalError("away")
        really(*args)

    monkeypatch.setattr(ingest, "_follow_up", away_at_first)
    message = deliver([own, {**own, "outcome": "nonsense"}, {**own, "endpoint": "gone--gone"}])
    with pytest.raises(OperationalError):
        tasks._take_in(message)
    assert refused_rows() == []
    tasks._take_in(message)
    assert ProbeResult.objects.count() == 1
    assert refused_rows() == [("seoul", "implausible", 1), ("seoul", "unknown_endpoint", 1)]


def test_what_waiting_does_not_change_fails_at_once(monkeypatch):
    said = psycopg.errors.ConfigurationLimitExceeded("tuple decompression limit exceeded")

    def refuse(*_: Any, **__: Any) -> None:
        raise OperationalError(str(said)) from said

    monkeypatch.setattr(ingest, "store_attempts", refuse)
    with pytest.raises(OperationalError, match="decompression limit"):
        tasks.ingest(deliver([]))


@pytest.mark.parametrize(
    ("said", "passes"),
    [
        (None, True),
        (psycopg.OperationalError("connection refused"), True),
        (psycopg.InterfaceError("the connection is closed"), True),
        (psycopg.errors.AdminShutdown(), True),
        (psycopg.errors.DeadlockDetected(), True),
        (psycopg.errors.LockNotAvailable(), True),
        (psycopg.errors.ConnectionFailure(), True),
        (psycopg.errors.DiskFull(), True),
        (psycopg.errors.ConfigurationLimitExceeded(), False),
        (psycopg.errors.SqlclientUnableToEstablishSqlconnection(), True),
        (sqlite3.OperationalError("database is locked"), True),
        (sqlite3.OperationalError("no such table: probes_proberesult"), False),
    ],
)
def test_only_what_can_pass_is_waited_for(said, passes):
    error = OperationalError("no")
    error.__cause__ = said
    assert can_pass(error) is passes


def bury(at: float = 0, **changes: str) -> None:
    facts = {"kind": "results", "region": "seoul", "worker": "seoul-1", "reason": "no", "body": "{}"}
    pops.bury(**facts | changes, now=NOW + timedelta(seconds=at))


def letters(**facts: str) -> list[tuple[str, int]]:
    return list(DeadLetter.objects.filter(**facts).order_by("pk").values_list("reason", "repeats"))


def test_only_the_newest_dead_letters_are_kept(monkeypatch):
    monkeypatch.setattr(pops, "DEAD_LETTERS_KEPT", 3)
    for number in range(5):
        bury(number, reason=str(number))
    assert [reason for reason, _ in letters()] == ["2", "3", "4"]


def test_a_noisy_sender_pushes_out_its_own_letters_only(monkeypatch):
    monkeypatch.setattr(pops, "DEAD_LETTERS_KEPT", 3)
    bury(0, region="tokyo", reason="of another region")
    bury(0, kind="listing", reason="of another kind")
    for number in range(1, 9):
        bury(number, reason=str(number))
        bury(number, region=f"nowhere-{number}", reason="invented")
    assert [reason for reason, _ in letters(region="seoul", kind="results")] == ["6", "7", "8"]
    assert letters(region="tokyo") == [("of another region", 0)]
    assert letters(kind="listing") == [("of another kind", 0)]
    assert len(letters(reason="invented")) == 3


def test_the_same_letter_again_is_counted_for_an_hour():
    for at in (0, 10, 3599):
        bury(at)
    assert letters() == [("no", 2)]
    bury(3600)
    assert letters() == [("no", 2), ("no", 0)]


def test_a_letter_differs_by_kind_region_worker_and_reason():
    bury(0)
    bury(5, kind="listing")
    bury(5, region="tokyo")
    bury(5, worker="seoul-2")
    bury(5, reason="another")
    assert [repeats for _, repeats in letters()] == [0] * 5


def test_many_workers_with_one_fault_write_one_row_a_second():
    for number in range(50):
        bury(number / 20, worker=f"seoul-{number}")
    assert [repeats for _, repeats in letters()] == [19, 19, 9]


@pytest.mark.parametrize("field", ["region", "worker", "body"])
@pytest.mark.parametrize("odd", ["a\0b", "a\ud800b"])
def test_a_text_that_no_database_holds_is_a_dead_letter_too(field, odd):
    tasks.ingest({**deliver([]), field: odd})
    letter = DeadLetter.objects.get()
    kept = getattr(letter, field)
    assert (kept[0], kept[-1], len(kept)) == ("a", "b", 3)
    assert "\0" not in kept
    kept.encode()

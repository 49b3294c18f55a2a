"""Whoever plans or delivers dies, at any write there is: nothing is lost, nothing goes out under two ids."""

from collections import defaultdict
from datetime import datetime

import pytest
from django.db import connection, transaction

from probes.tests.factories import NOW, make_endpoint
from status.models import Notice
from status.services.notices import claim_due, note_attempt, plan_notices
from status.services.notices.delivering import LETTERS_LEASE
from status.tests.notices_given import HEARD, MINUTE, make_incident, make_rule, make_step, make_subscription

#: The rules are the same everywhere, and a query more or less is another place to die at.
pytestmark = [pytest.mark.django_db, pytest.mark.only_on("sqlite")]


class Died(BaseException):
    """A power cut: no code of ours gets to handle it."""


class Mortal:
    """Dies before the `last`-th write or commit, once: to die while reading is to die before the next."""

    def __init__(self, last: int) -> None:
        self.left = last

    def __call__(self, execute, sql, params, many, context):
        self.left -= sql.startswith(("INSERT", "UPDATE", "DELETE", "RELEASE"))
        if self.left == 0:
            raise Died
        return execute(sql, params, many, context)


#: What receivers were sent: recipient → kind → ids.
Heard = dict[str, dict[str, set[str]]]


def deliver_all(now: datetime, heard: Heard) -> None:
    plan_notices(now=now)
    while claimed := claim_due(now=now, limit=100):
        for outgoing in claimed:
            heard[str(outgoing.target)][outgoing.kind].add(outgoing.uid)
            note_attempt(outgoing, HEARD, now=now)


def play(last: int) -> tuple[Heard, bool]:
    """An incident that opens and closes, and one who dies meanwhile; whether it died."""
    heard: Heard = defaultdict(lambda: defaultdict(set))
    mortal = Mortal(last)
    incident = make_incident(make_endpoint(), severity="major")
    deaths = 0
    for minute, kind, severity in ((0, "", "major"), (9, "close", "major")):
        now = NOW + minute * MINUTE
        if kind:
            make_step(incident, kind, at=now, severity=severity)
        try:
            with connection.execute_wrapper(mortal):
                deliver_all(now, heard)
        except Died:
            deaths += 1
    deliver_all(NOW + 10 * MINUTE + LETTERS_LEASE, heard)
    return heard, bool(deaths)


def test_at_whatever_write_it_dies_everybody_hears_everything_under_one_id():
    make_rule()
    make_subscription()
    last, died = 0, True
    while died:
        last += 1
        with transaction.atomic():
            heard, died = play(last)
            assert len(heard) == 2, f"died at write {last}"
            for kinds in heard.values():
                assert {kind: len(uids) for kind, uids in kinds.items()} == KINDS, f"died at write {last}"
            assert not Notice.objects.exclude(state="sent").exists()
            transaction.set_rollback(True)
    assert last > 15, "there were few writes to die at"


KINDS = {"opened": 1, "recovered": 1}

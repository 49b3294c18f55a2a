"""Changed prices and retirements: told once to whoever's rule asks for them."""

import json
from datetime import time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from catalog.models import Endpoint, Tiding
from catalog.services import add_price, note_tidings
from catalog.tests.factories import make_price
from probes.tests.factories import NOW, make_endpoint
from status.models import Notice
from status.sending.texts import telling_of
from status.sending.webhooks import body_of
from status.services.notices import plan_tidings, preview
from status.services.notices.tidings import SEVERITY_OF
from status.tests.notices_given import MINUTE, deliver, make_channel, make_rule, notices

pytestmark = pytest.mark.django_db
ONLY = pytest.mark.only_on("sqlite")
BOTH = ["price", "model"]
DAY = timedelta(days=1)


@pytest.fixture
def nimbus() -> Endpoint:
    endpoint = make_endpoint()
    make_price(endpoint, valid_from=NOW - DAY, retrieved_at=NOW - DAY)
    note_tidings(now=NOW - MINUTE)
    return endpoint


def change_price(endpoint: Endpoint, given: str = "3", **fields: Any) -> None:
    amounts = {"input_usd_per_mtok": Decimal(given), "output_usd_per_mtok": Decimal(8)}
    key = (endpoint.pk, fields.pop("tier", "standard"), "all")
    add_price(key, amounts, since=NOW, retrieved_at=NOW, source_name="list", source_url="https://list.test")


def told() -> list[tuple[str, str, str, int]]:
    return [(n.topic, n.kind, n.severity, len(n.facts["changes"])) for n in notices()]


def test_each_change_is_told_once_to_each_rule_that_asks_for_it(nimbus: Endpoint) -> None:
    ops = make_channel("ops")
    make_rule(ops, topics=BOTH)
    make_rule(ops, topics=["price"])  # the same channel: told once
    make_rule(make_channel("incidents"))
    make_rule(make_channel("other"), topics=BOTH, endpoints=[make_endpoint("cirrus", "cirrus-1")])
    note_tidings(now=NOW - MINUTE / 2)  # the other endpoint is new: of no rule's weight
    change_price(nimbus)
    Endpoint.objects.filter(pk=nimbus.pk).update(lifecycle="retired")
    note_tidings(now=NOW)
    assert [plan_tidings(now=NOW), plan_tidings(now=NOW)] == [2, 0]
    assert sorted(told()) == [("model", "retired", "major", 1), ("price", "raised", "minor", 1)]
    assert {notice.channel for notice in notices()} == {ops}
    assert not Tiding.objects.unplanned().exists()
    sent = deliver(NOW)
    assert len(sent) == 2
    assert set(Notice.objects.values_list("state", flat=True)) == {"sent"}


def test_who_asks_later_is_not_told_of_the_past(nimbus: Endpoint) -> None:
    change_price(nimbus)
    note_tidings(now=NOW)
    assert plan_tidings(now=NOW) == 0
    make_rule(topics=BOTH)
    assert plan_tidings(now=NOW + MINUTE) == 0


def test_a_new_list_is_no_flood_and_each_is_told_its_own(nimbus: Endpoint) -> None:
    """What one look finds of a provider is one notice; of it a rule's own only."""
    others = [make_endpoint("nimbus", f"nimbus-{n}") for n in range(2, 25)]
    for endpoint in others:
        make_price(endpoint, valid_from=NOW - DAY, retrieved_at=NOW - DAY)
    note_tidings(now=NOW - MINUTE)
    Tiding.objects.all().delete()
    for endpoint in (nimbus, *others):
        change_price(endpoint)
    note_tidings(now=NOW)
    make_rule(make_channel("all"), topics=["price"])
    make_rule(make_channel("one"), topics=["price"], endpoints=[others[3]])
    assert plan_tidings(now=NOW) == 2
    whole, own = notices()
    assert (len(whole.facts["changes"]), whole.facts["changes_total"]) == (20, 24)
    assert [told["endpoint"]["slug"] for told in own.facts["changes"]] == ["nimbus--nimbus-5"]
    assert whole.subject == own.subject
    sent = next(one for one in deliver(NOW) if one.facts["changes_total"] == 24)
    words = telling_of(sent)
    assert words.title == "[simulated] Nimbus: price raised, 24 entries"
    assert words.facts[-1] == ("Besides", "16 more")
    assert len(body_of(sent)) < 20_000


@ONLY
def test_quiet_hours_hold_it_and_severity_chooses(nimbus: Endpoint) -> None:
    make_rule(make_channel("night"), topics=BOTH, quiet_from=time(11), quiet_until=time(13))
    make_rule(make_channel("grave"), topics=BOTH, min_severity="major")
    change_price(nimbus)
    note_tidings(now=NOW)
    plan_tidings(now=NOW)
    [notice] = notices()
    assert (notice.channel.slug, notice.due_at) == ("night", NOW + 60 * MINUTE)


@ONLY
@pytest.mark.parametrize(
    ("language", "title", "line"),
    [
        ("en", "[simulated] Price raised: Nimbus-1 at Nimbus", ("Input", "$2.00 → $3.00 (+50 %)")),
        ("ko", "[시뮬레이션] 가격 인상: Nimbus의 Nimbus-1", ("입력", "$2.00 → $3.00 (+50 %)")),
    ],
)
def test_a_notice_reads_as_the_feed_does(nimbus: Endpoint, language: str, title: str, line: Any) -> None:
    make_rule(make_channel(language=language), topics=["price"])
    change_price(nimbus)
    note_tidings(now=NOW)
    [sent] = deliver(NOW)
    words = telling_of(sent)
    assert (words.title, words.facts[0]) == (title, line)
    content = json.loads(body_of(sent))
    assert content["type"] == "price.raised"
    [change] = content["data"]["changes"]
    assert change["amounts"] == {"input_usd_per_mtok": ["2", "3"]}
    assert change["source"] == {"name": "list", "url": "https://list.test"}
    assert change["url"].endswith("/pricing/nimbus--nimbus-1/")


@ONLY
def test_every_kind_has_words_and_weight() -> None:
    """A kind that the catalogue learns anew must be told of, too."""
    assert set(SEVERITY_OF) == set(Tiding.Kind.values)
    assert set(Tiding.Kind.values) < set(Notice.Kind.values)


@ONLY
def test_a_rule_says_what_it_would_have_told(nimbus: Endpoint) -> None:
    change_price(nimbus)
    note_tidings(now=NOW)
    channel = make_channel()
    rule = make_rule(channel, topics=["price"])
    grave = make_rule(channel, topics=BOTH, min_severity="critical")
    assert (preview(rule, now=NOW).changes, preview(rule, now=NOW).changes_of) == (1, 1)
    assert preview(grave, now=NOW).changes == 0
    assert preview(make_rule(channel), now=NOW).changes is None

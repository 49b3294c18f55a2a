"""What observation costs, on the page and in the API: the same books, real and simulated apart."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from catalog.models import Endpoint
from probes.accounts import cost_report
from probes.models import ProbeBudget, ProbeTarget
from probes.pacing import PAUSED
from probes.services.ingest import store_attempts
from probes.tests.factories import NOW, make_attempt, make_endpoint, make_pop
from probes.tests.money import make_paid, make_price, make_real, spend

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("one_moment")]
API = "/api/v1/observation-cost"
PAGE = "/operations/cost/"


@pytest.fixture
def _books(one_moment: None) -> None:
    """Today and yesterday at a priced provider, an unpriced one, and the simulated fleet."""
    now = timezone.now()
    today = now.date()
    make_pop(real=True, keys=["REAL_API_KEY"], now=now)
    make_pop("tokyo", real=True, keys=["REAL_API_KEY"], now=now)
    priced, unpriced = make_real(tiers="AB"), make_real("other", "other-1")
    make_price(priced, valid_from=now - timedelta(days=9), retrieved_at=now)
    spend(
        priced.provider, "0.25", date=today, estimated_usd=Decimal("0.05"), input_tokens=70, output_tokens=30
    )
    spend(priced.provider, "0.15", date=today, region="tokyo")
    spend(priced.provider, "0", date=today, tier="A", attempts=100)
    spend(priced.provider, "0.5", date=today - timedelta(days=1))
    spend(priced.provider, "9", date=today - timedelta(days=30))
    spend(unpriced.provider, "0", date=today, unpriced=10)
    spend(make_endpoint().provider, "700", date=today)


def by_provider(body: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {row["provider"]: row for row in body["providers"]}


# --- the API ------------------------------------------------------------------------------------


@pytest.mark.usefixtures("_books")
def test_the_ledger_is_told_by_day_provider_and_tier_newest_first(client: Client):
    body = client.get(API).json()
    told = [(r["provider"], r["tier"], r["attempts"], r["cost_usd"], r["unpriced"]) for r in body["results"]]
    assert told == [
        ("nimbus", "B", 10, "700", 0),
        ("openreal", "A", 100, "0", 0),
        ("openreal", "B", 20, "0.4", 0),
        ("other", "B", 10, None, 10),
        ("openreal", "B", 10, "0.5", 0),
    ]
    line = body["results"][2]
    assert (line["input_tokens"], line["output_tokens"], line["estimated_usd"]) == (70, 30, "0.05")
    assert (body["count"], body["next"], body["days"], body["currency"]) == (5, None, 30, "USD")
    assert body["date"] == line["date"] == timezone.now().date().isoformat()


@pytest.mark.usefixtures("_books")
def test_real_and_simulated_money_are_never_added_up(client: Client):
    body = client.get(API).json()
    assert (body["real"]["today"]["cost_usd"], body["real"]["window"]["cost_usd"]) == ("0.4", "0.9")
    assert (body["real"]["today"]["attempts"], body["real"]["today"]["unpriced"]) == (130, 10)
    assert (body["real"]["cap_usd"], body["simulated"]["cap_usd"]) == ("2", None)
    assert body["simulated"]["today"]["cost_usd"] == "700"


@pytest.mark.usefixtures("_books")
def test_a_provider_says_its_cap_what_it_spent_and_what_that_rests_on(client: Client):
    rows = by_provider(client.get(API).json())
    real, other, nimbus = rows["openreal"], rows["other"], rows["nimbus"]
    assert (real["cap_usd"], real["cap_source"], real["exhausted"]) == ("1", "default", False)
    assert (real["today"]["cost_usd"], real["today"]["estimated_usd"]) == ("0.4", "0.05")
    assert real["reckoned_from"] == {"measured": 0, "price": 1, "unknown": 0}
    assert [(s["name"], s["endpoints"]) for s in real["price_sources"]] == [("models.dev", 1)]
    assert real["state_usd_per_day"] == "0.33984"  # 0.000118 a probe, 2 regions, 1,440 times
    assert (other["expected_usd"], other["today"]["cost_usd"], other["state_usd_per_day"]) == (
        None,
        None,
        None,
    )
    assert (other["reckoned_from"]["unknown"], other["price_sources"]) == (1, [])
    assert (nimbus["cap_usd"], nimbus["cap_source"], nimbus["simulated"]) == (None, "none", True)


@pytest.mark.usefixtures("_books")
def test_cadences_in_force_and_what_is_not_asked_are_told(client: Client):
    ProbeTarget.objects.filter(endpoint__slug="openreal--real-1", tier="B").update(stretch=3)
    ProbeTarget.objects.filter(endpoint__slug="other--other-1").update(stretch=PAUSED)
    rows = by_provider(client.get(API).json())
    assert rows["openreal"]["cadences"] == [
        {"tier": "A", "stretch": 1, "targets": 1},
        {"tier": "B", "stretch": 3, "targets": 1},
    ]
    assert rows["openreal"]["state_usd_per_day"] == "0.11328"
    assert rows["other"]["cadences"] == [{"tier": "B", "stretch": None, "targets": 1}]


@pytest.mark.usefixtures("_books")
def test_days_and_provider_narrow_the_books(client: Client):
    body = client.get(API, {"provider": "openreal", "days": "1"}).json()
    assert [(row["provider"], row["tier"]) for row in body["results"]] == [
        ("openreal", "A"),
        ("openreal", "B"),
    ]
    assert [row["provider"] for row in body["providers"]] == ["openreal"]
    assert (body["real"]["window"]["cost_usd"], body["real"]["cap_usd"]) == ("0.4", "1")
    assert body["simulated"]["window"]["attempts"] == 0
    whole = client.get(API, {"provider": "openreal", "days": "31"}).json()
    assert whole["real"]["window"]["cost_usd"] == "9.9"


@pytest.mark.usefixtures("_books")
@pytest.mark.parametrize(
    ("query", "parameter", "accepted"),
    [
        ({"days": "0"}, "days", "from 1 to 366"),
        ({"days": "367"}, "days", "from 1 to 366"),
        ({"days": "week"}, "days", "from 1 to 366"),
        ({"provider": "nobody"}, "provider", "nimbus, openreal, other"),
        ({"provider": "open\0real"}, "provider", "without NUL"),
        ({"limit": "501"}, "limit", "from 1 to 500"),
        ({"day": "3"}, "day", "days, limit, offset, provider"),
    ],
)
def test_a_bad_parameter_is_named_with_its_value_and_the_remedy(client: Client, query, parameter, accepted):
    answer = client.get(API, query)
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert (body["parameter"], body["value"]) == (parameter, query[parameter])
    assert accepted in body["detail"]


@pytest.mark.usefixtures("_books")
def test_lists_page_and_answers_carry_validators(client: Client):
    answer = client.get(API, {"limit": "2", "offset": "2"})
    body = answer.json()
    assert [row["provider"] for row in body["results"]] == ["openreal", "other"]
    assert "offset=4" in body["next"]
    assert "offset=0" in body["previous"]
    assert "s-maxage=30" in answer["Cache-Control"]
    again = client.get(API, {"limit": "2", "offset": "2"}, headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304


def test_an_answer_stays_the_same_for_a_minute():
    make_pop(real=True, keys=["REAL_API_KEY"])
    make_price(make_real())
    first, later, next_minute = (
        cost_report(now=NOW + timedelta(seconds=s)).real.expected_usd for s in (0, 59, 60)
    )
    assert first == later > next_minute


def test_a_provider_without_a_key_is_not_asked_and_its_cap_is_in_no_sum(client: Client):
    make_pop(real=True, keys=["REAL_API_KEY"], now=timezone.now())
    make_real()
    make_endpoint("keyless", "keyless-1", simulated=False, key_env="OTHER_API_KEY")
    body = client.get(API).json()
    assert {slug: row["asked"] for slug, row in by_provider(body).items()} == {
        "keyless": False,
        "openreal": True,
    }
    assert body["real"]["cap_usd"] == "1"
    html = client.get(PAGE).content.decode()
    assert "1 watched provider is not asked: no worker holds its key." in html
    assert 'data-provider="keyless"' not in html


def test_the_books_of_nothing_are_empty(client: Client):
    body = client.get(API).json()
    assert (body["count"], body["providers"]) == (0, [])
    assert body["real"]["today"]["cost_usd"] == "0"
    assert body["real"]["state_usd_per_day"] is None


# --- what is expected ---------------------------------------------------------------------------


def test_the_day_is_expected_to_cost_what_was_spent_and_the_rest_at_this_cadence():
    make_pop(real=True, keys=["REAL_API_KEY"])
    endpoint = make_real()
    make_price(endpoint)
    (row,) = cost_report(now=NOW).real.providers
    assert row.expected_usd == Decimal("0.000118") * 720
    make_paid(endpoint, 2)  # 0.004 each: 2.88 by midnight, more than the cap of 1
    (row,) = cost_report(now=NOW).real.providers
    assert (row.expected_usd, row.bases) == (Decimal(1), {"measured": 1})
    ProbeBudget.objects.create(provider=endpoint.provider, usd_per_day=Decimal(5))
    (row,) = cost_report(now=NOW).real.providers
    assert (row.expected_usd, row.standing.cap_source) == (Decimal("2.888"), "provider")


def test_at_the_cap_the_last_paid_probe_is_told_and_nothing_more_is_expected():
    make_pop(real=True, keys=["REAL_API_KEY"])
    endpoint = make_real()
    make_price(endpoint)
    ProbeBudget.objects.create(provider=endpoint.provider, usd_per_day=Decimal("0.008"))
    make_paid(endpoint, 2)
    store_attempts(
        [make_attempt(endpoint, "http_5xx", at=NOW + timedelta(seconds=9), http_status=500)], now=NOW
    )
    (row,) = cost_report(now=NOW + timedelta(minutes=5)).real.providers
    assert row.standing.exhausted
    assert (row.expected_usd, row.last_paid_at) == (Decimal("0.008"), NOW)


def fill(number: int) -> Endpoint:
    endpoint = make_real(f"provider-{number}", f"model-{number}", tiers="ABCD")
    make_price(endpoint, "2000", "8000")
    for tier in "BCD":
        for region in ("seoul", "tokyo"):
            spend(endpoint.provider, "0.5", date=timezone.now().date(), tier=tier, region=region)
    return endpoint


def test_page_and_api_take_the_same_queries_for_few_and_for_many(client, django_assert_num_queries):
    make_pop(real=True, keys=["REAL_API_KEY"], now=timezone.now())
    for number in range(5):
        fill(number)
        if number in (0, 4):
            for address in (API, PAGE):
                with django_assert_num_queries(12):
                    assert client.get(address).status_code == 200


# --- the page -----------------------------------------------------------------------------------


@pytest.mark.usefixtures("_books")
def test_the_page_is_public_and_shows_what_the_api_says(client: Client):
    answer = client.get(PAGE)
    html = answer.content.decode()
    assert answer["Cache-Control"] == "private, no-cache"
    real = [html.index(said) for said in ("Real money", "$0.4000", "$0.9000", "the default")]
    invented = [html.index(said) for said in ("Simulated fleet: invented prices", "$700.00")]
    assert max(real) < min(invented)
    assert "No price known" in html
    assert "1 price from models.dev" in html


@pytest.mark.usefixtures("_books")
def test_the_page_says_where_the_cap_is_reached_and_what_is_not_asked(client: Client):
    ProbeTarget.objects.filter(endpoint__slug="openreal--real-1", tier="B").update(stretch=PAUSED)
    html = client.get(PAGE).content.decode()
    assert "Short of money" in html
    assert "B: 1 target not asked" in html
    spend(Endpoint.objects.get(slug="openreal--real-1").provider, "3", date=timezone.now().date(), tier="C")
    assert "Cap reached" in client.get(PAGE).content.decode()


@pytest.mark.usefixtures("_books")
def test_the_page_of_one_provider_shows_only_its_books(client: Client):
    html = client.get(PAGE, {"provider": "openreal"}).content.decode()
    assert "All providers" in html
    assert 'data-provider="openreal"' in html
    assert 'data-provider="other"' not in html
    assert "$700.00" not in html
    assert client.get(PAGE, {"provider": "nobody<script>"}).status_code == 200
    assert client.get(PAGE, {"provider": "open\0real"}).status_code == 200


def test_a_page_without_books_says_so(client: Client):
    assert "Nothing is asked yet" in client.get(PAGE).content.decode()
    assert client.post(PAGE).status_code == 405

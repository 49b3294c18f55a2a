"""What page and API say where no source states a price: unknown is not nothing."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from probes.tests.factories import make_endpoint, make_pop
from probes.tests.money import make_price, make_real, spend

pytestmark = pytest.mark.django_db
API = "/api/v1/observation-cost"
PAGE = "/operations/cost/"


def by_provider(body: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {row["provider"]: row for row in body["providers"]}


def test_what_has_no_price_is_a_dash_and_never_nothing(client: Client):
    now = timezone.now()
    make_pop(real=True, keys=["REAL_API_KEY"], now=now)
    unpriced = make_real()
    spend(unpriced.provider, "0", date=now.date(), unpriced=10)
    keyless = make_endpoint("keyless", "keyless-1", simulated=False, key_env="OTHER_API_KEY")
    html = client.get(PAGE).content.decode()
    assert "$0" not in html
    body = client.get(API).json()
    assert (body["real"]["expected_usd"], by_provider(body)["openreal"]["expected_usd"]) == (None, None)
    make_price(keyless)
    assert client.get(API).json()["real"]["expected_usd"] is None


def test_what_unpriced_attempts_use_up_of_the_cap_is_said_and_summed_up_nowhere(client: Client):
    now = timezone.now()
    make_pop(real=True, keys=["REAL_API_KEY"], now=now)
    unpriced = make_real()
    make_price(make_real("other", "other-1"), "0", "1000")  # 0.008 USD an attempt
    spend(unpriced.provider, "0", date=now.date(), unpriced=25)
    row = by_provider(client.get(API).json())["openreal"]
    assert (row["reckoned_usd"], row["today"]["cost_usd"], row["exhausted"]) == ("0.2", None, False)
    html = client.get(PAGE).content.decode()
    assert "$0.2000 used up by unpriced attempts, at the dearest price known" in html
    assert "against the cap it counts at the dearest price known" in html

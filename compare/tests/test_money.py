"""The same price reads the same wherever it stands."""

import re
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from catalog.tests.factories import make_price
from compare.tests.given import make_served
from probes.tests.factories import make_pop

pytestmark = pytest.mark.django_db
#: Prices that sources state: of five decimals each; blended, three in and one out, 1.8524325.
STATED = {"input_usd_per_mtok": Decimal("0.36975"), "output_usd_per_mtok": Decimal("6.30048")}


@pytest.fixture
def priced() -> None:
    make_pop(now=timezone.now())
    make_price(make_served("ant", functions=["chat"]), **STATED)


@pytest.mark.parametrize(
    "path",
    [
        "/pricing/",
        "/pricing/p-ant--ant/",
        "/pricing/ant/",
        "/models/ant/pricing/",
        "/providers/p-ant/",
        "/compare/",
        "/compare/?models=ant",
    ],
)
def test_a_price_reads_as_its_source_states_it(client: Client, priced: None, path: str):
    shown = set(re.findall(r"\$([\d.]+)", client.get(path).content.decode()))
    assert {"0.36975", "6.30048"} <= shown
    near = {price for price in shown if price.startswith(("0.36", "0.37", "6.3"))}
    assert near == {"0.36975", "6.30048"}


@pytest.mark.parametrize("path", ["/pricing/", "/pricing/p-ant--ant/", "/compare/?models=ant"])
def test_a_blended_rate_is_rounded_alike(client: Client, priced: None, path: str):
    shown = set(re.findall(r"\$([\d.]+)", client.get(path).content.decode()))
    assert {price for price in shown if price.startswith("1.85")} == {"1.852433"}

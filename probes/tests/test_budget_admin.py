"""Operators set how much a provider's probes may cost; nobody else does."""

from decimal import Decimal

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.test import Client

from editorial.roles import EDITOR, OPERATOR, PUBLISHER
from probes.models import ProbeBudget
from probes.tests.money import make_real

pytestmark = pytest.mark.django_db


def log_in(client: Client, role: str) -> None:
    user = User.objects.create_user(role, f"{role}@example.org", "pw", is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user)


def test_an_operator_sets_a_budget_and_the_change_is_logged(client: Client):
    provider = make_real().provider
    log_in(client, OPERATOR)
    client.post("/admin/probes/probebudget/add/", {"provider": provider.pk, "usd_per_day": "2.5"})
    budget = ProbeBudget.objects.get()
    assert (budget.provider, budget.usd_per_day) == (provider, Decimal("2.5"))
    address = f"/admin/probes/probebudget/{budget.pk}/change/"
    assert client.get("/admin/probes/probebudget/").status_code == 200
    other = make_real("other", "other-1").provider
    client.post(address, {"provider": other.pk, "usd_per_day": "0"})
    budget.refresh_from_db()
    assert (budget.provider, budget.usd_per_day) == (provider, Decimal(0))
    assert [entry.user.username for entry in LogEntry.objects.all()] == [OPERATOR, OPERATOR]


@pytest.mark.parametrize("amount", ["-1", "NaN", "lots", "", "1000000"])
def test_a_budget_that_is_no_amount_is_refused_in_words(client: Client, amount: str):
    provider = make_real().provider
    log_in(client, OPERATOR)
    answer = client.post("/admin/probes/probebudget/add/", {"provider": provider.pk, "usd_per_day": amount})
    assert answer.status_code == 200
    assert "errorlist" in answer.content.decode()
    assert not ProbeBudget.objects.exists()


@pytest.mark.parametrize("role", [EDITOR, PUBLISHER])
def test_nobody_else_sees_or_sets_budgets(client: Client, role: str):
    log_in(client, role)
    assert client.get("/admin/probes/probebudget/").status_code == 403
    assert client.post("/admin/probes/probebudget/add/", {}).status_code == 403

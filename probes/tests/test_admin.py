"""Operators' pages of measuring."""

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from probes.models import ProbeTarget
from probes.services import pops
from probes.tests.factories import NOW, make_endpoint

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator() -> Client:
    user = User.objects.create_user("op", "op@example.org", "a-password", is_staff=True)
    user.groups.add(Group.objects.get(name="Operator"))
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("name", ["gap", "answeringidentity", "deadletter", "probetarget"])
def test_operators_see_every_list_and_others_none(operator, client, name):
    assert operator.get(f"/admin/probes/{name}/").status_code == 200
    editor = User.objects.create_user("ed", "ed@example.org", "a-password", is_staff=True)
    editor.groups.add(Group.objects.get(name="Editor"))
    client.force_login(editor)
    assert client.get(f"/admin/probes/{name}/").status_code == 403


def test_a_refused_delivery_shows_what_it_was_and_why(operator):
    pops.bury(kind="results", region="seoul", worker="seoul-1", reason="wrong signature", body="<b>", now=NOW)
    html = operator.get("/admin/probes/deadletter/").content.decode()
    assert "wrong signature" in html
    assert "seoul-1" in html
    assert operator.get("/admin/probes/deadletter/add/").status_code == 403


def test_an_operator_switches_a_tier_off(operator):
    target = make_endpoint().targets.get()
    form = {"interval_s": 120, "timeout_s": 7, "expected_answer": "", "enabled": ""}
    assert operator.post(f"/admin/probes/probetarget/{target.pk}/change/", form).status_code == 302
    changed = ProbeTarget.objects.get()
    assert (changed.interval_s, changed.enabled, changed.tier) == (120, False, "B")

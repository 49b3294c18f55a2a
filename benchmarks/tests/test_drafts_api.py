"""Drafts by API key: who may send what, what becomes of it, what is refused."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.test import Client

from benchmarks.models import ModelAlias, Score
from benchmarks.tests.factories import NOW, make_model, make_suite
from editorial.models import ApiKey, Step
from editorial.roles import AUTHOR, READER
from editorial.services.keys import create_key, key_of, revoke_key

pytestmark = pytest.mark.django_db
FIGURE = {
    "suite": "mmlu",
    "label": "GPT-4.1",
    "raw": "86.4",
    "evidence": "self-reported",
    "source_name": "A report",
    "source_url": "https://example.org/report#t1",
    "setting": "5-shot, CoT",
    "evaluated_on": "2025-04",
}


@pytest.fixture
def author() -> User:
    user = User.objects.create_user("ada", is_staff=True)
    user.groups.add(Group.objects.get(name=AUTHOR))
    return user


@pytest.fixture
def key(author: User) -> str:
    make_suite("mmlu")
    return create_key(author, "a notebook", scopes=["scores:write"], by=None, now=NOW)[1]


def send(key: str, body: Any = None, status: int = 201, **changes: Any) -> Any:
    sent = body if body is not None else json.dumps(FIGURE | changes)
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    answer = Client().post(
        "/api/v1/benchmarks/scores", sent, content_type="application/json", headers=headers
    )
    assert answer.status_code == status, answer.content
    return answer.json()


def test_a_figure_becomes_a_draft_of_the_keys_account(author: User, key: str):
    ModelAlias.objects.create(label="GPT-4.1", model=make_model(), state="accepted", how="person")
    told = send(key)
    assert (told["state"], told["model"], told["value"], told["made"]) == ("draft", "gpt-4.1", 86.4, True)
    assert told["setting_key"] == "shots=5;prompt=cot"
    score = Score.objects.get(pk=told["id"])
    assert (score.author, score.evaluated_as, score.published_at) == (author, "2025-04", None)
    assert Step.objects.get(object_id=score.pk).by == author
    assert not Score.objects.shown().exists()


def test_an_uncertainty_is_in_the_unit_of_its_figure(key: str):
    told = send(key, raw="0.864", unit="fraction", uncertainty="0.0125")
    assert told["value"] == 86.4
    assert Score.objects.get(pk=told["id"]).uncertainty == Decimal("1.25")


def test_the_same_again_makes_nothing_and_another_value_changes_the_draft(key: str):
    first = send(key)
    again = send(key, status=200)
    assert (again["id"], again["made"], again["model"]) == (first["id"], False, None)
    assert send(key, raw="87.0")["value"] == 87.0
    assert Score.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"suite": "nothing"}, "suite"),
        ({"raw": "101"}, "raw"),
        ({"raw": "NaN"}, "raw"),
        ({"raw": "=1+1"}, "raw"),
        ({"label": "=cmd()"}, "label"),
        ({"label": ""}, "label"),
        ({"evidence": "rumour"}, "evidence"),
        ({"source_url": "javascript:alert(1)"}, "source_url"),
        ({"evaluated_on": "2025-02-30"}, "evaluated_on"),
        ({"note": "x" * 501}, "note"),
        ({"uncertainty": "-1"}, "uncertainty"),
        ({"state": "published"}, "state"),
    ],
)
def test_what_cannot_be_read_is_refused_by_its_field(key: str, changes: dict[str, str], field: str):
    problem = send(key, status=400, **changes)
    assert (problem["parameter"], problem["value"]) == (field, changes[field])
    assert problem["accepted"]
    assert not Score.objects.exists()


def test_it_takes_a_key_that_works_with_the_scope_and_the_right(author: User, key: str):
    assert send("", status=401)["status"] == 401
    assert send("aigo_00000000_" + "x" * 43, status=401)["status"] == 401
    author.groups.set([Group.objects.get(name=READER)])
    assert send(key, status=403)["status"] == 403
    author.groups.set([Group.objects.get(name=AUTHOR)])
    row = ApiKey.objects.get()
    ApiKey.objects.update(scopes=[])
    assert "scores:write" in send(key, status=403)["detail"]
    ApiKey.objects.update(scopes=["scores:write"])
    assert revoke_key(row, now=NOW)
    assert send(key, status=401)["status"] == 401
    assert not Score.objects.exists()


def test_bodies_are_bounded_and_objects(key: str):
    assert send(key, "[]", status=400)["parameter"] == "body"
    assert send(key, "{", status=400)["status"] == 400
    assert send(key, " " * 40_000, status=413)["parameter"] == "body"


@pytest.mark.only_on("sqlite")
def test_only_a_hash_of_a_key_is_kept(author: User, capsys: pytest.CaptureFixture[str]):
    call_command("create_api_key", "ada", "a notebook")
    text = capsys.readouterr().out.strip()
    row = ApiKey.objects.get()
    assert text.startswith(row.prefix)
    assert all(text not in str(value) for value in ApiKey.objects.values_list().get())
    assert key_of(text, now=NOW) == row
    assert key_of(text + "x", now=NOW) is None
    author.is_active = False
    author.save()
    assert key_of(text, now=NOW) is None
    with pytest.raises(ValueError, match="scores:write"):
        create_key(author, "", scopes=["everything"], by=None, now=NOW)


@pytest.mark.only_on("sqlite")
def test_a_key_is_made_shown_once_and_revoked_in_the_admin(author: User):
    client = Client()
    client.force_login(User.objects.create_superuser("root"))
    sent = {"user": author.pk, "name": "a notebook", "scopes": ["scores:write"]}
    page = client.post("/admin/editorial/apikey/add/", sent, follow=True).content.decode()
    row = ApiKey.objects.get()
    shown = re.search(rf"{row.prefix}_[\w-]{{43}}", page)
    assert shown
    assert key_of(shown[0], now=NOW) == row
    again = client.get("/admin/editorial/apikey/").content.decode()
    assert row.prefix in again
    assert shown[0] not in again
    chosen = {"action": "revoke", "_selected_action": row.pk}
    client.post("/admin/editorial/apikey/", chosen)
    assert key_of(shown[0], now=NOW) is None

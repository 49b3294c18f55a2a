"""Editors read sources and decide on names, in the admin."""

import datetime as dt
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from aigo.lib.fetch import FetchError
from benchmarks.models import ImportRun, ModelAlias, Score, ScoreSource
from benchmarks.services import fetching
from benchmarks.services.aliases import propose_names
from benchmarks.tests.factories import make_model, make_score, make_source, make_suite
from benchmarks.tests.test_import import rows
from editorial.services import sync_roles

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 11, 22, 12, 0, tzinfo=dt.UTC)


@pytest.fixture
def source() -> ScoreSource:
    make_suite("mmlu")
    make_model("gpt-4.1")
    ModelAlias.objects.create(label="one", maker="Maker", model=make_model(), state="accepted", how="person")
    return make_source("theirs", name="Their leaderboard", format="aigo-csv", trusted=True)


def person(role: str) -> Client:
    sync_roles()
    user = User.objects.create_user(role.lower(), is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(user)
    return client


def address(source: ScoreSource) -> str:
    return reverse("admin:benchmarks_scoresource_read", args=[source.pk])


def upload(client: Client, source: ScoreSource, data: bytes) -> Any:
    return client.post(address(source), {"file": SimpleUploadedFile("their.csv", data), "url": ""})


def test_an_upload_is_looked_at_before_it_is_applied(source: ScoreSource) -> None:
    author = person("Author")
    looked = upload(author, source, rows({}))
    assert looked.status_code == 200
    assert b"Apply it" in looked.content
    assert not Score.objects.exists()
    assert not ImportRun.objects.exists()

    applied = author.post(address(source), {"apply": "1", "token": looked.context["token"]}, follow=True)
    assert applied.status_code == 200
    draft = Score.objects.get()
    # Whoever uploads is the author, so nothing is published by itself, though the source is trusted.
    assert (draft.state, draft.author.username, draft.raw) == ("draft", "author", "88.1")


def test_a_faulty_upload_is_refused_with_row_and_column(source: ScoreSource) -> None:
    looked = upload(person("Author"), source, rows({}, {"score_raw": "140"}))
    assert looked.status_code == 422
    assert "row 3, score (140): Outside of the suite's scale, 0–100." in looked.content.decode().replace(
        "&#x27;", "'"
    )
    assert b"Apply it" not in looked.content
    assert not Score.objects.exists()


def test_what_somebody_else_looked_at_is_not_applied(source: ScoreSource) -> None:
    token = upload(person("Author"), source, rows({})).context["token"]
    answer = person("Editor").post(address(source), {"apply": "1", "token": token}, follow=True)
    assert "read it again" in answer.content.decode()
    assert not Score.objects.exists()


def test_readers_of_the_admin_without_the_right_read_nothing(source: ScoreSource) -> None:
    assert person("Operator").get(address(source)).status_code == 403


def test_read_now_publishes_what_a_trusted_source_states(
    source: ScoreSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    source.data_url = "https://their.example/scores.csv"
    source.save()
    monkeypatch.setattr(fetching, "guarded_get", lambda url, **limits: rows({}))
    editor = person("Editor")
    looked = editor.post(address(source), {"fetch": "1"})
    assert looked.context["to_publish"] == 1
    editor.post(address(source), {"apply": "1", "token": looked.context["token"]})
    score = Score.objects.shown().get()
    assert (score.author, score.run.by.username) == (None, "editor")


def test_an_address_that_cannot_be_read_is_told(source: ScoreSource, monkeypatch: pytest.MonkeyPatch) -> None:
    source.data_url = "https://their.example/scores.csv"
    source.save()

    def refuse(url: str, **limits: Any) -> bytes:
        raise FetchError("their.example answered 404, expected 200")

    monkeypatch.setattr(fetching, "guarded_get", refuse)
    answer = person("Editor").post(address(source), {"fetch": "1"}, follow=True)
    assert "answered 404" in answer.content.decode()
    assert fetching.read_weekly(now=NOW) == {}
    ScoreSource.objects.update(weekly=True)
    source.pk, source.slug, source.format = None, "another", "of_another_version"
    source.weekly = True
    source.save()
    told = fetching.read_weekly(now=NOW)
    assert told.pop("another").startswith('source another: format "of_another_version" is unknown; known are')
    assert told == {"theirs": "their.example answered 404, expected 200"}


def test_only_publishers_say_which_sources_publish_by_themselves(source: ScoreSource) -> None:
    ScoreSource.objects.update(trusted=False)
    change = reverse("admin:benchmarks_scoresource_change", args=[source.pk])
    assert b'name="trusted"' not in person("Editor").get(change).content
    assert b'name="trusted"' in person("Publisher").get(change).content
    ScoreSource.objects.update(trusted=True)
    editor = Client()
    editor.force_login(User.objects.get(username="editor"))
    assert b'name="data_url"' not in editor.get(change).content


def test_many_names_are_decided_at_once(source: ScoreSource) -> None:
    make_score(model=None, label="GPT 4.1", maker="OpenAI", state="draft", published_at=None, source=source)
    make_score(model=None, label="Nobody's", maker="", state="draft", published_at=None, source=source)
    propose_names(now=NOW)
    editor = person("Editor")
    names = reverse("admin:benchmarks_modelalias_changelist")
    listed = editor.get(names, {"state__exact": "proposed"})
    assert listed.context["cl"].result_count == 2
    chosen = ModelAlias.objects.filter(state="proposed").values_list("pk", flat=True)
    told = editor.post(names, {"action": "accept", "_selected_action": [*chosen]}, follow=True)
    assert "1 score has its model now." in told.content.decode()
    assert "Say which model it is first: Nobody" in told.content.decode()
    editor.post(
        names, {"action": "reject", "_selected_action": [ModelAlias.objects.get(state="proposed").pk]}
    )
    assert Score.objects.unmatched().count() == 1
    assert [*ModelAlias.objects.order_by("pk").values_list("state", flat=True)] == [
        "accepted", "accepted", "rejected",
    ]  # fmt: skip


def test_a_run_tells_what_it_did(source: ScoreSource) -> None:
    fetching.import_read(source, fetching.Read(rows({}, {"suite": "x"}), "their.csv"), now=NOW)
    client = person("Publisher")
    run = ImportRun.objects.get()
    told = client.get(reverse("admin:benchmarks_importrun_change", args=[run.pk]))
    assert "row 3, suite (x): No such suite" in told.content.decode()
    for listed in ("importrun", "scoresource", "modelalias", "score"):
        assert client.get(reverse(f"admin:benchmarks_{listed}_changelist")).status_code == 200
    for added in ("scoresource", "modelalias", "score"):
        assert client.get(reverse(f"admin:benchmarks_{added}_add")).status_code == 200


def test_a_correction_stands_beside_what_it_corrects(source: ScoreSource) -> None:
    source.trusted = False
    source.save()
    old = make_score("mmlu", "gpt-4.1", 80, source=source)
    make_score(
        "mmlu", "gpt-4.1", 82, source=source, supersedes=old, state="draft", published_at=None, key=old.key
    )
    client = person("Editor")
    listed = client.get(reverse("admin:benchmarks_score_changelist")).content.decode()
    assert f"<del>{old.raw}</del>" in listed

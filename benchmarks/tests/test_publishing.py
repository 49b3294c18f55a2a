"""What publishing a score does to the figure before it, and to what readers see."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import translation

from benchmarks.kept import kept_store
from benchmarks.models import Evidence, Score
from benchmarks.services.publishing import draft_correction
from benchmarks.tests.factories import NOW, make_score
from editorial import services
from editorial.admin.forms import MoveForm
from editorial.admin.panel import line_of
from editorial.models import Step
from editorial.selectors import of_work, public_steps
from editorial.workflow import BY_NAME

pytestmark = pytest.mark.django_db
LATER = NOW + dt.timedelta(days=1)


@pytest.fixture
def author() -> User:
    return User.objects.create_superuser("author")


@pytest.fixture
def editor() -> User:
    return User.objects.create_superuser("editor")


def publish(score: Score, author: User, editor: User, *, at: dt.datetime = LATER) -> None:
    services.move(score, "submit", by=author, now=at)
    services.move(score, "approve", by=editor, now=at)
    services.move(score, "publish", by=editor, now=at)


def test_a_correction_takes_the_place_of_a_score_at_one_moment(author: User, editor: User):
    old = make_score(value=80)
    draft = draft_correction(old, by=author, now=NOW)
    assert draft_correction(old, by=editor, now=NOW) == draft
    services.edit(draft, {"value": Decimal("81.5"), "raw": "81.5"}, by=author, now=NOW)
    assert [score.value for score in Score.objects.shown()] == [80]
    publish(draft, author, editor)
    old.refresh_from_db()
    assert (old.state, old.withdrawn_at, draft.published_at) == ("withdrawn", LATER, LATER)
    assert (draft.supersedes, draft.setting_key, draft.key) == (old, "shots=5", old.key)
    just_before = LATER - dt.timedelta(microseconds=1)
    assert [list(Score.objects.shown_at(at)) for at in (NOW, just_before, LATER)] == [[old], [old], [draft]]
    step = Step.objects.filter(**of_work(old)).get()
    assert (step.move, step.target, step.by, step.at) == ("correct", "withdrawn", editor, LATER)
    assert step.reason == str(draft.pk)  # told in the language of whoever reads it
    with translation.override("ko"):
        assert line_of(step).reason == f"{draft.pk}번으로 대체"
        assert [(str(told.label), told.reason) for told in public_steps(Score, old.pk)] == [
            ("정정으로 대체", "")
        ]


def test_readers_see_reasons_that_were_given_for_them_and_no_notes(author: User, editor: User):
    score = make_score(state="draft", published_at=None)
    services.move(score, "submit", by=author, now=NOW)
    services.move(score, "approve", by=editor, now=NOW, reason="Between us: the table is odd.")
    services.move(score, "publish", by=editor, now=NOW)
    services.move(score, "unpublish", by=editor, now=LATER, reason="The source took it back.")
    told = [(str(step.label), step.reason) for step in public_steps(Score, score.pk)]
    assert told == [("Approved", ""), ("Published", ""), ("Withdrawn", "The source took it back.")]
    assert "Readers see it" in MoveForm(BY_NAME["unpublish"]).as_p()
    assert "not by readers" in MoveForm(BY_NAME["send_back"]).as_p()


def test_the_same_figure_published_meanwhile_is_superseded_too(author: User, editor: User):
    draft = make_score(state="draft", published_at=None, key="same", value=70)
    meanwhile = make_score(key="same", value=80)
    publish(draft, author, editor)
    meanwhile.refresh_from_db()
    assert meanwhile.state == "withdrawn"
    assert Score.objects.get(pk=draft.pk).supersedes == meanwhile


def test_readers_are_told_of_what_is_published_and_withdrawn(
    author: User, editor: User, django_capture_on_commit_callbacks: Any
):
    draft = make_score(state="draft", published_at=None)
    assert kept_store(now=NOW).value.counts.scores == 0
    connection.run_on_commit.clear()  # the test's transaction does not end: what it tells would wait there
    with django_capture_on_commit_callbacks(execute=True):
        publish(draft, author, editor, at=NOW)
    assert kept_store(now=NOW).value.counts.scores == 1
    connection.run_on_commit.clear()
    with django_capture_on_commit_callbacks(execute=True):
        services.move(draft, "unpublish", by=editor, now=NOW, reason="Wrong table.")
    assert kept_store(now=NOW).value.counts.scores == 0


@pytest.mark.parametrize(
    ("change", "field"),
    [({"model": None}, "model"), ({"value": 101}, "value"), ({"source_url": ""}, "source_url")],
)
def test_what_is_not_complete_is_not_submitted(author: User, change: dict[str, Any], field: str):
    draft = make_score(**({"state": "draft", "published_at": None} | change))
    with pytest.raises(services.Unfit) as refusal:
        services.move(draft, "submit", by=author, now=NOW)
    assert [problem.field for problem in refusal.value.problems] == [field]


def test_nothing_suspect_or_aggregated_is_published_by_itself():
    trust = BY_NAME["trust"]
    assert not make_score(state="draft", published_at=None).refuse_move(trust)
    suspect = make_score(state="draft", published_at=None, suspect=True, evidence=Evidence.AGGREGATOR)
    assert [problem.field for problem in suspect.refuse_move(trust)] == ["suspect", "evidence"]


def test_what_was_published_is_never_opened_again(editor: User):
    score = make_score()
    services.move(score, "unpublish", by=editor, now=NOW, reason="Wrong.")
    with pytest.raises(services.WrongState):
        services.move(score, "reopen", by=editor, now=NOW)
    draft = make_score(state="draft", published_at=None)
    services.move(draft, "archive", by=editor, now=NOW)
    services.move(draft, "reopen", by=editor, now=NOW)
    assert draft.state == "draft"

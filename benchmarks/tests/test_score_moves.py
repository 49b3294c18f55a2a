"""Scores through the editorial way: who may do what, what it writes, and what is refused."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection

from benchmarks.models import Score
from benchmarks.tests.factories import NOW, make_score
from editorial import services, signals
from editorial.models import Revision, Step
from editorial.roles import AUTHOR, EDITOR, PUBLISHER
from editorial.selectors import of_work, versions_of, writers_of
from editorial.workflow import BY_NAME, FieldProblem, State

pytestmark = pytest.mark.django_db


def person(role: str, name: str = "") -> User:
    user = User.objects.create_user(name or role.lower(), is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    return user


@pytest.fixture
def author() -> User:
    return person(AUTHOR)


@pytest.fixture
def editor() -> User:
    return person(EDITOR)


@pytest.fixture
def publisher() -> User:
    return person(PUBLISHER)


def draft(by: User | None, **overrides: Any) -> Score:
    """A draft as `create` makes it."""
    score = make_score(state="draft", published_at=None, **overrides)
    Score.objects.filter(pk=score.pk).delete()
    score.pk = None
    return services.create(score, by=by, by_name="" if by else "an import", now=NOW)


def walked(score: Score, *moves: tuple[str, User | None]) -> Score:
    for name, by in moves:
        given: dict[str, Any] = {"reason": "Because."} if BY_NAME[name].needs == "reason" else {}
        if BY_NAME[name].needs == "moment":
            given = {"moment": NOW + timedelta(hours=1)}
        services.move(score, name, by=by, now=NOW, by_name="" if by else "a test", **given)
    return score


def trail(score: Score) -> list[str]:
    return [step.move for step in Step.objects.filter(**of_work(score)).order_by("pk")]


def test_the_way_from_draft_to_published_and_back(author: User, editor: User, publisher: User):
    score = draft(author)
    assert (score.state, score.author, score.version) == ("draft", author, 1)
    walked(score, ("submit", author), ("approve", editor))
    assert (score.approved_by, score.approved_at) == (editor, NOW)
    walked(score, ("publish", publisher))
    assert list(Score.objects.shown()) == [score]
    line = services.move(
        score, "unpublish", by=publisher, now=NOW + timedelta(days=1), reason=" Misread the table. "
    )
    assert not Score.objects.shown().exists()
    assert Score.objects.shown_at(NOW).get() == score
    assert (line.reason, line.source, line.target) == ("Misread the table.", "published", "withdrawn")
    assert trail(score) == ["create", "submit", "approve", "publish", "unpublish"]


def test_nobody_approves_what_they_wrote_or_edited(author: User, editor: User):
    score = walked(draft(editor), ("submit", editor))
    with pytest.raises(services.OwnWork):
        services.move(score, "approve", by=editor, now=NOW)
    other = walked(draft(author), ("submit", author))
    services.edit(other, {"note": "Read again."}, by=editor, now=NOW)
    with pytest.raises(services.OwnWork):
        services.move(other, "approve", by=editor, now=NOW)
    superuser = User.objects.create_superuser("root")
    services.edit(other, {"note": "And again."}, by=superuser, now=NOW)
    with pytest.raises(services.OwnWork):
        services.move(other, "approve", by=superuser, now=NOW)
    assert writers_of(other) == {author.pk, editor.pk, superuser.pk}
    services.move(other, "approve", by=person(EDITOR, "another"), now=NOW)


@pytest.mark.parametrize("state", ["approved", "scheduled"])
def test_editing_voids_the_approval(author: User, editor: User, publisher: User, state: str):
    score = walked(draft(author), ("submit", author), ("approve", editor))
    if state == "scheduled":
        walked(score, ("schedule", publisher))
    kept = services.edit(score, {"note": "A better note."}, by=editor, now=NOW)
    assert kept is not None
    assert kept.number == score.version == 2
    assert (score.state, score.approved_by, score.approved_at, score.publish_at) == (
        "review",
        None,
        None,
        None,
    )
    assert (trail(score)[-1], Step.objects.latest("pk").target) == ("edit", "review")


def test_saving_without_a_change_writes_nothing(author: User):
    score = draft(author)
    assert services.edit(score, {"value": score.value, "note": ""}, by=author, now=NOW) is None
    assert Revision.objects.count() == 1
    assert score.version == 1


RIGHTS = {
    "submit": {AUTHOR: False, EDITOR: True, PUBLISHER: True},
    "approve": {AUTHOR: False, EDITOR: True, PUBLISHER: True},
    "send_back": {AUTHOR: False, EDITOR: True, PUBLISHER: True},
    "schedule": {AUTHOR: False, EDITOR: False, PUBLISHER: True},
    "unschedule": {AUTHOR: False, EDITOR: False, PUBLISHER: True},
    "publish": {AUTHOR: False, EDITOR: False, PUBLISHER: True},
    "unpublish": {AUTHOR: False, EDITOR: False, PUBLISHER: True},
    "reopen": {AUTHOR: False, EDITOR: True, PUBLISHER: True},
    "archive": {AUTHOR: False, EDITOR: True, PUBLISHER: True},
    "trust": {AUTHOR: False, EDITOR: False, PUBLISHER: False},
}


@pytest.mark.only_on("sqlite")
def test_every_move_is_made_by_the_roles_of_the_table_on_others_work():
    """An author moves nothing but their own draft; "trust" is nobody's."""
    assert set(RIGHTS) == set(BY_NAME)
    people = {role: person(role) for role in (AUTHOR, EDITOR, PUBLISHER)}
    for name, granted in RIGHTS.items():
        source = State(next(iter(sorted(BY_NAME[name].sources))))
        score = make_score(state="draft", published_at=None, key=f"of {name}")
        Score.objects.filter(pk=score.pk).update(
            state=source, published_at=NOW if source in ("published", "withdrawn") else None
        )
        score.refresh_from_db()
        offered = {
            role for role, by in people.items()
            if name in [offer.move.name for offer in services.offers_of(score, by=by, now=NOW)]
        }  # fmt: skip
        left_out = not score.takes_move(BY_NAME[name])
        assert offered == (set() if left_out else {role for role in granted if granted[role]}), name


def test_authors_submit_and_edit_their_own_only(author: User, editor: User):
    mine, others = draft(author), draft(editor)
    with pytest.raises(services.MissingRight):
        services.move(others, "submit", by=author, now=NOW)
    with pytest.raises(services.MissingRight):
        services.edit(others, {"note": "Mine."}, by=author, now=NOW)
    services.edit(mine, {"note": "Mine."}, by=author, now=NOW)
    walked(mine, ("submit", author))
    services.edit(mine, {"note": "Still in review."}, by=author, now=NOW)
    assert mine.state == "review"
    walked(mine, ("approve", editor))
    with pytest.raises(services.MissingRight):
        services.edit(mine, {"note": "Too late."}, by=author, now=NOW)


def test_what_is_published_is_not_edited(author: User):
    score = make_score()
    with pytest.raises(services.WrongState, match="published"):
        services.edit(score, {"value": 90}, by=User.objects.create_superuser("root"), now=NOW)


def test_whoever_looked_at_an_older_version_is_refused(author: User, editor: User):
    score = walked(draft(author), ("submit", author))
    seen = Score.objects.get(pk=score.pk)
    services.edit(score, {"note": "Quicker."}, by=author, now=NOW)
    with pytest.raises(services.Stale, match="version 2"):
        services.edit(seen, {"note": "Slower."}, by=editor, now=NOW)
    with pytest.raises(services.Stale):
        services.move(seen, "approve", by=editor, now=NOW)
    services.move(seen, "approve", by=editor, now=NOW, version=2)


def test_two_who_approve_at_once_approve_once(author: User, editor: User):
    score = walked(draft(author), ("submit", author))
    seen = Score.objects.get(pk=score.pk)
    services.move(score, "approve", by=editor, now=NOW)
    with pytest.raises(services.WrongState, match="Schedule"):
        services.move(seen, "approve", by=person(EDITOR, "another"), now=NOW)
    assert trail(score).count("approve") == 1


def test_a_reason_and_a_moment_ahead_are_asked_for(author: User, editor: User, publisher: User):
    score = walked(draft(author), ("submit", author))
    with pytest.raises(services.Incomplete) as refusal:
        services.move(score, "send_back", by=editor, now=NOW, reason="  ")
    assert refusal.value.field == "reason"
    walked(score, ("approve", editor))
    for moment in (None, NOW, NOW + timedelta(days=367)):
        with pytest.raises(services.Incomplete) as refusal:
            services.move(score, "schedule", by=publisher, now=NOW, moment=moment)
        assert refusal.value.field == "moment"
    services.move(score, "schedule", by=publisher, now=NOW, moment=NOW + timedelta(seconds=1))


def test_what_is_due_is_published_once(author: User, editor: User, publisher: User):
    score = walked(draft(author), ("submit", author), ("approve", editor), ("schedule", publisher))
    due = NOW + timedelta(hours=1)
    assert services.publish_due(now=due - timedelta(seconds=1)) == {"published": 0, "unscheduled": 0}
    assert services.publish_due(now=due) == {"published": 1, "unscheduled": 0}
    assert services.publish_due(now=due) == {"published": 0, "unscheduled": 0}
    score.refresh_from_db()
    assert (score.published_at, score.publish_at) == (due, None)
    assert Step.objects.latest("pk").by_name == "the schedule"


@pytest.mark.only_on("postgresql")
@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_publish_each_piece_once():
    author, editor, publisher = (person(role) for role in (AUTHOR, EDITOR, PUBLISHER))
    way = (("submit", author), ("approve", editor), ("schedule", publisher))
    for number in range(8):
        walked(draft(author, suite=f"suite-{number}"), *way)

    def work() -> int:
        try:
            return services.publish_due(now=NOW + timedelta(hours=1))["published"]
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as threads:
        done = [threads.submit(work) for _ in range(3)]
        assert sum(one.result() for one in done) == 8
    assert Score.objects.shown().count() == 8
    assert Step.objects.filter(move="publish").count() == 8


def test_what_cannot_be_published_any_more_goes_back_to_publishers(
    author: User, editor: User, publisher: User, monkeypatch: pytest.MonkeyPatch
):
    score = walked(draft(author), ("submit", author), ("approve", editor), ("schedule", publisher))
    problem = FieldProblem("model", "Its model is gone.")
    monkeypatch.setattr(Score, "refuse_move", lambda self, move: [problem] if move.name == "publish" else [])
    due = NOW + timedelta(hours=1)
    assert services.publish_due(now=due) == {"published": 0, "unscheduled": 1}
    score.refresh_from_db()
    assert (score.state, Step.objects.latest("pk").reason) == ("approved", "Its model is gone.")
    with pytest.raises(services.Unfit) as refusal:
        services.move(score, "publish", by=publisher, now=due)
    assert refusal.value.problems == (problem,)


def test_a_lock_keeps_the_others_out_and_ends_by_itself(author: User, editor: User, publisher: User):
    score = draft(author)
    until = services.lock(score, by=author, now=NOW)
    assert until == NOW + services.LOCK_LASTS
    seen = Score.objects.get(pk=score.pk)
    with pytest.raises(services.Locked, match="author is editing"):
        services.edit(seen, {"note": "Mine."}, by=editor, now=NOW)
    with pytest.raises(services.Locked):
        services.move(seen, "submit", by=editor, now=NOW)
    with pytest.raises(services.MissingRight):
        services.lock(seen, by=editor, now=NOW, takeover=True)
    services.edit(seen, {"note": "Free by then."}, by=editor, now=until)
    assert seen.locked_by is None
    services.lock(seen, by=editor, now=NOW)
    services.lock(seen, by=publisher, now=NOW, takeover=True)
    assert trail(seen)[-1] == "take_over"
    assert seen.locked_by_id == publisher.pk
    assert not services.keep_lock(seen, by=editor, now=NOW)
    assert services.keep_lock(seen, by=publisher, now=NOW)
    services.unlock(seen, by=editor)
    assert Score.objects.get(pk=score.pk).locked_by == publisher
    services.unlock(seen, by=publisher)
    assert Score.objects.get(pk=score.pk).locked_by is None


def test_a_trusted_source_publishes_what_no_person_touched(author: User, editor: User):
    untouched, touched = draft(None, suite="drop"), draft(None, suite="ifeval")
    services.edit(touched, {"note": "By hand."}, by=editor, now=NOW)
    with pytest.raises(services.WrongState):
        services.publish_trusted([untouched, touched], by_name="the project's seed", now=NOW)
    assert not Score.objects.shown().exists()
    [line] = services.publish_trusted([untouched], by_name="the project's seed", now=NOW)
    assert (line.move, line.by_name) == ("trust", "the project's seed")
    assert (untouched.state, Score.objects.shown().get()) == ("published", untouched)


def test_an_import_is_made_in_few_queries(django_assert_max_num_queries):
    made = [make_score(state="draft", published_at=None, label=f"Model {n}") for n in range(30)]
    Score.objects.all().delete()
    for score in made:
        score.pk = None
    with django_assert_max_num_queries(20):
        services.create_all(made, by=None, by_name="the project's seed", now=NOW)
        services.publish_trusted(made, by_name="the project's seed", now=NOW)
    assert Score.objects.shown().count() == 30
    assert Step.objects.count() == 60
    assert not Revision.objects.exists()


def test_the_project_itself_approves_nothing_and_is_named(author: User):
    score = walked(draft(author), ("submit", author))
    with pytest.raises(services.MissingRight, match="person"):
        services.move(score, "approve", by=None, by_name="a task", now=NOW)
    with pytest.raises(ValueError, match="by_name"):
        services.move(score, "archive", by=None, now=NOW)


def test_a_receiver_undoes_the_move_it_cannot_follow(author: User):
    def refuse(sender: Any, work: Any, step: Step, **kwargs: Any) -> None:
        raise services.Unfit([FieldProblem("", "Not today.")])

    score = draft(author)
    signals.moved.connect(refuse)
    try:
        with pytest.raises(services.Unfit, match="Not today"):
            services.move(score, "submit", by=author, now=NOW)
    finally:
        signals.moved.disconnect(refuse)
    score.refresh_from_db()
    assert (score.state, trail(score)) == ("draft", ["create"])


def test_many_are_moved_each_by_itself(author: User, editor: User):
    works = [draft(author, suite="drop"), draft(editor, suite="ifeval"), draft(author, suite="bbh")]
    for work in works:
        walked(work, ("submit", editor))
    outcome = services.move_all(works, "approve", by=editor, now=NOW)
    assert [work.pk for work in outcome.moved] == [works[0].pk, works[2].pk]
    assert [(work.pk, type(why)) for work, why in outcome.refused] == [(works[1].pk, services.OwnWork)]


def test_reviewers_are_those_who_may_approve_it(author: User, editor: User, publisher: User):
    score = draft(editor)
    assert list(services.possible_reviewers(score)) == [publisher]
    line = services.assign(score, reviewer=publisher, due_on=NOW.date(), by=editor, now=NOW)
    assert line is not None
    assert line.reason == "→ publisher, 2026-11-21"
    for reviewer, refusal in ((editor, services.OwnWork), (author, services.MissingRight)):
        with pytest.raises(refusal):
            services.assign(score, reviewer=reviewer, due_on=None, by=editor, now=NOW)
    with pytest.raises(services.MissingRight):
        services.assign(score, reviewer=None, due_on=None, by=author, now=NOW)


def test_what_was_imported_keeps_its_first_version_with_its_first_edit(editor: User):
    score = make_score(state="draft", published_at=None)
    Score.objects.all().delete()
    score.pk = None
    services.create_all([score], by=None, by_name="EvalPlus", now=NOW)
    services.edit(score, {"raw": "81"}, by=editor, now=NOW)
    newest, first = versions_of(score, most=5)
    assert (first.number, first.by_name, first.first) == (1, "EvalPlus", True)
    assert [(change.old, change.new) for change in newest.changes] == [("80", "81")]


def test_versions_tell_what_changed_word_by_word(author: User, editor: User):
    score = draft(author, note="Read from the table of the paper.")
    services.edit(score, {"note": "Read from the figure of the paper.", "suspect": True}, by=editor, now=NOW)
    newest, first = versions_of(score, most=5)
    assert (first.first, first.changes, newest.by_name) == (True, [], "editor")
    told = {change.field: (change.old, change.new) for change in newest.changes}
    assert told["suspect"] == ("no", "yes")
    note = next(change for change in newest.changes if change.field == "note")
    assert [(p.kind, p.text) for p in note.pieces if p.kind != "same"] == [
        ("gone", "table"),
        ("new", "figure"),
    ]

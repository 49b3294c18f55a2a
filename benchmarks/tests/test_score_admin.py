"""The admin's pages of editorial work, with scores in them."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from benchmarks.models import Score
from benchmarks.tests.factories import make_score
from benchmarks.tests.test_score_moves import draft, person, trail, walked
from editorial import services
from editorial.admin.forms import VERSION
from editorial.roles import AUTHOR, EDITOR, PUBLISHER
from editorial.selectors import QUEUES, Section, queue_sections

pytestmark = [pytest.mark.django_db, pytest.mark.only_on("sqlite")]
LIST = "admin:benchmarks_score_changelist"


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page_of(score: Score, name: str = "change", *more: str) -> str:
    return reverse(f"admin:benchmarks_score_{name}", args=[score.pk, *more])


def sent(client: Client, score: Score) -> dict[str, str]:
    """What the form of a score's page would send, as it is shown."""
    form = client.get(page_of(score)).context["adminform"].form
    shown = {name: form[name].value() for name in form.fields}
    return {name: value for name, value in shown.items() if value not in (None, False)} | {
        VERSION: str(score.version)
    }


def texts(client: Client, address: str, **query: str) -> str:
    return client.get(address, query).content.decode()


def test_a_round_by_three_people_in_the_admin():
    author, editor, publisher = (signed_in(person(role)) for role in (AUTHOR, EDITOR, PUBLISHER))
    given = make_score(state="draft", published_at=None)
    form = {
        "suite": given.suite_id, "model": given.model_id, "label": "GPT-4.1", "raw": "90.2", "value": "90.2",
        "evidence": given.evidence, "source_name": "The announcement",
        "source_url": "https://example.org/a", "licence_class": "unstated",
    }  # fmt: skip
    Score.objects.all().delete()
    assert author.post(reverse("admin:benchmarks_score_add"), form).status_code == 302
    score = Score.objects.get()
    assert (score.author.username, score.source.slug) == ("author", "editors")
    assert author.post(page_of(score, "move", "submit"), {VERSION: "1"}).status_code == 302
    assert "Approve" not in texts(author, page_of(score))
    assert editor.post(page_of(score, "move", "approve"), {VERSION: "1"}).status_code == 302
    ahead = (timezone.now() + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    publisher.post(page_of(score, "move", "schedule"), {VERSION: "1", "moment": ahead})
    score.refresh_from_db()
    assert (score.state, score.publish_at.strftime("%Y-%m-%dT%H:%M")) == ("scheduled", ahead)
    publisher.post(page_of(score, "move", "publish"), {VERSION: "1"})
    page = texts(publisher, page_of(score))
    assert 'data-state="published"' in page
    assert 'name="_save"' not in page
    assert trail(score) == ["create", "submit", "approve", "schedule", "publish"]


def test_a_published_score_is_corrected_by_a_draft_of_its_own():
    score = make_score(value=80)
    author = signed_in(person(AUTHOR))
    correct = page_of(score, "correct")
    assert f'action="{correct}"' in texts(author, page_of(score))
    answer = author.post(correct)
    draft = Score.objects.get(supersedes=score)
    assert (answer["Location"], draft.state, draft.value) == (page_of(draft), "draft", score.value)
    assert author.post(correct)["Location"] == page_of(draft)
    author.post(page_of(draft), sent(author, draft) | {"raw": "81.5", "value": "81.5"})
    page = texts(author, page_of(draft))
    assert "<del>80</del> → <ins>81.5</ins>" in page
    assert "correct/" not in page
    assert author.post(page_of(draft, "correct"), follow=True).redirect_chain[0][0] == page_of(draft)


def test_a_refused_move_comes_back_as_it_was_typed():
    score = walked(draft(person(AUTHOR)), ("submit", User.objects.get()))
    editor = signed_in(person(EDITOR))
    answer = editor.post(page_of(score, "move", "send_back"), {VERSION: "1", "reason": ""})
    assert (answer.status_code, "This field is required" in answer.content.decode()) == (409, True)
    services.edit(score, {"note": "Changed."}, by=score.author, now=timezone.now())
    answer = editor.post(page_of(score, "move", "send_back"), {VERSION: "1", "reason": "Wrong row."})
    page = answer.content.decode()
    assert (answer.status_code, "Wrong row.</textarea>" in page) == (409, True)
    assert "saved version 2 while you looked at version 1" in page
    assert f'name="{VERSION}" value="2"' in page
    assert editor.post(page_of(score, "move", "nonsense"), {}).status_code == 404


def test_who_wrote_it_sees_why_they_cannot_approve_it():
    by = person(EDITOR)
    score = walked(draft(by), ("submit", by))
    page = texts(signed_in(by), page_of(score))
    assert "somebody else has to approve it" in page
    assert page_of(score, "move", "approve") not in page
    assert page_of(score, "move", "send_back") in page


def test_two_at_once_lose_nothing():
    """Fields that only the other changed take the new values; those of both keep what was typed."""
    by = person(AUTHOR)
    score = draft(by, note="As begun.", maker="OpenAI")
    editor = signed_in(person(EDITOR))
    form = sent(editor, score)
    services.edit(score, {"note": "By the author.", "licence": "MIT"}, by=by, now=timezone.now())
    answer = editor.post(page_of(score), form | {"note": "By the editor.", "maker": "Open AI"})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "author saved version 2 while you looked at version 1" in page
    assert "Meanwhile it was changed to: By the author." in page
    back = answer.context["adminform"].form
    assert [back[name].value() for name in ("note", "maker", "licence")] == [
        "By the editor.",
        "Open AI",
        "MIT",
    ]
    again = {name: back[name].value() for name in back.fields if back[name].value() not in (None, False)}
    assert editor.post(page_of(score), again | {VERSION: "2"}).status_code == 302
    score.refresh_from_db()
    assert (score.version, score.note, score.maker, score.licence) == (3, "By the editor.", "Open AI", "MIT")


def test_whoever_types_is_seen_by_the_others():
    score = draft(person(AUTHOR))
    author, editor = signed_in(score.author), signed_in(person(EDITOR))
    form = sent(editor, score)
    assert author.post(page_of(score, "lock")).status_code == 200
    refused = editor.post(page_of(score, "lock"))
    assert (refused.status_code, "author is editing it" in refused.json()["text"]) == (409, True)
    page = texts(editor, page_of(score))
    assert "author is editing this, last at" in page
    assert 'name="_save"' not in page
    answer = editor.post(page_of(score), form | {"note": "Typed before I saw it."})
    assert "Typed before I saw it." in answer.content.decode()
    assert "author is editing it" in answer.content.decode()
    publisher = signed_in(person(PUBLISHER))
    assert "Take it over" in texts(publisher, page_of(score))
    publisher.post(page_of(score, "lock"), {"takeover": "1"})
    score.refresh_from_db()
    assert score.locked_by.username == "publisher"
    publisher.post(page_of(score, "unlock"))
    assert Score.objects.get().locked_by is None


def test_the_moves_of_many_are_made_from_the_list_and_refusals_are_named():
    author, editor = person(AUTHOR), person(EDITOR)
    works = [draft(author, suite="drop"), draft(editor, suite="ifeval")]
    for work in works:
        walked(work, ("submit", editor))
    chosen = {"_selected_action": [work.pk for work in works]}
    client = signed_in(editor)
    answer = client.post(reverse(LIST), {"action": "move_approve", **chosen}, follow=True)
    page = answer.content.decode()
    assert "1 piece: approved." in page
    assert "You wrote or edited it" in page
    asked = client.post(reverse(LIST), {"action": "move_send_back", **chosen})
    assert "2 are chosen" in asked.content.decode()
    assert not Score.objects.filter(state="draft").exists()
    client.post(
        reverse(LIST), {"action": "move_send_back", "editorial-sent": "1", "reason": "No source.", **chosen}
    )
    assert Score.objects.filter(state="draft").count() == 2
    offered = re.findall(r'<option value="(\w+)"', texts(signed_in(author), reverse(LIST)))
    assert [name for name in offered if name.startswith("move_")] == ["move_submit"]


def test_nothing_is_deleted_in_the_admin():
    score = draft(person(AUTHOR))
    publisher = signed_in(person(PUBLISHER))
    assert publisher.post(reverse("admin:benchmarks_score_delete", args=[score.pk])).status_code == 403
    assert "delete_selected" not in texts(publisher, reverse(LIST))


@pytest.fixture
def everywhere() -> dict[str, User]:
    """Work in every queue, two in those that wait."""
    people = {role: person(role) for role in (AUTHOR, EDITOR, PUBLISHER)}
    author, editor, publisher = people.values()
    for number in range(2):
        draft(author, suite=f"a-{number}")
        walked(draft(author, suite=f"b-{number}"), ("submit", author), ("send_back", editor))
        walked(draft(author, suite=f"c-{number}"), ("submit", author))
        walked(draft(author, suite=f"d-{number}"), ("submit", author), ("approve", editor))
        draft(None, suite=f"e-{number}")
        draft(None, suite=f"f-{number}", model=None)
    walked(draft(editor), ("submit", editor))
    walked(draft(author), ("submit", author), ("approve", editor), ("schedule", publisher))
    late = Score.objects.filter(state="review", author=author)[0]
    services.assign(late, reviewer=editor, due_on=late.due_on, by=author, now=timezone.now())
    Score.objects.filter(pk=late.pk).update(due_on=timezone.now().date() - timedelta(days=1))
    return people


def of_scores(user: User) -> list[Section]:
    """The queue's sections of scores; articles have theirs."""
    return [one for one in queue_sections(user, today=timezone.now().date()) if one.model is Score]


def test_every_count_of_the_queue_is_the_length_of_its_list(everywhere: dict[str, User]):
    seen = set()
    for user in everywhere.values():
        client = signed_in(user)
        sections = of_scores(user)
        page = texts(client, reverse("editorial-queue"))
        for section in sections:
            listed = client.get(reverse(LIST), {"queue": section.queue.key}).context["cl"].result_count
            assert listed == section.count, (user, section.queue.key)
            assert str(section.queue.title) in page
            seen |= {section.queue.key} if section.count else set()
        total = sum(section.count for section in sections if section.queue.waits)
        assert f"{total} pieces wait for you" in page
        assert f"{total} pieces wait for you" in texts(client, reverse("admin:index"))
    assert seen == {queue.key for queue in QUEUES}
    unmatched = Score.objects.unmatched().count()
    assert unmatched == 2
    [imported] = [one for one in sections if one.queue.key == "imported"]
    assert imported.count == Score.objects.filter(state="draft", author=None).count() - unmatched


def test_what_is_overdue_comes_first(everywhere: dict[str, User]):
    [section] = [one for one in of_scores(everywhere[EDITOR]) if one.queue.key == "review"]
    assert (section.count, section.overdue) == (2, 1)
    assert section.works[0].due_on is not None
    assert "1 overdue" in texts(signed_in(everywhere[EDITOR]), reverse("editorial-queue"))


def test_pages_cost_the_same_queries_however_much_there_is(
    everywhere: dict[str, User], django_assert_max_num_queries
):
    client = signed_in(everywhere[PUBLISHER])
    for number in range(9):
        draft(None, suite=f"more-{number}")
    with django_assert_max_num_queries(34):
        client.get(reverse("editorial-queue"))
    with django_assert_max_num_queries(14):
        client.get(reverse(LIST))
    with django_assert_max_num_queries(30):
        client.get(page_of(Score.objects.filter(state="review")[0]))


def test_a_preview_is_shown_by_its_link_until_it_is_over(client: Client):
    score = draft(person(AUTHOR), note="Only for you.")
    link = reverse("editorial-preview", args=[services.preview_token(score)])
    answer = client.get(link)
    assert "Only for you." in answer.content.decode()
    assert "noindex" in answer["X-Robots-Tag"]
    assert (answer["Referrer-Policy"], "no-store" in answer["Cache-Control"]) == ("no-referrer", True)
    services.move(score, "archive", by=person(EDITOR), now=timezone.now())
    assert client.get(link).status_code == 410
    assert client.get(f"{link[:-3]}x/").status_code == 410


def test_a_preview_link_ends_after_a_week(client: Client, monkeypatch: pytest.MonkeyPatch):
    link = reverse("editorial-preview", args=[services.preview_token(draft(person(AUTHOR)))])
    monkeypatch.setattr("editorial.services.previews.PREVIEW_LASTS", timedelta(seconds=-1))
    assert client.get(link).status_code == 410


@pytest.mark.parametrize("path", ["queue", "list", "page", "history"])
def test_strangers_and_readers_are_shown_nothing(client: Client, path: str):
    score = draft(person(AUTHOR))
    address = {
        "queue": reverse("editorial-queue"), "list": reverse(LIST),
        "page": page_of(score), "history": page_of(score, "history"),
    }[path]  # fmt: skip
    assert client.get(address).status_code == 302
    client.force_login(User.objects.create_user("reader"))
    assert client.get(address).status_code in (302, 403)


def test_the_admin_speaks_korean():
    score = walked(draft(person(AUTHOR)), ("submit", User.objects.get()))
    editor = signed_in(person(EDITOR))
    editor.cookies["django_language"] = "ko"
    assert "승인" in texts(editor, page_of(score))
    assert "편집 대기열" in texts(editor, reverse("editorial-queue"))

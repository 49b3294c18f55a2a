"""The newsroom in the admin: from the inbox to readers, beside the sources."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from catalog.models import Creator
from editorial.admin.forms import VERSION
from editorial.roles import AUTHOR, EDITOR, PUBLISHER
from editorial.services import preview_token
from news.admin.marking import marked
from news.claims import Claim
from news.models import Article, Correction, Story
from news.models.articles import catalogue_spellings
from news.tests.making import KOREAN, make_article, make_item, make_person, make_story

pytestmark = [pytest.mark.django_db, pytest.mark.only_on("sqlite")]


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page_of(work: Article | Story, name: str = "change", *more: str) -> str:
    return reverse(f"admin:news_{work._meta.model_name}_{name}", args=[work.pk, *more])


def sent(client: Client, article: Article, **changes: Any) -> dict[str, Any]:
    """What the form of an article's page would send, as it is shown, with changes of single inputs."""
    form = client.get(page_of(article)).context["adminform"].form
    data: dict[str, Any] = {VERSION: str(article.version)}
    for name in form.fields:
        value = form[name].value()
        if name in ("summary", "key_facts"):
            for number, row in enumerate(value):
                data |= {f"{name}-{number}-{part}": row[part] for part in ("lang", "text", "source", "quote")}
        elif value not in (None, False):
            data[name] = value
    return data | changes


def text_of(response: Any) -> str:
    return str(response.content.decode())


def test_from_the_inbox_to_readers_by_three_people():
    author, editor, publisher = (signed_in(make_person(role)) for role in (AUTHOR, EDITOR, PUBLISHER))
    story = make_story()
    inbox = text_of(author.get(reverse("admin:news_story_changelist")))
    assert "OpenAI releases GPT-4.1" in inbox
    page = text_of(author.get(page_of(story)))
    assert "It reads 128,000 tokens" in page
    answer = author.post(page_of(story, "draft"))
    article = Article.objects.get()
    assert answer.headers["location"] == page_of(article)
    assert article.author is not None
    for client, move in ((author, "submit"), (editor, "approve"), (publisher, "publish")):
        assert client.post(page_of(article, "move", move), {VERSION: "1"}).status_code == 302, move
    article.refresh_from_db()
    assert article.state == "published"
    assert story.pk not in [
        row.pk for row in author.get(reverse("admin:news_story_changelist")).context["cl"].result_list
    ]


def test_a_planted_false_number_is_told_at_its_claim_and_stops_the_article():
    author = signed_in(make_person(AUTHOR))
    article = make_article(by=User.objects.get(username="author"))
    number = next(at for at, row in enumerate(article.summary) if "$3" in row["text"])
    false = article.summary[number]["text"].replace("$3", "$2")
    assert (
        author.post(page_of(article), sent(author, article, **{f"summary-{number}-text": false})).status_code
        == 302
    )
    article.refresh_from_db()
    assert article.summary[number]["text"] == false
    page = text_of(author.get(page_of(article)))
    assert "“2” is a figure that the quote does not have" in page
    assert 'class="claim claim--blocked"' in page
    answer = author.post(page_of(article, "move", "submit"), {VERSION: "2"})
    assert answer.status_code == 409
    article.refresh_from_db()
    assert article.state == "draft"


def test_a_name_of_the_catalogue_is_known_as_soon_as_it_changes():
    before = catalogue_spellings()
    assert catalogue_spellings() is before
    creator = Creator.objects.create(slug="foobar", name="Foobar")
    assert "foobar" in catalogue_spellings().capitals
    Creator.objects.filter(pk=creator.pk).update(name="Quux")
    assert catalogue_spellings().capitals == before.capitals | {"quux"}


def test_what_is_quoted_is_marked_in_its_source_beside_the_form():
    author = signed_in(make_person(AUTHOR))
    article = make_article(by=User.objects.get(username="author"))
    page = text_of(author.get(page_of(article)))
    assert page.count('<details class="beside__source"') == 2
    assert page.count("<mark") >= 6


def test_a_claim_is_written_by_copying_its_quote():
    author = signed_in(make_person(AUTHOR))
    article = make_article(by=User.objects.get(username="author"))
    korean = article.sources.get(lang="ko")
    row = {"lang": "en", "text": "It scores 54.6% on SWE-bench Verified.", "source": korean.pk}
    quote = "SWE-bench Verified에서 54.6%를 기록했다."
    changes = {f"key_facts-9-{part}": value for part, value in {**row, "quote": quote}.items()}
    assert author.post(page_of(article), sent(author, article, **changes)).status_code == 302
    article.refresh_from_db()
    claim = Claim.from_dict(article.key_facts[-1])
    assert claim.is_quoted_from(KOREAN)
    assert claim.quote == quote


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"quote": "what no source says"}, "copy it letter by letter"),
        ({"source": "999999"}, "Choose the source"),
        ({"source": "x"}, "Choose the source"),
        ({"lang": "fr"}, "Choose the language"),
        ({"text": "x" * 401}, "at most 400"),
    ],
)
def test_a_claim_that_cannot_be_kept_comes_back_as_typed(change: dict[str, str], words: str):
    author = signed_in(make_person(AUTHOR))
    article = make_article(by=User.objects.get(username="author"))
    changes = {f"summary-0-{part}": value for part, value in change.items()}
    answer = author.post(page_of(article), sent(author, article, **changes))
    assert answer.status_code == 200
    assert words in text_of(answer)
    ((part, typed),) = change.items()
    assert part not in ("text", "quote") or typed in text_of(answer)
    article.refresh_from_db()
    assert article.version == 1


def test_claims_sent_under_the_field_s_own_name_are_no_way_past_the_check():
    author = signed_in(make_person(AUTHOR))
    article = make_article(by=User.objects.get(username="author"))
    answer = author.post(page_of(article), sent(author, article, summary='{"start": 0}'))
    assert answer.status_code == 200
    assert "This is no claim." in text_of(answer)


def test_what_is_written_into_a_body_or_a_source_runs_nowhere():
    author = signed_in(make_person(AUTHOR))
    evil = make_item(
        "<script>alert(1)</script> Acme released a model. " * 3, title="<img src=x onerror=alert(1)>"
    )
    article = make_article(by=User.objects.get(username="author"), items=[evil])
    author.post(page_of(article), sent(author, article, body_en="<p onclick=x()>a<script>b</script></p>"))
    article.refresh_from_db()
    assert article.body_en == "<p>a </p>"
    page = text_of(author.get(page_of(article)))
    assert "<script>alert" not in page
    assert "<img src=x" not in page


def test_a_story_is_dismissed_with_a_reason_and_taken_back():
    editor = signed_in(make_person(EDITOR))
    story = make_story()
    editor.post(page_of(story, "dismiss"), {"reason": " "})
    story.refresh_from_db()
    assert story.state == "inbox"
    editor.post(page_of(story, "dismiss"), {"reason": "An advertisement"})
    story.refresh_from_db()
    assert (story.state, story.dismissed_reason, story.dismissed_by.username) == (
        *("dismissed", "An advertisement"),
        "editor",
    )
    assert "An advertisement" in text_of(editor.get(page_of(story)))
    assert "dismissed" in text_of(editor.post(page_of(story, "draft"), follow=True))
    assert not Article.objects.exists()
    editor.post(page_of(story, "take_back"))
    story.refresh_from_db()
    assert (story.state, story.dismissed_by, story.dismissed_reason) == ("inbox", None, "")


def test_items_are_split_into_another_story_and_merged_again():
    editor = signed_in(make_person(EDITOR))
    story = make_story()
    english, korean = story.items.order_by("pk")
    assert f'name="item" value="{korean.pk}"' in text_of(editor.get(page_of(story)))
    editor.post(page_of(story, "split"), {"item": [str(korean.pk)]})
    other = Story.objects.exclude(pk=story.pk).get()
    assert [item.pk for item in other.items.all()] == [korean.pk]
    assert "Nothing would be left" in text_of(
        editor.post(page_of(other, "split"), {"item": [str(korean.pk)]}, follow=True)
    )
    for typed in ("x", "", str(other.pk), "99999"):
        assert "another story" in text_of(editor.post(page_of(other, "merge"), {"into": typed}, follow=True))
    editor.post(page_of(other, "merge"), {"into": str(story.pk)})
    assert {item.pk for item in story.items.all()} == {english.pk, korean.pk}
    other.refresh_from_db()
    assert other.state == "dismissed"


def test_authors_draft_but_do_not_dismiss_and_nobody_gets_in_by_a_link():
    author = signed_in(make_person(AUTHOR))
    story = make_story()
    assert author.post(page_of(story, "dismiss"), {"reason": "x"}).status_code == 403
    assert author.get(page_of(story, "draft")).status_code == 405
    assert Client().post(page_of(story, "draft")).status_code == 302
    assert not Article.objects.exists()


def test_a_second_draft_leads_to_the_first_and_a_missing_language_is_told():
    author = signed_in(make_person(AUTHOR))
    story = make_story(make_item())
    told = text_of(author.post(page_of(story, "draft"), follow=True))
    assert "Missing: the summary in Korean." in told
    again = author.post(page_of(story, "draft"))
    assert again.headers["location"] == page_of(Article.objects.get())
    assert Article.objects.count() == 1


def test_readers_are_told_of_corrections_by_publishers_of_what_they_have_seen():
    publisher, editor = signed_in(make_person(PUBLISHER)), signed_in(make_person(EDITOR))
    article = make_article()
    form = {"text_en": "The price was wrong.", "text_ko": "가격이 틀렸습니다."}
    assert publisher.post(page_of(article, "correct"), form).status_code == 409
    Article.objects.filter(pk=article.pk).update(
        state="published", published_at=article.sources.first().fetched_at
    )
    assert editor.post(page_of(article, "correct"), form).status_code == 409
    assert publisher.post(page_of(article, "correct"), form).status_code == 302
    noted = Correction.objects.get()
    assert (noted.text_ko, noted.by.username) == ("가격이 틀렸습니다.", "publisher")
    assert "The price was wrong." in text_of(publisher.get(page_of(article)))


def test_an_address_that_readers_had_stays():
    author, editor, publisher = (signed_in(make_person(role)) for role in (AUTHOR, EDITOR, PUBLISHER))
    article = make_article(by=User.objects.get(username="author"), slug="first-name")
    assert author.post(page_of(article), sent(author, article, slug="second-name")).status_code == 302
    for client, move in ((author, "submit"), (editor, "approve"), (publisher, "publish")):
        assert client.post(page_of(article, "move", move), {VERSION: "2"}).status_code == 302, move
    for move in ("unpublish", "reopen"):
        answer = publisher.post(
            page_of(article, "move", move), {VERSION: "2", "reason": "The date was wrong."}
        )
        assert answer.status_code == 302, move
    article.refresh_from_db()
    for typed in ("third-name", ""):
        page = text_of(editor.post(page_of(article), sent(editor, article, slug=typed)))
        assert "Readers had it as “second-name”: a published address stays." in page, typed
    article.refresh_from_db()
    assert article.slug == "second-name"
    assert Client().get("/news/second-name/").status_code == 410


def test_a_list_of_articles_asks_no_more_for_more(django_assert_max_num_queries: Any):
    editor = signed_in(make_person(EDITOR))
    for name in ("one", "two", "three"):
        make_article(title_en=name)
        make_story()
    for address in ("admin:news_article_changelist", "admin:news_story_changelist"):
        with django_assert_max_num_queries(20):
            assert editor.get(reverse(address)).status_code == 200


def test_the_pages_are_told_in_korean():
    author = signed_in(make_person(AUTHOR))
    article = make_article(by=User.objects.get(username="author"), title_ko="")
    author.cookies["django_language"] = "ko"
    page = text_of(author.get(page_of(article)))
    assert "한국어 제목을 적으세요." in page
    assert "인용한 말" in page


def test_a_text_is_cut_where_quotes_begin_and_end():
    claims = [("a", Claim("en", "x", 1, "bcd", 1, 4)), ("b", Claim("en", "x", 1, "def", 3, 6))]
    assert [(piece.text, piece.labels) for piece in marked("abcdefg", claims)] == [
        *(("a", []), ("bc", ["a"]), ("d", ["a", "b"]), ("ef", ["b"]), ("g", []))
    ]
    assert marked("", []) == []


def test_a_preview_shows_both_languages_and_runs_nothing():
    article = make_article(body_en="<p>Body</p>")
    Article.objects.filter(pk=article.pk).update(body_ko="<p>본문<script>alert(1)</script></p>")
    page = text_of(Client().get(reverse("editorial-preview", args=[preview_token(article)])))
    assert "<p>Body</p>" in page
    assert "<p>본문 </p>" in page
    assert "<script>alert" not in page
    assert page.count(article.summary[0]["text"]) == 2, "the sentence, and the words that carry it"


def test_claims_are_read_as_sentences_where_nothing_can_be_edited():
    editor, publisher = signed_in(make_person(EDITOR)), signed_in(make_person(PUBLISHER))
    article = make_article(by=User.objects.get(username="editor"))
    first = article.summary[0]["text"]
    changed = sent(editor, article, **{"summary-0-text": first.replace("November 3", "3 November")})
    assert editor.post(page_of(article), changed).status_code == 302
    Article.objects.filter(pk=article.pk).update(
        state="published", published_at=article.sources.first().fetched_at
    )
    page = text_of(publisher.get(page_of(article)))
    assert '<ol class="told">' in page
    assert "&quot;start&quot;" not in page  # neither here nor in what the versions changed
    assert "<ins>" in page


def test_sources_to_choose_from_are_told_apart():
    author = signed_in(make_person(AUTHOR))
    article = make_article(by=User.objects.get(username="author"))
    page = text_of(author.get(page_of(article)))
    for item in article.sources.all():
        assert f"{item.pk} · blog · {item.title}</label>" in page
    assert "_addanother" not in page

"""Views of the board that a reader named: kept, replaced, deleted, and nobody else's."""

import pytest
from django.contrib.auth.models import User
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from status.filtering import BoardWish
from status.models import SavedView
from status.models.saved import MOST_VIEWS
from status.saved import canonical, saved_views_of
from status.services.saving import Unsaveable, forget_view, save_view

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader() -> User:
    return User.objects.create_user("reader", password="long enough to be a password")


def test_a_view_is_kept_and_its_name_leads_elsewhere_when_it_is_saved_anew(reader: User):
    now = timezone.now()
    view, new = save_view(name="  My   chat ", query="function=chat", by=reader, now=now)
    assert (view.name, view.query, view.created_at, new) == ("My chat", "function=chat", now, True)
    again, new = save_view(name="MY CHAT", query="state=outage", by=reader, now=timezone.now())
    assert (again.pk, again.name, again.query, again.created_at, new) == (
        view.pk,
        "MY CHAT",
        "state=outage",
        now,
        False,
    )


@pytest.mark.parametrize("name", ["", "   ", "\0", "x" * 61])
def test_a_view_needs_a_name_that_fits(reader: User, name: str):
    with pytest.raises(Unsaveable):
        save_view(name=name, query="", by=reader, now=timezone.now())
    assert not SavedView.objects.exists()


def test_thirty_views_are_the_most_and_the_known_ones_can_still_be_changed(reader: User):
    now = timezone.now()
    SavedView.objects.bulk_create(
        SavedView(user=reader, name=f"View {n}", created_at=now) for n in range(MOST_VIEWS - 1)
    )
    save_view(name="The last", query="", by=reader, now=now)
    with pytest.raises(Unsaveable, match="30"):
        save_view(name="One more", query="", by=reader, now=now)
    assert save_view(name="the last", query="sort=latency", by=reader, now=now)[1] is False
    assert SavedView.objects.count() == MOST_VIEWS


def test_nobody_deletes_anothers_view(reader: User):
    view, _new = save_view(name="Mine", query="", by=reader, now=timezone.now())
    other = User.objects.create_user("other")
    assert forget_view(pk=view.pk, by=other) is None
    assert forget_view(pk=view.pk, by=reader) == "Mine"
    assert not SavedView.objects.exists()


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("", ""),
        ("?sort=latency&provider=b&provider=a&page=3", "provider=a&provider=b&sort=latency"),
        ("provider=b,a&state=nonsense&region=seoul", "provider=a&provider=b&region=seoul"),
        ("sort=usage&region=all", ""),
        ("provider=gone-tomorrow%00", "provider=gone-tomorrow"),
        ("next=https://elsewhere.example", ""),
    ],
)
def test_an_address_is_kept_in_its_one_form(given: str, kept: str):
    assert canonical(given) == kept


def test_saving_goes_back_to_the_board_that_was_saved(client: Client, reader: User):
    client.force_login(reader)
    answer = client.post("/views/", {"name": "Chat", "query": "sort=latency&function=chat"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/?function=chat&sort=latency")
    assert SavedView.objects.get(user=reader).query == "function=chat&sort=latency"
    refused = client.post("/views/", {"name": "", "query": "state=outage"})
    assert refused.headers["Location"] == "/?state=outage"
    assert SavedView.objects.filter(user=reader).count() == 1


def test_deleting_leaves_the_board_as_it_is_shown(client: Client, reader: User):
    client.force_login(reader)
    view, _new = save_view(name="Chat", query="function=chat", by=reader, now=timezone.now())
    answer = client.post(f"/views/{view.pk}/delete", {"query": "state=outage"})
    assert answer.headers["Location"] == "/?state=outage"
    assert client.post("/views/99999/delete").headers["Location"] == "/"
    assert not SavedView.objects.exists()


def test_who_is_not_signed_in_does_that_first_and_comes_back(client: Client):
    answer = client.post("/views/", {"name": "Chat", "query": "function=chat"})
    assert answer.headers["Location"] == "/accounts/login/?next=%2F%3Ffunction%3Dchat"
    assert client.get("/views/").status_code == 405
    assert not SavedView.objects.exists()


def test_the_menu_shows_ones_own_views_and_which_is_shown(
    reader: User, django_assert_num_queries: DjangoAssertNumQueries
):
    save_view(name="Chat <b>", query="function=chat", by=reader, now=timezone.now())
    save_view(name="All", query="", by=reader, now=timezone.now())
    wish = BoardWish(function=("chat",))
    with django_assert_num_queries(1):
        found = saved_views_of(reader, wish)
    assert [(view.name, view.url, view.current) for view in found.views] == [
        ("All", "/", False),
        ("Chat <b>", "/?function=chat", True),
    ]
    request = RequestFactory().get("/")
    request.user = reader
    html = render_to_string("status/_saved_views.html", {"wish": wish}, request=request)
    assert '<a href="/?function=chat" aria-current="true">Chat &lt;b&gt;</a>' in html
    assert "data-local" not in html

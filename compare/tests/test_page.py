"""The page Compare: the table, the list beside it, what it refuses, and the pages of frozen figures."""

import re
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

import compare.kept
import compare.shelf
import status.kept
from benchmarks.tests.factories import make_score
from catalog.models import Endpoint, Price
from compare.choosing import ListWish
from compare.services.saving import save_comparison
from compare.shelf import kept_list, kept_shelf, load_shelf
from probes.tests.factories import make_endpoint, make_pop
from status.tests.test_provider_pages import make_price, make_state

pytestmark = pytest.mark.django_db
NAMES = ("nimbus-1", "nimbus-2", "stratus-1", "stratus-2", "cirrus-1")
FOUR = "nimbus-1,stratus-1,nimbus-2,stratus-2"


@pytest.fixture(autouse=True)
def _fleet() -> None:
    """Five measured models, two of them priced, one served twice, one scored."""
    make_pop("seoul", now=timezone.now())
    for name in NAMES:
        make_state(make_endpoint(name.partition("-")[0], name), "operational")
    make_price(make_endpoint("host", "nimbus-1"), "0.25", output_usd_per_mtok=Decimal(1))
    make_price(_endpoint("nimbus-1"), "2", output_usd_per_mtok=Decimal(8))
    make_score("mmlu", "nimbus-1", 71)
    cache.clear()


def _endpoint(name: str) -> Endpoint:
    return Endpoint.objects.get(slug=f"{name.partition('-')[0]}--{name}")


def html(client: Client, query: str = "") -> str:
    answer = client.get(f"/compare/?{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def heads(page: str) -> list[str]:
    return re.findall(r'class="versus__name" id="head-([^"]+)"', page)


@pytest.mark.only_on("sqlite")
def test_columns_stand_as_they_were_asked_for(client: Client):
    assert heads(html(client, f"models={FOUR}")) == FOUR.split(",")


@pytest.mark.only_on("sqlite")
def test_nothing_is_compared_at_first(client: Client):
    page = html(client)
    assert heads(page) == []
    assert "Up to four models, side by side" in page
    assert 'href="/compare/?models=' in page  # an example leads somewhere


@pytest.mark.only_on("sqlite")
def test_a_fifth_model_is_left_out_and_named(client: Client):
    page = html(client, f"models={FOUR},cirrus-1")
    assert heads(page) == FOUR.split(",")
    assert re.search(r'data-level="warning"><ul>\s*<li>[^<]*cirrus-1', page)


def test_an_unknown_model_is_named_with_those_like_it(client: Client):
    page = html(client, "models=nimbus-11,stratus-1")
    assert heads(page) == ["stratus-1"]
    assert "nimbus-11" in page
    assert '<a href="/compare/?models=stratus-1,nimbus-1"' in page


@pytest.mark.only_on("sqlite")
def test_a_model_that_is_named_twice_counts_once(client: Client):
    assert heads(html(client, "models=nimbus-1,nimbus-1,nimbus--nimbus-1")) == ["nimbus-1"]


@pytest.mark.only_on("sqlite")
def test_ticking_adds_and_leaves_out(client: Client):
    page = html(client, "models=nimbus-1&q=nimbus&region=seoul")
    lines = re.findall(r'<li class="line" id="line-([^"]+)"(.*?)>.*?href="([^"]+)"', page, re.DOTALL)
    assert ("nimbus-1", " data-taken", "/compare/?region=seoul&amp;q=nimbus") in lines
    assert ("nimbus-2", "", "/compare/?models=nimbus-1,nimbus-2&amp;region=seoul&amp;q=nimbus") in lines


@pytest.mark.only_on("sqlite")
def test_four_leave_no_room(client: Client):
    page = html(client, f"models={FOUR}")
    assert re.search(r'id="line-cirrus-1">\s*<span class="line__take" data-full>', page)


@pytest.mark.only_on("sqlite")
def test_a_provider_that_is_chosen_serves_what_is_ticked(client: Client):
    page = html(client, "provider=host")
    assert 'href="/compare/?models=host--nimbus-1&amp;provider=host"' in page
    assert "$0.25" in page


@pytest.mark.only_on("sqlite")
def test_a_column_leads_to_the_same_model_elsewhere(client: Client):
    page = html(client, "models=nimbus-1,stratus-1")
    assert 'href="/compare/?models=host--nimbus-1,stratus-1"' in page


def test_the_shelf_holds_what_the_catalogue_knows(django_assert_num_queries):
    measured = [model.slug for model in kept_shelf(now=timezone.now()).value.models if model.measured]
    assert sorted(measured) == sorted(NAMES)
    with django_assert_num_queries(3):
        shelf = load_shelf(measured, now=timezone.now())
    model = shelf.by_slug["host--nimbus-1"]
    assert (model.slug, model.measured, [offer.provider for offer in model.offers]) == (
        "nimbus-1", True, ["nimbus", "host"],
    )  # fmt: skip
    assert model.offers[0].blended_usd == Decimal("3.5")


def test_menus_count_what_the_list_shows():
    found = kept_list(ListWish(provider=("nimbus",)), now=timezone.now())
    assert [model.slug for model in found.models] == ["nimbus-1", "nimbus-2"]
    assert found.facets["provider"] == {"nimbus": 2, "host": 1, "stratus": 2, "cirrus": 1}


@pytest.mark.only_on("sqlite")
def test_a_page_that_is_kept_asks_next_to_nothing(client: Client, django_assert_max_num_queries):
    html(client, f"models={FOUR}")
    with django_assert_max_num_queries(1):
        html(client, f"models={FOUR}")


@pytest.mark.only_on("sqlite")
def test_every_figure_tells_where_it_is_from(client: Client):
    page = html(client, "models=nimbus-1,stratus-1")
    about = set(re.findall(r'"(/compare/about/[^"]+)"', page))
    assert len(about) > 60
    for address in sorted(about)[::9]:
        answer = client.get(address.replace("&amp;", "&") + "&fragment=")
        assert answer.status_code == 200
        assert "provenance" in answer.content.decode()
    assert client.get("/compare/about/0/input?models=nimbus-1").status_code == 200
    assert client.get("/compare/about/1/input?models=nimbus-1").status_code == 404
    assert client.get("/compare/about/0/luck?models=nimbus-1").status_code == 404


def test_frozen_figures_stay_and_say_what_changed(client: Client):
    answer = client.post("/compare/freeze", {"models": "nimbus-1,host--nimbus-1"})
    assert answer.status_code == 303
    address = answer["Location"]
    before = client.get(address).content.decode()
    assert "$2.00" in before
    Price.objects.filter(endpoint__slug="nimbus--nimbus-1").update(valid_to=timezone.now())
    make_price(_endpoint("nimbus-1"), "1.5", output_usd_per_mtok=Decimal(8))
    _announce()
    page = client.get(address).content.decode()
    assert "$2.00" in page
    assert "today: $1.50" in page
    assert client.get(f"{address}about/0/input").status_code == 200
    assert client.get("/compare/as-of/nothing00000/").status_code == 404


def _announce() -> None:
    """As an import would, to whoever keeps answers."""
    for keeper in (compare.kept.keeper, compare.shelf.keeper, status.kept.keeper):
        keeper().forget()


def test_a_readers_own_comparisons_stand_in_their_menu(client: Client):
    reader = User.objects.create_user("reader")
    save_comparison(name="Clouds", address="models=nimbus-1,stratus-1", by=reader, now=timezone.now())
    client.force_login(reader)
    page = html(client, "models=nimbus-1,stratus-1")
    assert re.search(r'href="/compare/\?models=nimbus-1,stratus-1" aria-current="true">Clouds<', page)

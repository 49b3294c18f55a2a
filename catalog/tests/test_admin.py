"""The editors' pages: their queries do not grow with rows, and what is decided here is remembered."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from catalog.models import DocRef, Endpoint, Price, Provider
from catalog.tests.factories import NOW, make_endpoint, make_model
from editorial.roles import EDITOR, OPERATOR, PUBLISHER

pytestmark = pytest.mark.django_db

LISTS = ("creator", "provider", "aimodel", "endpoint", "price")


@pytest.fixture
def editor(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("editor", "editor@example.org", "pw"))
    return client


def fill(rows: int) -> None:
    for number in range(rows):
        endpoint = make_endpoint(f"provider-{number}", make_model(f"model-{number}"))
        Price.objects.create(
            endpoint=endpoint, valid_from=NOW, retrieved_at=NOW, source_name="models.dev", content_hash="x"
        )


@pytest.mark.parametrize("kind", LISTS)
def test_a_lists_queries_do_not_grow_with_its_rows(
    kind: str, editor: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    fill(40)
    with django_assert_max_num_queries(12):
        page = editor.get(f"/admin/catalog/{kind}/")
    assert page.status_code == 200


@pytest.mark.parametrize("kind", ["creator", "provider", "aimodel", "endpoint"])
def test_every_list_can_be_searched(kind: str, editor: Client) -> None:
    fill(2)
    assert editor.get(f"/admin/catalog/{kind}/?q=model-1").status_code == 200


@pytest.mark.parametrize("kind", LISTS)
def test_every_row_can_be_opened(kind: str, editor: Client) -> None:
    fill(1)
    endpoint = Endpoint.objects.get()
    pk = {
        "creator": endpoint.model.creator_id,
        "provider": endpoint.provider_id,
        "aimodel": endpoint.model_id,
        "endpoint": endpoint.pk,
        "price": endpoint.prices.get().pk,
    }[kind]
    assert editor.get(f"/admin/catalog/{kind}/{pk}/change/").status_code == 200


def tick(editor: Client, endpoint: Endpoint, *, watched: bool) -> str:
    form = {
        "form-TOTAL_FORMS": "1",
        "form-INITIAL_FORMS": "1",
        "form-0-id": str(endpoint.pk),
        "_save": "Save",
    } | ({"form-0-watched": "on"} if watched else {})
    return editor.post("/admin/catalog/endpoint/", form, follow=True).content.decode()


def test_watching_in_the_list_is_remembered_as_the_editors_choice(editor: Client) -> None:
    endpoint = make_endpoint()
    tick(editor, endpoint, watched=True)
    endpoint.refresh_from_db()
    assert endpoint.watched
    assert endpoint.edited_fields == ["watched"]


def test_watching_what_nobody_can_probe_is_refused_in_words(editor: Client) -> None:
    endpoint = make_endpoint(protocol="", base_url="")
    page = tick(editor, endpoint, watched=True)
    assert "A watched endpoint needs a protocol and a base URL" in page
    endpoint.refresh_from_db()
    assert not endpoint.watched


def test_a_save_without_a_change_decides_nothing(editor: Client) -> None:
    endpoint = make_endpoint()
    tick(editor, endpoint, watched=False)
    endpoint.refresh_from_db()
    assert endpoint.edited_fields == []


def test_a_providers_link_changed_in_its_page_is_remembered(editor: Client) -> None:
    provider = Provider.objects.create(slug="openai", name="OpenAI")
    link = DocRef.objects.create(provider=provider, kind="docs", url="https://old.test")
    form = {
        "name": "OpenAI, Inc.",
        "slug": "openai",
        "icon": "{}",
        "initial-icon": "{}",
        "doc_refs-TOTAL_FORMS": "1",
        "doc_refs-INITIAL_FORMS": "1",
        "doc_refs-0-id": str(link.pk),
        "doc_refs-0-provider": str(provider.pk),
        "doc_refs-0-kind": "docs",
        "doc_refs-0-url": "https://new.test",
    }
    answer = editor.post(f"/admin/catalog/provider/{provider.pk}/change/", form)
    assert answer.status_code == 302
    provider.refresh_from_db()
    link.refresh_from_db()
    assert (provider.name, provider.edited_fields) == ("OpenAI, Inc.", ["name"])
    assert (link.url, link.edited_fields) == ("https://new.test", ["url"])


def test_fields_can_be_given_back_to_the_sources(editor: Client) -> None:
    endpoint = make_endpoint(edited_fields=["watched"])
    form = {"action": "follow_sources", "_selected_action": [str(endpoint.pk)]}
    editor.post("/admin/catalog/endpoint/", form)
    endpoint.refresh_from_db()
    assert endpoint.edited_fields == []
    assert LogEntry.objects.get().get_change_message() == "follows its source again"


def test_what_a_row_is_known_by_cannot_be_changed(editor: Client) -> None:
    endpoint = make_endpoint()
    page = editor.get(f"/admin/catalog/endpoint/{endpoint.pk}/change/").content.decode()
    assert 'name="base_url"' in page
    for field in ("slug", "provider", "provider_model_id"):
        assert f'name="{field}"' not in page


def sign_in(client: Client, role: str) -> Client:
    user = User.objects.create_user("somebody", password="pw", is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user)
    return client


def endpoint_form(endpoint: Endpoint, **fields: str) -> dict[str, str]:
    """What an endpoint's page posts: also what JSON fields were, and the inline list of its prices."""
    inline = {"prices-TOTAL_FORMS": "0", "prices-INITIAL_FORMS": "0"}
    before = {"initial-regions": "[]", "initial-probe_options": "{}"}
    kept = {"model": str(endpoint.model_id), "regions": "[]", "lifecycle": "active"}
    return inline | before | kept | fields


ELSEWHERE = {
    "base_url": "https://elsewhere.test/v1",
    "base_url_env": "ELSEWHERE_BASE_URL",
    "key_env": "ELSEWHERE_API_KEY",
    "probe_options": '{"auth": "none"}',
    "protocol": "gemini",
}


def test_an_editor_cannot_have_a_key_sent_elsewhere(client: Client) -> None:
    endpoint = make_endpoint(key_env="OPENAI_API_KEY")
    address = f"/admin/catalog/endpoint/{endpoint.pk}/change/"
    page = sign_in(client, EDITOR).get(address).content.decode()
    assert 'name="watched"' in page
    assert not [field for field in ELSEWHERE if f'name="{field}"' in page]
    answer = client.post(address, endpoint_form(endpoint, **ELSEWHERE, watched="on"))
    assert answer.status_code == 302
    endpoint.refresh_from_db()
    assert (endpoint.base_url, endpoint.base_url_env) == ("https://api.test/v1", "")
    assert (endpoint.key_env, endpoint.probe_options) == ("OPENAI_API_KEY", {})
    assert (endpoint.protocol, endpoint.edited_fields) == ("openai_chat", ["watched"])


def test_an_operator_says_where_an_endpoint_is(client: Client) -> None:
    endpoint = make_endpoint(key_env="OPENAI_API_KEY")
    address = f"/admin/catalog/endpoint/{endpoint.pk}/change/"
    answer = sign_in(client, OPERATOR).post(address, endpoint_form(endpoint, **ELSEWHERE))
    assert answer.status_code == 302
    endpoint.refresh_from_db()
    assert {name: getattr(endpoint, name) for name in ELSEWHERE} == ELSEWHERE | {
        "probe_options": {"auth": "none"}
    }
    assert set(endpoint.edited_fields) == set(ELSEWHERE)


@pytest.mark.parametrize(("role", "may"), [(EDITOR, False), (PUBLISHER, False), (OPERATOR, True)])
def test_a_providers_address_and_key_are_the_operators(role: str, may: bool, client: Client) -> None:
    provider = Provider.objects.create(slug="openai", name="OpenAI")
    page = sign_in(client, role).get(f"/admin/catalog/provider/{provider.pk}/change/").content.decode()
    assert 'name="docs_url"' in page
    fields = ("base_url", "base_url_env", "key_env")
    assert [f'name="{field}"' in page for field in fields] == [may] * 3


def test_a_publisher_adds_an_endpoint_without_an_address(client: Client) -> None:
    page = sign_in(client, PUBLISHER).get("/admin/catalog/endpoint/add/").content.decode()
    assert 'name="provider_model_id"' in page
    assert not [field for field in ELSEWHERE if f'name="{field}"' in page]


def test_prices_cannot_be_written_by_hand(editor: Client) -> None:
    fill(1)
    price = Price.objects.get()
    assert editor.get("/admin/catalog/price/add/").status_code == 403
    assert editor.post(f"/admin/catalog/price/{price.pk}/change/", {"tier": "x"}).status_code == 403
    assert editor.post(f"/admin/catalog/price/{price.pk}/delete/", {"post": "yes"}).status_code == 403

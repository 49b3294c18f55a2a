"""Deciding on proposals and asking for lists in the admin: who may, what is shown, what is written."""

import datetime as dt

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from catalog.models import CatalogChange, Endpoint, Provider, ProviderSync, RateLimit
from catalog.tests.factories import NOW, make_change, make_endpoint, make_model, make_newcomer
from editorial.roles import AUTHOR, EDITOR, OPERATOR, PUBLISHER

pytestmark = pytest.mark.django_db

LIST = "/admin/catalog/catalogchange/"


def sign_in(client: Client, role: str) -> User:
    user = User.objects.create_user("somebody", password="pw", is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user)
    return user


def decide(client: Client, action: str, *changes: CatalogChange) -> str:
    form = {"action": action, "_selected_action": [str(change.pk) for change in changes]}
    return client.post(LIST, form, follow=True).content.decode()


def states() -> list[str]:
    return list(CatalogChange.objects.order_by("pk").values_list("state", flat=True))


@pytest.mark.parametrize("role", [EDITOR, OPERATOR, PUBLISHER])
def test_who_may_change_the_catalogue_decides_in_bulk(role: str, client: Client) -> None:
    user = sign_in(client, role)
    endpoint = make_endpoint()
    lifecycle = make_change(endpoint)
    limit = make_change(endpoint, kind="limit", field="context_window", old_value=None, new_value=9)
    assert "2 changes were approved." in decide(client, "approve", lifecycle, limit)
    assert states() == ["approved", "approved"]
    assert {change.decided_by for change in CatalogChange.objects.all()} == {user}
    endpoint.refresh_from_db()
    assert (endpoint.lifecycle, endpoint.model.context_window) == ("deprecated", 9)
    assert set(LogEntry.objects.values_list("user", flat=True)) == {user.pk}


def test_what_is_rejected_changes_nothing_but_itself(client: Client) -> None:
    sign_in(client, EDITOR)
    endpoint = make_endpoint()
    assert "1 change was rejected." in decide(client, "reject", make_change(endpoint))
    endpoint.refresh_from_db()
    assert (endpoint.lifecycle, states()) == ("active", ["rejected"])


def test_what_cannot_be_decided_is_said_and_the_rest_goes_through(client: Client) -> None:
    sign_in(client, EDITOR)
    endpoint = make_endpoint()
    outdated = make_change(endpoint, old_value="retired", new_value="active")
    done = make_change(endpoint, state="rejected", decided_at=NOW)
    limit = make_change(endpoint, kind="limit", field="context_window", old_value=None, new_value=9)
    page = decide(client, "approve", outdated, done, limit)
    assert "the catalogue no longer says retired" in page
    assert "lifecycle is rejected already" in page
    assert "1 change was approved." in page
    assert states() == ["superseded", "rejected", "approved"]


def test_an_approved_new_model_is_linked_for_review(client: Client) -> None:
    sign_in(client, EDITOR)
    change = make_newcomer(make_endpoint().provider, "gpt-6")
    page = decide(client, "approve", change)
    added = Endpoint.objects.get(provider_model_id="gpt-6")
    assert f'<a href="/admin/catalog/endpoint/{added.pk}/change/">openai--gpt-6</a>' in page
    assert not added.watched


def test_an_author_looks_and_does_not_decide(client: Client) -> None:
    sign_in(client, AUTHOR)
    change = make_change(make_endpoint())
    page = client.get(LIST).content.decode()
    assert "<del>active</del> → <ins>deprecated</ins>" in page
    assert 'value="approve"' not in page
    decide(client, "approve", change)
    assert states() == ["proposed"]


def test_nobody_edits_adds_or_deletes_a_proposal(client: Client) -> None:
    client.force_login(User.objects.create_superuser("root"))
    change = make_change(make_endpoint())
    page = client.get(f"{LIST}{change.pk}/change/").content.decode()
    assert "https://api.test/v1/models" in page
    assert 'name="_save"' not in page
    assert client.post(f"{LIST}{change.pk}/change/", {"state": "approved"}).status_code == 403
    assert client.get(f"{LIST}add/").status_code == 403
    assert client.post(f"{LIST}{change.pk}/delete/", {"post": "yes"}).status_code == 403
    assert states() == ["proposed"]


def test_a_source_is_linked_only_where_it_is_a_web_address(client: Client) -> None:
    sign_in(client, EDITOR)
    make_change(make_endpoint(), source_url="javascript:alert(1)")
    page = client.get(LIST).content.decode()
    assert "javascript:" not in page
    CatalogChange.objects.update(source_url='https://api.test/"><script>')
    page = client.get(LIST).content.decode()
    assert 'href="https://api.test/&quot;&gt;&lt;script&gt;"' in page


def test_proposals_are_narrowed_by_provider_kind_and_state(client: Client) -> None:
    sign_in(client, EDITOR)
    model = make_model()
    openai, azure = make_endpoint("openai", model), make_endpoint("azure", model)
    make_change(openai)
    make_change(openai, kind="limit", field="context_window", new_value=9)
    make_change(azure, state="rejected", decided_at=NOW)
    for query, count in (
        (f"provider__id__exact={azure.provider_id}", 1),
        ("kind__exact=limit", 1),
        ("state__exact=proposed", 2),
        ("q=gpt-4.1", 3),
    ):
        page = client.get(f"{LIST}?{query}")
        assert page.context["cl"].result_count == count, query


def test_the_lists_queries_do_not_grow_with_its_rows(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    user = sign_in(client, EDITOR)
    for number in range(40):
        endpoint = make_endpoint(f"provider-{number}", make_model(f"model-{number}"))
        make_change(endpoint, state="rejected", decided_by=user, decided_at=NOW)
    with django_assert_max_num_queries(12):
        assert client.get(LIST).status_code == 200


PROVIDER_FORM = {
    "name": "OpenAI",
    "slug": "openai",
    "icon": "{}",
    "initial-icon": "{}",
    "doc_refs-TOTAL_FORMS": "0",
    "doc_refs-INITIAL_FORMS": "0",
    "_sync_now": "",
}


def provider_page(provider: Provider) -> str:
    return f"/admin/catalog/provider/{provider.pk}/change/"


def test_a_providers_page_says_how_the_last_reading_went(client: Client) -> None:
    sign_in(client, EDITOR)
    provider = make_endpoint().provider
    assert "Never asked" in client.get(provider_page(provider)).content.decode()
    ProviderSync.objects.create(
        provider=provider, region="seoul", error="HTTP 401 invalid_api_key", failures=7, model_count=41
    )
    make_change(Endpoint.objects.get())
    page = client.get(provider_page(provider)).content.decode()
    for told in ("HTTP 401 invalid_api_key", "seoul", "41", "1 proposed change"):
        assert told in page
    assert f"{LIST}?provider__id__exact={provider.pk}&amp;state__exact=proposed" in page
    assert "HTTP 401" in client.get("/admin/catalog/provider/").content.decode()


def test_an_operator_asks_for_a_list_at_once(client: Client) -> None:
    user = sign_in(client, OPERATOR)
    provider = Provider.objects.create(slug="openai", name="OpenAI")
    ProviderSync.objects.create(
        provider=provider, next_try_at=NOW + dt.timedelta(days=9000), compared_at=NOW, failures=3, error="x"
    )
    assert 'name="_sync_now"' in client.get(provider_page(provider)).content.decode()
    page = client.post(provider_page(provider), PROVIDER_FORM, follow=True).content.decode()
    assert "is read as soon as a POP that holds its key takes the order" in page
    sync = ProviderSync.objects.get()
    assert (sync.next_try_at, sync.compared_at) == (None, None)
    assert LogEntry.objects.get(change_message="sync asked for by hand").user == user


def test_an_operator_asks_for_several_lists_but_not_for_invented_ones(client: Client) -> None:
    sign_in(client, OPERATOR)
    rows = [
        Provider.objects.create(slug="openai", name="OpenAI"),
        Provider.objects.create(slug="aurora-labs", name="Aurora Labs", simulated=True),
    ]
    form = {"action": "sync_now", "_selected_action": [str(row.pk) for row in rows]}
    client.post("/admin/catalog/provider/", form)
    assert [sync.provider for sync in ProviderSync.objects.all()] == rows[:1]
    assert "_sync_now" not in client.get(provider_page(rows[1])).content.decode()


@pytest.mark.parametrize("role", [EDITOR, PUBLISHER])
def test_who_is_no_operator_neither_asks_nor_trusts(role: str, client: Client) -> None:
    sign_in(client, role)
    provider = Provider.objects.create(slug="openai", name="OpenAI")
    page = client.get(provider_page(provider)).content.decode()
    assert 'name="_sync_now"' not in page
    assert 'name="sync_trusted"' not in page
    client.post(provider_page(provider), PROVIDER_FORM | {"sync_trusted": "on"})
    form = {"action": "sync_now", "_selected_action": [str(provider.pk)]}
    client.post("/admin/catalog/provider/", form)
    provider.refresh_from_db()
    assert not provider.sync_trusted
    assert not ProviderSync.objects.exists()


def test_a_documented_limit_is_stated_by_hand_with_its_address(client: Client) -> None:
    sign_in(client, PUBLISHER)
    endpoint = make_endpoint()
    form = {"endpoint": str(endpoint.pk), "kind": "requests", "window": "minute", "limit": "60"}
    refused = client.post("/admin/catalog/ratelimit/add/", form)
    assert refused.context["adminform"].form.errors.keys() == {"source_url"}
    answer = client.post("/admin/catalog/ratelimit/add/", form | {"source_url": "https://docs.test/limits"})
    assert answer.status_code == 302
    row = RateLimit.objects.get()
    assert (row.limit, row.source, row.source_url) == (60, "documentation", "https://docs.test/limits")
    address = f"/admin/catalog/ratelimit/{row.pk}/change/"
    assert client.post(address, {"limit": "1"}).status_code == 403
    assert "documentation" in client.get(address).content.decode()


def test_an_editor_adds_no_limit(client: Client) -> None:
    sign_in(client, EDITOR)
    assert client.get("/admin/catalog/ratelimit/add/").status_code == 403


def test_the_list_of_limits_takes_as_many_queries_for_many_rows(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    sign_in(client, EDITOR)
    for number in range(40):
        endpoint = make_endpoint(f"provider-{number}", make_model(f"model-{number}"))
        facts = {"kind": "requests", "window": "minute", "limit": 9, "source": "headers", "region": "seoul"}
        RateLimit.objects.create(endpoint=endpoint, first_seen_at=NOW, last_seen_at=NOW, **facts)
    with django_assert_max_num_queries(12):
        assert client.get("/admin/catalog/ratelimit/").status_code == 200

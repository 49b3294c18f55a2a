"""One proposal per difference: kept up to date, decided once, not made again after a rejection."""

import datetime as dt
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from pytest_django import DjangoAssertNumQueries

from catalog.models import AIModel, CatalogChange, Creator, Endpoint, Price, Provider
from catalog.services import SyncReport, approve_change, propose_changes, reject_change
from catalog.stated import StatedModel
from catalog.tests.factories import NOW, make_endpoint, make_model, make_price, make_stated

pytestmark = pytest.mark.django_db

URL = "https://api.test/v1/models"


def at(minutes: int) -> dt.datetime:
    return NOW + dt.timedelta(minutes=minutes)


def see(*models: StatedModel, minute: int = 0, **more: Any) -> SyncReport:
    moment = at(minute)
    return propose_changes("openai", models, seen_at=moment, source_url=URL, now=moment, **more)


def states(**filters: Any) -> list[str]:
    rows = CatalogChange.objects.filter(**filters).order_by("pk")
    return list(rows.values_list("state", flat=True))


def waiting() -> list[tuple[str, str, str, Any]]:
    rows = CatalogChange.objects.proposed().order_by("provider_model_id", "field")
    return [(row.provider_model_id, row.kind, row.field, row.new_value) for row in rows]


@pytest.fixture
def endpoint() -> Endpoint:
    return make_endpoint()


@pytest.fixture
def editor() -> User:
    return User.objects.create_user("editor")


def test_a_list_that_says_what_the_catalogue_says_proposes_nothing(endpoint: Endpoint) -> None:
    make_price(endpoint)
    report = see(make_stated(lifecycle="active", rates={"input": "2", "output": "8"}))
    assert (report.models, report.proposed, waiting()) == (1, 0, [])


def test_every_difference_is_one_proposal_with_its_source(endpoint: Endpoint) -> None:
    make_price(endpoint)
    stated = make_stated(lifecycle="deprecated", retires_at=NOW, context_window=9, rates={"input": "1"})
    see(stated, make_stated("gpt-6"), content_hash="abc")
    assert waiting() == [
        ("gpt-4.1", "limit", "context_window", 9),
        ("gpt-4.1", "lifecycle", "lifecycle", "deprecated"),
        ("gpt-4.1", "price", "price", {"input_usd_per_mtok": "1"}),
        ("gpt-4.1", "lifecycle", "retires_at", "2026-11-21T12:00:00+00:00"),
        ("gpt-6", "new_model", "presence", "listed"),
    ]
    price = CatalogChange.objects.get(field="price")
    assert price.old_value == {"input_usd_per_mtok": "2", "output_usd_per_mtok": "8"}
    assert (price.endpoint, price.source_name, price.source_url) == (endpoint, "provider-list", URL)
    assert (price.content_hash, price.first_seen_at, price.last_seen_at) == ("abc", NOW, NOW)
    assert CatalogChange.objects.get(kind="new_model").endpoint is None


def test_the_same_list_again_is_seen_again_and_nothing_else(endpoint: Endpoint) -> None:
    see(make_stated(lifecycle="deprecated"))
    report = see(make_stated(lifecycle="deprecated"), minute=5)
    change = CatalogChange.objects.get()
    assert (report.proposed, report.seen_again) == (0, 1)
    assert (change.first_seen_at, change.last_seen_at, change.times_seen) == (NOW, at(5), 2)


def test_a_value_that_returns_to_the_catalogues_closes_its_proposal(endpoint: Endpoint) -> None:
    see(make_stated(lifecycle="deprecated"))
    report = see(make_stated(lifecycle="active"), minute=5)
    change = CatalogChange.objects.get()
    assert (report.superseded, change.state, change.decided_at) == (1, "superseded", at(5))
    assert change.decided_by is None


def test_another_value_replaces_the_proposal(endpoint: Endpoint) -> None:
    see(make_stated(context_window=9))
    see(make_stated(context_window=10), minute=5)
    assert states() == ["superseded", "proposed"]
    assert waiting() == [("gpt-4.1", "limit", "context_window", 10)]


def test_a_proposal_follows_the_catalogue_when_that_changes(endpoint: Endpoint) -> None:
    see(make_stated(context_window=9))
    AIModel.objects.update(context_window=7)
    see(make_stated(context_window=9), minute=5)
    assert states() == ["superseded", "proposed"]
    assert CatalogChange.objects.proposed().get().old_value == 7


def test_what_was_rejected_is_not_proposed_again_until_it_changes(endpoint: Endpoint, editor: User) -> None:
    see(make_stated(context_window=9))
    reject_change(CatalogChange.objects.get(), by=editor, now=at(1))
    assert see(make_stated(context_window=9), minute=5).held_back == 1
    assert states() == ["rejected"]
    see(make_stated(context_window=10), minute=10)
    assert states() == ["rejected", "proposed"]
    see(make_stated(context_window=9), minute=15)
    assert waiting() == [("gpt-4.1", "limit", "context_window", 9)]
    assert CatalogChange.objects.get(state="rejected").lapsed_at == at(10)


def test_a_rejection_ends_when_the_list_comes_round(endpoint: Endpoint, editor: User) -> None:
    see(make_stated(lifecycle="deprecated"))
    reject_change(CatalogChange.objects.get(), by=editor, now=at(1))
    see(make_stated(lifecycle="active"), minute=5)
    see(make_stated(lifecycle="deprecated"), minute=10)
    assert states() == ["rejected", "proposed"]


def test_a_rejected_new_model_stays_rejected_whatever_else_is_said_of_it(editor: User) -> None:
    Provider.objects.create(slug="openai", name="OpenAI")
    see(make_stated("gpt-6"))
    reject_change(CatalogChange.objects.get(), by=editor, now=at(1))
    see(make_stated("gpt-6", context_window=8, rates={"input": "1"}), minute=5)
    assert states() == ["rejected"]


def test_a_model_is_gone_after_three_complete_lists_without_it(endpoint: Endpoint) -> None:
    other = make_stated("gpt-4o")
    make_endpoint("openai", make_model("gpt-4o"))
    for minute, expected in ((0, []), (5, []), (10, [("gpt-4.1", "gone", "presence", "absent")])):
        see(other, minute=minute)
        assert waiting() == expected
    see(make_stated(), other, minute=15)
    assert (waiting(), states()) == ([], ["superseded"])


def test_a_partial_list_says_nothing_about_what_it_lacks(endpoint: Endpoint) -> None:
    for minute in range(0, 50, 5):
        see(make_stated("gpt-4o"), minute=minute, complete=False)
    assert not CatalogChange.objects.filter(kind="gone").exists()


def test_a_partial_list_neither_counts_nor_forgets_an_absence(endpoint: Endpoint) -> None:
    for minute, complete in enumerate((True, False, True, False, True)):
        assert not CatalogChange.objects.filter(kind="gone").exists()
        see(make_stated("gpt-4o"), minute=minute, complete=complete)
    assert states(kind="gone") == ["proposed"]
    see(make_stated("gpt-4o"), minute=9, complete=False)
    gone = CatalogChange.objects.get(kind="gone")
    assert (gone.state, gone.times_seen) == ("proposed", 1)


def test_one_list_that_has_the_model_starts_the_count_anew(endpoint: Endpoint) -> None:
    for minute, model in enumerate(("gpt-4o", "gpt-4o", "gpt-4.1", "gpt-4o", "gpt-4o")):
        see(make_stated(model), minute=minute)
    assert not CatalogChange.objects.filter(kind="gone").exists()


def test_what_is_retired_already_is_not_gone() -> None:
    make_endpoint(lifecycle="retired")
    for minute in range(4):
        see(make_stated("gpt-4o"), minute=minute)
    assert not CatalogChange.objects.filter(kind="gone").exists()


def test_a_proposal_outlives_two_lists_without_its_model_but_not_three(endpoint: Endpoint) -> None:
    see(make_stated(), make_stated("gpt-6", context_window=8))
    for minute, state in ((1, "proposed"), (2, "proposed"), (3, "superseded")):
        see(make_stated(), minute=minute)
        assert states(provider_model_id="gpt-6") == [state]


def test_a_hosts_own_limit_does_not_pass_for_the_models() -> None:
    model = make_model()
    make_endpoint("azure", model)
    make_endpoint("openai", model)
    see(make_stated(context_window=9))
    assert waiting() == [("gpt-4.1", "limit", "context_window", 9)]
    moment = at(5)
    stated = [make_stated(context_window=7)]
    propose_changes("azure", stated, seen_at=moment, source_url=URL, now=moment)
    assert CatalogChange.objects.filter(provider__slug="azure").count() == 0


def test_a_host_that_alone_serves_a_model_may_state_its_limits() -> None:
    meta = Creator.objects.create(slug="meta", name="Meta")
    make_endpoint("groq", make_model("llama-9", creator=meta))
    propose_changes("groq", [make_stated("llama-9", context_window=7)], seen_at=NOW, source_url=URL, now=NOW)
    assert waiting() == [("llama-9", "limit", "context_window", 7)]


def test_a_trusted_providers_list_is_approved_by_itself_but_not_that_a_model_is_gone() -> None:
    endpoint = make_endpoint()
    make_price(endpoint)
    Provider.objects.update(sync_trusted=True)
    see(make_stated(rates={"input": "1"}), make_stated("gpt-6"))
    assert Price.objects.current().get().input_usd_per_mtok == 1
    assert Endpoint.objects.get(slug="openai--gpt-6").watched is False
    for minute in range(1, 5):
        see(make_stated("gpt-6"), minute=minute)
    assert waiting() == [("gpt-4.1", "gone", "presence", "absent")]
    endpoint.refresh_from_db()
    assert endpoint.lifecycle == "active"
    approved = CatalogChange.objects.filter(state="approved")
    assert [(row.decided_by, row.decided_at) for row in approved] == [(None, NOW)] * 2


def trusted_with_a_name_clash() -> None:
    """Whatever a new model "gpt-6" of OpenAI is called, another creator's model is called so."""
    make_endpoint()
    Provider.objects.update(sync_trusted=True)
    for slug in ("gpt-6", "openai-gpt-6"):
        make_model(slug, creator=Creator.objects.create(slug=f"{slug}-maker", name="Other"))


def test_one_model_that_cannot_be_added_does_not_block_a_trusted_providers_list() -> None:
    trusted_with_a_name_clash()
    report = see(make_stated("gpt-6", context_window=8), make_stated("gpt-7"), make_stated(context_window=9))
    assert (report.approved, report.undecided) == (2, 1)
    assert Endpoint.objects.filter(slug="openai--gpt-7").exists()
    change = CatalogChange.objects.proposed().get()
    assert change.provider_model_id == "gpt-6"
    assert change.facts["undecided"].startswith(
        "ValueError: gpt-6 and openai-gpt-6 are other creators' models"
    )
    assert change.facts["context_window"] == 8
    assert Creator.objects.filter(slug="openai").count() == 1


def test_what_could_not_be_approved_is_approved_by_a_later_list_once_it_can() -> None:
    trusted_with_a_name_clash()
    see(make_stated("gpt-6"))
    assert see(make_stated("gpt-6"), minute=5).undecided == 1
    AIModel.objects.filter(slug="gpt-6").delete()
    report = see(make_stated("gpt-6"), minute=10)
    assert (report.approved, report.undecided) == (1, 0)
    change = CatalogChange.objects.get(provider_model_id="gpt-6")
    assert (change.state, change.times_seen) == ("approved", 3)
    assert "undecided" not in change.facts


def test_what_the_database_refuses_stays_proposed_and_the_rest_is_approved(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_endpoint()
    Provider.objects.update(sync_trusted=True)

    def approve(change: CatalogChange, **kwargs: Any) -> Endpoint:
        if change.provider_model_id == "gpt-6":
            with transaction.atomic():
                Provider.objects.create(slug="openai", name="the slug is taken")
        return approve_change(change, **kwargs)

    monkeypatch.setattr("catalog.services.proposals.approve_change", approve)
    report = see(make_stated("gpt-6"), make_stated("gpt-7"))
    assert (report.approved, report.undecided) == (1, 1)
    assert CatalogChange.objects.proposed().get().facts["undecided"].startswith("IntegrityError: ")


def test_an_approved_value_is_not_proposed_again(endpoint: Endpoint, editor: User) -> None:
    make_price(endpoint)
    stated = make_stated(
        lifecycle="deprecated", deprecated_at=NOW, retires_at=NOW, context_window=9, rates={"input": "1"}
    )
    see(stated, make_stated("gpt-6", rates={"output": "3"}, retires_at=NOW))
    for change in CatalogChange.objects.proposed():
        approve_change(change, by=editor, now=at(1))
    report = see(stated, make_stated("gpt-6", rates={"output": "3"}, retires_at=NOW), minute=5)
    assert (report.proposed, set(states())) == (0, {"approved"})


def test_the_queries_of_a_list_do_not_grow_with_it(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(40):
        make_price(make_endpoint("openai", make_model(f"m{number}")))
    models = [make_stated(f"m{number}", rates={"input": "1"}) for number in range(60)]
    see(*models)
    assert len(waiting()) == 60
    with django_assert_max_num_queries(16):
        assert see(*models, minute=5).seen_again == 60
    dearer = [make_stated(f"m{number}", rates={"input": "3"}) for number in range(60)]
    with django_assert_max_num_queries(16):
        assert see(*dearer, minute=10).superseded == 40

"""An approved proposal changes the catalogue, is written down, and outlives the imports."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User

from catalog.models import AIModel, CatalogChange, Creator, Endpoint, Price, Provider
from catalog.services import AlreadyDecided, Outdated, approve_change, import_catalog, reject_change
from catalog.tests.factories import (
    NOW,
    make_change,
    make_curation,
    make_endpoint,
    make_listing,
    make_model,
    make_newcomer,
    make_price,
)

pytestmark = pytest.mark.django_db

URL = "https://api.test/v1/models"
LATER = NOW + dt.timedelta(hours=1)


@pytest.fixture
def editor() -> User:
    return User.objects.create_user("editor")


def run_import() -> None:
    import_catalog(now=LATER, listings=[make_listing()], curation=make_curation())


def test_an_approved_lifecycle_is_the_endpoints_and_its_models(editor: User) -> None:
    run_import()
    endpoint = Endpoint.objects.get()
    change = make_change(endpoint)
    assert approve_change(change, by=editor, now=LATER) == endpoint
    change.refresh_from_db()
    assert (change.state, change.decided_by, change.decided_at) == ("approved", editor, LATER)
    run_import()
    endpoint.refresh_from_db()
    assert (endpoint.lifecycle, endpoint.edited_fields) == ("deprecated", ["lifecycle"])
    assert AIModel.objects.get().lifecycle == "deprecated"


def test_a_decision_is_written_into_the_log_of_all_that_it_changed(editor: User) -> None:
    endpoint = make_endpoint()
    change = make_change(endpoint)
    approve_change(change, by=editor, now=LATER)
    told = f"lifecycle: active → deprecated ({URL})"
    entries = LogEntry.objects.order_by("pk").values_list("user", "object_id", "change_message")
    assert list(entries) == [
        (editor.pk, str(endpoint.pk), told),
        (editor.pk, str(endpoint.model_id), told),
        (editor.pk, str(change.pk), "approved"),
    ]


def test_a_model_lives_as_long_as_somebody_serves_it(editor: User) -> None:
    meta = Creator.objects.create(slug="meta", name="Meta")
    model = make_model("llama-9", creator=meta)
    first, second = make_endpoint("groq", model), make_endpoint("togetherai", model)
    for endpoint, expected in ((first, "active"), (second, "retired")):
        approve_change(make_change(endpoint, new_value="retired"), by=editor, now=LATER)
        model.refresh_from_db()
        assert model.lifecycle == expected


def test_its_creators_own_provider_decides_on_a_models_life(editor: User) -> None:
    model = make_model()
    make_endpoint("azure", model)
    approve_change(make_change(make_endpoint("openai", model)), by=editor, now=LATER)
    model.refresh_from_db()
    assert model.lifecycle == "deprecated"


def test_an_approved_absence_retires_and_imports_do_not_revive(editor: User) -> None:
    run_import()
    endpoint = Endpoint.objects.get()
    gone = {"kind": "gone", "field": "presence", "old_value": "listed", "new_value": "absent"}
    approve_change(make_change(endpoint, **gone), by=editor, now=LATER)
    run_import()
    endpoint.refresh_from_db()
    assert endpoint.lifecycle == "retired"


def test_an_approved_date_is_a_fact_with_its_source(editor: User) -> None:
    endpoint = make_endpoint()
    dates = {"field": "retires_at", "old_value": None, "new_value": LATER.isoformat()}
    approve_change(make_change(endpoint, **dates), by=editor, now=LATER)
    endpoint.refresh_from_db()
    assert (endpoint.retires_at, endpoint.deprecated_at) == (LATER, None)
    assert (endpoint.dates_source_name, endpoint.dates_source_url) == ("provider-list", URL)
    assert endpoint.dates_seen_at == NOW
    taken_back = {"field": "retires_at", "old_value": LATER.isoformat(), "new_value": None}
    approve_change(make_change(endpoint, **taken_back), by=editor, now=LATER)
    endpoint.refresh_from_db()
    assert endpoint.retires_at is None


def make_price_change(endpoint: Endpoint, **overrides: Any) -> CatalogChange:
    facts = {
        "kind": "price",
        "field": "price",
        "old_value": {"input_usd_per_mtok": "2", "output_usd_per_mtok": "8"},
        "new_value": {"input_usd_per_mtok": "1.25"},
        "first_seen_at": NOW + dt.timedelta(minutes=30),
        "last_seen_at": LATER,
    }
    return make_change(endpoint, **facts | overrides)


def test_an_approved_price_closes_the_old_row_and_adds_one_from_when_it_was_first_seen(editor: User) -> None:
    run_import()
    Price.objects.update(valid_from=NOW)
    endpoint = Endpoint.objects.get()
    change = make_price_change(endpoint)
    approve_change(change, by=editor, now=LATER)
    old, new = Price.objects.order_by("valid_from")
    assert (old.input_usd_per_mtok, old.valid_to) == (Decimal(2), change.first_seen_at)
    assert (new.input_usd_per_mtok, new.output_usd_per_mtok) == (Decimal("1.25"), None)
    assert (new.valid_from, new.valid_to) == (change.first_seen_at, None)
    assert (new.source_name, new.source_url, new.retrieved_at) == ("provider-list", URL, LATER)
    run_import()
    assert Price.objects.current().get() == new


def test_a_first_price_needs_no_old_one(editor: User) -> None:
    approve_change(make_price_change(make_endpoint(), old_value=None), by=editor, now=LATER)
    assert Price.objects.get().input_usd_per_mtok == Decimal("1.25")


def test_a_price_never_ends_before_it_began(editor: User) -> None:
    endpoint = make_endpoint()
    make_price(endpoint, valid_from=LATER)
    approve_change(make_price_change(endpoint), by=editor, now=LATER)
    old, new = Price.objects.order_by("pk")
    assert (old.valid_to, new.valid_from) == (LATER, LATER)


def test_an_approved_limit_is_the_models_and_stays(editor: User) -> None:
    run_import()
    change = {"kind": "limit", "field": "context_window", "old_value": None, "new_value": 9}
    approve_change(make_change(Endpoint.objects.get(), **change), by=editor, now=LATER)
    run_import()
    assert AIModel.objects.get().context_window == 9


def test_a_new_model_comes_as_an_import_would_bring_it_and_unwatched(editor: User) -> None:
    existing = make_model("gpt-4.1-mini")
    provider = make_endpoint("openrouter", existing).provider
    Provider.objects.update(
        key_env="OPENROUTER_API_KEY",
        base_url="https://openrouter.ai/api/v1",
        protocol="openai_chat",
        curated=True,
    )
    change = make_newcomer(
        provider,
        "openai/gpt-4.1",
        name="OpenAI: GPT-4.1",
        rates={"input": "2", "output": "8"},
        context_window=1000,
        retires_at=LATER,
        released_at=NOW,
    )
    endpoint = approve_change(change, by=editor, now=LATER)
    assert (endpoint.slug, endpoint.model.slug) == ("openrouter--openai-gpt-4.1", "gpt-4.1")
    assert (endpoint.model.creator.slug, endpoint.model.context_window) == ("openai", 1000)
    assert endpoint.model.released_on == NOW.date()
    assert (endpoint.watched, endpoint.source_name, endpoint.key_env) == (
        False,
        "provider-list",
        "OPENROUTER_API_KEY",
    )
    assert (endpoint.protocol, endpoint.base_url) == ("openai_chat", "https://openrouter.ai/api/v1")
    assert (endpoint.retires_at, endpoint.dates_source_url) == (LATER, URL)
    price = endpoint.prices.get()
    assert (price.input_usd_per_mtok, price.valid_from, price.source_url) == (Decimal(2), NOW, URL)
    change.refresh_from_db()
    assert change.endpoint == endpoint


def test_a_new_offer_of_a_known_model_joins_it(editor: User) -> None:
    model = make_endpoint("openai", make_model("gpt-4.1")).model
    provider = Provider.objects.create(slug="openrouter", name="OpenRouter")
    endpoint = approve_change(make_newcomer(provider, "openai/gpt-4.1"), by=editor, now=LATER)
    assert endpoint.model == model
    assert AIModel.objects.count() == 1


def test_a_new_model_takes_no_other_creators_slug_and_no_endpoints_slug(editor: User) -> None:
    meta = Creator.objects.create(slug="meta", name="Meta")
    make_model("gpt-6", creator=meta)
    provider = make_endpoint("openai", make_model("other"), slug="openai--gpt-6").provider
    endpoint = approve_change(make_newcomer(provider, "gpt-6"), by=editor, now=LATER)
    assert endpoint.model.slug == "openai-gpt-6"
    assert endpoint.slug.startswith("openai--gpt-6-")


def test_a_name_that_is_too_long_for_a_slug_is_cut_and_told_apart(editor: User) -> None:
    provider = Provider.objects.create(slug="p" * 80, name="P")
    endpoint = approve_change(make_newcomer(provider, "m" * 200), by=editor, now=LATER)
    assert (len(endpoint.slug), len(endpoint.model.slug)) == (240, 160)


def test_an_import_adopts_a_model_that_a_list_brought_first(editor: User) -> None:
    provider = Provider.objects.create(slug="openai", name="OpenAI")
    endpoint = approve_change(make_newcomer(provider, "gpt-4.1"), by=editor, now=LATER)
    run_import()
    endpoint.refresh_from_db()
    assert Endpoint.objects.count() == 1
    assert endpoint.source_name == "models.dev"


def test_a_proposal_that_the_catalogue_has_overtaken_is_superseded_and_changes_nothing(editor: User) -> None:
    endpoint = make_endpoint(lifecycle="retired")
    for change in (
        make_change(endpoint),
        make_change(endpoint, kind="gone", field="presence", old_value="listed", new_value="absent"),
        make_change(
            endpoint, kind="price", field="price", old_value={}, new_value={"input_usd_per_mtok": "1"}
        ),
        make_newcomer(endpoint.provider, "gpt-4.1-again"),
    ):
        if change.kind == "new_model":
            make_endpoint("openai", make_model("gpt-4.1-again"))
        with pytest.raises(Outdated, match="no longer says"):
            approve_change(change, by=editor, now=LATER)
        change.refresh_from_db()
        assert (change.state, change.decided_by) == ("superseded", None)
    endpoint.refresh_from_db()
    assert (endpoint.lifecycle, endpoint.edited_fields) == ("retired", [])
    assert not Price.objects.exists()


def test_a_proposal_is_decided_once(editor: User) -> None:
    change = make_change(make_endpoint())
    reject_change(change, by=editor, now=LATER)
    change.refresh_from_db()
    assert (change.state, change.decided_by, change.decided_at) == ("rejected", editor, LATER)
    assert LogEntry.objects.get().change_message == "rejected"
    for decide in (approve_change, reject_change):
        with pytest.raises(AlreadyDecided, match="is rejected already"):
            decide(change, by=editor, now=LATER)
    assert Endpoint.objects.get().lifecycle == "active"

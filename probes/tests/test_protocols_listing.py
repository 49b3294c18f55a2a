"""The model lists of every protocol, in the shapes of the vendors' references and SDK types."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from probes.protocols import PROTOCOLS
from probes.protocols.judging import judge
from probes.protocols.listing import ListedModel, ListingShapeError
from probes.protocols.questions import Question


def at(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, tzinfo=UTC)


def read(protocol: str, document: Any) -> list[ListedModel]:
    return PROTOCOLS[protocol].read_listing(document)


def test_anthropics_lifecycle_and_capabilities_are_read():
    able = {"image_input": {"supported": True}, "pdf_input": {"supported": False}, "batch": None}
    item = {
        "type": "model",
        "id": "claude-opus-4",
        "display_name": "Claude Opus 4",
        "created_at": "2025-05-22T00:00:00Z",
        "lifecycle": "deprecated",
        "deprecated_at": "2026-06-30T00:00:00Z",
        "retires_at": "2026-12-31T00:00:00Z",
        "max_input_tokens": 200000,
        "max_tokens": 32000,
        "capabilities": able,
    }
    assert read("anthropic_messages", {"data": [item], "has_more": False}) == [
        ListedModel(
            id="claude-opus-4",
            name="Claude Opus 4",
            lifecycle="deprecated",
            deprecated_at=at(2026, 6, 30),
            retires_at=at(2026, 12, 31),
            released_at=at(2025, 5, 22),
            context_window=200000,
            max_output_tokens=32000,
            owned_by="anthropic",
            modalities_in=("image", "text"),
        )
    ]


def test_anthropics_older_list_states_less():
    item = {"type": "model", "id": "c", "display_name": "C", "created_at": "1970-01-01T00:00:00Z"}
    assert read("anthropic_messages", {"data": [item]}) == [
        ListedModel(id="c", name="C", owned_by="anthropic")
    ]


def test_geminis_limits_are_read():
    chat = {
        "name": "models/gemini-2.5-flash",
        "displayName": "Gemini 2.5 Flash",
        "inputTokenLimit": 1048576,
        "outputTokenLimit": 65536,
        "supportedGenerationMethods": ["generateContent", "countTokens"],
    }
    embedder = {"name": "models/gemini-embedding-001", "supportedGenerationMethods": ["embedContent"]}
    assert read("gemini", {"models": [chat, embedder]}) == [
        ListedModel(
            id="gemini-2.5-flash",
            name="Gemini 2.5 Flash",
            context_window=1048576,
            max_output_tokens=65536,
            owned_by="google",
        ),
        ListedModel(id="gemini-embedding-001", modalities_out=("embedding",), owned_by="google"),
    ]


def test_coheres_limits_and_deprecation_are_read():
    items = [
        {"name": "command-a", "endpoints": ["chat"], "context_length": 256000.0, "is_deprecated": False},
        {"name": "embed-v4", "endpoints": ["embed", "embed_image"], "is_deprecated": True},
        {"name": "command-r"},
    ]
    assert read("cohere_v2", {"models": items}) == [
        ListedModel(id="command-a", lifecycle="active", context_window=256000, owned_by="cohere"),
        ListedModel(id="embed-v4", lifecycle="deprecated", modalities_out=("embedding",), owned_by="cohere"),
        ListedModel(id="command-r", owned_by="cohere"),
    ]


def test_ollamas_tags_are_read():
    item = {"name": "llama3.2:latest", "model": "llama3.2:latest", "modified_at": "2026-01-01T00:00:00Z"}
    assert read("ollama_chat", {"models": [item]}) == [ListedModel(id="llama3.2:latest")]


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize(
    "document",
    [
        {},
        [],
        None,
        "no",
        7,
        {"data": {}, "models": {}},
        {"data": ["x"], "models": ["x"]},
        {"data": [{}], "models": [{}]},
    ],
)
def test_what_is_no_list_is_refused_or_empty(protocol, document):
    if document == []:
        assert read(protocol, document) == []
        return
    with pytest.raises(ListingShapeError):
        read(protocol, document)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("created", "yesterday"),
        ("created", 10**18),
        ("created", True),
        ("shutdown_date", "soon"),
        ("context_length", "many"),
        ("context_length", -5),
        ("context_length", 2**40),
        ("pricing", {"prompt": "NaN", "completion": "1e99"}),
        ("pricing", "cheap"),
        ("architecture", {"input_modalities": [1, None]}),
        ("top_provider", []),
        ("name", 7),
    ],
)
def test_an_odd_field_is_not_stated(field, value):
    assert read("openai_chat", {"data": [{"id": "m", field: value}]}) == [ListedModel(id="m")]


@pytest.mark.parametrize(
    ("protocol", "document", "page"),
    [
        (
            "anthropic_messages",
            {"data": [], "has_more": True, "last_id": "claude-x"},
            {"after_id": "claude-x"},
        ),
        ("anthropic_messages", {"data": [], "has_more": False, "last_id": "claude-x"}, None),
        ("anthropic_messages", {"data": [], "has_more": True, "last_id": None}, None),
        ("gemini", {"models": [], "nextPageToken": "abc"}, {"pageToken": "abc"}),
        ("gemini", {"models": []}, None),
        ("cohere_v2", {"models": [], "next_page_token": "abc"}, {"page_token": "abc"}),
        ("cohere_v2", {"models": [], "next_page_token": ""}, None),
        ("openai_chat", {"data": [], "has_more": True, "last_id": "x"}, None),
        ("ollama_chat", {"models": []}, None),
        ("gemini", [], None),
    ],
)
def test_the_next_page_is_known(protocol, document, page):
    assert PROTOCOLS[protocol].next_page(document) == page


def question(base_url: str) -> Question:
    return Question(base_url=base_url, model="", tier="A", prompt="", cap_tokens=1)


def test_a_page_is_asked_for_behind_the_path_and_any_query():
    gemini, chat = PROTOCOLS["gemini"], PROTOCOLS["openai_chat"]
    first = gemini.listing_request(question("https://h"))
    assert (first.method, first.url) == ("GET", "https://h/v1beta/models")
    second = gemini.listing_request(question("https://h"), {"pageToken": "a b"})
    assert second.url == "https://h/v1beta/models?pageToken=a+b"
    dated = chat.listing_request(question("https://h/openai?api-version=1"), {"page": "2"})
    assert dated.url == "https://h/openai/models?api-version=1&page=2"


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        ([{"id": "m"}], "ok"),
        ({"data": []}, "ok"),
        ({"error": {"message": "no", "code": "server_error"}}, "stream_error"),
        ({"error": {"message": "no", "code": "invalid_api_key"}}, "auth"),
        (7, "bad_json"),
    ],
)
def test_a_listing_that_answers_is_reachable(body, outcome):
    description = PROTOCOLS["openai_chat"]
    reader = description.reader("A")
    reader.feed(json.dumps(body).encode())
    reader.close(whole=True)
    assert judge(reader.facts, description.endings, description.rules, None)[0] == outcome

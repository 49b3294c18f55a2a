"""Gemini generateContent: https://ai.google.dev/api/generate-content#method:-models.streamgeneratecontent

No terminator: the stream is complete when a candidate has a finish reason, and ends with the connection's
body.
"""

from typing import Any

from probes.protocols.description import ProtocolDescription
from probes.protocols.errors import ErrorInfo, read_error
from probes.protocols.facts import Facts, token_count
from probes.protocols.listing import ListedModel, entries, identity, next_page_by, text, tokens
from probes.protocols.questions import Question
from probes.protocols.reading import SseReader


def ask(question: Question) -> dict[str, Any]:
    limit_field = question.options.get("token_limit_field") or "maxOutputTokens"
    return {
        "contents": [{"role": "user", "parts": [{"text": question.prompt}]}],
        "generationConfig": {limit_field: question.cap_tokens},
    }


def on_event(facts: Facts, name: str, data: dict[str, Any]) -> None:
    if data.get("error"):
        facts.fail_with(read_gemini_error(data))
        return
    facts.name_model(model=data.get("modelVersion"), request_id=data.get("responseId"))
    usage = data.get("usageMetadata") or {}
    output = [usage.get(key) for key in ("candidatesTokenCount", "thoughtsTokenCount")]
    known = [count for part in output if (count := token_count(part)) is not None]
    facts.set_usage(
        usage.get("promptTokenCount"),
        sum(known) if known else None,
        cached=usage.get("cachedContentTokenCount"),
        reasoning=usage.get("thoughtsTokenCount"),
    )
    if (data.get("promptFeedback") or {}).get("blockReason"):
        facts.finish_with("PROMPT_BLOCKED")
        facts.complete = True
    for candidate in data.get("candidates") or []:
        for part in (candidate.get("content") or {}).get("parts") or []:
            add = facts.add_reasoning if part.get("thought") is True else facts.add_text
            add(part.get("text"))
        if candidate.get("finishReason"):
            facts.finish_with(candidate["finishReason"])
            facts.complete = True


def read_gemini_error(body: Any) -> ErrorInfo:
    """The common reading, and `quota_per_day` or `quota_detail` when the error names the exceeded quota."""
    info = read_error(body)
    first = body[0] if isinstance(body, list) and body else body
    error = first.get("error") if isinstance(first, dict) else None
    details = error.get("details") if isinstance(error, dict) else None
    for detail in details if isinstance(details, list) else []:
        if isinstance(detail, dict) and str(detail.get("@type", "")).endswith("QuotaFailure"):
            per_day = "PerDay" in str(detail.get("violations"))
            return ErrorInfo(info.message, info.codes | {"quota_per_day" if per_day else "quota_detail"})
    return info


def read_models(document: Any) -> list[ListedModel]:
    """https://ai.google.dev/api/models#Model; the list names neither prices nor a lifecycle."""
    return [
        ListedModel(
            id=identity(item, "name").removeprefix("models/"),
            name=text(item.get("displayName")),
            context_window=tokens(item.get("inputTokenLimit")),
            max_output_tokens=tokens(item.get("outputTokenLimit")),
            modalities_out=_makes(item.get("supportedGenerationMethods")),
            owned_by="google",
        )
        for item in entries(document, "models")
    ]


def _makes(methods: Any) -> tuple[str, ...]:
    known = methods if isinstance(methods, list) else []
    return ("embedding",) if "embedContent" in known and "generateContent" not in known else ()


PROTOCOL = ProtocolDescription(
    name="gemini",
    ask_path="/v1beta/models/{model}:streamGenerateContent?alt=sse",
    list_path="/v1beta/models",
    ask=ask,
    new_reader=lambda: SseReader(on_event),
    auth="x-goog-api-key",
    version_suffixes=("/v1beta", "/v1"),
    read_models=read_models,
    find_next_page=next_page_by("nextPageToken", "pageToken"),
    request_id_headers=("x-request-id",),
    read_error=read_gemini_error,
)

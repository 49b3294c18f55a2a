"""Gemini generateContent: https://ai.google.dev/api/generate-content#method:-models.streamgeneratecontent

No terminator: the stream is complete when a candidate has a finish reason, and ends with the connection's
body.
"""

from typing import Any

from probes.protocols.description import ProtocolDescription
from probes.protocols.errors import ErrorInfo, read_error, rule
from probes.protocols.questions import Question
from probes.protocols.reading import Facts, SseReader, endings, token_count


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


RULES = (
    # A wrong key is a 400 here: https://ai.google.dev/gemini-api/docs/troubleshooting
    rule("auth", codes="api_key_invalid api_key_service_blocked"),
    rule("quota", 400, codes="failed_precondition", message=r"billing"),
    rule("auth", 400, codes="failed_precondition"),
    rule("quota", 429, codes="quota_per_day"),
    rule("rate_limited", 429, codes="quota_detail"),
    rule("capacity_throttle", 429, codes="resource_exhausted"),
)

PROTOCOL = ProtocolDescription(
    name="gemini",
    ask_path="/v1beta/models/{model}:streamGenerateContent?alt=sse",
    list_path="/v1beta/models",
    ask=ask,
    new_reader=lambda: SseReader(on_event),
    endings=endings(
        length="max_tokens",
        blocked="prompt_blocked safety recitation language blocklist prohibited_content spii image_safety",
        failed="other malformed_function_call unexpected_tool_call",
    ),
    auth="x-goog-api-key",
    version_suffixes=("/v1beta", "/v1"),
    rules=RULES,
    request_id_headers=("x-request-id",),
    read_error=read_gemini_error,
)

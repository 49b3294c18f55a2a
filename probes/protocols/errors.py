"""Whose fault an error answer is: tables of rules, first match wins (PROTOCOLS A4).

A protocol's own rules come first, then the rules that hold for everybody, then the status alone.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from probes.outcomes import is_failure


@dataclass(frozen=True, slots=True)
class ErrorInfo:
    """What an error says about itself.

    codes: every machine word in it (code, type, status, reason), lower case.
    """

    message: str = ""
    codes: frozenset[str] = frozenset()

    def summary(self) -> str:
        words = " ".join(sorted(self.codes))
        return f"{words}: {self.message}" if words else self.message


@dataclass(frozen=True, slots=True)
class Rule:
    """Matches when every given part does. statuses empty = any; codes = any of them.

    Message = regex, any case.
    """

    outcome: str
    statuses: frozenset[int] = frozenset()
    codes: frozenset[str] = frozenset()
    message: str = ""
    remaining_zero: bool | None = None  # the rate headers say that nothing / something is left of our limit
    html: bool | None = None

    def matches(self, answer: "ErrorAnswer") -> bool:
        return (
            (not self.statuses or answer.status in self.statuses)
            and (not self.codes or bool(self.codes & answer.info.codes))
            and (not self.message or re.search(self.message, answer.info.message, re.IGNORECASE) is not None)
            and (self.remaining_zero is None or self.remaining_zero is answer.remaining_zero)
            and (self.html is None or self.html is answer.html)
        )


@dataclass(frozen=True, slots=True)
class ErrorAnswer:
    """An error as a rule sees it. status None = it came inside a stream that had begun with 200."""

    status: int | None
    info: ErrorInfo
    remaining_zero: bool | None = None
    html: bool = False


def rule(outcome: str, *statuses: int, codes: str = "", message: str = "", **more: Any) -> Rule:
    """A line of a table; `codes` is a blank-separated list."""
    return Rule(outcome, frozenset(statuses), frozenset(codes.lower().split()), message, **more)


# Our money: OpenAI's billing codes come with 429 and are told from a rate limit by `error.code` only.
# https://learn.microsoft.com/microsoft-cloud/dev/dev-proxy/concepts/openai-insufficient-quota
_QUOTA_CODES: Final = (
    "credit_balance_exhausted organization_spend_limit_exceeded project_spend_limit_exceeded "
    "organization_usage_limit_exceeded insufficient_quota billing_hard_limit_reached payment_required "
    "enforced_spend_limit_reached contract_spend_limit_reached"
)

COMMON_RULES: Final[tuple[Rule, ...]] = (
    rule("edge_block", 403, 429, html=True),  # a challenge page, not the API's own refusal
    rule("quota", codes=_QUOTA_CODES),
    rule("quota", 402),
    rule("auth", 401),
    rule("auth", codes="invalid_api_key authentication_error permission_error permission_denied"),
    rule("rate_limited", codes="slow_down ramp_limit_exceeded"),
    rule("overloaded", 529),
    rule("overloaded", 503, codes="server_is_overloaded overloaded_error provider_overloaded"),
    rule("overloaded", 503, message=r"overload|over capacity|high demand"),
    rule("capacity_throttle", 429, message=r"high demand|at capacity|over capacity|model is overloaded"),
    rule("capacity_throttle", 429, remaining_zero=False),
    rule("rate_limited", 429),
    rule("rate_limited", codes="rate_limit_exceeded rate_limit_error"),
    rule("capacity_throttle", 498),
    rule("cancelled", 499),
    rule("timeout", 408),
    rule("bad_request", 501, 505),
    rule("auth", 403),
    rule("bad_request", codes="content_filter"),
)


def classify_error(rules: Iterable[Rule], answer: ErrorAnswer) -> str:
    """The outcome of an error answer.

    500 → http_5xx, 404 → bad_request, 302 → bad_request (we follow none).
    """
    for candidate in (*rules, *COMMON_RULES):
        if candidate.matches(answer):
            return candidate.outcome
    if answer.status is None:
        return "stream_error"
    return "http_5xx" if answer.status >= 500 else "bad_request"


def classify_stream_error(rules: Iterable[Rule], info: ErrorInfo) -> str:
    """The outcome of an error inside a 200 stream: ours if its code says so, else `stream_error`.

    OpenRouter puts the HTTP status it would have sent into `error.code`.
    """
    status = next((int(code) for code in info.codes if re.fullmatch(r"[45]\d\d", code)), None)
    outcome = classify_error(rules, ErrorAnswer(status, info))
    return "stream_error" if is_failure(outcome) else outcome


def read_error(body: Any) -> ErrorInfo:
    """The machine words and the message of any vendor's JSON error body; other values give none.

    `{"error": {...}}` (OpenAI, Anthropic, Gemini, Mistral, OpenRouter), `{"error": "text"}` (Ollama),
    `{"message", "id"}` (Cohere), `{"detail": [...]}` (Mistral 422, FastAPI); Gemini wraps errors in a list at
    times.
    """
    if isinstance(body, list) and body:
        body = body[0]
    if not isinstance(body, dict):
        return ErrorInfo()
    error = body.get("error", body)
    if isinstance(error, str):
        return ErrorInfo(error)
    if not isinstance(error, dict):
        return ErrorInfo()
    words = [error.get(key) for key in ("code", "type", "status")]
    for holder in _details(error):
        words += [holder.get(key) for key in ("reason", "error_code", "error_type")]
    message = error.get("message") or (json.dumps(error["detail"]) if "detail" in error else "")
    return ErrorInfo(
        str(message), frozenset(str(word).lower() for word in words if word not in (None, "", "error"))
    )


def _details(error: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Anthropic's `details` is an object, Gemini's a list of objects, OpenRouter's is called `metadata`."""
    details = error.get("details") or []
    found = details if isinstance(details, list) else [details]
    return [part for part in (*found, error.get("metadata")) if isinstance(part, dict)]


@dataclass(frozen=True, slots=True)
class ErrorBody:
    """An error answer as it arrived. headers: lower-case names."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    extract: Callable[[Any], ErrorInfo] = field(default=read_error)

    def answer(self) -> ErrorAnswer:
        text = self.content.decode("utf-8", "replace")
        html = looks_like_html(self.headers.get("content-type", ""), self.content)
        try:
            info = self.extract(json.loads(text))
        except (ValueError, RecursionError):
            info = ErrorInfo(re.sub(r"<[^>]*>", " ", text)[:300].strip())
        return ErrorAnswer(self.status, info, nothing_left(self.headers), html)


def looks_like_html(content_type: str, content: bytes) -> bool:
    return "html" in content_type.lower() or content.lstrip()[:1] == b"<"


def nothing_left(headers: Mapping[str, str]) -> bool | None:
    """True when a `…ratelimit…remaining…` header is 0, False when all are above, None when there is none.

    Azure's Responses API is reported to send -1 for "unknown"; that says nothing.
    """
    found = []
    for name, value in headers.items():
        if "ratelimit" in name and "remaining" in name and re.fullmatch(r"\d+", value.strip()):
            found.append(int(value))
    return min(found) == 0 if found else None

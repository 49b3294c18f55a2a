"""What an error answer says about itself, in any vendor's shape. Whose fault it is: `blame`. Pure."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from probes.protocols.limits import read_rate_limits

# What is kept of a provider's text. Rows hold less; they cut it when it has been scrubbed, for a key cut in
# two is not recognised.
MAX_KEPT_CHARS = 2_000
_PAGE = re.compile(rb"\s*(?:\xef\xbb\xbf\s*)?<(?:!doctype\s+html|html)\b", re.IGNORECASE)


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
class ErrorAnswer:
    """An error as a row of the table sees it. status None = a stream that told none.

    headers: lower-case names. remaining_zero: the rate headers say that nothing (True) or something (False)
    is left; None = they say nothing.
    """

    status: int | None
    info: ErrorInfo
    headers: Mapping[str, str] = field(default_factory=dict)
    remaining_zero: bool | None = None
    html: bool = False
    in_stream: bool = False


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
        words += [holder.get(key) for key in ("reason", "error_code", "error_type", "code")]
    message = error.get("message") or (json.dumps(error["detail"]) if "detail" in error else "")
    return ErrorInfo(
        str(message), frozenset(str(word).lower() for word in words if word not in (None, "", "error"))
    )


def _details(error: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Anthropic's `details` is an object, Gemini's a list; OpenRouter has `metadata`, Azure `inner_error`."""
    details = error.get("details") or []
    found = details if isinstance(details, list) else [details]
    named = (error.get(key) for key in ("metadata", "inner_error", "innererror"))
    return [part for part in (*found, *named) if isinstance(part, dict)]


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
            info = ErrorInfo(re.sub(r"<[^>]*>", " ", text[:8_192])[:MAX_KEPT_CHARS].strip())
        return ErrorAnswer(
            self.status, self._with_headers(info), self.headers, nothing_left(self.headers), html
        )

    def _with_headers(self, info: ErrorInfo) -> ErrorInfo:
        """Hugging Face tells code and message in headers: huggingface_hub, utils/_http.py."""
        code = self.headers.get("x-error-code", "").strip().lower()
        message = info.message or self.headers.get("x-error-message", "")[:MAX_KEPT_CHARS]
        return ErrorInfo(message, info.codes | {code} if code else info.codes)


def looks_like_html(content_type: str, content: bytes) -> bool:
    """Whether it is a page. Some begin their errors with `<`, too: in XML."""
    return "html" in content_type.lower() or _PAGE.match(content) is not None


def nothing_left(headers: Mapping[str, str]) -> bool | None:
    """True when one of our limits has 0 left, False when all have some, None when the headers tell none."""
    left = [limit["remaining"] for limit in read_rate_limits(headers) if limit["remaining"] is not None]
    return 0 in left if left else None

"""What every vendor module provides: how its routes, answers, streams and errors look on the wire."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from probes.simulator.fleet import SimulatedModel

Operation = Literal["ask", "list", "show", "embed"]


FINGERPRINT: Final = "fp_simulated"


@dataclass(frozen=True, slots=True)
class Answer:
    """A finished answer to be sent. text, reasoning: pieces, one token each. created: unix s.

    cached_tokens: part of input_tokens. cost_usd: reported where the vendor reports one; None = not.
    """

    model: str
    request_id: str
    created: int
    text: list[str]
    reasoning: list[str] = field(default_factory=list)
    finish: Literal["stop", "length"] = "stop"
    input_tokens: int = 0
    include_usage: bool = True
    cached_tokens: int = 0
    fingerprint: str = FINGERPRINT
    cost_usd: float | None = None

    @property
    def whole_text(self) -> str:
        return "".join(self.text)

    @property
    def output_tokens(self) -> int:
        return len(self.text) + len(self.reasoning)


@dataclass(frozen=True, slots=True)
class Frame:
    """A piece of a stream. kind decides when it is sent: open at once, tokens one per gap, close at once."""

    kind: Literal["open", "token", "close"]
    data: bytes


@dataclass(frozen=True, slots=True)
class Failure:
    """An error answer: HTTP status, body, extra headers."""

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Call:
    """A request as a vendor understood it. cap: the output limit asked for, None = none."""

    operation: Operation
    model: str = ""
    prompt: str = ""
    stream: bool = False
    cap: int | None = None
    include_usage: bool = True


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of an endpoint's limits. reset_s: real seconds until all of it is back."""

    requests_limit: int
    requests_left: int
    tokens_limit: int
    tokens_left: int
    reset_s: float


def no_headers(allowance: Allowance) -> dict[str, str]:
    """Gemini and Cohere tell nothing."""
    return {}


def no_embedding(call: Call, values: list[float]) -> dict[str, Any]:
    raise TypeError("no embeddings here")


@dataclass(frozen=True, slots=True)
class Vendor:
    """One vendor's wire shapes.

    routes: (method, path pattern with an optional group `model`, operation). read: body and model from the
    path → Call; it raises KeyError or TypeError for a body that the vendor would refuse. fail: kind
    (`bad_key`, `not_found`, `bad_request` or an http fault of the scenario) → Failure. broken_stream: the
    error event. listing: one page of the models that the query asks for. limit_headers: how limits are told.
    """

    name: str
    routes: tuple[tuple[str, str, Operation], ...]
    read: Callable[[Mapping[str, Any], str, str], Call]
    frames: Callable[[Answer], Iterator[Frame]]
    whole: Callable[[Answer], dict[str, Any]]
    fail: Callable[[str, str], Failure]
    broken_stream: Callable[[], bytes]
    listing: Callable[[Sequence[SimulatedModel], Mapping[str, str]], dict[str, Any]]
    show: Callable[[SimulatedModel], dict[str, Any]]
    embed: Callable[[Call, list[float]], dict[str, Any]] = no_embedding
    limit_headers: Callable[[Allowance], dict[str, str]] = no_headers
    request_id_header: str = "x-request-id"
    stream_type: str = "text/event-stream"
    comments: bool = True


# The HTTP status of the failures that a scenario or a wrong request asks for.
STATUS: Final[dict[str, int]] = {
    "bad_key": 401,
    "not_found": 404,
    "bad_request": 400,
    "rate_429": 429,
    "quota_429": 429,
    "http_500": 500,
    "http_503": 503,
    "http_529": 529,
}

TEXT: Final[dict[str, str]] = {
    "bad_key": "Incorrect API key provided.",
    "not_found": "The model `{detail}` does not exist or you do not have access to it.",
    "bad_request": "Invalid request: {detail}",
    "rate_429": "Rate limit reached for requests. Please try again in 1s.",
    "quota_429": "You exceeded your current quota, please check your plan and billing details.",
    "http_500": "The server had an error while processing your request.",
    "http_503": "The service is temporarily unavailable.",
    "http_529": "Overloaded",
}


def text_of(kind: str, detail: str) -> str:
    return TEXT[kind].format(detail=detail)


def sse(payload: Any, event: str = "") -> bytes:
    """One event: with a name where the vendor names them."""
    head = f"event: {event}\n" if event else ""
    return f"{head}data: {json.dumps(payload, ensure_ascii=False)}\n\n".encode()


def message_text(content: Any) -> str:
    """The text of a message whose content is a string or a list of parts."""
    if isinstance(content, str):
        return content
    return " ".join(str(part.get("text", "")) for part in content if isinstance(part, dict))


def last_user_text(messages: Any) -> str:
    """The last message of role user. TypeError or KeyError for messages of another shape."""
    if not isinstance(messages, list) or not messages:
        raise TypeError("messages must be a non-empty list")
    users = [message for message in messages if message["role"] == "user"]
    return message_text((users or messages)[-1]["content"])


def page_of(
    models: Sequence[SimulatedModel], start: str | None, size: str | None
) -> tuple[list[SimulatedModel], int | None]:
    """The models from number `start` on, `size` of them (None = all), and where the next page starts.

    ValueError for what is no number.
    """
    first = int(start or 0)
    last = first + int(size) if size else len(models)
    return list(models[first:last]), last if last < len(models) else None

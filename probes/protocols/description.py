"""The shape of a protocol description: how to ask, how to read, how to blame. Pure data and functions.

A protocol file fills in one `ProtocolDescription`; `registry` finds it by name.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import urlencode

import orjson

from probes.protocols.blame import Endings, ErrorRow, classify_error, endings_of, rows_for
from probes.protocols.errors import ErrorBody, ErrorInfo, read_error
from probes.protocols.facts import Facts
from probes.protocols.listing import ListedModel, NextPage, ReadListing, no_next_page, read_openai_listing
from probes.protocols.questions import Question
from probes.protocols.quirks import options_for
from probes.protocols.reading import OnEvent, Reader, WholeReader


@dataclass(frozen=True, slots=True)
class WireRequest:
    """An HTTP request ready to send. headers: names as given; body empty for GET."""

    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = b""


# How a key travels: header name and what stands before the key.
AUTH_HEADERS: Final[dict[str, tuple[str, str]]] = {
    "bearer": ("Authorization", "Bearer "),
    "x-api-key": ("x-api-key", ""),
    "api-key": ("api-key", ""),
    "x-goog-api-key": ("x-goog-api-key", ""),
    "none": ("", ""),
}


@dataclass(frozen=True, slots=True)
class ProtocolDescription:
    """One outside format.

    Paths take `{model}`. version_suffixes: where the paths name their version themselves, a base URL that
    already ends in one is cut there first, so that both spellings found in the wild work. ask: question →
    body. new_reader makes the reader of a streamed answer; read_models and find_next_page read a model list.
    """

    name: str
    ask_path: str
    list_path: str
    ask: Callable[[Question], dict[str, Any]]
    new_reader: Callable[[], Reader]
    auth: str = "bearer"
    version_suffixes: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    request_id_headers: tuple[str, ...] = ("x-request-id", "request-id")
    listing_event: OnEvent = field(default=lambda facts, name, data: _see_listing(facts, data))
    read_models: ReadListing = read_openai_listing
    find_next_page: NextPage = no_next_page
    read_error: Callable[[Any], ErrorInfo] = read_error

    @property
    def rules(self) -> tuple[ErrorRow, ...]:
        """The rows of the table of blame that this protocol's errors can meet, in order."""
        return rows_for(self.name)

    @property
    def endings(self) -> Endings:
        """Its finish reasons that are no plain stop."""
        return endings_of(self.name)

    def request(self, question: Question) -> WireRequest:
        """Tier A asks for the model list (no tokens); every other tier asks the model."""
        options = options_for(self.name, question.base_url, question.model, question.options)
        headers = {"User-Agent": "ai-go-probe/1", "Accept-Encoding": "identity", **self.headers}
        headers |= auth_header(str(options.get("auth") or self.auth), question.key)
        headers |= {str(name): str(value) for name, value in (options.get("extra_headers") or {}).items()}
        if question.tier == "A":
            return WireRequest(
                "GET", self.url(question, self.list_path), {**headers, "Accept": "application/json"}
            )
        cap_tokens = max(question.cap_tokens, int(options.get("min_output_tokens") or 0))
        asked = self.ask(replace(question, options=options, cap_tokens=cap_tokens))
        thinking = options.get("quirk_reasoning") if question.reasoning else None
        thinking = options.get("reasoning", thinking)
        body = merged(asked, options.get("quirk_body"), thinking, options.get("extra_body"))
        headers |= {"Content-Type": "application/json", "Accept": "text/event-stream, application/json"}
        return WireRequest("POST", self.url(question, self.ask_path), headers, orjson.dumps(body))

    def listing_request(self, question: Question, page: Mapping[str, str] | None = None) -> WireRequest:
        """Ask for the model list. page: what `next_page` said of the page before (None = the first)."""
        request = self.request(replace(question, tier="A"))
        if not page:
            return request
        return replace(request, url=f"{request.url}{'&' if '?' in request.url else '?'}{urlencode(page)}")

    def read_listing(self, document: Any) -> list[ListedModel]:
        """The models of one decoded page. ListingShapeError: it is no such list."""
        return self.read_models(document)

    def next_page(self, document: Any) -> dict[str, str] | None:
        """The query that asks for the page behind this one; None = it was the last."""
        return self.find_next_page(document)

    def url(self, question: Question, path: str) -> str:
        """Base URL + path; a query of the base URL (Azure's api-version) moves behind the path."""
        base, _, base_query = question.base_url.partition("?")
        base = base.rstrip("/")
        for suffix in self.version_suffixes:
            base = base.removesuffix(suffix)
        path, _, query = path.format(model=question.model.removeprefix("models/")).partition("?")
        joined = "&".join(part for part in (query, base_query) if part)
        return f"{base}{path}?{joined}" if joined else base + path

    def reader(self, tier: str) -> Reader:
        return WholeReader(self.listing_event) if tier == "A" else self.new_reader()

    def classify(self, status: int, headers: Mapping[str, str], content: bytes) -> tuple[str, str]:
        """(outcome, detail) of an answer that is not 2xx. headers: lower-case names."""
        answer = ErrorBody(status, headers, content, self.read_error).answer()
        return classify_error(self.rules, answer), f"HTTP {status} {answer.info.summary()}".strip()


def _see_listing(facts: Facts, data: dict[str, Any]) -> None:
    """A list is an answer; an error that calls itself 200 is none."""
    if data.get("error"):
        facts.fail_with(read_error(data))
    else:
        facts.mark_end()


def auth_header(style: str, key: str) -> dict[str, str]:
    """The header that carries the key; none without a key. KeyError for an unknown style."""
    name, before = AUTH_HEADERS[style]
    return {name: before + key} if name and key else {}


def merged(body: dict[str, Any], *fragments: Mapping[str, Any] | None) -> dict[str, Any]:
    """`body` with the fragments laid over it, objects merged key by key. A None value removes the key.

    Neither `body` nor a fragment is changed; the result shares its parts with them.
    """
    result = dict(body)
    for fragment in fragments:
        for key, value in (fragment or {}).items():
            old = result.get(key)
            if value is None:
                result.pop(key, None)
            elif isinstance(old, dict) and isinstance(value, Mapping):
                result[key] = merged(old, value)
            else:
                result[key] = value
    return result

"""Asking for a list, following its pages, and saying what went wrong."""

import asyncio
import hashlib
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

import aiohttp
from yarl import URL

from aigo.lib.addresses import FetchError
from probes.addresses import Address, Source, keeps_key_private, resolve_address
from probes.attempts import ProbeSpec
from probes.listings.connecting import ListingFailed, open_session
from probes.listings.records import ListingOrder, ListingResult, plain_model
from probes.protocols import PROTOCOLS
from probes.protocols.description import ProtocolDescription
from probes.protocols.limits import retry_after_s
from probes.protocols.listing import ListedModel
from probes.protocols.questions import Question
from probes.scrubbing import scrub

#: Of a whole list, all pages together.
MAX_BYTES: Final = 8 * 1024 * 1024
MAX_S: Final = 20.0
MAX_PAGES: Final = 20
MAX_MODELS: Final = 20_000
_MAX_ERROR_BYTES: Final = 64 * 1024
_MAX_ERROR_CHARS: Final = 300
_MAX_ETAG_CHARS: Final = 200


@dataclass(slots=True)
class _Reading:
    """A list while it is read, page by page."""

    description: ProtocolDescription
    question: Question
    address: Address
    models: list[ListedModel] = field(default_factory=list)
    etag: str = ""
    size: int = 0
    pages: int = 0
    complete: bool = False
    source_url: str = ""


def fetch_listing(order: ListingOrder, environ: Mapping[str, str]) -> ListingResult:
    """Read the list that `order` names, with the key from `environ`. At most 20 s, 8 MB and 20 pages."""
    key = environ.get(order.key_env, "").strip() if order.key_env else ""
    facts: dict[str, Any] = {"provider": order.provider, "region": order.region, "fetched_at": time.time()}
    try:
        reading = _prepare(order, key, environ)
        changed = asyncio.run(_read(reading, order.etag))
    except ListingFailed as failed:
        error = scrub(str(failed), [key])[:_MAX_ERROR_CHARS]
        return ListingResult(**facts, status="failed", error=error, retry_after_s=failed.retry_after_s)
    models = [plain_model(model) for model in reading.models]
    content_hash = hashlib.sha256(json.dumps(models, sort_keys=True).encode()).hexdigest()
    if not changed or (reading.complete and content_hash == order.content_hash):
        return ListingResult(**facts, status="unchanged", complete=True)
    return ListingResult(
        **facts,
        status="listed",
        models=models,
        complete=reading.complete,
        etag=reading.etag,
        content_hash=content_hash,
        source_url=reading.source_url,
    )


def _prepare(order: ListingOrder, key: str, environ: Mapping[str, str]) -> _Reading:
    description = PROTOCOLS.get(order.protocol)
    if description is None:
        raise ListingFailed(f"unknown protocol {order.protocol!r}; known: {', '.join(PROTOCOLS)}")
    if order.key_env and not key:
        raise ListingFailed(f"{order.key_env} is not set where this worker stands")
    address = resolve_address(_spec(order), environ)
    if "${" in address.base_url:
        raise ListingFailed(f"the address is an account's own: set {order.base_url_env}")
    if not address.base_url.startswith(("http://", "https://")):
        raise ListingFailed(f"base URL {address.base_url!r} is neither http nor https")
    if key and address.source is not Source.VARIABLE and not keeps_key_private(address.base_url):
        raise ListingFailed("no key over plain http: use https or <PROVIDER>_BASE_URL")
    question = Question(
        base_url=address.base_url,
        model="",
        tier="A",
        prompt="",
        cap_tokens=0,
        key=key,
        options=order.options,
    )
    try:
        description.listing_request(question)
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise ListingFailed(f"options: {type(error).__name__} {error}") from None
    return _Reading(description, question, address)


def _spec(order: ListingOrder) -> ProbeSpec:
    """The order as the probe that asks for the same list: addresses are resolved for both in one place."""
    return ProbeSpec(
        target_id=0,
        endpoint=order.provider,
        region=order.region,
        tier="A",
        protocol=order.protocol,
        base_url=order.base_url,
        provider_model_id="",
        key_env=order.key_env,
        base_url_env=order.base_url_env,
        due_at=0.0,
        timeout_s=MAX_S,
    )


async def _read(reading: _Reading, etag: str) -> bool:
    """Read all pages; False = the provider says that it is the list of `etag`."""
    with _failures_in_words():
        first = reading.description.listing_request(reading.question).url
        async with asyncio.timeout(MAX_S), open_session(first, reading.address.source) as session:
            page: dict[str, str] | None = None
            while True:
                document = await _read_page(session, reading, page, etag)
                if document is None:
                    return False
                reading.pages += 1
                reading.models += reading.description.read_listing(document)
                page = reading.description.next_page(document)
                if page is None or reading.pages >= MAX_PAGES or len(reading.models) > MAX_MODELS:
                    break
    reading.complete = page is None
    if reading.pages > 1:
        reading.etag = ""  # it is the first page's only
    return True


async def _read_page(
    session: aiohttp.ClientSession, reading: _Reading, page: dict[str, str] | None, etag: str
) -> Any:
    """One decoded page; None = not modified."""
    request = reading.description.listing_request(reading.question, page)
    headers = dict(request.headers) | ({"If-None-Match": etag} if etag and not page else {})
    async with session.get(URL(request.url, encoded=True), headers=headers, allow_redirects=False) as answer:
        told = {name.lower(): value for name, value in answer.headers.items()}
        if answer.status == 304 and "If-None-Match" in headers:
            return None
        if 300 <= answer.status < 400:
            target = urlsplit(told.get("location", "")).hostname or "another path"
            raise ListingFailed(f"HTTP {answer.status}: redirects to {target}, which is not followed")
        if answer.status != 200:
            body = await _bounded(answer, _MAX_ERROR_BYTES, cut=True)
            _outcome, detail = reading.description.classify(answer.status, told, body)
            raise ListingFailed(detail, retry_after_s(told, time.time()))
        body = await _bounded(answer, MAX_BYTES - reading.size)
    reading.size += len(body)
    if not page:
        reading.etag = told.get("etag", "") if len(told.get("etag", "")) <= _MAX_ETAG_CHARS else ""
        reading.source_url = _public_url(request.url) if reading.address.source is Source.CATALOGUE else ""
    return json.loads(body)


async def _bounded(answer: aiohttp.ClientResponse, limit: int, *, cut: bool = False) -> bytes:
    """The body; what exceeds the limit is left unread where it may be `cut`, else ListingFailed."""
    body = bytearray()
    async for piece in answer.content.iter_any():
        body += piece
        if len(body) > limit:
            if cut:
                break
            raise ListingFailed(f"the list is larger than {MAX_BYTES} bytes")
    return bytes(body)


@contextmanager
def _failures_in_words() -> Iterator[None]:
    """What can go wrong while reading, as ListingFailed."""
    try:
        yield
    except ListingFailed:
        raise
    except TimeoutError:
        raise ListingFailed(f"not read within {MAX_S:g} s") from None
    except json.JSONDecodeError as error:
        raise ListingFailed(f"the answer is no JSON: {error.msg} at character {error.pos}") from None
    except RecursionError:
        raise ListingFailed("the answer is nested too deeply") from None
    except FetchError as error:
        raise ListingFailed(str(error)) from None
    except (aiohttp.ClientError, OSError) as error:
        raise ListingFailed(f"{type(error).__name__}: {error}") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ListingFailed(f"the answer is no list of models: {type(error).__name__} {error}") from None


def _public_url(url: str) -> str:
    """Without user, query and fragment."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))[:300]

"""Model lists read in a POP's worker: from real servers, and from servers that misbehave."""

import dataclasses
import json
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from catalog.models import CatalogChange, Provider, ProviderSync
from catalog.services import DueSync, approve_change, claim_syncs, take_listing
from catalog.tests.factories import NOW
from probes.listings import ListingOrder, ListingResult, fetch_listing, fetching
from probes.simulator.fleet import load_fleet
from testing.patience import PATIENCE_S
from testing.processes import ServerProcess, free_port

KEY = {"SOME_API_KEY": "sk-planted-0123456789"}
FLEET = load_fleet()
SIMULATED = {
    "aurora-labs": ("openai_chat", "/v1"),
    "bramblewick": ("openai_responses", "/v1"),
    "quillmarsh": ("anthropic_messages", ""),
    "lanternfell": ("gemini", ""),
    "cedarhollow": ("cohere_v2", ""),
}
#: protocol → (path of llmock, a model that it lists)
LLMOCK = {
    "openai_chat": ("/v1", "gpt-4o"),
    "anthropic_messages": ("/anthropic", "claude-sonnet-4-6"),
    "gemini": ("/gemini", "gemini-2.5-pro"),
}
Answer = tuple[int, dict[str, str], bytes]
Serve = Callable[[Callable[[BaseHTTPRequestHandler], Answer | None]], str]


def make_order(base_url: str, **changes: Any) -> ListingOrder:
    values = {"provider": "somebody", "region": "seoul", "protocol": "openai_chat", "base_url": base_url}
    values |= {"key_env": "SOME_API_KEY", "base_url_env": "SOME_BASE_URL"}
    return ListingOrder(**values | changes)


def ids(result: ListingResult) -> list[str]:
    return [model["id"] for model in result.models]


@pytest.fixture(scope="module")
def simulator_url() -> Iterator[str]:
    process = ServerProcess([sys.executable, "-m", "probes.simulator", "--port", "0"])
    yield process.wait_for_line(r"ready on (http://\S+)").group(1)
    process.stop_quickly()


@pytest.fixture(scope="module")
def llmock_url() -> Iterator[str]:
    port = free_port()
    process = ServerProcess([sys.executable, "-m", "llmock.cli", "serve", "--port", str(port)])
    process.wait_for_url(f"http://127.0.0.1:{port}/health")
    yield f"http://127.0.0.1:{port}"
    process.stop_quickly()


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts a server in a thread that answers by a function: (status, headers, body); None = it wrote."""
    servers: list[ThreadingHTTPServer] = []

    def start(answer: Callable[[BaseHTTPRequestHandler], Answer | None]) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                if (told := answer(self)) is None:
                    return
                status, headers, body = told
                self.send_response(status)
                for name, value in ({"Content-Length": str(len(body))} | headers).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}/v1"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def listing(*names: str, **more: Any) -> Answer:
    return 200, {}, json.dumps({"data": [{"id": name} for name in names], **more}).encode()


@pytest.mark.parametrize("provider", SIMULATED)
def test_every_vendors_list_is_read_from_the_simulator(provider: str, simulator_url: str) -> None:
    protocol, path = SIMULATED[provider]
    order = make_order(f"simulator:/{provider}{path}", protocol=protocol, key_env="")
    result = fetch_listing(order, {"SIMULATOR_URL": simulator_url})
    assert (result.status, result.error, result.complete) == ("listed", "", True)
    assert sorted(ids(result)) == sorted(FLEET[provider])
    assert result.source_url == ""  # nobody else can look there
    assert json.loads(json.dumps(result.to_json())) == result.to_json()


@pytest.mark.parametrize("protocol", LLMOCK)
def test_a_foreign_servers_list_is_read_where_the_operator_says(protocol: str, llmock_url: str) -> None:
    path, model = LLMOCK[protocol]
    order = make_order("https://api.example.org", protocol=protocol)
    result = fetch_listing(order, KEY | {"SOME_BASE_URL": llmock_url + path})
    assert (result.status, result.error) == ("listed", "")
    assert model in ids(result)


@pytest.mark.django_db
def test_a_list_becomes_reviewable_changes_and_a_second_look_changes_nothing(llmock_url: str) -> None:
    Provider.objects.create(
        slug="somebody",
        name="Somebody",
        protocol="openai_chat",
        base_url="https://api.example.org/v1",
        key_env="SOME_API_KEY",
        base_url_env="SOME_BASE_URL",
    )
    environ = KEY | {"SOME_BASE_URL": f"{llmock_url}/v1"}
    held = {"seoul": frozenset(environ)}
    results = []
    for minute in (0, 5):
        now = NOW.replace(minute=minute)
        [due] = claim_syncs(held=held, now=now)
        order = ListingOrder.from_json(json.loads(json.dumps(due.to_json())))
        result = dataclasses.replace(fetch_listing(order, environ), fetched_at=now.timestamp())
        results.append(result.status)
        take_listing(json.loads(json.dumps(result.to_json())), now=now)
    assert results == ["listed", "unchanged"]
    change = CatalogChange.objects.get(provider_model_id="gpt-4o")
    assert (change.kind, change.state, change.times_seen) == ("new_model", "proposed", 2)
    assert approve_change(change, by=None, now=now).slug == "somebody--gpt-4o"
    sync = ProviderSync.objects.get()
    assert (sync.error, sync.last_ok_at, sync.model_count) == ("", now, CatalogChange.objects.count())


def test_the_centres_orders_are_the_workers() -> None:
    names = [field.name for field in dataclasses.fields(ListingOrder)]
    assert [field.name for field in dataclasses.fields(DueSync)] == names


def test_prices_and_moments_cross_as_exact_text(serve: Serve) -> None:
    model = {
        "id": "m",
        "pricing": {"prompt": "0.00000125", "completion": "0.1e-6", "input_cache_read": "-1"},
        "expiration_date": "2027-01-31",
        "context_length": 128000,
    }
    result = fetch_listing(make_order(serve(lambda _: listing(data=[model]))), KEY)
    assert result.models == [
        {
            "id": "m",
            "lifecycle": "deprecated",
            "retires_at": "2027-01-31T00:00:00+00:00",
            "context_window": 128000,
            "prices": {"input_usd_per_mtok": "1.25", "output_usd_per_mtok": "0.1"},
        }
    ]


def test_the_key_travels_in_the_vendors_header(serve: Serve) -> None:
    seen: list[str | None] = []

    def answer(request: BaseHTTPRequestHandler) -> Answer:
        seen.append(request.headers["api-key"])
        return listing("m")

    assert fetch_listing(make_order(serve(answer), options={"auth": "api-key"}), KEY).status == "listed"
    assert seen == [KEY["SOME_API_KEY"]]


def test_pages_are_followed_to_the_end(serve: Serve) -> None:
    asked: list[str] = []

    def answer(request: BaseHTTPRequestHandler) -> Answer:
        asked.append(request.path)
        last = len(asked) == 3
        status, _, body = listing(f"m{len(asked)}", has_more=not last, last_id=f"m{len(asked)}")
        return status, {"ETag": '"first page"'}, body

    result = fetch_listing(make_order(serve(answer), protocol="anthropic_messages"), KEY)
    assert asked == ["/v1/models", "/v1/models?after_id=m1", "/v1/models?after_id=m2"]
    assert (ids(result), result.complete, result.etag) == (["m1", "m2", "m3"], True, "")


def test_a_list_without_end_is_cut_and_says_so(serve: Serve) -> None:
    order = make_order(
        serve(lambda _: listing("m", has_more=True, last_id="m")), protocol="anthropic_messages"
    )
    result = fetch_listing(order, KEY)
    assert (result.status, result.complete, len(result.models)) == ("listed", False, fetching.MAX_PAGES)


def test_a_list_that_has_not_changed_is_not_sent_again(serve: Serve) -> None:
    def answer(request: BaseHTTPRequestHandler) -> Answer:
        if request.headers["If-None-Match"] == '"v1"':
            return 304, {"ETag": '"v1"', "Content-Length": "0"}, b""
        status, _, body = listing("m")
        return status, {"ETag": '"v1"'}, body

    url = serve(answer)
    first = fetch_listing(make_order(url), KEY)
    assert (first.status, first.etag) == ("listed", '"v1"')
    assert first.source_url == f"{url}/models"
    for known in ({"etag": first.etag}, {"content_hash": first.content_hash}):
        again = fetch_listing(make_order(url, **known), KEY)
        assert (again.status, again.models, again.error) == ("unchanged", [], "")


def test_a_changed_list_is_sent_whatever_was_known(serve: Serve) -> None:
    order = make_order(serve(lambda _: listing("m")), etag='"v0"', content_hash="0" * 64)
    assert ids(fetch_listing(order, KEY)) == ["m"]


def refusing(request: BaseHTTPRequestHandler) -> Answer:
    error = {"message": f"Incorrect API key provided: {KEY['SOME_API_KEY']}", "code": "invalid_api_key"}
    return 401, {}, json.dumps({"error": error, "echo": request.headers["Authorization"]}).encode()


def closing(request: BaseHTTPRequestHandler) -> None:
    request.close_connection = True


def too_long(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.end_headers()
    try:
        for _ in range(20):
            request.wfile.write(b'{"data": [' + b" " * 1_000_000)
    except OSError:
        pass  # it was refused, as it should be


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (refusing, "HTTP 401"),
        (lambda _: (200, {}, b"<html>hello</html>"), "no JSON"),
        (lambda _: (200, {}, b'{"data": 7}'), "no list of models"),
        (lambda _: (200, {}, b'{"data": [{"name": "nameless"}]}'), "no list of models"),
        (lambda _: (200, {}, b"[" * 200_000), "nested too deeply"),
        (lambda _: (200, {}, b'{"data": "\xff"}'), "no list of models"),
        (lambda _: (302, {"Location": "https://other.test/v1/models"}, b""), "redirects to other.test"),
        (lambda _: (304, {}, b""), "HTTP 304"),
        (closing, "Server"),
        (too_long, "larger than"),
    ],
    ids=[
        "401",
        "html",
        "odd",
        "nameless",
        "deep",
        "no UTF-8",
        "redirect",
        "304 unasked",
        "closes",
        "too long",
    ],
)
def test_what_is_no_list_is_an_error_in_words_without_the_key(answer: Any, words: str, serve: Serve) -> None:
    result = fetch_listing(make_order(serve(answer)), KEY)
    assert (result.status, result.models) == ("failed", [])
    assert words in result.error
    assert KEY["SOME_API_KEY"] not in json.dumps(result.to_json())


def test_how_long_to_wait_is_passed_on(serve: Serve) -> None:
    result = fetch_listing(make_order(serve(lambda _: (429, {"Retry-After": "77"}, b"{}"))), KEY)
    assert (result.status, result.retry_after_s) == ("failed", 77.0)


def test_a_server_that_drips_is_left_in_time(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "MAX_S", 0.4)
    over = threading.Event()

    def drip(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        while not over.wait(0.05):
            try:
                request.wfile.write(b" ")
            except OSError:
                return

    started = time.monotonic()
    result = fetch_listing(make_order(serve(drip)), KEY)
    over.set()
    assert result.error == "not read within 0.4 s"
    assert time.monotonic() - started < PATIENCE_S


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"protocol": "telepathy"}, "unknown protocol 'telepathy'"),
        ({"key_env": "OTHER_API_KEY"}, "OTHER_API_KEY is not set"),
        ({"base_url": "https://${RESOURCE}.example.org"}, "set SOME_BASE_URL"),
        ({"base_url": "ftp://example.org"}, "neither http nor https"),
        ({"base_url": "http://api.example.org/v1"}, "no key over plain http"),
        ({"base_url": "https://169.254.169.254/v1"}, "a metadata service and not asked"),
        ({"base_url": "https://[fd00:ec2::254]/v1"}, "a metadata service of AWS"),
        ({"base_url": "https://2852039166/v1"}, "an IPv4 address in an odd form"),
        ({"options": {"auth": "smoke signals"}}, "options: KeyError"),
    ],
)
def test_what_must_not_be_asked_is_not(changes: dict[str, Any], words: str) -> None:
    result = fetch_listing(make_order(**{"base_url": "https://api.example.org/v1"} | changes), KEY)
    assert (result.status, result.models) == ("failed", [])
    assert words in result.error


def test_a_name_that_leads_to_a_metadata_service_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [(2, 1, 6, "", ("8.8.8.8", 443)), (2, 1, 6, "", ("169.254.169.254", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **options: found)
    result = fetch_listing(make_order("https://api.example.org/v1"), KEY)
    assert (
        result.error == "api.example.org leads to 169.254.169.254, which is a metadata service and not asked"
    )


def test_a_resolver_that_hangs_is_left_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "MAX_S", 0.2)
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **options: over.wait(PATIENCE_S) and [])
    started = time.monotonic()
    result = fetch_listing(make_order("https://api.example.org/v1"), KEY)
    over.set()
    assert result.error == "not read within 0.2 s"
    assert time.monotonic() - started < PATIENCE_S

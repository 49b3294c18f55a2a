"""Where probes go and where keys must not: rules over URLs, and what an attempt makes of them."""

import socket

import pytest

from probes.addresses import Source, keeps_key_private, resolve_address, resolve_base_url
from probes.tests.making import make_spec
from probes.tests.wire import CHAT_OK, STREAM_HEAD, answering, probe, read_request, serving
from testing.processes import free_port

KEY = {"SOME_API_KEY": "planted-secret-42"}


def resolving_to(monkeypatch, *addresses: str) -> None:
    """Every name has these addresses."""
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 0)) for address in addresses]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: found)


def test_where_an_endpoint_is_asked():
    simulated = make_spec(base_url="simulator:/aurora-labs/v1", region="tokyo")
    assert resolve_base_url(simulated, {}) == "http://127.0.0.1:8001/tokyo/aurora-labs/v1"
    assert resolve_base_url(simulated, {"SIMULATOR_URL": "http://s:9/"}) == "http://s:9/tokyo/aurora-labs/v1"
    overridden = make_spec(base_url="https://api.example.com/v1", base_url_env="SOME_BASE_URL")
    assert resolve_base_url(overridden, {"SOME_BASE_URL": "http://gateway/v1"}) == "http://gateway/v1"
    assert resolve_base_url(overridden, {}) == "https://api.example.com/v1"
    assert resolve_base_url(overridden, {"SOME_BASE_URL": " "}) == "https://api.example.com/v1"


def test_only_a_base_url_variable_gives_an_address():
    spec = make_spec(base_url="https://api.example.com/v1", base_url_env="HTTP_PROXY")
    address = resolve_address(spec, {"HTTP_PROXY": "http://elsewhere:3128"})
    assert (address.base_url, address.source) == ("https://api.example.com/v1", Source.CATALOGUE)


@pytest.mark.parametrize(
    "url", ["https://api.example.com/v1", "http://127.0.0.1:9/v1", "http://[::1]:9/", "http://localhost/v1"]
)
def test_a_key_stays_private_over_https_and_inside_this_machine(url):
    assert keeps_key_private(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://api.example.com/v1",
        "http://10.0.0.5/v1",
        "http://127.0.0.1@api.example.com/v1",
        "http://localhost.example.com/v1",
        "http://127.0.0.1.example.com/v1",
        "http://[::1",
        "",
    ],
)
def test_a_key_does_not_leave_the_machine_over_plain_http(url):
    assert not keeps_key_private(url)


async def test_no_key_is_sent_over_plain_http_to_another_host(monkeypatch):
    """The name is this machine's, so that a key that was sent would arrive."""
    seen = []

    async def note(reader, writer):
        seen.append(await read_request(reader))

    resolving_to(monkeypatch, "127.0.0.1")
    async with serving(note, raw=True) as port:
        spec = make_spec(base_url=f"http://elsewhere.test:{port}/v1", key_env="SOME_API_KEY")
        attempt = await probe(spec, KEY)
    assert (attempt.outcome, attempt.total_ms, seen) == ("bad_request", None, [])
    assert "plain http" in attempt.error_detail


async def test_a_simulator_elsewhere_gets_no_key_either():
    spec = make_spec(base_url="simulator:/aurora-labs/v1", key_env="SOME_API_KEY")
    attempt = await probe(spec, {**KEY, "SIMULATOR_URL": "http://simulator.test:8001"})
    assert (attempt.outcome, attempt.total_ms) == ("bad_request", None)


async def test_the_operators_own_gateway_gets_the_key_over_plain_http(monkeypatch):
    resolving_to(monkeypatch, "127.0.0.1")
    async with serving(answering(STREAM_HEAD + CHAT_OK)) as port:
        spec = make_spec(base_url="https://a.test/v1", key_env="SOME_API_KEY", base_url_env="SOME_BASE_URL")
        attempt = await probe(spec, {**KEY, "SOME_BASE_URL": f"http://gateway.test:{port}/v1"})
    assert attempt.outcome == "ok"


async def test_without_a_key_plain_http_is_nobodys_secret(monkeypatch):
    resolving_to(monkeypatch, "127.0.0.1")
    async with serving(answering(STREAM_HEAD + CHAT_OK)) as port:
        assert (await probe(make_spec(base_url=f"http://elsewhere.test:{port}/v1"))).outcome == "ok"


@pytest.mark.parametrize(
    "host", ["169.254.169.254", "[fe80::1]", "2852039166", "[::ffff:169.254.169.254]", "0.0.0.0"]
)
async def test_a_metadata_service_is_not_asked(host):
    attempt = await probe(make_spec(base_url=f"http://{host}/latest"))
    assert (attempt.outcome, attempt.connect_ms) == ("bad_request", None)
    assert "and not asked" in attempt.error_detail


async def test_a_name_with_one_address_inside_our_network_is_not_asked_at_all(monkeypatch):
    resolving_to(monkeypatch, "127.0.0.1", "169.254.169.254")
    async with serving(answering(STREAM_HEAD + CHAT_OK)) as port:
        attempt = await probe(make_spec(base_url=f"http://two-faced.test:{port}/v1"))
    assert (attempt.outcome, attempt.connect_ms) == ("bad_request", None)


@pytest.mark.parametrize(
    "given", [{"SOME_BASE_URL": "http://inside.test:{}/v1"}, {"SIMULATOR_URL": "http://inside.test:{}"}]
)
async def test_an_address_of_the_operators_may_be_inside(given, monkeypatch):
    """It is tried: nobody listens there, so the connection is refused and not the address."""
    resolving_to(monkeypatch, "127.0.0.1")
    monkeypatch.setattr("probes.wire.route.is_refused", lambda address: True)
    environ = {name: value.format(free_port()) for name, value in given.items()}
    spec = make_spec(base_url="simulator:/aurora-labs/v1", base_url_env="SOME_BASE_URL")
    assert (await probe(spec, environ)).outcome == "connect_error"

"""Fetching from servers that answer well, badly, elsewhere or not at all, over real connections."""

import asyncio
import gzip
import socket
import ssl
import threading
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aigo.lib import fetch
from aigo.lib.fetch import (
    Answer,
    BadAddress,
    FetchError,
    ForbiddenAddress,
    Garbled,
    Redirected,
    TlsFailed,
    TooLarge,
    TooManyRedirects,
    TooSlow,
    Unreachable,
    Unresolved,
    ask,
    get,
    guarded_get,
)
from aigo.lib.networks import Policy, networks
from probes.tests.wire import self_signed
from testing import exporter
from testing.exporter import Handler, exporting, text
from testing.patience import PATIENCE_S

LOOPBACK = networks(["127.0.0.0/8", "::1"])
BOMB = gzip.compress(gzip.compress(bytes(100_000_000)))
HTTP_BOMB = gzip.compress(bytes(100_000_000))


@pytest.fixture(autouse=True)
def _loopback_allowed(settings) -> None:
    settings.FETCH_ALLOWED_NETWORKS = LOOPBACK


def fetched(url: str, *, max_bytes: int = 1_000_000, timeout_s: float = PATIENCE_S, **options: Any) -> Answer:
    return get(url, max_bytes=max_bytes, timeout_s=timeout_s, **options)


def resolving(monkeypatch: pytest.MonkeyPatch, **names: list[str]) -> list[str]:
    """Names resolve to these addresses; several lookups of one name take the next word of each, in turn."""
    asked: list[str] = []
    given = {name.replace("_", "."): addresses for name, addresses in names.items()}

    def getaddrinfo(host: str, port: int, **kwargs: Any) -> list[Any]:
        asked.append(host)
        if host not in given:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        now = given[host][min(asked.count(host), len(given[host])) - 1]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in now.split()]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


def redirecting(*locations: str, status: int = 302) -> Callable[[Handler], None]:
    """Sends each request to the next of these; then answers."""
    left = iter(locations)

    def answer(handler: Handler) -> None:
        location = next(left, None)
        whole = text(b"there") if location is None else text(b"", status=status, Location=location)
        whole(handler)

    return answer


def test_an_answer_is_whole_whatever_its_status() -> None:
    with exporting(text(b"gone", status=410, X_Two="a", ETag='"1"')) as server:
        answer = fetched(f"{server.url}?a=%2F#part", headers={"If-None-Match": '"0"'})
    assert (answer.status, answer.body, answer.headers["etag"]) == (410, b"gone", '"1"')
    assert answer.url == f"{server.url}?a=%2F"
    assert 0 < answer.elapsed_ms < 1_000 * PATIENCE_S
    path, headers = server.asked[0]
    assert path == "/metrics?a=%2F"
    sent = {name.lower(): value for name, value in headers.items()}
    assert sent["if-none-match"] == '"0"'
    assert sent["user-agent"].startswith("AI-GO/")
    assert "gone" not in repr(answer)


def test_not_modified_is_an_answer_too() -> None:
    with exporting(text(b"", status=304)) as server:
        assert (fetched(server.url).status, fetched(server.url).body) == (304, b"")


def test_a_header_in_bytes_that_mean_nothing_can_be_stored_and_sent_back() -> None:
    def odd(handler: Handler) -> None:
        handler.wfile.write(b'HTTP/1.1 200 OK\r\nETag: "\xff\xed\xa0\x80"\r\nContent-Length: 0\r\n\r\n')

    with exporting(odd) as server:
        etag = fetched(server.url).headers["etag"]
        assert etag.encode().startswith(b'"\xef\xbf\xbd')
        assert fetched(server.url, headers={"If-None-Match": etag}).status == 200


@pytest.mark.parametrize("value", ["a\r\nHost: inside", "a\x00", "a\nb", "\x7f"])
def test_a_header_that_would_become_two_is_not_sent(value: str) -> None:
    with exporting(b"") as server:
        with pytest.raises(FetchError, match="'x-token' holds what no header may hold") as refused:
            fetched(server.url, headers={"X-Token": value})
        assert (server.asked, "inside" in str(refused.value)) == ([], False)


def test_guarded_get_wants_a_200() -> None:
    with exporting(text(b"no", status=404)) as server, pytest.raises(FetchError, match="answered 404"):
        guarded_get(server.url, max_bytes=10)
    with exporting(b"body") as server:
        assert guarded_get(server.url, max_bytes=4) == b"body"
        with pytest.raises(TooLarge, match="larger than 3 bytes"):
            guarded_get(server.url, max_bytes=3)


async def test_a_post_carries_its_body_and_follows_nothing() -> None:
    seen = []

    def answer(handler: Handler) -> None:
        seen.append((handler.rfile.read(int(handler.headers["Content-Length"])), dict(handler.headers)))
        text(b"moved", status=307, Location="/elsewhere")(handler)

    with exporting(answer) as server:
        told = await ask(
            "post",
            server.url,
            headers={"webhook-id": "msg_1", "content-type": "application/json"},
            body=b'{"a": 1}',
            max_bytes=1_000,
            timeout_s=PATIENCE_S,
        )
    assert (told.status, told.body, told.headers["location"]) == (307, b"moved", "/elsewhere")
    (body, headers) = seen[0]
    sent = {name.lower(): value for name, value in headers.items()}
    assert (body, sent["webhook-id"], sent["content-type"]) == (b'{"a": 1}', "msg_1", "application/json")
    assert len(seen) == 1


async def test_it_can_be_called_where_a_loop_runs() -> None:
    with exporting(b"body") as server:
        asked = await ask("GET", server.url, max_bytes=9, timeout_s=PATIENCE_S)
        assert (fetched(server.url).body, asked.body) == (b"body", b"body")


# Addresses.


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_this_machine_is_asked_only_where_the_operator_allows_it(settings, host: str) -> None:
    settings.FETCH_ALLOWED_NETWORKS = ()
    with exporting(b"inside") as server:
        with pytest.raises(ForbiddenAddress, match="this machine itself"):
            fetched(server.url.replace("127.0.0.1", host))
        assert server.asked == []


def test_the_policy_of_hosting_reaches_this_machine_without_permission(settings) -> None:
    settings.FETCH_ALLOWED_NETWORKS = ()
    with exporting(b"model") as server:
        assert fetched(server.url, policy=Policy.HOSTING).body == b"model"
    with pytest.raises(ForbiddenAddress, match="metadata"):
        fetched("http://169.254.169.254/latest/", policy=Policy.HOSTING)


@pytest.mark.parametrize("url", ["http://127.1/", "http://2130706433/", "http://[::ffff:127.0.0.1]/"])
def test_odd_forms_are_refused_though_their_network_is_allowed(url: str) -> None:
    with pytest.raises(ForbiddenAddress):
        fetched(url)


def test_a_name_that_leads_inside_with_one_of_its_addresses_is_refused(monkeypatch) -> None:
    resolving(monkeypatch, two_faced_test=["127.0.0.1 10.0.0.1"])
    with exporting(b"inside") as server:
        with pytest.raises(ForbiddenAddress, match=r"two\.faced\.test leads to 10\.0\.0\.1"):
            fetched(server.url.replace("127.0.0.1", "two.faced.test"))
        assert server.asked == []


def test_a_name_that_answers_differently_the_second_time_leads_nowhere_else(monkeypatch) -> None:
    asked = resolving(monkeypatch, rebinding_test=["127.0.0.1", "10.0.0.1"])
    with exporting(b"first") as server:
        assert fetched(server.url.replace("127.0.0.1", "rebinding.test")).body == b"first"
    assert asked == ["rebinding.test"]
    assert server.asked[0][1]["Host"].startswith("rebinding.test:")


def test_a_redirect_to_a_name_that_now_leads_inside_is_refused(monkeypatch) -> None:
    asked = resolving(monkeypatch, rebinding_test=["127.0.0.1", "10.0.0.1"])
    with exporting(redirecting("/again")) as server, pytest.raises(ForbiddenAddress, match=r"10\.0\.0\.1"):
        fetched(server.url.replace("127.0.0.1", "rebinding.test"))
    assert asked == ["rebinding.test"] * 2


def test_proxies_of_the_environment_are_not_asked(monkeypatch) -> None:
    with exporting(b"proxy") as proxy, exporting(b"server") as server:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        assert fetched(server.url).body == b"server"
    assert proxy.asked == []


def test_a_name_nobody_knows(monkeypatch) -> None:
    resolving(monkeypatch)
    with pytest.raises(Unresolved, match=r"nowhere\.test cannot be resolved"):
        fetched("http://nowhere.test/")


def test_nobody_listens(port: int) -> None:
    with pytest.raises(Unreachable, match=f"127.0.0.1:{port}: ConnectionRefusedError"):
        fetched(f"http://127.0.0.1:{port}/secret-path")


def test_a_certificate_nobody_vouches_for(tmp_path: Path) -> None:
    context, _certificate = self_signed(tmp_path)
    with exporting(b"tls") as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        with pytest.raises(TlsFailed):
            fetched(server.url.replace("http:", "https:"))
        assert server.asked == []


# Redirects.


def test_redirects_are_followed_and_the_last_address_is_told() -> None:
    with exporting(b"") as server:
        server.answer = redirecting("/a", "b?c=1", f"//127.0.0.1:{server.server_port}/d")
        answer = fetched(server.url)
    assert answer.body == b"there"
    assert answer.url == f"http://127.0.0.1:{server.server_port}/d"
    assert [path for path, _headers in server.asked] == ["/metrics", "/a", "/b?c=1", "/d"]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    ("location", "error"),
    [
        ("http://10.0.0.1/", ForbiddenAddress),
        ("http://169.254.169.254/latest/meta-data/iam/", ForbiddenAddress),
        ("http://0x7f.1/", ForbiddenAddress),
        ("http://[::ffff:127.0.0.1]/", ForbiddenAddress),
        ("http://u:p@127.0.0.1/", FetchError),
        ("file:///etc/passwd", FetchError),
        ("gopher://127.0.0.1:6379/_FLUSHALL", FetchError),
    ],
)
def test_a_redirect_is_judged_as_the_first_address_was(status: int, location: str, error: type) -> None:
    with exporting(text(b"", status=status, Location=location)) as server, pytest.raises(error) as refused:
        fetched(server.url)
    assert type(refused.value) in (ForbiddenAddress, FetchError, BadAddress)
    assert len(server.asked) == 1


def test_redirects_end() -> None:
    with exporting(text(b"", status=302, Location="/metrics")) as server, pytest.raises(TooManyRedirects):
        fetched(server.url)
    assert len(server.asked) == fetch.MAX_REDIRECTS + 1


def test_who_wants_to_know_is_told_where_it_is_instead() -> None:
    with exporting(redirecting("/there")) as server, pytest.raises(Redirected) as caught:
        fetched(server.url, follow=False)
    assert caught.value.url == server.url.replace("/metrics", "/there")
    assert (caught.value.policy, caught.value.allowed) == (Policy.PUBLIC, LOOPBACK)
    assert len(server.asked) == 1


def test_a_place_that_is_told_is_judged_as_strictly_as_one_that_is_followed(monkeypatch) -> None:
    resolving(monkeypatch, public_test=["93.184.216.34"])

    async def sent_inside(*args: Any) -> tuple[int, dict[str, str], bytes]:
        return 302, {"location": "http://127.0.0.1/"}, b""

    monkeypatch.setattr(fetch, "_exchange", sent_inside)
    with pytest.raises(Redirected) as caught:
        fetched("http://public.test/", follow=False)
    assert caught.value.allowed == ()  # though the operator allows loopback


def test_a_redirect_without_a_place_is_an_answer() -> None:
    with exporting(text(b"where?", status=302)) as server:
        assert (fetched(server.url).status, fetched(server.url).body) == (302, b"where?")


def test_a_public_server_cannot_send_us_into_a_network_that_the_operator_allowed(monkeypatch) -> None:
    """Loopback plays the public internet here: no other address can be connected to in a test."""
    with exporting(b"inside") as inside, exporting(text(b"", status=302, Location=inside.url)) as server:
        assert fetched(server.url).body == b"inside"
        monkeypatch.setattr(fetch, "why_refused", lambda ip, policy: "")
        with pytest.raises(ForbiddenAddress, match="this machine"):
            fetched(server.url)
        with pytest.raises(ForbiddenAddress, match="this machine"):
            fetched(server.url, policy=Policy.HOSTING)
        assert len(inside.asked) == 1


def test_what_the_operator_named_may_not_send_us_anywhere_else(settings) -> None:
    settings.FETCH_ALLOWED_NETWORKS = ()
    with exporting(b"other") as other, exporting(redirecting("/same", other.url)) as server:
        with pytest.raises(ForbiddenAddress, match="this machine"):
            fetched(server.url, policy=Policy.OPERATOR)
        assert ([path for path, _headers in server.asked], other.asked) == (["/metrics", "/same"], [])


def test_credentials_do_not_go_along_to_another_server() -> None:
    sent = {"Authorization": "Bearer s3cret", "X-Api-Key": "s3cret", "Cookie": "a=b", "Accept": "text/x"}
    with exporting(b"other") as other, exporting(redirecting("/same", other.url)) as server:
        assert fetched(server.url, headers=sent).body == b"other"
    assert [headers.get("authorization") for _path, headers in lower(server)] == ["Bearer s3cret"] * 2
    (_path, headers) = lower(other)[0]
    assert headers["accept"] == "text/x"
    assert "s3cret" not in str(headers)
    assert "cookie" not in headers


def lower(server: exporter.Exporter) -> list[tuple[str, dict[str, str]]]:
    return [(path, {name.lower(): value for name, value in sent.items()}) for path, sent in server.asked]


@pytest.mark.parametrize(("headers", "arrives"), [({"Authorization": "Bearer s3cret"}, False), ({}, True)])
def test_credentials_do_not_go_from_https_to_http(
    tmp_path: Path, monkeypatch, headers: dict[str, str], arrives: bool
) -> None:
    context, certificate = self_signed(tmp_path)
    trust(monkeypatch, certificate)
    with exporting(b"clear") as clear, exporting(text(b"", status=302, Location=clear.url)) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        url = server.url.replace("http://127.0.0.1", "https://localhost")
        if arrives:
            assert fetched(url, headers=headers).body == b"clear"
        else:
            with pytest.raises(ForbiddenAddress, match="credentials"):
                fetched(url, headers=headers)
        assert len(clear.asked) == arrives


# Time and size.


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (exporter.dripping, TooSlow),
        (exporter.dripping_head, TooSlow),
        (exporter.silent, TooSlow),
        (exporter.cut, Unreachable),
        (exporter.hung_up, Unreachable),
        (exporter.no_http, Garbled),
        (exporter.bloated, Garbled),
        (exporter.endless, TooLarge),
        (text(b"{}", Content_Encoding="gzip"), Garbled),
        (text(gzip.compress(b"{}" * 1_000)[:-9], Content_Encoding="gzip"), Garbled),
        (text(b"{}", Content_Encoding="br"), Garbled),
        (text(BOMB, Content_Encoding="gzip, gzip"), Garbled),
        (text(HTTP_BOMB, Content_Encoding="gzip"), TooLarge),
        (text(zlib.compress(bytes(100_000_000)), Content_Encoding="deflate"), TooLarge),
    ],
    ids=lambda value: getattr(value, "__name__", "text"),
)
def test_every_bad_answer_ends_with_its_own_name(answer: exporter.Answer, error: type) -> None:
    with exporting(answer) as server, pytest.raises(error) as failed:
        fetched(server.url, timeout_s=0.5 if error is TooSlow else PATIENCE_S)
    assert f"127.0.0.1:{server.server_port}" in str(failed.value)
    assert "metrics" not in str(failed.value)


@pytest.mark.parametrize("answer", [exporter.endless, text(HTTP_BOMB, Content_Encoding="gzip")])
def test_a_hundred_megabytes_are_not_kept(answer: exporter.Answer) -> None:
    with exporting(answer) as server:
        fetched_once(server.url)  # what is made once is not counted
        tracemalloc.start()
        fetched_once(server.url)
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 10_000_000


def fetched_once(url: str) -> None:
    with pytest.raises(TooLarge):
        fetched(url)


@pytest.mark.parametrize(
    ("packed", "coding"),
    [
        (gzip.compress(b"plain"), "gzip"),
        (gzip.compress(b"pl") + gzip.compress(b"ain"), "x-gzip"),
        (zlib.compress(b"plain"), "deflate"),
        (zlib.compress(b"plain")[2:-4], "Deflate"),
        (b"plain", "identity"),
    ],
    ids=["gzip", "two gzip members", "zlib", "bare deflate", "identity"],  # gzip has the time in it
)
def test_compressed_answers_are_unpacked(packed: bytes, coding: str) -> None:
    with exporting(text(packed, Content_Encoding=coding)) as server:
        assert fetched(server.url, max_bytes=100).body == b"plain"
    assert lower(server)[0][1]["accept-encoding"] == "gzip, deflate"


def test_a_server_that_never_ends_the_tls_handshake_ends_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening, pytest.raises(TooSlow):
        fetched(f"https://127.0.0.1:{listening.getsockname()[1]}/", timeout_s=0.2)


def test_redirects_share_one_time_limit() -> None:
    def slow(handler: Handler) -> None:
        handler.server.stopped.wait(1.0)
        text(b"", status=302, Location="/next")(handler)

    with exporting(slow) as server, pytest.raises(TooSlow):
        fetched(server.url, timeout_s=1.5)
    assert len(server.asked) <= 2


def test_a_name_server_that_hangs_holds_neither_the_caller_nor_the_others(monkeypatch) -> None:
    released = threading.Event()
    waited: list[bool] = []
    real = socket.getaddrinfo

    def slow(host: str, *args: Any, **kwargs: Any) -> Any:
        if host != "slow.test":
            return real(host, *args, **kwargs)
        waited.append(released.wait(PATIENCE_S))
        return []

    monkeypatch.setattr(socket, "getaddrinfo", slow)

    async def both(url: str) -> tuple[Any, Any]:
        return await asyncio.gather(
            ask("GET", "http://slow.test/", max_bytes=9, timeout_s=3),
            ask("GET", url, max_bytes=9, timeout_s=PATIENCE_S),
            return_exceptions=True,
        )

    with exporting(b"quick") as server:
        hung, quick = asyncio.run(both(server.url.replace("127.0.0.1", "localhost")))
    assert waited == [], "somebody waited for the name server"
    released.set()
    assert isinstance(hung, TooSlow)
    assert quick.body == b"quick"


def test_more_names_than_threads_wait_their_turn(monkeypatch) -> None:
    monkeypatch.setattr("aigo.lib.connecting._slots", threading.Semaphore(2))

    async def many(url: str) -> list[Answer]:
        return await asyncio.gather(*(ask("GET", url, max_bytes=9, timeout_s=PATIENCE_S) for _ in range(6)))

    with exporting(b"body") as server:
        answers = asyncio.run(many(server.url.replace("127.0.0.1", "localhost")))
    assert [answer.body for answer in answers] == [b"body"] * 6


def trust(monkeypatch: pytest.MonkeyPatch, certificate: Path) -> None:
    """This certificate is the only authority."""
    context = ssl.create_default_context(cafile=str(certificate))
    monkeypatch.setattr("aigo.lib.connecting._tls", lambda: context)

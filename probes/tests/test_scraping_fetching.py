"""Asking servers that answer well, badly or not at all, over real connections."""

import socket
import ssl
import threading
import time
import tracemalloc
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from aigo.lib import connecting
from probes.scraping import fetching
from probes.scraping.fetching import Fetched, Target, fetch_all
from probes.scraping.problems import Problem
from probes.tests.wire import self_signed
from testing.exporter import (
    Answer,
    Handler,
    bloated,
    cut,
    dripping,
    dripping_head,
    endless,
    exporting,
    hung_up,
    no_http,
    silent,
    text,
)

BODY = b"up 1\n"
#: What is not ended by its own time goes on for longer than that.
NEVER_S = 30


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second instead of five, where an end by time is what is waited for and nothing else is asked."""
    monkeypatch.setattr(fetching, "TIMEOUT_S", 1.0)


def ask(url: str, *, backoffs_s: tuple[float, ...] = (), **fields: str) -> Fetched:
    (fetched,) = fetch_all([Target(1, url, **fields)], backoffs_s=backoffs_s)
    return fetched


def test_a_text_is_fetched_whole_and_uncompressed():
    with exporting(BODY) as server:
        fetched = ask(server.url)
    assert (fetched.body, fetched.error, fetched.tries) == (BODY, None, 1)
    _path, headers = server.asked[0]
    assert headers["Accept-Encoding"] == "identity"
    assert "Authorization" not in headers


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (endless, Problem.TOO_LARGE),
        (cut, Problem.UNREACHABLE),
        (hung_up, Problem.UNREACHABLE),
        (no_http, Problem.NOT_TEXT),
        (bloated, Problem.NOT_TEXT),
        (text(b"no", status=404), Problem.STATUS),
        (text(b"not implemented", status=501), Problem.STATUS),
        (text(b"\x1f\x8b", Content_Encoding="gzip"), Problem.NOT_TEXT),
        (text(b"", status=302, Location="http://192.0.2.1/metrics"), Problem.REDIRECT),
        (text(b"", status=302, Location="/metrics"), Problem.REDIRECT),
        (text(b"", status=302), Problem.REDIRECT),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_every_bad_answer_ends_with_its_own_name(answer: Answer, problem: Problem):
    with exporting(answer) as server:
        fetched = ask(server.url)
    assert fetched.error is not None
    assert fetched.error.problem is problem
    assert 0 < len(fetched.error.detail) <= 300


@pytest.mark.parametrize("answer", [dripping, dripping_head, silent])
def test_what_never_ends_is_ended_in_time(soon: None, answer: Answer):
    with exporting(answer) as server:
        fetched = ask(server.url)
    assert fetched.error.problem is Problem.TIMEOUT
    assert fetched.error.detail == "no whole answer within 1 s"
    assert 1 <= fetched.elapsed_s < NEVER_S


def test_what_all_sessions_need_is_read_at_no_servers_cost(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(fetching, "TIMEOUT_S", 2.0)

    @lru_cache(maxsize=1)
    def slowly() -> ssl.SSLContext:
        time.sleep(2.5)
        return ssl.create_default_context()

    monkeypatch.setattr(connecting, "_tls", slowly)
    with exporting(BODY) as server:
        assert ask(server.url).body == BODY


def test_a_hundred_megabytes_are_not_kept():
    with exporting(endless) as server:
        tracemalloc.start()
        assert ask(server.url).error.problem is Problem.TOO_LARGE
        _now, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 30_000_000


def test_nobody_at_the_address_is_tried_again_and_named(port: int):
    fetched = ask(f"http://127.0.0.1:{port}/metrics", backoffs_s=(0.01, 0.01, 0.01))
    assert (fetched.error.problem, fetched.tries) == (Problem.UNREACHABLE, 4)


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("ftp://127.0.0.1/metrics", Problem.ADDRESS),
        ("http:///metrics", Problem.ADDRESS),
        ("http://user:s3cret@127.0.0.1/metrics", Problem.ADDRESS),
        ("http://[half/metrics", Problem.ADDRESS),
        ("http://169.254.169.254/latest/meta-data/", Problem.REFUSED),
        ("http://[fe80::1]/metrics", Problem.REFUSED),
        ("http://[fd00:ec2::254]/", Problem.REFUSED),
        ("http://[::ffff:169.254.169.254]/", Problem.REFUSED),
        ("http://2852039166/", Problem.REFUSED),  # 169.254.169.254 as one number
    ],
)
def test_an_address_that_is_none_or_leads_to_a_metadata_service_is_never_asked(url: str, problem: Problem):
    fetched = ask(url, backoffs_s=(0.01,))
    assert (fetched.error.problem, fetched.tries) == (problem, 1)
    assert "s3cret" not in fetched.error.detail


def resolving(monkeypatch: pytest.MonkeyPatch, *answers: str) -> list[str]:
    """Names resolve to these addresses in turn, the last for ever; returns the names that were asked for."""
    asked: list[str] = []

    def getaddrinfo(host: str, port: int, **kwargs: Any) -> list[Any]:
        address = answers[min(len(asked), len(answers) - 1)]
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return asked


def test_a_name_is_resolved_once_and_the_connection_goes_there(monkeypatch: pytest.MonkeyPatch):
    with exporting(BODY) as server:
        asked = resolving(monkeypatch, "127.0.0.1", "169.254.169.254")
        fetched = ask(server.url.replace("127.0.0.1", "gpu-1"))
    assert fetched.body == BODY
    assert asked == ["gpu-1"]
    assert server.asked[0][1]["Host"].startswith("gpu-1:")


def test_a_name_that_leads_to_a_metadata_service_is_refused(monkeypatch: pytest.MonkeyPatch):
    resolving(monkeypatch, "169.254.169.254")
    assert ask("http://innocent.test/metrics").error.problem is Problem.REFUSED


def test_a_name_nobody_knows_is_named(monkeypatch: pytest.MonkeyPatch):
    def unknown(*args: Any, **kwargs: Any) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    fetched = ask("http://nowhere.test/metrics", backoffs_s=(0.01,))
    assert (fetched.error.problem, fetched.tries) == (Problem.NAME, 2)


def test_a_resolver_that_hangs_holds_neither_the_others_nor_the_run(monkeypatch: pytest.MonkeyPatch):
    released = threading.Event()
    released_in_time: list[bool] = []
    real = socket.getaddrinfo

    def slow(host: str, *args: Any, **kwargs: Any) -> Any:
        if host != "slow.test":
            return real(host, *args, **kwargs)
        released_in_time.append(released.wait(NEVER_S))
        return []

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    with exporting(BODY) as server:
        targets = [Target(1, "http://slow.test/"), Target(2, server.url)]
        found = {fetched.key: fetched for fetched in fetch_all(targets, backoffs_s=())}
    assert not released_in_time, "the run waited for the resolver"
    released.set()
    assert found[1].error.problem is Problem.TIMEOUT
    assert found[2].body == BODY


def test_a_redirect_within_the_host_is_followed_as_vllm_needs():
    def answer(handler: Handler) -> None:
        whole = text(BODY) if handler.path == "/metrics/" else text(b"", status=307, Location="/metrics/")
        whole(handler)

    with exporting(answer) as server:
        assert ask(server.url).body == BODY
    assert [path for path, _headers in server.asked] == ["/metrics", "/metrics/"]


def test_a_server_that_comes_back_between_tries_is_read():
    answers = iter([cut, text(b"loading", status=503), text(BODY)])
    with exporting(lambda handler: next(answers)(handler)) as server:
        fetched = ask(server.url, backoffs_s=(0.01, 0.02, 0.03))
    assert (fetched.body, fetched.tries) == (BODY, 3)


def test_what_needs_a_person_is_not_tried_again():
    with exporting(text(b"<html>", status=404)) as server:
        assert ask(server.url, backoffs_s=(0.01, 0.01)).tries == 1


def test_one_that_hangs_delays_nobody():
    with exporting(silent) as hanging, exporting(BODY) as good:
        targets = [Target(0, hanging.url), *(Target(n, good.url) for n in range(1, 21))]
        arrived = list(fetch_all(targets, backoffs_s=()))
    assert (arrived[-1].key, arrived[-1].error.problem) == (0, Problem.TIMEOUT)
    assert [fetched.error for fetched in arrived[:-1]] == [None] * 20


def test_what_the_caller_does_between_answers_does_not_stop_the_clock_of_the_others():
    with exporting(BODY) as good:
        started = time.monotonic()
        answers = fetch_all([Target(n, good.url) for n in range(5)], backoffs_s=())
        first = next(answers)
        time.sleep(fetching.TIMEOUT_S)
        done_s = time.monotonic() - started
        found = [first, *answers]
    assert [f.error for f in found] == [None] * 5
    assert max(f.elapsed_s for f in found) < done_s


def test_a_token_goes_along_to_private_addresses_and_is_never_told():
    with exporting(BODY) as server:
        assert ask(server.url, token_env="GPU_METRICS_TOKEN", token="s3cret").body == BODY
    assert server.asked[0][1]["Authorization"] == "Bearer s3cret"


@pytest.mark.parametrize(
    ("address", "token", "said"),
    [
        ("127.0.0.1", "", "GPU_METRICS_TOKEN is not set"),
        ("8.8.8.8", "s3cret", "would travel in clear"),
        ("127.0.0.1", "s3cret\r\nX: y", "characters that no header may have"),
    ],
)
def test_a_token_that_cannot_go_along_safely_stays(
    monkeypatch: pytest.MonkeyPatch, address: str, token: str, said: str
):
    resolving(monkeypatch, address)
    error = ask("http://gpu-1:9/metrics", token_env="GPU_METRICS_TOKEN", token=token).error
    assert error.problem is Problem.TOKEN
    assert said in error.detail
    assert "s3cret" not in error.detail


def test_a_certificate_nobody_vouches_for_is_named(tmp_path: Path):
    context, _certificate = self_signed(tmp_path)
    with exporting(BODY) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        assert ask(server.url.replace("http:", "https:")).error.problem is Problem.TLS

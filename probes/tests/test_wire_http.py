"""Requests as bytes, answers from bytes."""

import pytest

from probes.protocols.description import WireRequest
from probes.wire.errors import UnsendableError
from probes.wire.http import MAX_HEAD_BYTES, ResponseParser, destination_of, encode_request, other_host


def encoded(url: str = "http://a.test/v1/chat", method: str = "POST", headers=None, body: bytes = b"{}"):
    return encode_request(WireRequest(method, url, headers or {}, body), destination_of(url))


def parsed(*pieces: bytes) -> tuple[ResponseParser, bytes]:
    parser = ResponseParser()
    return parser, b"".join(parser.feed(piece) for piece in pieces)


def test_a_request_is_written_as_http():
    wire = encoded("http://a.test:8080/v1/chat?x=1", headers={"Authorization": "Bearer k"}, body=b"body")
    assert wire == (
        b"POST /v1/chat?x=1 HTTP/1.1\r\nHost: a.test:8080\r\nAuthorization: Bearer k\r\n"
        b"Content-Length: 4\r\n\r\nbody"
    )
    assert encoded("http://a.test", "GET", body=b"") == b"GET / HTTP/1.1\r\nHost: a.test\r\n\r\n"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.test/v1", ("a.test", 443, True, False)),
        ("http://A.test:81/", ("a.test", 81, False, False)),
        ("http://[::1]:82/", ("::1", 82, False, True)),
        ("https://10.0.0.1", ("10.0.0.1", 443, True, True)),
    ],
)
def test_whom_a_url_names(url, expected):
    found = destination_of(url).server
    assert (found.host, found.port, found.tls, found.literal) == expected


@pytest.mark.parametrize(
    "url", ["http:///x", "http://a.test:port/", "http://[::1/", "http://a.test/a b", "ftp://a/"]
)
def test_a_url_that_cannot_be_asked_is_ours(url):
    with pytest.raises(UnsendableError):
        destination_of(url)


@pytest.mark.parametrize(
    "headers",
    [{"X-A": "planted\r\nB: c"}, {"X A": "planted"}, {"": "planted"}, {"X": "planted\0"}, {"X": "planted한"}],
)
def test_a_header_that_http_cannot_carry_is_ours_and_not_told(headers):
    with pytest.raises(UnsendableError) as raised:
        encoded(headers=headers)
    assert "planted" not in str(raised.value)


CHUNKED = (
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX-A: 1\r\nx-a: 2\r\n\r\n"
    b"5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n"
)


def test_an_answer_may_come_one_byte_at_a_time():
    for pieces in ((CHUNKED,), tuple(bytes([byte]) for byte in CHUNKED)):
        parser, body = parsed(*pieces)
        assert (parser.status, body, parser.complete, parser.error) == (200, b"hello!", True, None)
        assert parser.headers["x-a"] == "1, 2"


def test_interim_answers_are_passed_over():
    parser, body = parsed(
        b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
    )
    assert (parser.status, parser.headers, body) == (200, {"content-length": "2"}, b"ok")
    assert parser.complete


def test_only_the_end_of_the_connection_ends_an_old_answer():
    parser, body = parsed(b"HTTP/1.0 200 OK\r\n\r\nhello")
    assert (parser.complete, body, parser.ends_with_connection) == (False, b"hello", True)
    for framed in (b"Content-Length: 9", b"Transfer-Encoding: chunked"):
        parser, _ = parsed(b"HTTP/1.1 200 OK\r\n" + framed + b"\r\n\r\n")
        assert not parser.ends_with_connection


@pytest.mark.parametrize(
    "data",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nbytes",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * MAX_HEAD_BYTES,
        b"HTTP/1.1 100 Continue\r\n\r\n" * (MAX_HEAD_BYTES // 20),
    ],
)
def test_what_is_no_answer_is_said(data):
    parser, _ = parsed(data)
    assert parser.error is not None
    assert not parser.complete


def test_the_body_before_an_error_is_kept():
    parser, body = parsed(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n")
    assert body == b"hello"
    assert parser.error is not None


def test_what_follows_a_complete_answer_is_nobodys():
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
    for behind in (answer + b"no", b"garbage\r\n\r\n"):
        parser, body = parsed(answer + b"ok" + behind, answer + b"no")
        assert (body, parser.complete, parser.error) == (b"ok", True, None)


def test_trailers_are_no_headers():
    parser, _ = parsed(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-Late: 1\r\n\r\n")
    assert parser.complete
    assert "x-late" not in parser.headers


@pytest.mark.parametrize(
    ("location", "host"),
    [
        ("https://b.test/x", "b.test"),
        ("https://a.test/x", ""),
        ("/x", ""),
        ("", ""),
        ("http://[", "an unreadable address"),
    ],
)
def test_where_a_redirect_leads(location, host):
    assert other_host("a.test", {"location": location}) == host

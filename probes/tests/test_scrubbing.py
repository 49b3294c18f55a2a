"""No secret leaves the engine."""

import pytest

from probes.scrubbing import scrub


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Incorrect API key provided: sk-proj-abcDEF123456.", "Incorrect API key provided: ***"),
        ("Authorization: Bearer abc.def-ghi", "Authorization: Bearer ***"),
        ("GET /v1beta/models?key=AIzaSyAbcdef1234567890&alt=sse", "GET /v1beta/models?***&alt=sse"),
        ("token gsk_0123456789abcdef was refused", "token *** was refused"),
        ("proxy http://user:pass@host:1 refused", "proxy http://***@host:1 refused"),
        ("two\n lines", "two lines"),
        ("key-related and co-operative words stay", "key-related and co-operative words stay"),
    ],
)
def test_what_is_shaped_like_a_key_is_scrubbed(text, kept):
    assert scrub(text).rstrip(".") == kept.rstrip(".")

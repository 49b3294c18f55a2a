"""One address for one page."""

import pytest

from news.urls import canonical_url, page_key


@pytest.mark.parametrize(
    ("given", "one"),
    [
        ("https://Example.COM:443/a?utm_source=x&b=1#top", "https://example.com/a?b=1"),
        ("http://example.com", "http://example.com/"),
        ("https://example.com./a?fbclid=1", "https://example.com/a"),
        ("https://[::1]:8080/a", "https://[::1]:8080/a"),
        ("javascript:alert(1)", ""),
        ("https://", ""),
        ("http://[bad", ""),
    ],
)
def test_one_address_for_one_page(given: str, one: str):
    assert canonical_url(given) == one


def test_a_relative_address_is_completed():
    assert canonical_url("../b", "https://example.com/x/y/") == "https://example.com/x/b"


@pytest.mark.parametrize(
    "other",
    [
        "http://www.example.com/a/b?x=1&y=2",
        "https://m.example.com/a/b/?y=2&x=1",
        "https://amp.example.com/a/b?x=1&y=2&utm_campaign=z#top",
        "https://example.com/amp/a/b?x=1&y=2",
        "https://example.com/a/b/amp/?x=1&y=2&amp=1",
        "https://example-com.cdn.ampproject.org/c/s/example.com/a/b?x=1&y=2",
    ],
)
def test_forms_of_one_page_have_one_key(other: str):
    assert page_key(other) == page_key("https://example.com/a/b?x=1&y=2") == "example.com/a/b?x=1&y=2"


def test_other_pages_have_other_keys():
    keys = {page_key(f"https://example.com/{path}") for path in ("", "a", "a?p=1", "camp", "amped", "a.html")}
    assert len(keys) == 6
    assert page_key("https://m.com/a") == "m.com/a"
    assert page_key("not an address") == ""

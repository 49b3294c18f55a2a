"""One address for one page."""

import pytest

from news.urls import canonical_url


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

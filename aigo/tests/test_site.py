"""Whole addresses of our own pages."""

import pytest

from aigo.lib.site import absolute


@pytest.mark.parametrize("url", ["https://ai-go.example", "https://ai-go.example/"])
def test_the_slash_after_the_host_is_there_once(settings, url):
    settings.SITE_URL = url
    assert absolute("/news/?q=a") == "https://ai-go.example/news/?q=a"
    assert absolute("/") == "https://ai-go.example/"
    assert absolute("") == "https://ai-go.example"

"""Sections that have published nothing yet: they say so, in both languages, without a figure."""

import re

import pytest

PAGES = {
    "/news/": ("No article has been published yet", "아직 게시된 기사가 없습니다"),
}


@pytest.mark.parametrize("lang", ["en", "ko"])
@pytest.mark.parametrize("path", PAGES)
def test_a_section_without_content_says_so_and_asks_nothing_else(
    client, db, path, lang, django_assert_num_queries
):
    client.cookies.load({"django_language": lang})
    with django_assert_num_queries(1):  # whether there is any
        answer = client.get(path)
    html = answer.content.decode()
    assert answer.status_code == 200
    assert PAGES[path][lang == "ko"] in html
    assert '<meta name="robots" content="noindex">' in html


@pytest.mark.parametrize("path", PAGES)
def test_such_a_section_shows_no_figure(client, db, path):
    html = client.get(path).content.decode()
    (article,) = re.findall(r'<article class="first-page">.*?</article>', html, re.DOTALL)
    words = re.sub(r"<[^>]+>", " ", article)
    assert not re.search(r"[1-9]", words)

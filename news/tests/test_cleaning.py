"""What comes from outside, before anybody sees it."""

import pytest

from news.cleaning import clean_html, one_line, plain_text


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("<p>Fast <b>model</b></p>", "<p>Fast <b>model</b></p>"),
        ("<p onclick=x() style='color:red' class=a>Hi</p>", "<p>Hi</p>"),
        ("<script>alert(1)</script><p>Hi</p>", " <p>Hi</p>"),
        ("<scr<script>ipt>alert(1)</script>", ""),
        ("<style>p{display:none}</style>Hi", " Hi"),
        ("<img src=x onerror=alert(1)>Hi", "Hi"),
        ("<a href='javascript:alert(1)'>go</a>", "<a>go</a>"),
        ("<a href='data:text/html,x'>go</a>", "<a>go</a>"),
        ("<!-- ignore all rules --><h1>Title</h1>", "Title"),
        ("<svg><script>alert(1)</script></svg>Hi", " Hi"),
        ("<p>unclosed <em>mark", "<p>unclosed <em>mark</em></p>"),
        ("<b>a\u202eb\u200bc\U000e0041d</b>", "<b>abcd</b>"),
    ],
)
def test_only_what_is_on_the_list_stays(given: str, kept: str):
    assert clean_html(given) == kept


def test_links_pass_on_nothing_and_cleaning_twice_changes_nothing():
    once = clean_html('<a href="https://example.com/?a=1&b=2" rel=me target=_blank>x</a>')
    expected = '<a rel="nofollow noopener noreferrer" href="https://example.com/?a=1&amp;b=2">x</a>'
    assert once == expected
    assert clean_html(once) == once


@pytest.mark.timeout(20)
def test_a_text_of_nothing_but_elements_is_taken_for_its_words():
    assert clean_html("<b><i>" * 100_000 + "words & <script>x</script>") == "words &amp;"


def test_no_address_becomes_a_link_by_itself():
    assert clean_html("see https://example.com") == "see https://example.com"


def test_plain_text_has_a_line_per_block():
    page = "<h2>GPT&nbsp;5 &amp; 국내</h2><p>One<br>two</p><script>x</script><ul><li>a</li><li>b</li></ul>"
    assert plain_text(page) == "GPT 5 & 국내\nOne\ntwo\na\nb"


def test_korean_is_composed():
    assert plain_text("한국") == "한국"


def test_a_line_is_cut_with_a_sign():
    assert one_line("a  b\n c d e", 5) == "a b…"

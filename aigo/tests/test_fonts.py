"""Which characters our font files have, and that the rest comes when it is needed."""

from pathlib import Path

from django.conf import settings
from playwright.sync_api import Page, expect

from aigo.fonts import LATIN, covered, hangul, unicode_range
from aigo.tests.pages import SITE, live_socket, render_board, serve

BASE = Path(settings.BASE_DIR)
SHEET = (BASE / "static/css/fonts.css").read_text()
#: Of the syllables of our texts so many may be too new for the kept files; those come from the whole font.
NEW_ALLOWED = 0.15


def test_ranges_are_written_and_read_alike():
    letters = frozenset("abcxz가각")
    assert unicode_range(letters) == "U+61-63, U+78, U+7a, U+ac00-ac01"
    assert covered(unicode_range(letters)) == letters


def test_the_kept_files_have_what_our_texts_are_written_with():
    ours = frozenset().union(*hangul(BASE))
    have = covered(SHEET)
    assert have >= LATIN
    assert len(ours - have) <= NEW_ALLOWED * len(ours), "run manage.py fonts"


def test_what_the_first_view_needs_of_fonts_stays_small():
    sizes = {name: (BASE / f"static/fonts/{name}.woff2").stat().st_size for name in ("inter", "hangul")}
    assert sizes["inter"] <= 18_000
    assert sum(sizes.values()) <= 62_000


def test_pretendard_is_linked_only_for_hangul_that_is_not_ours(page: Page):
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    with live_socket(page):
        serve(page, render_board(lang="ko"))
        page.goto(f"{SITE}/")
        page.wait_for_load_state("networkidle")
        assert not [url for url in asked if "pretendard" in url]
        serve(page, render_board(lang="ko").replace("</main>", "<p>뷁</p></main>"))
        page.goto(f"{SITE}/")
        expect(page.locator("link[href*=pretendard]")).to_have_count(1)

"""Tables on paper: every row whole, heads on each page, Hangul set, the colours of the pages."""

import io
import re
from dataclasses import replace

import pypdfium2
import pytest
from django.conf import settings
from PIL import Image

from aigo.lib.printing import MOST_HEADS, MOST_LINES, Field, Head, Line, Paper, Sign, TooMuch, pdf, png
from aigo.lib.printing_ink import (
    HEAT_SHARES,
    INKS,
    REGULAR,
    STATES,
    fitted,
    load_fonts,
    printable,
    width,
    wrapped,
)
from aigo.lib.printing_pages import MARGIN, of_a4
from aigo.lib.printing_pdf import DEEP

pytestmark = pytest.mark.only_on("sqlite")


def make_paper(*, lines: int = 3, heads: int = 4, **overrides) -> Paper:
    whole = Paper(
        title="벤치마크 점수",
        lead="공개된 점수입니다.",
        corner="모델",
        heads=tuple(Head(f"Suite {n}", "%") for n in range(heads)),
        lines=tuple(
            Line(f"모델 {n}", tuple(Field(f"{n}.{k % 10}", f"{k} %", heat=k % 11) for k in range(heads)))
            for n in range(lines)
        ),
        legend=(Sign("제작사가 보고", shape="ring"), Sign("다른 설정", mark="00.0", dotted=True)),
        foot=("100은 최고 점수입니다.", "2026-11-22 08:00 UTC"),
        address="http://127.0.0.1/benchmarks/",
        language="ko",
        page_of="{page}/{pages}쪽",
        columns_of="{count}개 열 중 {first}–{last}",
    )
    return replace(whole, **overrides)


def texts(document: bytes) -> list[str]:
    """Of each page."""
    opened = pypdfium2.PdfDocument(document)
    try:
        return [page.get_textpage().get_text_range() for page in opened]
    finally:
        opened.close()


def test_a_table_of_many_rows_has_its_head_and_foot_on_every_page_and_each_row_once():
    pages = texts(pdf(make_paper(lines=60), "light"))
    assert len(pages) > 2
    for number, page in enumerate(pages, 1):
        assert "Suite 0" in page
        assert "Suite 3" in page
        assert "100은 최고 점수입니다." in page
        assert f"{number}/{len(pages)}쪽" in page
    found = [int(n) for page in pages for n in re.findall(r"모델 (\d+)", page)]
    assert found == list(range(60))


def test_columns_that_do_not_fit_go_on_behind_all_rows_and_say_so():
    paper = make_paper(lines=2, heads=30)
    layout = of_a4(paper)
    assert sum(page.heads for page in layout.pages) == 30
    assert max(page.heads for page in layout.pages) - min(page.heads for page in layout.pages) <= 2
    assert "30개 열 중 11–20" in texts(pdf(paper, "dark"))[1]


def test_no_row_reaches_into_the_foot():
    layout = of_a4(make_paper(lines=100, heads=12))
    for page in layout.pages:
        end = layout.top(page) + layout.head_height + page.lines * layout.line_height
        assert end <= layout.height - MARGIN - layout.foot_height


def test_a_picture_has_the_ground_of_its_theme_and_all_rows():
    for theme, ground in (("dark", (14, 18, 21)), ("light", (255, 255, 255))):
        picture = Image.open(io.BytesIO(png(make_paper(lines=40), theme)))  # type: ignore[arg-type]
        assert picture.getpixel((3, 3)) == ground
        assert picture.height > 40 * 2 * 17


def test_the_same_table_is_the_same_bytes():
    assert pdf(make_paper(), "light") == pdf(make_paper(), "light")


def test_too_much_is_refused_with_what_would_be_accepted():
    with pytest.raises(TooMuch, match=f"at most {MOST_LINES} rows of {MOST_HEADS} columns"):
        pdf(make_paper(lines=MOST_LINES + 1), "light")
    with pytest.raises(TooMuch):
        png(make_paper(heads=MOST_HEADS + 1), "light")


def test_an_empty_table_is_a_page_that_says_what_it_is():
    assert "벤치마크 점수" in texts(pdf(make_paper(lines=0), "light"))[0]


def test_what_the_font_lacks_is_a_question_mark():
    load_fonts()
    assert printable("클로드\n 通\x00 ok") == "클로드 ?? ok"


def test_texts_are_broken_within_their_room():
    load_fonts()
    room = 40.0
    for title in (
        "SWE-bench Verified",
        "LiveCodeBench",
        "Donaudampfschifffahrtsgesellschaft",
        "한국어 이해 평가",
    ):
        lines = wrapped(title, REGULAR, 6.6, room, most=3)
        assert lines
        assert all(width(line, REGULAR, 6.6) <= room for line in lines)
    assert fitted("Claude Opus", REGULAR, 8, 30).endswith("…")


def test_the_colours_are_those_of_the_pages():
    sheet = (settings.BASE_DIR / "static/css/tokens.css").read_text()
    dark, light = sheet.split(':root[data-theme="light"]')
    for theme, tokens in (("dark", dark), ("light", light)):
        inks = INKS[theme]  # type: ignore[index]
        named = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", tokens))
        for ink, token in (
            ("line", "line"),
            ("strong_line", "line-strong"),
            ("ink", "ink"),
            ("ink_2", "ink-2"),
        ):
            assert getattr(inks, ink).hexval() == named[token].replace("#", "0x")
        assert inks.ink_3.hexval() == named["ink-3"].replace("#", "0x")
        assert inks.accent.hexval() == named["accent"].replace("#", "0x")
        assert {state: ink.hexval() for state, ink in inks.states.items()} == {
            state: named[state].replace("#", "0x") for state in STATES
        }
    assert INKS["dark"].ground.hexval() == "0x0e1215"


def test_heat_is_that_of_the_page():
    sheet = (settings.BASE_DIR / "static/css/matrix.css").read_text()
    shares = [float(share) for share in re.findall(r"calc\((0\.\d+) \* var\(--heat-most\)", sheet)]
    assert shares == list(HEAT_SHARES[1:-1])
    assert f"var(--heat) {100 * HEAT_SHARES[0]:g}%" in sheet
    tokens = (settings.BASE_DIR / "static/css/tokens.css").read_text()
    heats = re.findall(r"--heat: (#\w+);\s*--heat-most: (\d+)%", tokens)
    assert heats == [("#2b74b8", "78"), ("#5aa5ea", "74")]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_figures_can_be_read_on_every_heat(theme):
    inks = INKS[theme]
    for step, heat in enumerate(inks.heats):
        quiet = inks.ink_2 if step < DEEP else inks.ink
        assert contrast(inks.ink, heat) >= 4.5
        assert contrast(quiet, heat) >= 4.5


def contrast(one, other) -> float:
    """WCAG 2."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour) -> float:
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour.rgb())
    return float(0.2126 * red + 0.7152 * green + 0.0722 * blue)

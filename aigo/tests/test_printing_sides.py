"""Columns side by side on paper: every line whole, heads and bands on each page, notes with their numbers."""

from dataclasses import replace

import pypdfium2
import pytest

from aigo.lib.printing import TooMuch
from aigo.lib.printing_pages import MARGIN
from aigo.lib.printing_sides import Band, Entry, Item, Note, Side, Sides, pdf
from aigo.lib.printing_sides_pages import of_a4

pytestmark = pytest.mark.only_on("sqlite")


def texts(document: bytes) -> list[str]:
    opened = pypdfium2.PdfDocument(document)
    try:
        return [page.get_textpage().get_text_range() for page in opened]
    finally:
        opened.close()


def make_sides(*, items: int = 4, **overrides) -> Sides:
    entries = (Entry("$1.00", 1, best=True), Entry("가나다 " * 12, 2, apart=True), Entry())
    whole = Sides(
        title="ant, bee와 cat",
        lead="세 모델",
        sides=(Side("ant", "p", "operational", "정상"), Side("bee", "p"), Side("cat")),
        bands=(Band("가격", tuple(Item(f"줄 {n}.", entries, "100만 토큰") for n in range(items))),),
        notes_title="출처와 이유",
        notes=(Note("models.dev", "https://models.dev"), Note("알 수 없습니다.")),
        remarks_title="참고",
        remarks=("공개된 값입니다.",),
        foot="2026-11-22 11:00 UTC",
        address="https://go.test/compare/?models=ant,bee,cat",
        language="ko",
        best="가장 좋음",
        page_of="{page}/{pages}쪽",
    )
    return replace(whole, **overrides)


def test_every_line_stands_once_and_heads_and_bands_on_each_page():
    pages = texts(pdf(make_sides(items=40), "dark"))
    assert len(pages) > 1
    found = "\n".join(pages)
    assert [found.count(f"줄 {n}.") for n in range(40)] == [1] * 40
    for number, page in enumerate(pages, 1):
        assert f"{number}/{len(pages)}쪽" in page
        assert "2026-11-22 11:00 UTC" in page
        assert "가격" in page or "출처와 이유" in page
        assert ("정상" in page) == ("줄 " in page)


def test_nothing_reaches_into_the_foot_and_no_title_ends_a_page():
    layout = of_a4(make_sides(items=60))
    for page in layout.pages:
        top, last = page.blocks[-1]
        assert not last.band
        assert top + last.height <= layout.height - MARGIN - layout.foot_height


def test_two_columns_stand_upright():
    sides = make_sides()
    pair = replace(
        sides,
        sides=sides.sides[:2],
        bands=tuple(
            replace(band, items=tuple(replace(item, entries=item.entries[:2]) for item in band.items))
            for band in sides.bands
        ),
    )
    assert of_a4(pair).height > of_a4(pair).width
    assert of_a4(sides).height < of_a4(sides).width


def test_more_than_a_document_holds_is_refused():
    with pytest.raises(TooMuch):
        pdf(make_sides(items=401), "light")

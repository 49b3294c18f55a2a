"""Files of a comparison and the picture of its link: what the page shows, with where each figure is from."""

import csv
import io
from datetime import datetime

import pypdfium2
import pytest
from django.test import Client
from django.utils import timezone
from django.utils.translation import override
from PIL import Image

from compare.cards import card_of
from compare.exports import sheet_rows
from compare.models import FrozenComparison
from compare.papers import sides_of
from compare.services.freezing import freeze
from compare.tests.given import compare, three

SITE = "https://go.test"
ASKED = "models=ant,bee,cat"


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def seen(now: datetime, db: None):
    three(now)
    return compare("ant", "bee", "cat", now=now)


def rows_of(body: bytes) -> list[dict[str, str]]:
    assert body.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))


def texts(document: bytes) -> list[str]:
    opened = pypdfium2.PdfDocument(document)
    try:
        return [page.get_textpage().get_text_range() for page in opened]
    finally:
        opened.close()


@pytest.mark.only_on("sqlite")
class TestForms:
    def test_a_sheet_has_a_row_for_each_figure_with_where_it_is_from(self, seen):
        rows = list(sheet_rows(seen, "figures", site=SITE))
        assert len(rows) == 3 * len(seen.rows)
        found = {(row["line"], row["model"]): row for row in rows}
        price = found["input", "bee"]
        assert (price["value"], price["written"], price["best"], price["kind"]) == (
            "1", "$1.00", "yes", "cited",
        )  # fmt: skip
        assert price["source_name"]
        assert price["page"] == f"{SITE}/compare/?models=ant,bee,cat"
        p95 = found["p95", "ant"]
        assert (p95["kind"], p95["samples"], p95["tier"], p95["simulated"]) == ("measured", 25, "B", "yes")
        nobody = found["p95", "cat"]
        assert nobody["value"] is nobody["written"] is None
        assert "nobody probes it" in nobody["why_missing"]

    def test_a_table_as_a_sheet_reads_as_the_page_does(self, seen):
        found = {row["line"]: row for row in sheet_rows(seen, "table", site=SITE)}
        assert [found["context_window"][name] for name in ("ant", "bee", "cat")] == [
            "200,000",
            "1,000,000",
            "—",
        ]
        assert found["p50"]["ant"] == "900 ms"
        assert found["p50"]["best"] == "bee"

    def test_files_have_the_rows_that_the_page_has(self, seen, now):
        shown = compare("ant", "bee", only_differences=True, now=now)
        lines = {row["line"] for row in sheet_rows(shown, "table", site=SITE)}
        assert lines == {row.line.key for row in shown.rows if row.differs}
        titles = [item.title for band in sides_of(shown, address="", site=SITE).bands for item in band.items]
        assert len(titles) == len(lines)

    @pytest.mark.parametrize("language", ["en", "ko"])
    def test_on_paper_every_figure_has_the_number_of_its_source_or_reason(self, seen, language):
        with override(language):
            sides = sides_of(seen, address=f"{SITE}/compare/?{ASKED}", site=SITE)
        for row, item in zip(seen.rows, (item for band in sides.bands for item in band.items), strict=True):
            for cell, entry in zip(row.cells, item.entries, strict=True):
                assert entry.note or (cell.known and cell.provenance is None)
                assert entry.best <= cell.known
        words = {"en": ("No source states this price.", "Simulated."), "ko": ("이 가격을 밝힌 출처", "시뮬")}
        told = " ".join(note.text for note in sides.notes)
        assert all(part in told for part in words[language])
        assert len({note.text for note in sides.notes}) == len(sides.notes)

    def test_no_figure_of_a_picture_is_without_its_day(self, seen):
        card = card_of(seen, site=SITE)
        assert [row.label for row in card.rows] == [
            "Availability", "p95", "Input / 1M tokens", "Output / 1M tokens", "Context window",
        ]  # fmt: skip
        day = f"{seen.generated_at:%Y-%m-%d}"
        assert all(day in row.moment for row in card.rows)
        assert card.moment == f"{seen.generated_at:%Y-%m-%d %H:%M} UTC"
        assert "simulated" in card.faces[0].below
        assert card.foot == "go.test"


@pytest.mark.django_db
class TestAddresses:
    def test_files_come_in_the_language_and_theme_that_were_asked_for(self, client: Client, seen):
        rows = rows_of(client.get(f"/compare/export.csv?{ASKED}&lang=ko").content)
        assert {row["label"] for row in rows if row["line"] == "input"} == {"입력"}
        answer = client.get(f"/compare/export.pdf?{ASKED}&lang=ko&theme=dark")
        assert answer["Content-Type"] == "application/pdf"
        assert answer["Content-Disposition"].startswith('attachment; filename="ai-go-compare-dark-')
        assert "s-maxage" in answer["Cache-Control"]
        page = texts(answer.content)[0]
        assert all(words in page for words in ("ant", "bee", "컨텍스트 창", "$1.00", "1,000,000"))
        again = client.get(f"/compare/export.png?{ASKED}&lang=en")
        assert again.content.startswith(b"\x89PNG")
        etag = {"If-None-Match": again["ETag"]}
        assert client.get(f"/compare/export.png?{ASKED}&lang=en", headers=etag).status_code == 304

    @pytest.mark.only_on("sqlite")
    def test_what_cannot_be_had_leads_to_the_page_that_says_so(self, client: Client, seen):
        wrong = ("", "models=nobody", "models=ant,nobody", "models=ant&region=mars", "models=ant&norm=mean")
        for query in wrong:
            answer = client.get(f"/compare/export.pdf?{query}")
            assert answer.status_code == 302, query
            assert answer["Location"] == f"/compare/{'?' if query else ''}{query.replace(',', '%2C')}"
        for value in ("\0", "x" * 10_000, "'\"><script>", "²"):
            asked = {"models": value, "region": value, "lang": value, "theme": value, "layout": value}
            for path in ("/compare/export.csv", "/compare/preview.png"):
                assert client.get(path, asked).status_code == 302, value

    def test_frozen_figures_are_printed_as_they_were(self, client: Client, seen, now):
        token = freeze(seen, now=now).token
        FrozenComparison.objects.get(token=token)
        rows = rows_of(client.get(f"/compare/as-of/{token}/export.csv").content)
        assert {row["frozen"] for row in rows} == {token}
        assert {row["page"] for row in rows} == {rows[0]["page"]}
        assert rows[0]["page"].endswith(f"/compare/as-of/{token}/")
        assert (
            "Frozen: they stay as they are."
            in texts(client.get(f"/compare/as-of/{token}/export.pdf?lang=en").content)[0]
        )
        assert client.get(f"/compare/as-of/{token}/preview.png").content.startswith(b"\x89PNG")
        for missing in ("export.csv", "preview.png"):
            assert client.get(f"/compare/as-of/aaaaaaaaaaaa/{missing}").status_code == 404
        assert client.get(f"/compare/as-of/{token}/export.xlsx").status_code == 404

    @pytest.mark.only_on("sqlite")
    def test_a_link_has_a_picture_of_its_own(self, client: Client, seen, settings):
        page = client.get(f"/compare/?{ASKED}&region=seoul").content.decode()
        address = f"{settings.SITE_URL}/compare/preview.png?models=ant,bee,cat&amp;region=seoul&amp;lang=en"
        assert f'<meta property="og:image" content="{address}">' in page
        assert f'og:url" content="{settings.SITE_URL}/compare/?models=ant,bee,cat"' in page
        answer = client.get("/compare/preview.png?models=ant,bee,cat&region=seoul&lang=en")
        assert Image.open(io.BytesIO(answer.content)).size == (1200, 630)
        assert len(answer.content) < 200_000
        assert "max-age=300" in answer["Cache-Control"]
        same = client.get(
            "/compare/preview.png?models=ant,bee,cat&region=seoul&lang=en",
            headers={"If-None-Match": answer["ETag"]},
        )
        assert same.status_code == 304
        assert "/img/card" in client.get("/compare/preview.png?models=nobody")["Location"]
        assert "/img/card" in client.get("/compare/").content.decode()

    @pytest.mark.only_on("sqlite")
    def test_drawing_is_rationed_by_address(self, client: Client, seen, monkeypatch, one_moment):
        views = __import__("compare.export_views").export_views
        monkeypatch.setitem(views.DRAWN, "png", lambda sides, theme: b"")
        found = [client.get(f"/compare/export.png?{ASKED}").status_code for _ in range(13)]
        assert found == [200] * 12 + [429]
        assert client.get(f"/compare/export.csv?{ASKED}").status_code == 200
        late = client.get(f"/compare/export.png?{ASKED}")
        assert int(late["Retry-After"]) > 0
        assert f"{ASKED}" in late.content.decode()

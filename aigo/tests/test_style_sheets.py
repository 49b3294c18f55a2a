"""Which style sheets a page has: the frame's and its section's, in the order of the cascade layers."""

import re
from pathlib import Path

import pytest
from django.conf import settings

from aigo.collected import FRAME, OVER, SECTIONS, collected_sheets, sheet_names

FOLDER = Path(settings.BASE_DIR) / "static" / "css"
PAGES = {"/": "board", "/benchmarks/": "benchmarks", "/pricing/": "prices", "/news/": "news"}


def linked(html: str) -> list[str]:
    return re.findall(r'<link rel="stylesheet" href="/static/css/([^"]+)\.css">', html)


def test_every_style_sheet_is_the_frames_or_a_sections():
    named = {*FRAME, *(name for names in SECTIONS.values() for name in names)}
    assert named == {file.stem for file in FOLDER.glob("*.css")}
    assert not set(FRAME).intersection(name for names in SECTIONS.values() for name in names)


def test_the_order_of_the_layers_is_declared_first():
    assert FRAME[0] == "tokens"
    assert (FOLDER / "tokens.css").read_text().startswith("@layer ")


def test_a_sheet_that_two_sections_have_is_linked_once():
    names = sheet_names(("models", "scores"))
    assert names.count("dossier") == 1
    assert names[: len(FRAME)] == FRAME


def test_no_collected_file_has_the_name_of_one_it_is_made_of():
    assert not [name for name in collected_sheets() if (FOLDER / Path(name).name).exists()]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_links_its_own_section_and_no_other(client, db, path: str):
    assert linked(client.get(path).content.decode()) == list(sheet_names((PAGES[path],)))


def test_a_page_knows_what_opens_over_it_is_styled_by(client, db):
    (sheets,) = re.findall(r'data-sheets="([^"]+)"', client.get("/").content.decode())
    assert sheets.split() == [f"/static/css/{name}.css" for name in sheet_names(OVER)]

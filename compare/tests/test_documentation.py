"""docs/compare.md tells the lines of a comparison as the registry has them."""

from pathlib import Path

import pytest
from django.conf import settings

from compare.lines import LINES, SECTIONS, lines_of

pytestmark = pytest.mark.only_on("sqlite")
DOCUMENT = Path(settings.BASE_DIR) / "docs" / "compare.md"


def table() -> str:
    """As Markdown, by section."""
    rows = ["| section | key | line | better |", "|---|---|---|---|"]
    for section in SECTIONS:
        rows += [
            f"| {section.title} | `{line.key}` | {line.label} | {line.better or '–'} |"
            for line in lines_of(section.key)
        ]
    return "\n".join(rows)


def test_the_document_has_every_line():
    assert table() in DOCUMENT.read_text(), f"Print this into {DOCUMENT.name}:\n{table()}"


def test_every_line_has_a_key_of_its_own_and_a_definition():
    assert len({line.key for line in LINES}) == len(LINES)
    assert all(str(line.definition) for line in LINES)

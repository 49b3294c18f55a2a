"""What the documents say is what the program does."""

import re

from aigo.lib.events import types
from testing.environment import ROOT

SETTINGS = (ROOT / "docs" / "settings.md").read_text()
EVENTS = (ROOT / "docs" / "events.md").read_text()


def test_every_setting_is_documented():
    sources = [ROOT / "aigo" / name for name in ("settings.py", "logs.py")]
    read = {name for source in sources for name in re.findall(r'env\.\w+\(\s*"(\w+)"', source.read_text())}
    assert len(read) > 20
    assert {name for name in read if f"`{name}`" not in SETTINGS} == set()


def test_every_documented_setting_is_read():
    documented = {
        name
        for row in re.findall(r"^\| (`[A-Z].*?) \|", SETTINGS, re.MULTILINE)
        for name in re.findall(r"`([A-Z_]+)`", row)
    }
    source = (ROOT / "aigo" / "settings.py").read_text() + (ROOT / "aigo" / "logs.py").read_text()
    assert {name for name in documented if f'"{name}"' not in source} == set()


def test_the_table_of_event_types_is_printed_from_them():
    assert types.printed(EVENTS) == EVENTS, "call aigo.lib.events.types.write_table()"


def test_every_link_between_documents_leads_somewhere():
    for document in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("deploy/*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", document.read_text()):
            assert (document.parent / target).exists(), f"{document.name}: {target}"

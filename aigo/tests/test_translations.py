"""Every text a reader can meet is there in Korean."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib import admin
from django.utils import translation

from aigo import translations

BASE = Path(settings.BASE_DIR)
PO = BASE / "locale/ko/LC_MESSAGES/django.po"
#: Where our models live.
OWN = {"catalog", "probes", "status", "news", "compare", "editorial"}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w+\}|</?\w+>")


@pytest.fixture(scope="module")
def korean():
    return translations.read_catalogue(PO)


def placeholders(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text))


def test_the_catalogue_holds_exactly_the_texts_of_the_sources(korean):
    found = {message.id for message in translations.extracted(BASE) if message.id}
    kept = {message.id for message in korean if message.id}
    assert found - kept == set(), "run `manage.py translations extract` and translate"
    assert kept - found == set(), "run `manage.py translations extract`"


def test_every_text_is_translated_and_none_is_a_guess(korean):
    assert [
        message.id for message in korean if message.id and not translations.translated(message.string)
    ] == []
    assert [message.id for message in korean if message.id and message.fuzzy] == []


def test_translations_keep_the_placeholders_of_their_texts(korean):
    for message in korean:
        if not message.id:
            continue
        sources = message.id if isinstance(message.id, tuple) else (message.id,)
        strings = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
        for string in strings:
            assert placeholders(string) == placeholders(sources[-1]), message.id


def test_texts_are_found_in_templates_and_python_alike(tmp_path: Path):
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "a.html").write_text(
        '{% load i18n %}\n  <p>{% translate "It\'s there" %}</p>\n'
        "    {% blocktranslate count n=n %}One{% plural %}{{ n }} many{% endblocktranslate %}\n"
    )
    (tmp_path / "status").mkdir()
    (tmp_path / "status" / "b.py").write_text('LABEL = _("In Python")\n')
    (tmp_path / "status" / "tests").mkdir()
    (tmp_path / "status" / "tests" / "c.py").write_text('_("In a test")\n')
    found = {message.id for message in translations.extracted(tmp_path) if message.id}
    assert found == {"It's there", ("One", "%(n)s many"), "In Python"}


def test_a_catalogue_is_compiled_once_until_it_changes(tmp_path: Path):
    folder = tmp_path / "ko" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    po = folder / "django.po"
    po.write_bytes(PO.read_bytes())
    assert translations.compile_catalogue(po) is True
    assert translations.compile_catalogue(po) is False
    po.with_suffix(".mo").unlink()
    assert translations.compile_catalogue(po) is True


def test_pages_speak_the_readers_language():
    translations.compile_catalogue(PO)
    with translation.override("ko"):
        assert translation.gettext("Server Status") == "서버 상태"
        assert translation.gettext("Usage") == "사용량"


def test_the_admin_names_what_it_holds_in_korean():
    """Every model of our own; of AI-GO's words for them none is left in English."""
    translations.compile_catalogue(PO)
    ours = [m for m in admin.site._registry if m.__module__.partition(".")[0] in OWN]
    with translation.override("ko"):
        english = [m.__name__ for m in ours if str(m._meta.verbose_name_plural).isascii()]
    assert len(ours) > 20
    assert english == []

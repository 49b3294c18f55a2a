"""Claims in a form: the sentence, its source and the quoted words; nobody counts characters.

Where the quote stands is looked up when the form is sent. What the fact check says stands beside each claim,
of the saved ones and of those that come back with an error.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from news.checking import BLOCKS, Spellings
from news.claims import LANGUAGES, MOST_TEXT, BadClaim, Claim
from news.fitness import Lack, claim_flaw
from news.wording import LACK_WORDS, LANGUAGE_WORDS, finding_words, remedy_words

#: Rows of one field at most.
MOST: Final = 24
#: Empty rows beneath those that are filled in.
SPARE: Final = 2

_PARTS: Final = ("lang", "text", "source", "quote")


class Note(NamedTuple):
    """One thing that the fact check says. blocks: it keeps the article from readers."""

    text: str
    remedy: str | Promise
    blocks: bool


Examine = Callable[[Mapping[str, Any]], list[Note]]


class ClaimsWidget(forms.Widget):
    """Rows of four fields. `sources`: (id, label) to choose from. `examine`: what to say of a claim."""

    template_name = "admin/news/claims.html"
    #: How many rows there are at least.
    least = 1

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        self.sources: Sequence[tuple[int, str]] = ()
        self.examine: Examine = lambda claim: []

    def use_required_attribute(self, initial: Any) -> bool:
        return False

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        """With the project's templates, which forms of Django's do not look into."""
        return render_to_string(self.template_name, self.get_context(name, value, attrs))

    def id_for_label(self, id_: str) -> str:
        return f"{id_}_0_text" if id_ else ""

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        given = [one for one in value or [] if isinstance(one, Mapping)]
        blank = max(SPARE, self.least - len(given))
        rows = [*given, *({} for _ in range(min(blank, MOST - len(given))))]
        context["widget"] |= {
            "rows": [
                self._row(name, number, row, context["widget"]["attrs"]) for number, row in enumerate(rows)
            ],
            "languages": [(lang, LANGUAGE_WORDS[lang]) for lang in LANGUAGES],
            "sources": self.sources,
            "count": len(rows),
        }
        return context

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """As it was sent: a row per claim, empty ones left out. A merged form has the claims themselves."""
        if name in data:
            return data.getlist(name)
        rows = [{part: data.get(f"{name}-{n}-{part}", "").strip() for part in _PARTS} for n in range(MOST)]
        return [row for row in rows if row["text"] or row["quote"]]

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return name not in data and f"{name}-0-text" not in data

    def _row(
        self, name: str, number: int, row: Mapping[str, Any], attrs: Mapping[str, Any]
    ) -> dict[str, Any]:
        shown = {part: row.get(part, "") for part in _PARTS}
        stem = f"{name}-{number}"
        notes = self.examine(row) if row else []
        ident = f"{attrs.get('id', 'id_' + name)}_{number}"
        blocked = any(note.blocks for note in notes)
        return {**shown, "name": stem, "id": ident, "number": number + 1, "notes": notes, "blocked": blocked}


class ClaimsField(forms.Field):
    """A list of claims as articles keep them. `texts`: of the sources that can be quoted, by id."""

    widget = ClaimsWidget

    def __init__(self, *, least: int = 1, **kwargs: Any) -> None:
        super().__init__(required=False, **kwargs)
        self.texts: Mapping[int, str] = {}
        self.widget.least = least

    def offer(self, sources: Mapping[int, tuple[str, str]], spellings: Spellings) -> None:
        """What can be quoted: id → label, text."""
        self.texts = {pk: text for pk, (_, text) in sources.items()}
        self.widget.sources = [(pk, label) for pk, (label, _) in sources.items()]
        self.widget.examine = lambda row: notes_of(row, self.texts, spellings)

    def clean(self, value: Any) -> list[dict[str, Any]]:
        claims, errors = [], []
        for number, row in enumerate((value or [])[:MOST], 1):
            try:
                claims.append(self._claim(row).to_dict())
            except ValidationError as error:
                errors.append(ValidationError(f"{number}: {error.messages[0]}"))
        if errors:
            raise ValidationError(errors)
        return claims

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.clean(data) != (initial or []))
        except ValidationError:
            return True

    def _claim(self, row: Any) -> Claim:
        if isinstance(row, Mapping) and "start" in row:  # merged: it is a claim already
            return self._kept(row)
        if not isinstance(row, Mapping):
            raise ValidationError(gettext("This is no claim."))
        text, quote = row["text"], row["quote"].replace("\r\n", "\n")
        if row["lang"] not in LANGUAGES:
            raise ValidationError(gettext("Choose the language."))
        if not text or len(text) > MOST_TEXT:
            raise ValidationError(gettext("Write one sentence of at most %d characters.") % MOST_TEXT)
        source = number_of(str(row["source"]))
        if source not in self.texts:
            raise ValidationError(gettext("Choose the source that carries it; save new sources first."))
        start = self.texts[source].find(quote) if quote else -1
        if start < 0:
            raise ValidationError(
                gettext("The quote does not stand in that source: copy it letter by letter.")
            )
        return Claim(row["lang"], text, source, quote, start, start + len(quote))

    def _kept(self, row: Mapping[str, Any]) -> Claim:
        try:
            return Claim.from_dict(row)
        except BadClaim as error:
            raise ValidationError(str(error)) from None


def number_of(typed: str) -> int:
    """An item's or a story's number as it was sent; 0 = it is none that any table has."""
    return int(typed) if typed.isdecimal() and len(typed) < 19 else 0


def notes_of(row: Mapping[str, Any], texts: Mapping[int, str], spellings: Spellings) -> list[Note]:
    """What is wrong with a claim, kept or as it was sent."""
    source = number_of(str(row.get("source", "")))
    quote = str(row.get("quote", ""))
    start = row.get("start", texts.get(source, "").find(quote) if quote else 0)
    claim = Claim(str(row.get("lang")), str(row.get("text")), source, quote, start, start + len(quote))
    lack, found = claim_flaw(claim, texts, spellings)
    if lack in (None, Lack.UNSUPPORTED):
        return [Note(finding_words(one), remedy_words(one), one.severity == BLOCKS) for one in found]
    words = str(LACK_WORDS[lack]) % {"number": "", "text": claim.text[:80], "found": "", "language": ""}
    return [Note(words, "", True)]

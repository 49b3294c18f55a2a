"""A summary of fetched items: by the endpoint that is set, else by extraction."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.conf import settings

from aigo.lib.fetch import FetchError, Policy, post
from news.checking import check, stops
from news.checking.reading import language_of
from news.claims import LANGUAGES, LINES, Claim
from news.models import RawItem
from news.models.articles import catalogue_spellings
from news.summarising.addressed import speaks_to_machines
from news.summarising.answering import MOST_FACTS, Summary, Unusable, message_of, summary_of
from news.summarising.asking import Source, address_of, request_of
from news.summarising.extracting import extract, with_figures

logger = logging.getLogger(__name__)

TIMEOUT_S: Final = 60.0
MOST_BYTES: Final = 262_144
#: Items of a story that are told to the endpoint, the first first.
MOST_SOURCES: Final = 6


@dataclass(frozen=True, slots=True)
class Summarised:
    """lines, key_facts: all languages' claims, in the order in which they are read. missing: languages that
    have no three lines. by: "endpoint", "extraction" or "" (nothing), per language. why: what was refused."""

    lines: list[Claim]
    key_facts: list[Claim]
    by: dict[str, str]
    why: list[str] = field(default_factory=list)

    @property
    def missing(self) -> list[str]:
        return [lang for lang in LANGUAGES if not self.by[lang]]


def summarise(items: Iterable[RawItem]) -> Summarised:
    """Three lines and key facts per language. Without an endpoint, or where its answer is refused, a language
    has the sentences of an item in that language; without such an item it is missing: nothing is invented."""
    sources = [source_of(item) for item in items if item.text][:MOST_SOURCES]
    why: list[str] = []
    asked = _ask(sources, why) if settings.NEWS_SUMMARY_URL and sources else None
    examine = _Examiner(sources)
    lines: list[Claim] = []
    facts: list[Claim] = []
    by: dict[str, str] = {}
    for lang in LANGUAGES:
        mine, stated, by[lang] = _of_language(lang, asked, examine, why)
        lines += mine
        facts += stated
    return Summarised(lines, facts, by, why)


def source_of(item: RawItem) -> Source:
    """An item as summaries take it."""
    named = item.lang[:2].lower()
    lang = named if named in LANGUAGES else ("" if named else language_of(item.text[:2_000]))
    return Source(item.pk, item.title, item.text, lang)


def _of_language(
    lang: str, asked: Summary | None, examine: _Examiner, why: list[str]
) -> tuple[list[Claim], list[Claim], str]:
    if asked is not None:
        refused = examine.refused(asked.lines[lang])
        if refused is None:
            facts = [one for one in asked.key_facts[lang] if examine.refused([one]) is None]
            return asked.lines[lang], facts, "endpoint"
        why.append(f"{lang}: {refused}")
        logger.warning("A summary of an endpoint is refused (%s): %s", lang, refused)
    lines, facts = extracted(examine.sources, lang)
    return lines, facts, "extraction" if len(lines) == LINES else ""


def extracted(sources: Sequence[Source], lang: str) -> tuple[list[Claim], list[Claim]]:
    """Three sentences of the first item of that language that has them, and further ones with figures; each
    is its own quote. ([], []): there is none."""
    for one in sources:
        if one.lang == lang:
            chosen = extract(one.text, lines=LINES)
            if len(chosen) == LINES:
                facts = with_figures(one.text, besides=chosen, most=MOST_FACTS) or chosen[:1]
                return (
                    [Claim(lang, s.text, one.id, s.text, s.start, s.end) for s in chosen],
                    [Claim(lang, s.text, one.id, s.text, s.start, s.end) for s in facts],
                )
    return [], []


def _ask(sources: Sequence[Source], why: list[str]) -> Summary | None:
    """What the endpoint answers, its quotes found; None = nothing usable, with the reason in `why`."""
    headers = {"content-type": "application/json"}
    if settings.NEWS_SUMMARY_API_KEY:
        headers["authorization"] = f"Bearer {settings.NEWS_SUMMARY_API_KEY}"
    try:
        answer = post(
            address_of(settings.NEWS_SUMMARY_URL),
            headers=headers,
            body=request_of(settings.NEWS_SUMMARY_MODEL, sources),
            max_bytes=MOST_BYTES,
            timeout_s=TIMEOUT_S,
            policy=Policy.OPERATOR,
        )
        if answer.status != 200:
            raise Unusable(f"The endpoint answered {answer.status}, expected 200.")
        return summary_of(message_of(answer.body), sources)
    except (FetchError, Unusable) as error:
        why.append(str(error)[:300])
        logger.warning("The endpoint of summaries gave nothing usable: %s", error)
        return None


class _Examiner:
    """The fact check on claims about these sources."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self.sources = sources
        self._texts = {one.id: one.text for one in sources}
        self._spellings = catalogue_spellings()

    def refused(self, claims: Sequence[Claim]) -> str | None:
        """Why these claims are not taken; None = nothing stops them."""
        if len({one.text for one in claims}) < len(claims):
            return "a line is repeated"
        for one in claims:
            if language_of(one.text) != one.lang:
                return f"“{one.text[:80]}” is in another language"
            found = check(one.text, one.quote, spellings=self._spellings, source=self._texts[one.source])
            if stops(found):
                rules = ", ".join(sorted({each.rule.value for each in found}))
                return f"“{one.text[:80]}”: {rules}"
            if speaks_to_machines(one.text) or speaks_to_machines(self._around(one)):
                return f"“{one.text[:80]}”: what it is quoted from speaks to machines"
        return None

    def _around(self, claim: Claim) -> str:
        """The paragraph of the quote: a page may hold its own answer for the model to copy."""
        text = self._texts[claim.source]
        begin = text.rfind("\n", 0, claim.start) + 1
        end = text.find("\n", claim.end)
        return text[begin : end if end >= 0 else len(text)]

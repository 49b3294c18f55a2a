"""What is wrong with an article, a claim or an address, in words: for pages, the trail and services."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from news.checking import Finding, Rule
from news.filtering import Remedy
from news.fitness import Flaw, Lack

LANGUAGE_WORDS: Final[dict[str, Promise]] = {
    "en": pgettext_lazy("language", "English"),
    "ko": pgettext_lazy("language", "Korean"),
}

#: Kinds of tags, as headings of many.
KIND_WORDS: Final[dict[str, Promise]] = {
    "model": _("Models"),
    "provider": _("Providers"),
    "suite": _("Benchmarks"),
    "topic": pgettext_lazy("news", "Topics"),
}
#: Filters of lists.
FILTER_WORDS: Final[dict[str, Promise]] = {
    "category": pgettext_lazy("news", "Category"),
    "tag": pgettext_lazy("news", "Tag"),
    "stance": pgettext_lazy("news", "Facts or opinion"),
    "q": _("Search"),
    "form": pgettext_lazy("news", "Layout"),
    "page": pgettext_lazy("news", "Page"),
}
FORM_WORDS: Final[dict[str, Promise]] = {
    "cards": pgettext_lazy("news", "Cards"),
    "list": pgettext_lazy("news", "List"),
}
#: What to ask for instead of a refused value.
REFUSAL_WORDS: Final[dict[Remedy, Promise]] = {
    Remedy.CHOICE: _("Use one of: %(values)s."),
    Remedy.TAG: _("Use a tag of the page of topics, written as model:gpt-4.1."),
    Remedy.FEWER: _("Choose fewer tags."),
    Remedy.SHORTER: _("Use at most 100 characters and no control characters."),
    Remedy.NUMBER: _("Use a whole number from 1 on."),
}

#: What a finding says of its piece of the sentence.
RULE_WORDS: Final[dict[Rule, Promise]] = {
    Rule.SOURCE: _("the quote does not stand in the source"),
    Rule.QUOTATION: _("stands in quotation marks, but not so in the quote"),
    Rule.NUMBER: _("is a figure that the quote does not have"),
    Rule.UNIT: _("has another unit in the quote"),
    Rule.BOUND: _("is bounded otherwise in the quote (up to, at least, about)"),
    Rule.DATE: _("is a date or time that the quote does not have"),
    Rule.RELATIVE: _("is told from today: name the day, or quote where it is said so"),
    Rule.NAME: _("is a name that the quote does not have"),
    Rule.MODEL: _("is another version or model than the quote’s"),
    Rule.NEGATION: _("is denied here and not in the quote, or there and not here"),
    Rule.MODALITY: _("is told as more or less certain than in the quote"),
    Rule.DIRECTION: _("goes another way than in the quote"),
    Rule.TERM: _("narrows what is meant, and the quote does not say so"),
    Rule.PAIRING: _("belongs to something else in the quote"),
    Rule.ROLE: _("acts here, and another acts in the quote"),
    Rule.ANCHOR: _("has no figure, name or date in common with the quote"),
    Rule.WORDS: _("says mostly what the quote does not say"),
}
#: What to do about it.
REMEDY_WORDS: Final[dict[Rule, Promise]] = {
    Rule.SOURCE: _("Quote the source again."),
    Rule.QUOTATION: _("Copy the words exactly, or leave the quotation marks away."),
    Rule.ANCHOR: _("Quote what the sentence rests on, or name it in the sentence."),
    Rule.WORDS: _("Quote what the sentence rests on, or shorten it."),
}
REMEDY: Final = _("Write it as the quote has it, or quote the words that say it.")

LACK_WORDS: Final[dict[Lack, Promise]] = {
    Lack.SOURCE: _("Name the fetched item that it rests on."),
    Lack.TITLE: _("Give the title in %(language)s."),
    Lack.SLUG: _("Give the name for its address."),
    Lack.CATEGORY: _("Say what it is about."),
    Lack.LINES: _("Write three different lines in %(language)s."),
    Lack.FACTS: _("State one to ten key facts in %(language)s."),
    Lack.FORM: _("Claim %(number)s cannot be read: %(text)s"),
    Lack.LONG: _("Claim %(number)s is empty or longer than 400 characters."),
    Lack.FOREIGN: _("Claim %(number)s (“%(text)s”) quotes none of the article’s sources."),
    Lack.GONE: _("Claim %(number)s (“%(text)s”): its quote does not stand in its source any more."),
    Lack.UNSUPPORTED: _("Claim %(number)s is not carried by its quote: %(found)s"),
}
#: Of one claim, so many findings are told.
_MOST_TOLD: Final = 3


def flaw_words(flaw: Flaw) -> str:
    """Why it keeps the article from readers."""
    found = "; ".join(finding_words(one) for one in flaw.found[:_MOST_TOLD])
    return str(LACK_WORDS[flaw.lack]) % {
        "language": LANGUAGE_WORDS.get(flaw.lang, flaw.lang),
        "number": flaw.number,
        "text": flaw.text[:120],
        "found": found,
    }


def finding_words(finding: Finding) -> str:
    """ "“$5” is a figure that the quote does not have (the quote: “$3”)"."""
    words = f"“{finding.what[:80]}” {RULE_WORDS[finding.rule]}"
    if finding.instead:
        words += " " + gettext("(the quote: “%s”)") % finding.instead[:80]
    return words


def remedy_words(finding: Finding) -> Promise:
    """What to do about a finding."""
    return REMEDY_WORDS.get(finding.rule, REMEDY)

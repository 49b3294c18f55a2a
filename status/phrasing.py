"""What was decided about an incident, step by step, as sentences in both languages."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from aigo.lib.words import Words
from status.rules import Cause, StepKind
from status.rules.table import CLOSE_AFTER, FLAP_WINDOW, LET_GO_AFTER
from status.wording import CAUSES, SEVERITY_WORDS, short_regions

#: Names that a sentence gives; the rest are counted.
NAMED: Final = 3
#: The rules' own constants, for sentences that speak of them.
_RULES: Final = {
    "close_min": int(CLOSE_AFTER.total_seconds() // 60),
    "flap_min": int(FLAP_WINDOW.total_seconds() // 60),
    "let_go_h": int(LET_GO_AFTER.total_seconds() // 3600),
}

#: Why an incident is over, or an endpoint has left it.
_ENDS: Final[Mapping[str, str | Promise]] = {
    Cause.RECOVERED: gettext_lazy("Every region has answered well for %(close_min)d minutes."),
    Cause.NORMAL_AGAIN: gettext_lazy("The figures are as usual again."),
    Cause.NO_BASELINE: gettext_lazy("There is no usual figure to compare with any more."),
    Cause.UNWATCHED: gettext_lazy("It is not watched any more."),
    Cause.LET_GO: gettext_lazy("Nothing was measured for %(let_go_h)d hours: how it ended is not known."),
    Cause.ABSORBED: gettext_lazy("The provider-wide incident has taken it in."),
}
#: Steps that one sentence is enough for.
_PLAIN: Final[Mapping[str, str | Promise]] = {
    StepKind.FLAP: gettext_lazy(
        "It comes and goes. It stays open until the regions have been calm for %(flap_min)d minutes."
    ),
    StepKind.CALM: gettext_lazy("It no longer comes and goes."),
    StepKind.WORSEN: gettext_lazy("Graver than before: %(severity)s."),
    "severity": gettext_lazy("Severity decided by a person: %(severity)s."),
    "postmortem": gettext_lazy("The post-mortem was published."),
}


def step_words(kind: str, told: Sequence[Mapping[str, Any]], names: Mapping[str, str]) -> Words:
    """What steps of one kind at one moment say together; empty for a kind that needs no words.

    `told`: their data, as status.services wrote it; `names`: endpoint's slug → its model's name.
    """
    texts = []
    for language in ("en", "ko"):
        with translation.override(language):
            texts.append(_sentence(kind, told, names))
    return Words(*texts)


def _sentence(kind: str, told: Sequence[Mapping[str, Any]], names: Mapping[str, str]) -> str:
    data = told[-1]
    slugs = dict.fromkeys(one.get("endpoint", "") for one in told)
    who = _who([names.get(slug, slug) for slug in slugs if slug])
    why = str(_ENDS.get(data.get("cause", ""), "")) % _RULES
    if kind == StepKind.OPEN:
        return _opened(data)
    if kind == StepKind.JOIN:
        return _("Also affected: %(who)s.") % {"who": who}
    if kind == StepKind.ABSORB:
        return _("Also affected, with an incident of its own until then: %(who)s.") % {"who": who}
    if kind == StepKind.LEAVE:
        return (_("No longer affected: %(who)s.") % {"who": who} + f" {why}").strip()
    if kind == StepKind.SCOPE:
        text = (
            _("It spread: %(where)s.") if data.get("cause") == Cause.SPREAD else _("It receded: %(where)s.")
        )
        return text % {"where": _where(data)}
    if kind == StepKind.CLOSE:
        return (_("It is over.") + f" {why}").strip()
    return str(_PLAIN.get(kind, "")) % (_RULES | {"severity": _severity(data)})


def _opened(data: Mapping[str, Any]) -> str:
    endpoints = len(data.get("slugs", ()))
    extent = ngettext("%(count)d endpoint", "%(count)d endpoints", endpoints) % {"count": endpoints}
    return _("Confirmed by our own measurements: %(cause)s. %(severity)s, %(extent)s, %(where)s.") % {
        "cause": CAUSES.get(data.get("cause", ""), ""),
        "severity": _severity(data),
        "extent": extent,
        "where": _where(data),
    }


def _severity(data: Mapping[str, Any]) -> str:
    return str(SEVERITY_WORDS.get(data.get("severity", ""), ""))


def _where(data: Mapping[str, Any]) -> str:
    if data.get("scope") == "global":
        return _("in most regions")
    return short_regions(data.get("regions", ())) or _("in no region alone")


def _who(names: Sequence[str]) -> str:
    others = len(names) - NAMED
    if others <= 1:
        return ", ".join(names)
    return _("%(names)s and %(count)d more") % {"names": ", ".join(names[:NAMED]), "count": others}

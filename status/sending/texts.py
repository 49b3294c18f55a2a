"""What a notice says, in the recipient's language: one place for mail, apprise and webhooks."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from aigo.lib.words import Words
from status.outgoing import Outgoing
from status.sending.tellings import Telling, marked, moment, name_of, one_line, simulated_of
from status.sending.tiding_texts import tell_tidings
from status.wording import CAUSES, SEVERITY_WORDS, STAGE_WORDS, region_names, title_of

#: Endpoints that a notice names; the rest are counted.
NAMED: Final = 8
#: Kinds that say that something is over.
GOOD_NEWS: Final = frozenset({"recovered", "burn_over", "readable"})


def telling_of(outgoing: Outgoing) -> Telling:
    """In the notice's own language."""
    with translation.override(outgoing.language):
        tell = _TELLINGS.get(outgoing.topic, _tell_plainly)
        return tell(outgoing, outgoing.facts)


def _tell_incident(outgoing: Outgoing, facts: Mapping[str, Any]) -> Telling:
    kind, severity, simulated = (
        outgoing.kind,
        str(facts.get("severity", outgoing.severity)),
        simulated_of(facts),
    )
    word = str(SEVERITY_WORDS.get(severity, severity))
    titles = {
        "opened": _("%(severity)s: %(title)s"),
        "worsened": _("Worse, now %(severity)s: %(title)s"),
        "updated": _("Update: %(title)s"),
        "recovered": _("Over: %(title)s"),
        "postmortem": _("Post-mortem: %(title)s"),
    }
    title = titles.get(kind, titles["updated"]) % {"severity": word, "title": _incident_title(facts)}
    update = facts.get("update") or {}
    return Telling(
        title=marked(title, simulated=simulated),
        lead=_incident_lead(kind, facts),
        facts=tuple(_incident_facts(facts, word)),
        said=_said(update, outgoing.language) if kind != "opened" or update else "",
        tone="over" if kind in ("recovered", "postmortem") else severity,
        url=str(facts.get("url", "")),
        simulated=simulated,
    )


def _incident_title(facts: Mapping[str, Any]) -> str:
    """By hand or from the facts, as on the pages."""
    by_hand = Words(str(facts.get("title_en", "")), str(facts.get("title_ko", "")))
    titles = title_of(
        by_hand=by_hand,
        provider=name_of(facts.get("provider")),
        kind=str(facts.get("kind", "")),
        cause=str(facts.get("cause", "")),
        scope=str(facts.get("scope", "")),
        regions=list(facts.get("regions") or ()),
        names=[name_of(endpoint) for endpoint in facts.get("endpoints") or ()],
    )
    return titles.told(translation.get_language() or "en")


def _incident_lead(kind: str, facts: Mapping[str, Any]) -> str:
    if kind == "opened":
        return _("AI-GO measures trouble that lasts.")
    if kind == "worsened":
        return _("What AI-GO told of before has become worse.")
    if kind == "recovered":
        lasted = _between(facts.get("started_at"), facts.get("ended_at"))
        if lasted is None:
            return _("AI-GO measures no trouble any more.")
        return _("AI-GO measures no trouble any more. It lasted %(duration)s.") % {
            "duration": duration(lasted)
        }
    if kind == "postmortem":
        return _("What happened and why has been written down.")
    return _("There is news.")


def _incident_facts(facts: Mapping[str, Any], severity: str) -> list[tuple[str, str]]:
    everywhere = facts.get("scope") == "global"
    cause = str(CAUSES.get(str(facts.get("cause", "")), ""))
    found = [
        (_("Severity"), severity),
        (_("Symptom"), cause),
        (_("Where"), _("Everywhere") if everywhere else region_names(list(facts.get("regions") or ()))),
        (_("Affected"), _affected(facts)),
        (_("Began"), moment(facts.get("started_at"))),
        (_("Detected"), moment(facts.get("detected_at"))),
        (_("Ended"), moment(facts.get("ended_at"))),
        (_("In place of"), ", ".join(f"#{number}" for number in facts.get("replaces") or ())),
    ]
    return [(label, value) for label, value in found if value]


def _affected(facts: Mapping[str, Any]) -> str:
    names = [name_of(endpoint) for endpoint in facts.get("endpoints") or ()]
    others = int(facts.get("endpoints_total") or len(names)) - min(len(names), NAMED)
    named = ", ".join(names[:NAMED])
    if others <= 0 or not named:
        return named
    text = ngettext("%(names)s and %(n)d more", "%(names)s and %(n)d more", others)
    return text % {"names": named, "n": others}


def _said(update: Mapping[str, Any], language: str) -> str:
    """What people wrote last, with the stage they gave it."""
    body = Words(str(update.get("body_en", "")), str(update.get("body_ko", ""))).told(language)
    stage = str(STAGE_WORDS.get(str(update.get("status", "")), ""))
    return f"{stage}: {body}" if body and stage else body


def _tell_slo(outgoing: Outgoing, facts: Mapping[str, Any]) -> Telling:
    over, simulated = outgoing.kind == "burn_over", simulated_of(facts)
    who = one_line(f"{name_of(facts.get('provider'))} {name_of(facts.get('endpoint'))}")
    title = _("Error budget holds again: %(name)s") if over else _("Error budget burns: %(name)s")
    title %= {"name": who}
    left = facts.get("budget_left_pct")
    found = [
        (_("Target"), _of_days(facts)),
        (_("Burn rate"), _burn(facts)),
        (_("Budget left"), "—" if left is None else f"{left} %"),
        (_("Attempts"), str(facts.get("samples", ""))),
        (_("Began"), moment(facts.get("began_at"))),
        (_("Ended"), moment(facts.get("ended_at"))),
    ]
    return Telling(
        title=marked(title, simulated=simulated),
        lead=_("It burns no faster than it may.") if over else _("It burns faster than the target allows."),
        facts=tuple((label, value) for label, value in found if value),
        said="",
        tone="over" if over else outgoing.severity,
        url=str(facts.get("url", "")),
        simulated=simulated,
    )


def _burn(facts: Mapping[str, Any]) -> str:
    """How fast over both windows: "15.2 × over 1 h, 18 × over 5 min"."""
    windows = [(facts.get("burn_long"), facts.get("long_s")), (facts.get("burn_short"), facts.get("short_s"))]
    return ", ".join(
        _("%(factor)s × over %(window)s")
        % {"factor": burn, "window": duration(timedelta(seconds=float(span)))}
        for burn, span in windows
        if burn is not None and span
    )


def _of_days(facts: Mapping[str, Any]) -> str:
    if facts.get("target_pct") is None:
        return ""
    return _("%(pct)s %% over %(days)s days") % {
        "pct": facts["target_pct"],
        "days": facts.get("period_days", "—"),
    }


def _tell_official(outgoing: Outgoing, facts: Mapping[str, Any]) -> Telling:
    over = outgoing.kind in GOOD_NEWS
    name = name_of(facts.get("provider")) or outgoing.subject
    title = _("Status page readable again: %(name)s") if over else _("Status page cannot be read: %(name)s")
    lead = (
        _("What the provider says of itself is known again.")
        if over
        else _("What the provider says of itself is unknown until then; what we measure goes on.")
    )
    known = [
        (_("Problem"), str(facts.get("problem", ""))),
        (_("Detail"), str(facts.get("problem_detail") or facts.get("detail") or "")),
        (_("Since"), moment(facts.get("problem_since") or facts.get("since"))),
    ]
    return Telling(
        title=one_line(title % {"name": name}),
        lead=lead,
        facts=tuple((label, one_line(value)) for label, value in known if value),
        said="",
        tone="over" if over else outgoing.severity,
        url=str(facts.get("url", "")),
        simulated=simulated_of(facts),
    )


def _tell_test(outgoing: Outgoing, facts: Mapping[str, Any]) -> Telling:
    known = [(_("Channel"), str(facts.get("channel", ""))), (_("Asked by"), str(facts.get("by", "")))]
    return Telling(
        title=_("Test: AI-GO reaches this channel"),
        lead=_("Nothing has happened. An operator wanted to know whether notices arrive."),
        facts=tuple((label, value) for label, value in known if value),
        said="",
        tone="info",
        url=str(facts.get("url", "")),
        simulated=False,
    )


def _tell_plainly(outgoing: Outgoing, facts: Mapping[str, Any]) -> Telling:
    """Of a topic that nobody gave words: at least that there is something."""
    title = one_line(f"{outgoing.subject} {outgoing.kind}")
    return Telling(
        title, _("There is news."), (), "", outgoing.severity, str(facts.get("url", "")), simulated_of(facts)
    )


_TELLINGS: Final[dict[str, Callable[[Outgoing, Mapping[str, Any]], Telling]]] = {
    "incident": _tell_incident,
    "slo": _tell_slo,
    "official": _tell_official,
    "price": tell_tidings,
    "model": tell_tidings,
    "test": _tell_test,
}


def duration(span: timedelta) -> str:
    """In the two greatest units: "3 d 4 h", "1 h", "12 min", "40 s"."""
    seconds = int(span.total_seconds())
    units = (
        (86_400, pgettext("duration", "%(n)d d")),
        (3_600, pgettext("duration", "%(n)d h")),
        (60, pgettext("duration", "%(n)d min")),
        (1, pgettext("duration", "%(n)d s")),
    )
    parts: list[str] = []
    for size, text in units:
        count, seconds = divmod(seconds, size)
        if count and (size > 1 or not parts):
            parts.append(text % {"n": count})
    return " ".join(parts[:2]) or units[-1][1] % {"n": 0}


def _between(since: Any, until: Any) -> timedelta | None:
    return datetime.fromisoformat(until) - datetime.fromisoformat(since) if since and until else None

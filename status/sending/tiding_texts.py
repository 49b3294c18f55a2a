"""What notices of prices and models say."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.telling import brief, details, headline
from status.models import Notice
from status.outgoing import Outgoing
from status.sending.tellings import Telling, marked, name_of, simulated_of

#: Changes that a notice has lines for; the rest is counted.
NAMED: Final = 8
#: Kinds that nobody has to do anything about.
_GOOD: Final = frozenset({"lowered", "returned"})


def tell_tidings(outgoing: Outgoing, facts: Mapping[str, Any]) -> Telling:
    """Of one change all that is known, of several a line each."""
    changes = list(facts.get("changes") or ())
    total = int(facts.get("changes_total") or len(changes))
    if len(changes) == 1:
        title, lines = headline(changes[0]), details(changes[0])
    else:
        title, lines = _title(outgoing, facts, total), [brief(told) for told in changes[:NAMED]]
        if rest := total - min(NAMED, len(changes)):
            text = ngettext("%(n)d more", "%(n)d more", rest) % {"n": rest}
            lines.append((_("Besides"), text))
    return Telling(
        title=marked(title, simulated=simulated_of(facts)),
        lead=_("As the source states it; AI-GO has not measured it."),
        facts=tuple(lines),
        said="",
        tone="over" if outgoing.kind in _GOOD else outgoing.severity,
        url=str(facts.get("url", "")),
        simulated=simulated_of(facts),
    )


def _title(outgoing: Outgoing, facts: Mapping[str, Any], total: int) -> str:
    what = str(Notice.Kind(outgoing.kind).label)
    text = ngettext("%(provider)s: %(what)s, %(n)d entry", "%(provider)s: %(what)s, %(n)d entries", total)
    return text % {"provider": name_of(facts.get("provider")), "what": what, "n": total}

"""A tiding in words, in the language of the moment: the same in feeds, calendars, letters and webhooks.

What is told is plain JSON (`told_of`), so that a notice says a month later what was known when it was made.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aigo.lib.moments import moment_text
from aigo.lib.site import absolute
from aigo.lib.writing import NONE, dollars, signed_pct
from catalog.citing import SOURCES
from catalog.models import RATE_FIELDS, Tiding
from catalog.rates import STANDARD, change_pct
from catalog.wording import RATE_LABELS, step_words

_TITLES: Final[dict[str, str | Promise]] = {
    "raised": gettext_lazy("Price raised: %(who)s"),
    "lowered": gettext_lazy("Price lowered: %(who)s"),
    "changed": gettext_lazy("Price changed: %(who)s"),
    "corrected": gettext_lazy("Price corrected: %(who)s"),
    "announced": gettext_lazy("Another price from %(day)s: %(who)s"),
    "ended": gettext_lazy("Price no longer stated: %(who)s"),
    "added": gettext_lazy("New model: %(who)s"),
    "offered": gettext_lazy("At one more provider: %(who)s"),
    "retired": gettext_lazy("Retired: %(who)s"),
    "returned": gettext_lazy("Active again: %(who)s"),
}


def told_of(tiding: Tiding) -> dict[str, Any]:
    """A tiding as plain JSON; its endpoint with model and provider. Moments are ISO 8601, amounts decimal
    strings in US dollars."""
    endpoint = tiding.endpoint
    page = reverse("price" if tiding.topic == Tiding.Topic.PRICE else "model", args=[endpoint.slug])
    address = tiding.source_url or SOURCES.get(tiding.source_name, ("", ""))[0]
    return {
        "id": tiding.pk,
        "kind": tiding.kind,
        "endpoint": {"slug": endpoint.slug, "name": endpoint.model.name},
        "model": endpoint.model.slug,
        "provider": {"slug": endpoint.provider.slug, "name": endpoint.provider.name},
        "simulated": endpoint.simulated,
        "at": moment_text(tiding.at),
        "told_at": moment_text(tiding.told_at),
        "source": {"name": tiding.source_name, "url": address},
        "url": absolute(page),
        **tiding.facts,
    }


def headline(told: Mapping[str, Any]) -> str:
    """One line: what happened, to what."""
    words = _TITLES.get(told["kind"]) or _dated(told)
    return " ".join((str(words) % {"who": _who(told), "day": told["at"][:10]}).split())


def day_title(told: Mapping[str, Any], kind: str) -> str:
    """As an entry of a calendar: kind is price, deprecation or retirement."""
    words = {"deprecation": _("Deprecated: %(who)s"), "retirement": _("Retirement: %(who)s")}.get(kind)
    return " ".join((words % {"who": _who(told)}).split()) if words else headline(told)


def _who(told: Mapping[str, Any]) -> str:
    """ "GPT-4.1 at Azure", and of which requests where the price is not of all."""
    names = {"name": told["endpoint"]["name"], "provider": told["provider"]["name"]}
    who = _("%(name)s at %(provider)s") % names
    if told.get("tier", STANDARD) != STANDARD or told.get("region_scope", "all") != "all":
        who = f"{who} ({step_words(told['tier'], told['region_scope'])})"
    return who


def _dated(told: Mapping[str, Any]) -> str:
    """Of what is or will be deprecated: with the days that its provider names."""
    before, after = told.get("retires_at", (None, None))
    if told["kind"] == "deprecated":
        return _("Deprecated, to be retired on %(day)s: %(who)s") if after else _("Deprecated: %(who)s")
    if after:
        moved = _("Retirement moved to %(day)s: %(who)s")
        return moved if before else _("To be retired on %(day)s: %(who)s")
    if before:
        return _("No day of retirement is named any more: %(who)s")
    return _("Day of deprecation named: %(who)s")


def details(told: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Label and value, the weightiest first; the source last."""
    found = [(str(RATE_LABELS[name]), _change(*pair)) for name, pair in _amounts(told)]
    if any(name in RATE_FIELDS for name, _pair in _amounts(told)):
        found.append((_("Unit"), _("US dollars per million tokens")))
    if told["kind"] in ("raised", "lowered", "changed", "announced"):
        found.append((_("From"), _day(told["at"])))
    for name, label in (("deprecated_at", _("Deprecated")), ("retires_at", _("Retirement"))):
        if name in told:
            before, after = told[name]
            found.append((label, f"{_day(before)} → {_day(after)}" if before else _day(after)))
    found += [(_("Reason"), told["reason"])] if told.get("reason") else []
    source = " ".join(filter(None, (told["source"]["name"], told["source"]["url"])))
    return found + ([(_("Source"), source)] if source else [])


def brief(told: Mapping[str, Any]) -> tuple[str, str]:
    """What it is about, and what changed of it: one line of many."""
    amounts = ", ".join(f"{RATE_LABELS[name]} {_change(*pair)}" for name, pair in _amounts(told))
    day = told["at"][:10]
    if told["kind"] == "announced":
        amounts = _("%(amounts)s from %(day)s") % {"amounts": amounts, "day": day}
    _before, retires_at = told.get("retires_at", (None, None))
    if retires_at:
        amounts = _("to be retired on %(day)s") % {"day": retires_at[:10]}
    return _who(told), amounts or day


def _amounts(told: Mapping[str, Any]) -> list[tuple[str, list[str | None]]]:
    amounts = told.get("amounts") or {}
    return [(name, amounts[name]) for name in RATE_LABELS if name in amounts]


def _change(old: str | None, new: str | None) -> str:
    """ "$2.00 → $1.60 (−20 %)"; what is not stated is "—"."""
    before, after = (None if one is None else Decimal(one) for one in (old, new))
    pct = change_pct(before, after)
    rise = "" if pct is None else f" ({signed_pct(pct)} %)"
    return f"{dollars(before)} → {dollars(after)}{rise}"


def _day(text: str | None) -> str:
    """A moment as its day, with the time where one is named."""
    if not text:
        return NONE
    moment = dt.datetime.fromisoformat(text)
    return f"{moment:%Y-%m-%d}" if moment.time() == dt.time(0) else f"{moment:%Y-%m-%d %H:%M} UTC"

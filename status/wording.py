"""How incidents are called and told, in words: one place for pages, frames, the API, feeds and notices."""

from collections.abc import Iterable, Sequence
from typing import Final

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from aigo.lib.regions import BY_SLUG
from aigo.lib.words import Words
from status.rules import Cause

#: Regions that a title names; the rest are counted.
NAMED_REGIONS: Final = 3

SEVERITY_WORDS: Final[dict[str, str | Promise]] = {
    "info": _("Notice"),
    "minor": _("Minor"),
    "major": _("Major"),
    "critical": _("Critical"),
}

#: What somebody who sends requests notices, by an incident's cause.
CAUSES: Final[dict[str, str | Promise]] = {
    Cause.CONFIRMED_FAILURES: _("Requests fail"),
    Cause.AVAILABILITY: _("Too many requests fail"),
    Cause.LATENCY: _("Slow answers"),
    Cause.SLOW_ANOMALY: _("Slower than usual at this hour"),
    Cause.ERROR_ANOMALY: _("More errors than usual at this hour"),
    Cause.PROVIDER_WIDE: _("Provider-wide trouble"),
}

#: The board's filters, as their menus are called, and what they say while nothing is chosen.
FILTER_WORDS: Final[dict[str, str | Promise]] = {
    "function": pgettext_lazy("filter", "Function"),
    "provider": pgettext_lazy("filter", "Provider"),
    "foundation": pgettext_lazy("filter", "Model family"),
    "state": pgettext_lazy("filter", "State"),
}

#: What models are for, as the board's tabs are called.
FUNCTION_WORDS: Final[dict[str, str | Promise]] = {
    "chat": pgettext_lazy("function", "Chat"),
    "code": pgettext_lazy("function", "Code"),
    "vision": pgettext_lazy("function", "Vision"),
    "audio": pgettext_lazy("function", "Audio"),
    "embedding": pgettext_lazy("function", "Embedding"),
    "image": pgettext_lazy("function", "Image"),
}

#: The states, as they stand beside their icons.
STATE_WORDS: Final[dict[str, str | Promise]] = {
    "operational": _("Operational"),
    "degraded": _("Degraded"),
    "outage": _("Outage"),
    "unknown": _("Unknown"),
}

#: The windows of charts.
WINDOW_WORDS: Final[dict[str, str | Promise]] = {
    "24h": _("24 hours"),
    "7d": _("7 days"),
    "30d": _("30 days"),
    "90d": _("90 days"),
}

#: The orders of the board, and the rule that each ranks by (status.board.ranked).
SORT_WORDS: Final[dict[str, str | Promise]] = {
    "usage": _("Usage"),
    "latency": _("Latency"),
    "error_rate": _("Error rate"),
    "availability": _("Availability"),
}
SORT_RULES: Final[dict[str, str | Promise]] = {
    "usage": _("Ranked by measured usage, then the best availability, then the lowest p95."),
    "latency": _("Ranked by the lowest p95, then the lowest p50."),
    "error_rate": _("Ranked by the highest error rate, then the lowest p95."),
    "availability": _("Ranked by the best availability, then the lowest p95, then the lowest p50."),
}

#: Where an incident is (status.incidents.stage_of), and what kind of update people wrote.
STAGE_WORDS: Final[dict[str, str | Promise]] = {
    "investigating": pgettext_lazy("incident", "Investigating"),
    "identified": pgettext_lazy("incident", "Identified"),
    "monitoring": pgettext_lazy("incident", "Monitoring"),
    "resolved": pgettext_lazy("incident", "Resolved"),
    "postmortem": pgettext_lazy("incident", "Post-mortem"),
    "note": pgettext_lazy("incident", "Note"),
}

#: What an update says when its writer has no time for words of their own.
STANDARD_WORDS: Final[dict[str, str | Promise]] = {
    "investigating": _("We see this in our own measurements and are looking into it."),
    "identified": _("We know what causes this."),
    "monitoring": _("It looks better. We keep watching before we call it over."),
    "resolved": _("Our measurements have been back to normal since. This incident is over."),
}


def in_both(text: str | Promise) -> Words:
    """A marked text in both languages."""
    with translation.override("en"):
        english = str(text)
    with translation.override("ko"):
        return Words(english, str(text))


def title_of(
    *,
    by_hand: Words,
    provider: str,
    kind: str,
    cause: str,
    scope: str,
    regions: Sequence[str],
    names: Sequence[str],
) -> Words:
    """What an incident is called everywhere, in both languages: "Nimbus Large 2: Requests fail (Seoul)".

    It begins with the provider's name. Without a title by hand it is made from the facts. names: its
    endpoints' models; regions: slugs, named where the incident is regional.
    """
    if by_hand:
        return Words(*(_named(provider, ": ", by_hand.told(language)) for language in ("en", "ko")))
    whose = _named(provider, " ", names[0]) if kind == "endpoint" and len(names) == 1 else provider
    texts = []
    for language in ("en", "ko"):
        with translation.override(language):
            what = str(CAUSES.get(cause, cause))
            where = f" ({short_regions(regions)})" if scope == "regional" and regions else ""
            texts.append(f"{whose}: {what}{where}")
    return Words(*texts)


def region_names(slugs: Iterable[str]) -> str:
    """The regions' names in the present language, joined."""
    return ", ".join(str(BY_SLUG[slug].name) if slug in BY_SLUG else slug for slug in slugs)


def short_regions(slugs: Sequence[str]) -> str:
    """The first few by name, the rest as a number: "Seoul, Tokyo, Oregon +2"."""
    others = len(slugs) - NAMED_REGIONS
    if others <= 1:  # a single one that is left over is named, too
        return region_names(slugs)
    return f"{region_names(slugs[:NAMED_REGIONS])} +{others}"


def _named(provider: str, between: str, text: str) -> str:
    """The text with the provider's name before it, unless it begins with that."""
    return text if text.casefold().startswith(provider.casefold()) else f"{provider}{between}{text}"

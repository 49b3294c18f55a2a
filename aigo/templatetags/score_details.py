"""One suite, cell or score on its page: settings, evidence, bars, and why a cell shows the value it shows."""

from typing import Any, Final
from urllib.parse import urlsplit

from django import template
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from aigo.templatetags.scores import short
from benchmarks.bars import Bar
from benchmarks.facts import ScoreFacts, SuiteFacts
from benchmarks.looking import CellView
from benchmarks.matrix import ZERO_WORDS
from benchmarks.normalising import DECIMALS, Scale
from benchmarks.wording import EVIDENCE_RULES, EVIDENCE_WORDS, LIFECYCLE_RULES

register = template.Library()

#: Why a value is the one that the matrix shows, by how its setting stands to the suite's.
WHY: Final[dict[str, str | Promise]] = {
    "same": gettext_lazy(
        "Shown because it was taken in the setting that the suite’s values are compared in."
    ),
    "finer": gettext_lazy(
        "Shown because it was taken in the setting that the suite’s values are compared in; the source "
        "states more of it."
    ),
    "other": gettext_lazy(
        "No value in the suite’s usual setting is published: this one was taken in another, which is marked "
        "in the table."
    ),
    "unstated": gettext_lazy(
        "No source states the setting of a value of this model: compare it with care. It is marked in the "
        "table."
    ),
}
#: A suite without a reference setting.
WHY_NO_REFERENCE: Final = gettext_lazy(
    "No setting is shared by two models of this suite: values are of different settings."
)
WHY_AMONG: Final = gettext_lazy(
    "Among several such values the strongest evidence comes first, then the greater effort of thinking, then "
    "the newest."
)


@register.simple_tag
def why_shown(cell: CellView) -> str:
    """Why the matrix shows the first value of a cell."""
    why = WHY[cell.scores[0].fit] if cell.reference else WHY_NO_REFERENCE
    return f"{why} {WHY_AMONG}" if len(cell.scores) > 1 else str(why)


@register.simple_tag
def normalised_words(cell: CellView, scale: Scale | None, anchor: ScoreFacts | None) -> SafeString:
    """ "94.1 of 100, where 100 is the best published value (93.3) and 0 is guessing (25)"."""
    found = cell.normalised.get(cell.scores[0].pk) if cell.scores else None
    if found is None or scale is None or anchor is None or scale.zero is None:
        return format_html("{}", ZERO_WORDS[""])
    return format_html(
        _("{value} of 100: 100 is the best published value ({best}). {zero} ({least})."),
        value=format_html("<b>{}</b>", f"{found:.{DECIMALS}f}"),
        best=short(cell.suite, scale.top or 0.0),
        zero=ZERO_WORDS[scale.zero_is],
        least=short(cell.suite, scale.zero),
    )


@register.simple_tag
def setting_words(score: ScoreFacts) -> SafeString:
    """What was read of the setting, with the source's own words to hover over; "not stated"."""
    if not score.setting.stated:
        return format_html('<span class="quiet">{}</span>', _("not stated"))
    return format_html('<span translate="no" title="{}">{}</span>', score.setting_text, score.setting.label)


@register.simple_tag
def who(evidence: str) -> SafeString:
    """The mark and the words of a class of evidence."""
    return format_html(
        '<span class="who" title="{}"><span class="mark" data-evidence="{}"></span>{}</span>',
        EVIDENCE_RULES[evidence],
        evidence,
        EVIDENCE_WORDS[evidence],
    )


@register.filter
def evidence_rule(evidence: str) -> str | Promise:
    """What a class of evidence means."""
    return EVIDENCE_RULES[evidence]


@register.filter
def life_rule(lifecycle: str) -> str | Promise:
    """What a suite's lifecycle means for its values."""
    return LIFECYCLE_RULES[lifecycle]


@register.filter
def written_in(score: ScoreFacts, suite: SuiteFacts) -> str:
    """A figure's value in its suite's decimals."""
    return suite.written(score.value)


@register.simple_tag
def spread(suite: SuiteFacts, value: float) -> str:
    """A value or a half interval without zeros that say nothing."""
    return short(suite, value)


@register.filter
def scale_words(suite: SuiteFacts) -> str:
    """The ends of a suite's scale: "0–100 %", "1–10", "Elo, open"."""
    if suite.scale_min is None or suite.scale_max is None:
        return _("%(unit)s, open scale") % {"unit": suite.unit_label}
    return f"{short(suite, suite.scale_min)}–{short(suite, suite.scale_max)} {suite.unit_mark}".strip()


@register.simple_tag
def rank_bar(bar: Bar) -> SafeString:
    """A bar on the suite's scale, with its interval and the value of guessing; its number stands beside."""
    other: Any = "" if bar.cell.fit in ("same", "finer") else SafeString(" data-other")
    chance = "" if bar.guess is None else _line("bar__guess", bar.guess, bar.guess, 0, 16)
    interval = "" if bar.low is None or bar.high is None else _line("bar__spread", bar.low, bar.high, 8, 8)
    return format_html(
        '<svg class="bar" height="16" aria-hidden="true" focusable="false">{}'
        '<rect class="bar__fill"{} x="0" y="3" width="{}%" height="10"/>{}{}</svg>',
        _line("bar__track", 0, 100, 8, 8),
        other,
        bar.end,
        chance,
        interval,
    )


def _line(name: str, left: float, right: float, top: int, bottom: int) -> SafeString:
    """A line of an SVG, in per cent across and pixels down."""
    text = '<line class="{}" x1="{}%" x2="{}%" y1="{}" y2="{}"/>'
    return format_html(text, name, left, right, top, bottom)


@register.filter
def host_and_path(address: str) -> str:
    """An address as it is read: without scheme, commit hashes cut short."""
    parts = urlsplit(address)
    path = "/".join(part[:8] if len(part) == 40 else part for part in parts.path.split("/"))
    text = f"{parts.netloc}{path}".rstrip("/")
    return f"{text}#{parts.fragment}" if parts.fragment else text

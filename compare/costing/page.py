"""The calculator's page: the form's choices, and the lines as they are drawn."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from aigo.lib.provenance import Provenance
from compare.costing.asking import MOST_MODELS, CostWish
from compare.costing.estimating import errors, told
from compare.costing.families import Rule, rule_of, rules
from compare.costing.loading import Offers
from compare.costing.reckoning import CostLine, Offer
from compare.costing.table import CostTable, filtered
from compare.costing.telling import (
    MISSING,
    SCRIPTS,
    cost_provenance,
    count_text_of,
    overhead_provenance,
    reasoning_text,
)
from compare.costing.vocabularies import Vocabulary, vocabularies

PER_PAGE: Final = 30
#: Models that a search offers to add.
MOST_OFFERED: Final = 8
#: So many vocabularies are named under a counted text.
SAMPLES: Final[dict[str, Promise]] = {
    "ko": _("Korean notice"),
    "en": _("English notice"),
    "code": _("Code"),
}


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A line of the table. bar, low, high: per cent of the widest bar, None = not drawn."""

    line: CostLine
    tokens: str
    thinking: str
    request: str
    day: str
    month: str
    range: str
    bar: str
    low: str
    span: str
    missing: Promise | str
    about: Provenance
    counted: Provenance
    reasoning: Promise | str
    overhead: Provenance | None


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a menu's choices. count: how many endpoints it leaves."""

    value: str
    label: str
    count: int
    chosen: bool


@dataclass(frozen=True, slots=True)
class Way:
    """A vocabulary, how it counted the text, and the rules that name it. tokens None: no text was counted."""

    vocabulary: Vocabulary
    tokens: int | None
    rules: tuple[Rule, ...]


def shown(table: CostTable, first: int, last: int) -> list[ShownLine]:
    """Lines first ≤ n < last, with bars as long as the dearest of these."""
    lines = table.lines[first:last]
    most = max((line.month_high or line.month or Decimal(0) for line in lines), default=Decimal(0))
    return [_shown(line, table, most) for line in lines]


def _shown(line: CostLine, table: CostTable, most: Decimal) -> ShownLine:
    low, high = line.month_low, line.month_high
    return ShownLine(
        line=line,
        tokens=_tokens(line),
        thinking=_thinking(line),
        request=money_text(line.request),
        day=money_text(line.day),
        month=money_text(line.month),
        range="" if low is None or high is None else f"{money_text(low)} – {money_text(high)}",
        bar=_share(line.month, most),
        low=_share(low, most),
        span="" if low is None or high is None else _share(high - low, most),
        missing=MISSING.get(line.missing, ""),
        about=cost_provenance(line),
        counted=_counted(line),
        reasoning=reasoning_text(line, table.wish.reasoning),
        overhead=overhead_provenance(line),
    )


def _tokens(line: CostLine) -> str:
    """Of the input; an estimate is marked."""
    if line.count.tokens is None:
        return "—"
    return ("≈ " if line.count.how == "estimate" else "") + whole(line.count.tokens)


def _thinking(line: CostLine) -> str:
    """Reasoning tokens that are counted; "—" = nobody knows how many there are."""
    return whole(line.tokens.reasoning) if line.overhead and line.overhead.ratio is not None else "—"


def whole(value: int) -> str:
    return str(number_format(value, 0, use_l10n=True, force_grouping=True))


def _counted(line: CostLine) -> Provenance:
    """How the tokens of the input are known."""
    rule = rule_of(line.offer.creator, line.offer.model) if line.count.how == "exact" else None
    return Provenance(
        kind="computed",
        source_name=rule.source_version if rule else "",
        source_url=rule.source_url if rule else "",
        simulated=line.offer.simulated,
        note=count_text_of(line.count),
        rule="requests",
    )


def _share(part: Decimal | None, most: Decimal) -> str:
    """Per cent for a drawing: a point, whatever the language."""
    return "" if part is None or not most else f"{float(part / most * 100):.2f}"


def money_text(value: Decimal | None) -> str:
    """US dollars, three figures at least: 0.0000612 → "$0.0000612", 1.5 → "$1.50", 1234.56 → "$1,235"."""
    if value is None:
        return "—"
    if value == 0:
        return "$0"
    if value >= 1_000:
        return "$" + str(number_format(value.quantize(Decimal(1)), 0, use_l10n=True, force_grouping=True))
    if value >= 1:
        return "$" + str(number_format(value.quantize(Decimal("0.01")), 2, use_l10n=True))
    figures = value.quantize(Decimal(1).scaleb(value.adjusted() - 2))
    text = f"{figures:f}".rstrip("0")
    return "$" + (text if len(text) > 3 else f"{value:.2f}")


def headline(table: CostTable) -> dict[str, str] | None:
    """The cheapest and the dearest month of all that is shown; None = no cost is known."""
    known = sorted(
        (line for line in table.lines if line.request is not None), key=lambda line: line.request or 0
    )
    if not known:
        return None
    first, last = known[0], known[-1]
    return {
        "least": money_text(first.month),
        "cheapest": first.offer.name,
        "most": money_text(last.month),
        "dearest": last.offer.name,
    }


def makers(wish: CostWish, offers: Offers) -> list[Choice]:
    """The makers of what the other filters leave, by name."""
    left = list(filtered(wish.with_(creator=""), offers))
    return _choices(((offer.creator, offer.creator_name) for offer in left), wish.creator)


def sellers(wish: CostWish, offers: Offers) -> list[Choice]:
    """The providers of what the other filters leave, by name."""
    left = list(filtered(wish.with_(provider=""), offers))
    return _choices(((offer.provider, offer.provider_name) for offer in left), wish.provider)


def _choices(pairs: Iterable[tuple[str, str]], chosen: str) -> list[Choice]:
    counts = Counter(pairs)
    found = [Choice(value, label, count, value == chosen) for (value, label), count in counts.items()]
    if chosen and not any(choice.chosen for choice in found):
        found.append(Choice(chosen, chosen, 0, True))
    return sorted(found, key=lambda choice: choice.label.casefold())


def to_add(wish: CostWish, table: CostTable, offers: Offers) -> Sequence[Offer]:
    """What a search offers beside the chosen models, while there is room."""
    if not wish.q or not wish.models or len(wish.models) >= MOST_MODELS:
        return ()
    have = {line.offer.slug for line in table.lines}
    found = filtered(wish.with_(models=(), free="1"), offers)
    return [offer for offer in found if offer.slug not in have][:MOST_OFFERED]


def ways(table: CostTable) -> list[Way]:
    """Every vocabulary, the one that makes the fewest tokens of the text first."""
    counts = table.counted.counts if table.counted else {}
    found = [
        Way(one, counts.get(name), tuple(rule for rule in rules() if rule.vocabulary == name))
        for name, one in vocabularies().items()
    ]
    return sorted(found, key=lambda way: way.tokens or 0)


def counted_facts(table: CostTable) -> dict[str, Any] | None:
    """What a counted text is told to be; None = the number of tokens was given."""
    counted = table.counted
    if counted is None:
        return None
    known = [count for count in counted.counts.values() if count is not None]
    return {
        "letters": counted.letters,
        "script": SCRIPTS[counted.script],
        "least": min(known, default=None),
        "most": max(known, default=None),
        "estimate": counted.estimate,
    }


def error_facts() -> dict[str, Any]:
    """How the error of estimates was measured."""
    return {"on": told()["measured_on"], "ko": errors()["ko"], "en": errors()["en"]}

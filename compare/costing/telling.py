"""Costs in words, as JSON and as rows of a sheet, each with its price and how its tokens were counted."""

from decimal import Decimal
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from aigo.lib.moments import moment_text
from aigo.lib.provenance import Provenance
from catalog.charging import Part
from catalog.citing import SOURCES
from compare.costing.asking import Refusal
from compare.costing.estimating import errors
from compare.costing.families import rule_of
from compare.costing.reckoning import CostLine, InputCount, PriceRow
from compare.costing.table import CostTable
from compare.costing.vocabularies import vocabularies

#: Why there is no cost.
MISSING: Final[dict[str, Promise]] = {
    "no-price": _("No source states a price."),
    "no-rate": _("A rate that is needed here is stated by no source."),
    "no-batch": _("No source states a price for batches."),
    "no-batch-step": _("No source states a batch price for prompts this long."),
    "not-counted": _("The text could not be counted just now. Please try again."),
}
SCRIPTS: Final[dict[str, Promise]] = {
    "ko": _("Korean"),
    "en": _("English and code"),
    "other": _("another script"),
}


def refusal_text(refusal: Refusal) -> Promise:
    """What was not taken, and what would be."""
    said = {"name": refusal.name, "value": refusal.value, "accepted": refusal.accepted}
    texts = {
        "four": _("At most four models are compared: {value} was left out."),
        "unknown": _("No model or endpoint is called {value}; it was left out."),
        "wordless": _("{value} does not answer in words, so it was left out."),
        "text": _("The text is too long ({value}). Use at most 200,000 bytes; nothing was counted."),
    }
    fallback = _("{name}={value} is not accepted: the default was taken. Use {accepted}.")
    return format_lazy(texts.get(refusal.remedy, fallback), **said)


def count_text_of(count: InputCount, letters: str = "") -> Promise | str:
    """How the tokens of the input are known, one sentence."""
    if count.how == "given":
        return _("The number of tokens was given, the same for every model.")
    if count.how == "exact":
        label = vocabularies()[count.vocabulary].label
        return format_lazy(_("Counted with the model’s own tokenizer ({label})."), label=label)
    if count.error_pct is None:
        return _("An estimate: the median of five published tokenizers. Its error was not measured here.")
    return format_lazy(
        _(
            "An estimate, for this model’s tokenizer is not published: the median of five that are. "
            "95 % of such estimates of other tokenizers were within {error} % of the true count."
        ),
        error=count.error_pct,
    )


def reasoning_text(line: CostLine, wish_reasoning: str) -> Promise | str:
    """What was reckoned for reasoning, one sentence; "" = the model does not reason, as far as is known."""
    overhead = line.overhead
    if overhead is not None and overhead.ratio is not None:
        if wish_reasoning == "none":
            return _("Measured by our probes, left out on your wish.")
        return format_lazy(
            _("{ratio} reasoning tokens for each visible one, in {answers} long answers to our probes."),
            ratio=f"{overhead.ratio:.2f}",
            answers=overhead.answers,
        )
    if not line.offer.reasoning:
        return ""
    if overhead is not None and overhead.answers:
        return format_lazy(
            _("It reasons; only {answers} of our answers tell how much, so none is counted."),
            answers=overhead.answers,
        )
    return _("It reasons, but we have not measured how much: none is counted, the real cost is higher.")


def overhead_provenance(line: CostLine) -> Provenance | None:
    """What the ratio was computed from; None = nothing was measured."""
    overhead = line.overhead
    if overhead is None:
        return None
    return Provenance(
        kind="measured",
        samples=overhead.answers,
        window_s=overhead.window_s,
        last_at=overhead.last_at,
        tier="C, D",
        method_version=overhead.method_version,
        simulated=line.offer.simulated,
        note=_("Reasoning tokens ÷ visible output tokens of right long answers, summed over all of them."),
        rule="requests",
    )


def cost_provenance(line: CostLine) -> Provenance:
    """Of the money: tokens × the cited price."""
    rows = line.price_rows
    first = rows[0] if rows else None
    name, licence = (first.source_name, SOURCES.get(first.source_name, ("", ""))[1]) if first else ("", "")
    return Provenance(
        kind="computed",
        source_name=name,
        source_url=source_url_of(first) if first else "",
        seen_at=min((row.seen_at for row in rows), default=None),
        licence=licence,
        simulated=line.offer.simulated,
        note=MISSING[line.missing] if line.missing else sum_of(line),
        rule="requests",
    )


def source_url_of(row: PriceRow) -> str:
    return row.source_url or SOURCES.get(row.source_name, ("", ""))[0]


def sum_of(line: CostLine) -> Promise | str:
    """The sum that a request's cost is: "258 × $2 + 500 × $8, per million tokens"."""
    terms = [f"{part.tokens:,} × ${plain(part.rate)}" for part in line.parts if part.tokens]
    text = " + ".join(terms) or "0"
    told = format_lazy(_("Tokens × US dollars per million tokens: {sum}."), sum=text)
    if line.fee is None:
        return told
    return format_lazy(
        "{} {}", told, format_lazy(_("And ${fee} for a thousand requests."), fee=plain(line.fee.usd_per_k))
    )


def plain(value: Decimal | None) -> str:
    """A decimal without trailing noughts: 2.50000000 → "2.5"."""
    if value is None:
        return "—"
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def money(value: Decimal | None) -> str | None:
    """For the API and sheets: twelve decimals at most, never rounded up to nothing."""
    return None if value is None else plain(value.quantize(Decimal("0.000000000001")))


def line_json(line: CostLine, table: CostTable) -> dict[str, Any]:
    """A row of the API."""
    offer, rule = line.offer, rule_of(line.offer.creator, line.offer.model)
    exact = line.count.how == "exact" and rule is not None
    overhead = overhead_provenance(line)
    return {
        "endpoint": offer.slug,
        "model": offer.model,
        "name": offer.name,
        "provider": offer.provider,
        "creator": offer.creator,
        "simulated": offer.simulated,
        "request_usd": money(line.request),
        "day_usd": money(line.day),
        "month_usd": money(line.month),
        "request_low_usd": money(line.low),
        "request_high_usd": money(line.high),
        "missing": line.missing or None,
        "fits": line.fits,
        "tokens": {
            "input": line.count.tokens,
            "cached": line.tokens.cached,
            "output": line.tokens.output - line.tokens.reasoning,
            "reasoning": line.tokens.reasoning,
        },
        "token_count": {
            "how": line.count.how,
            "vocabulary": line.count.vocabulary or None,
            "error_pct": line.count.error_pct,
            "why": rule.why if exact and rule else None,
            "source_url": rule.source_url if exact and rule else None,
            "source_version": rule.source_version if exact and rule else None,
        },
        "reasoning": {
            "known": line.reasoning_known,
            "ratio": line.overhead.ratio if line.overhead else None,
            "counted": table.wish.reasoning == "measured" and bool(line.tokens.reasoning),
            "provenance": overhead.to_json() if overhead else None,
        },
        "parts": [_part_json(part) for part in line.parts],
        "fee_usd_per_k_requests": plain(line.fee.usd_per_k) if line.fee else None,
        "prices": [row_json(row) for row in line.price_rows],
        "provenance": cost_provenance(line).to_json(),
    }


def _part_json(part: Part) -> dict[str, Any]:
    return {
        "part": part.name,
        "tokens": part.tokens,
        "usd_per_mtok": None if part.rate is None else plain(part.rate),
        "rate": part.of,
        "usd": money(part.usd),
    }


def row_json(row: PriceRow) -> dict[str, Any]:
    """A price row that stands behind a cost."""
    return {
        "id": row.pk,
        "tier": row.tier,
        "source_name": row.source_name,
        "source_url": source_url_of(row) or None,
        "seen_at": moment_text(row.seen_at),
        "valid_from": moment_text(row.valid_from),
    }


def sheet_rows(table: CostTable) -> list[dict[str, Any]]:
    """A row for each endpoint, with its provenance in columns."""
    return [_sheet_row(line, table) for line in table.lines]


def _sheet_row(line: CostLine, table: CostTable) -> dict[str, Any]:
    about = cost_provenance(line)
    return {
        "endpoint": line.offer.slug,
        "model": line.offer.name,
        "provider": line.offer.provider_name,
        "request_usd": money(line.request),
        "day_usd": money(line.day),
        "month_usd": money(line.month),
        "request_low_usd": money(line.low),
        "request_high_usd": money(line.high),
        "missing": line.missing,
        "requests_per_day": line.per_day,
        "input_tokens": line.count.tokens,
        "cached_tokens": line.tokens.cached,
        "output_tokens": line.tokens.output - line.tokens.reasoning,
        "reasoning_tokens": line.tokens.reasoning,
        "reasoning_known": line.reasoning_known,
        "token_count": line.count.how,
        "vocabulary": line.count.vocabulary,
        "token_error_pct": line.count.error_pct,
        **{
            f"{part.name}_usd_per_mtok": None if part.rate is None else plain(part.rate)
            for part in line.parts
        },
        "fee_usd_per_k_requests": plain(line.fee.usd_per_k) if line.fee else None,
        "price_source": about.source_name,
        "price_source_url": about.source_url,
        "price_seen_at": moment_text(about.seen_at),
        "simulated": line.offer.simulated,
        "reckoned_at": moment_text(table.at),
    }


def counting_json(table: CostTable) -> dict[str, Any] | None:
    """What was counted; None = the number of tokens was given."""
    counted = table.counted
    if counted is None:
        return None
    error = errors().get(counted.script)
    return {
        "basis": counted.basis,
        "letters": counted.letters,
        "script": counted.script,
        "by_vocabulary": dict(counted.counts),
        "estimate": counted.estimate.tokens if counted.estimate else None,
        "estimate_error_pct": error.p95_pct if error else None,
    }

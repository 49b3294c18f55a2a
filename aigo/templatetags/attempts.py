"""Attempts and what became of them, and what a window of them amounts to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from django import template
from django.template import Context
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from aigo.lib.provenance import Provenance
from aigo.templatetags.figures import ms, pct, rpm, whole
from aigo.templatetags.provenance import traced
from aigo.templatetags.sparklines import sparkline
from catalog.models import DocRef
from probes.lately import LateAttempt
from probes.outcomes import Charge
from status.history import History
from status.rules import P95_MIN_ATTEMPTS

register = template.Library()

#: Long answers are asked for every one to three hours.
SPEED_GAP: Final = timedelta(hours=6)

#: What became of an attempt, in as few words as a table has room for.
OUTCOME_WORDS: Final[dict[str, str | Promise]] = {
    "ok": _("right answer"),
    "timeout": _("timed out"),
    "connect_error": _("connection refused or lost"),
    "tls_error": _("TLS failed"),
    "dns_error": _("name not found"),
    "http_5xx": _("server error"),
    "overloaded": _("overloaded"),
    "bad_json": _("not its documented format"),
    "truncated": _("cut off"),
    "empty": _("no text"),
    "wrong_answer": _("wrong answer"),
    "stream_error": _("error within the stream"),
    "slow_stream": _("stream stood still"),
    "capacity_throttle": _("turned away for want of capacity"),
    "edge_block": _("blocked before the API"),
    "auth": _("our key was refused"),
    "quota": _("our credit is used up"),
    "bad_request": _("our request was refused"),
    "rate_limited": _("faster than our limit"),
    "budget": _("not sent: our budget is used up"),
    "cancelled": _("stopped by us"),
    "lagged": _("our host was late"),
    "pop_offline": _("our measuring point was offline"),
    "missed": _("not attempted by us"),
}
_STATES: Final = {Charge.OK: "operational", Charge.PROVIDER: "outage"}


@register.filter
def outcome_label(outcome: str) -> str | Promise:
    """An outcome in words; the machine word for one that this program does not know."""
    return OUTCOME_WORDS.get(outcome, outcome)


@register.filter
def attempt_state(attempt: LateAttempt) -> str:
    """The mark of an attempt: good, charged to the provider, or neither."""
    return _STATES.get(attempt.charge, "unknown")


@register.filter
def most_first(tally: Mapping[str, int]) -> list[tuple[str, int]]:
    """Outcomes by how often they occurred."""
    return sorted(tally.items(), key=lambda entry: (-entry[1], entry[0]))


@dataclass(frozen=True, slots=True)
class TotalFigure:
    """A figure of a whole window."""

    name: str
    label: str | Promise
    written: str
    unit: str | Promise
    samples: int
    missing: str | Promise = ""


@register.filter
def total_figures(history: History) -> list[TotalFigure]:
    """What a window amounts to: percentiles over all of it, never averages of its points."""
    total = history.total
    few = total.samples < P95_MIN_ATTEMPTS
    none = _("No attempt in this window ended well.")
    nothing = _("No attempt has been counted yet.")
    p95 = None if few else total.p95_ms
    return [
        TotalFigure(
            "availability", _("Availability"), pct(total.availability_pct), "%", total.attempts, nothing
        ),
        TotalFigure(
            "worst",
            _("Worst 5 minutes"),
            pct(total.worst_availability_pct),
            "%",
            total.worst_attempts,
            nothing,
        ),
        TotalFigure("p50", _("p50"), ms(total.p50_ms), _("ms"), total.samples, none),
        TotalFigure("p95", _("p95"), ms(p95), _("ms"), total.samples, none),
        TotalFigure("ttft", _("TTFT"), ms(total.ttft_p50_ms), _("ms"), total.ttft_samples, none),
        TotalFigure("attempts", _("Attempts"), whole(total.attempts), "", total.attempts),
    ]


@register.inclusion_tag("_components/traced.html", takes_context=True)
def history_figure(context: Context, history: History, figure: TotalFigure) -> dict[str, Any]:
    """A figure of the whole window with what it rests on."""
    provenance = Provenance(
        kind="counted" if figure.name == "attempts" else "measured",
        samples=figure.samples,
        window_s=history.total.width_s,
        region=history.region,
        last_at=history.last_sample_at,
        tier=history.tier,
        method_version=history.method_version,
        simulated=history.endpoint.simulated,
    )
    return traced(
        context,
        figure.written,
        figure.unit,
        provenance,
        label=figure.label,
        key=f"{history.endpoint.slug} {history.window} {figure.name}",
        missing=figure.missing,
    )


@register.inclusion_tag("_components/traced.html", takes_context=True)
def speed_figure(context: Context, history: History) -> dict[str, Any]:
    """Tokens per second of long answers, with its age and what it rests on."""
    through = history.throughput
    provenance = Provenance(
        kind="measured",
        samples=through.samples,
        window_s=through.window_s,
        region=history.region,
        last_at=through.last_at,
        tier="C",
        method_version=history.method_version,
        simulated=history.endpoint.simulated,
    )
    return traced(
        context,
        None if through.p50_tokens_per_s is None else rpm(through.p50_tokens_per_s),
        _("tokens/s"),
        provenance,
        label=_("Throughput"),
        key=history.endpoint.slug,
        missing=_("No long answer has been measured in 24 hours."),
    )


@register.inclusion_tag("_components/sparkline.html")
def speed_line(history: History, label: str) -> dict[str, Any]:
    """The stretches of time that have a long answer, each where its time is; the line breaks where none came
    for longer than two are apart.
    """
    through = history.throughput
    values: list[float | None] = []
    moments: list[datetime] = []
    for point in through.points:
        if moments and point.at - moments[-1] > SPEED_GAP:
            values.append(None)
            moments.append(point.at)
        values.append(point.p50_tokens_per_s)
        moments.append(point.at)
    begin = history.generated_at - timedelta(seconds=through.window_s)
    shares = [min(max((at - begin).total_seconds() / through.window_s, 0.0), 1.0) for at in moments]
    return sparkline(values, "throughput", label, shares)


@register.filter
def doc_label(kind: str) -> str | Promise:
    """What a curated link leads to."""
    return dict(DocRef.Kind.choices).get(kind, kind)


@register.filter
def host_of(address: str) -> str:
    """ "docs.example.com" of an address."""
    return urlsplit(address).hostname or ""

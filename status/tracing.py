"""What a figure of the board rests on, and why there is none where there is none."""

from collections.abc import Mapping
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from aigo.lib.provenance import Provenance
from status.board import BoardRow
from status.rules import P95_MIN_ATTEMPTS

#: Why a state is what it is: the machine words of BoardRow.reason as one sentence each.
REASONS: Final[dict[str, str | Promise]] = {
    "no_key": _("Not measured: no key is set for this provider."),
    "no_worker": _("No worker measures from here at the moment."),
    "no_samples": _("No attempt has been counted yet."),
    "too_few_samples": _("Failures were confirmed, but by too few attempts for an incident."),
    "stale": _("The last attempt is older than three intervals."),
    "budget": _("Today’s probe budget is used up."),
    "pop_offline": _("The measuring point itself was offline."),
    "confirmed_failures": _("Failures were confirmed by repeated attempts."),
    "availability": _("Availability is below the threshold."),
    "latency": _("The 95th percentile of latency is above the threshold."),
    "regional": _("Not every region answers within the thresholds."),
    "within_limits": _("Answers within the thresholds."),
}
#: Why one figure is missing, beside those reasons. Values stand in for names: `missing_of` gives both.
MISSING: Final[dict[str, str | Promise]] = {
    "silent_servers": _("Not told within three minutes by %(names)s."),
    "closed_api": _("Closed APIs publish no request rate; our own probes are not traffic."),
    "too_few": _("Needs %(needed)d attempts, has %(has)d."),
    "no_tokens": _("Reachability probes receive no tokens."),
    "no_stream": _("This endpoint answers in one piece, without a stream."),
    "none_right": _("No attempt in this window ended well."),
}


def missing_of(name: str, row: BoardRow) -> tuple[str, dict[str, Any]]:
    """Why `row` has no figure `name`: the code of a sentence, and the values that stand in it."""
    if name == "usage":
        if row.usage_silent:
            return "silent_servers", {"names": ", ".join(row.usage_silent)}
        return "closed_api", {}
    if not row.measured or not row.samples:
        return reason_of(row), {}
    if name == "p95" and row.samples < P95_MIN_ATTEMPTS:
        return "too_few", {"needed": P95_MIN_ATTEMPTS, "has": row.samples}
    if name == "ttft" and row.tier == "A":
        return "no_tokens", {}
    if name == "ttft" and row.p50_ms is not None:
        return "no_stream", {}
    if name in ("p50", "p95", "ttft"):
        return "none_right", {}
    return "no_samples", {}


def reason_of(row: BoardRow) -> str:
    """The code of why nothing is measured."""
    return row.reason if row.reason in REASONS else "no_samples"


def sentence(code: str, values: Mapping[str, Any]) -> str:
    """A reason in the present language; "" for a code that nobody knows."""
    found = MISSING.get(code)
    return str(found) % values if found is not None else str(REASONS.get(code, ""))


def missing_reason(name: str, row: BoardRow) -> str:
    """Why `row` has no figure `name`, as one sentence."""
    return sentence(*missing_of(name, row))


def row_provenance(row: BoardRow) -> Provenance:
    """What the figures of a row rest on."""
    return Provenance(
        kind="measured",
        samples=row.samples,
        window_s=row.window_s,
        region=row.region,
        last_at=row.last_sample_at,
        tier=row.tier,
        method_version=row.method_version,
        simulated=row.simulated,
    )

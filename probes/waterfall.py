"""An attempt as text for a terminal: its phases as a waterfall, what the answer said, how many went well.

Pure: attempts in, lines out.
"""

import statistics
from collections.abc import Iterable, Sequence
from typing import Final

from probes.attempts import Attempt
from probes.outcomes import OUTCOMES, Charge

BAR_CHARS: Final = 32
_EIGHTHS: Final = " ▏▎▍▌▋▊▉█"

#: (title, how the moment at which the step ended is found); steps that did not happen show a dash.
_STEPS: Final = (
    ("DNS", "dns_ms"),
    ("TCP connect", "connect_ms"),
    ("TLS handshake", "tls_ms"),
    ("request sent", "sent_ms"),
    ("headers", "first_byte_ms"),
    ("keep-alive", "first_keep_alive_ms"),
    ("first token", "first_token_ms"),
    ("first answer token", "first_answer_ms"),
    ("last token", "last_token_ms"),
    ("end", "total_ms"),
)
_DURATIONS: Final = ("dns_ms", "connect_ms", "tls_ms")


def steps_of(attempt: Attempt) -> list[tuple[str, float | None, float | None]]:
    """(title, ms since the start at which the step began, and at which it ended); None = it did not happen.

    A step begins where the one before it ended, for the request goes through them one after the other.
    """
    steps: list[tuple[str, float | None, float | None]] = []
    now = 0.0
    for title, name in _STEPS:
        value = getattr(attempt, name)
        if value is None:
            steps.append((title, None, None))
            continue
        end = now + value if name in _DURATIONS else max(now, value)
        steps.append((title, now, end))
        now = end
    return steps


def bar(begin: float, end: float, total: float) -> str:
    """The span as a bar behind the edge, BAR_CHARS wide at most; whatever took time is seen."""
    if total <= 0:
        return "▏"
    left = int(begin / total * BAR_CHARS)
    eighths = max(1, round((end / total * BAR_CHARS - left) * 8)) if end > begin else 0
    full, rest = divmod(eighths, 8)
    return ("▏" + " " * left + "█" * full + (_EIGHTHS[rest] if rest else "")).rstrip()


def waterfall(attempt: Attempt) -> list[str]:
    """The steps in aligned columns: how long each took, when it ended, and a bar."""
    steps = steps_of(attempt)
    total = max((end for _, _, end in steps if end is not None), default=0.0)
    lines = [f"  {'':<20}{'took':>12}{'at':>12}"]
    for title, begin, end in steps:
        if begin is None or end is None:
            lines.append(f"  {title:<20}{'—':>12}{'—':>12}  ▏")
        else:
            lines.append(f"  {title:<20}{_ms(end - begin):>12}{_ms(end):>12}  {bar(begin, end, total)}")
    return lines


def facts(attempt: Attempt) -> list[str]:
    """What the answer said, who pays for it, and what the times rest on."""
    outcome = OUTCOMES[attempt.outcome]
    status = f"HTTP {attempt.http_status}, " if attempt.http_status else ""
    tokens = f"{_known(attempt.input_tokens)} in, {_known(attempt.output_tokens)} out"
    answered = " ".join(filter(None, (attempt.answered_model, attempt.fingerprint, attempt.request_id)))
    gap_ms = attempt.inter_token_p50_ms
    rows = [
        ("between tokens", None if gap_ms is None else f"{_ms(gap_ms)} median"),
        ("speed", None if attempt.tokens_per_s is None else f"{attempt.tokens_per_s:.1f} tokens/s"),
        ("tokens", f"{tokens} as reported, in {attempt.chunks} chunks"),
        ("charged", None if attempt.reported_cost_usd is None else f"{attempt.reported_cost_usd:.6f} USD"),
        ("limits left", _limits(attempt)),
        ("answered by", answered or "—"),
        ("clock", _clock(attempt)),
        ("outcome", f"{outcome.name} ({status}charged to: {outcome.charge}): {outcome.meaning}"),
        ("detail", attempt.error_detail or None),
    ]  # fmt: skip
    return [f"  {title:<20}  {text}" for title, text in rows if text is not None]


def summary(attempts: Sequence[Attempt]) -> list[str]:
    """How many went well, and the spread of the times of those."""
    good = [attempt for attempt in attempts if attempt.outcome == "ok"]
    lines = [f"ok {len(good)}/{len(attempts)}"]
    for title, name in (("TTFT", "first_token_ms"), ("total", "total_ms")):
        values = [value for attempt in good if (value := getattr(attempt, name)) is not None]
        if values:
            p50 = statistics.median(values)
            lines.append(f"  {title:<8}p50 {_ms(p50)}  min {_ms(min(values))}  max {_ms(max(values))}")
    return lines


def exit_status(attempts: Iterable[Attempt]) -> int:
    """0: all ok; 1: a failure charged to the provider; 3: no such failure, but not all were ok."""
    charges = {OUTCOMES[attempt.outcome].charge for attempt in attempts}
    if Charge.PROVIDER in charges:
        return 1
    return 0 if charges <= {Charge.OK} else 3


def _limits(attempt: Attempt) -> str | None:
    parts = [
        f"{limit['remaining']} of {_known(limit['limit'])} {limit['kind']} a {limit['window']}"
        for limit in attempt.rate_limits
        if limit["remaining"] is not None
    ]
    return ", ".join(parts) or None


def _clock(attempt: Attempt) -> str | None:
    if not attempt.receive_clock:
        return None
    by = "stamped by the kernel" if attempt.receive_clock == "kernel" else "stamped by our process"
    return f"{by}; our loop was {_ms(attempt.loop_lag_ms)} late at worst"


def _ms(value: float) -> str:
    return f"{value:.1f} ms"


def _known(count: int | None) -> str:
    return "—" if count is None else str(count)

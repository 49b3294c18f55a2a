"""From a measured exchange to its outcome and its row: the Attempt. Pure."""

from itertools import pairwise
from typing import Any

from probes.attempts import Attempt, ProbeSpec
from probes.preparation import Prepared
from probes.protocols.facts import Facts
from probes.protocols.judging import judge
from probes.protocols.limits import read_rate_limits, retry_after_s
from probes.protocols.speed import tokens_per_s
from probes.scrubbing import clean_texts
from probes.sighting import Sighting
from probes.wire.http import other_host
from probes.wire.phases import Phases


def judged(sighting: Sighting, prepared: Prepared, *, whole: bool, cut: str) -> tuple[str, str]:
    """(outcome, detail) of an answer that began with 2xx. cut: why it was cut, "" = it was not."""
    sighting.close(whole=whole)
    description = prepared.description
    outcome, told = judge(sighting.facts, description.endings, description.rules, prepared.expected)
    return outcome, cut if outcome == "truncated" and cut else told


def classified(sighting: Sighting, prepared: Prepared) -> tuple[str, str]:
    """(outcome, detail) of an answer with another status."""
    status, headers = sighting.status or 0, sighting.headers
    outcome, detail = prepared.description.classify(status, headers, bytes(sighting.error_body))
    if 300 <= status < 400 and (host := other_host(prepared.server.host, headers)):
        detail = f"HTTP {status} redirects to {host}, which is not followed"
    return outcome, detail


def attempt_of(
    spec: ProbeSpec,
    prepared: Prepared,
    phases: Phases,
    sighting: Sighting,
    *,
    outcome: str,
    detail: str,
    end: float,
    **more: Any,
) -> Attempt:
    """The row of an attempt that was sent. end: monotonic seconds; more: worker, attempt, lag_ms."""
    facts, headers, arrivals = sighting.facts, sighting.headers, sighting.arrivals
    started, status = phases.started, sighting.status
    first_token_ms = _since_ms(started, arrivals[0] if arrivals else None)
    last_token_ms = _since_ms(started, arrivals[-1] if arrivals else None)
    return Attempt(
        **identity(spec),
        **more,
        started_at=phases.started_at,
        outcome=outcome,
        loop_lag_ms=round(phases.lag_ms, 3),
        dns_ms=_ms(phases.dns_ms),
        connect_ms=_ms(phases.connect_ms),
        tls_ms=_ms(phases.tls_ms),
        sent_ms=_ms(phases.sent_ms),
        first_byte_ms=_ms(phases.first_byte_ms),
        first_event_ms=_since_ms(started, sighting.first_event),
        first_keep_alive_ms=_since_ms(started, sighting.first_keep_alive),
        first_token_ms=first_token_ms,
        first_answer_ms=_since_ms(started, sighting.first_answer),
        last_token_ms=last_token_ms,
        total_ms=_since_ms(started, end),
        inter_token_p50_ms=_median_gap_ms(arrivals),
        receive_clock=phases.receive_clock,
        chunks=facts.text_chunks + facts.reasoning_chunks,
        keep_alives=facts.keep_alives,
        input_tokens=facts.input_tokens,
        cached_tokens=facts.cached_tokens,
        output_tokens=facts.output_tokens,
        reasoning_tokens=facts.reasoning_tokens,
        tokens_per_s=_speed(spec.tier, facts, first_token_ms, last_token_ms),
        reported_cost_usd=facts.reported_cost_usd,
        rate_limits=read_rate_limits(headers, now=phases.started_at, base_url=prepared.base_url),
        retry_after_s=retry_after_s(headers, phases.started_at),
        http_status=status if status is not None and status <= 599 else None,
        remote_ip=phases.remote_ip,
        tls_version=phases.tls_version,
        **_texts(prepared, sighting, detail),
    )


def unsent_row(spec: ProbeSpec, outcome: str, detail: str, *, started_at: float, **more: Any) -> Attempt:
    """The row of an attempt that was due and not sent. started_at: unix seconds, when that was found."""
    return Attempt(**identity(spec), **more, started_at=started_at, outcome=outcome, error_detail=detail)


def identity(spec: ProbeSpec) -> dict[str, Any]:
    """What says of which probe a row is."""
    return {
        "target_id": spec.target_id,
        "endpoint": spec.endpoint,
        "region": spec.region,
        "tier": spec.tier,
        "due_at": spec.due_at,
    }


def _texts(prepared: Prepared, sighting: Sighting, detail: str) -> dict[str, Any]:
    """All that a provider wrote, scrubbed."""
    headers, facts = sighting.headers, sighting.facts
    named = (headers[name] for name in prepared.description.request_id_headers if name in headers)
    texts = {
        "error_detail": detail,
        "request_id": next(named, "") or facts.request_id,
        "answered_model": facts.answered_model,
        "fingerprint": facts.fingerprint,
    }
    return clean_texts({name: text for name, text in texts.items() if text}, [prepared.key])


def _speed(
    tier: str, facts: Facts, first_token_ms: float | None, last_token_ms: float | None
) -> float | None:
    """tokens/s is of the performance tier only: that of a short answer would be noise."""
    if tier != "C":
        return None
    streamed = facts.reasoning_chunks > 0
    return tokens_per_s(facts.output_tokens, facts.reasoning_tokens, streamed, first_token_ms, last_token_ms)


def _median_gap_ms(arrivals: list[float]) -> float | None:
    """Half of the gaps are at most this long; None of fewer than two arrivals."""
    gaps = sorted(later - earlier for earlier, later in pairwise(arrivals))
    if not gaps:
        return None
    middle = len(gaps) // 2
    return round((gaps[middle] + gaps[~middle]) * 500, 3)


def _since_ms(started: float, moment: float | None) -> float | None:
    return None if moment is None else round((moment - started) * 1000, 3)


def _ms(value: float | None) -> float | None:
    return None if value is None else round(value, 3)

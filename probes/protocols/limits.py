"""Rate limits as the headers of an answer tell them, and how long a provider asks us to wait. Pure.

OpenAI and those who copy it (https://platform.openai.com/docs/guides/rate-limits#rate-limits-in-headers):
`x-ratelimit-{limit,remaining,reset}-{requests,tokens}` with resets like `1s`, `6m0s`, `88ms`; Mistral,
Cerebras and others append the window (`…-req-minute`, `…-requests-day`). Anthropic
(https://docs.claude.com/en/api/rate-limits): `anthropic-ratelimit-…-{limit,remaining,reset}` per minute,
resets in RFC 3339. IETF (https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/):
`RateLimit`, `RateLimit-Policy`, and the three headers of its older drafts.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from math import isfinite
from typing import Any, Final

from aigo.lib.retry_after import retry_after_s as told_s
from probes.protocols.addressing import host_of, is_within

# More than this is no limit that anybody has, and no column holds it.
MAX_COUNT: Final = 2**31
# A number of a reset header from here on is a moment (unix seconds, unix milliseconds), not a duration.
_UNIX_S: Final = 1e9
_UNIX_MS: Final = 1e12

_KINDS: Final = {
    "": "requests",
    "requests": "requests",
    "req": "requests",
    "tokens": "tokens",
    "token": "tokens",
    "input-tokens": "input_tokens",
    "tokens-prompt": "input_tokens",
    "output-tokens": "output_tokens",
    "tokens-generated": "output_tokens",
}
_WINDOWS: Final = {"minute": "minute", "day": "day"}
_SECONDS_OF: Final = {60: "minute", 86_400: "day"}
_PART: Final = r"(?P<part>limit|remaining|reset)"
_SUBJECT: Final = (
    r"(?P<subject>input-tokens|output-tokens|tokens-prompt|tokens-generated|tokens?|requests|req)"
)
_NAMES: Final = (
    re.compile(rf"x-ratelimit-{_PART}(?:-{_SUBJECT})?(?:-(?P<window>second|minute|hour|day|month))?"),
    re.compile(rf"(?P<window>anthropic)-ratelimit-{_SUBJECT}-{_PART}"),
    re.compile(rf"ratelimit-{_PART}"),
)

# The headers of the first group name no window; whose they are tells it. Groq counts requests by the day
# (https://console.groq.com/docs/rate-limits), OpenAI and Azure by the minute; tokens go by the minute
# with all of them. A header that only this vendor sends serves where the host is a gateway's.
_REQUEST_WINDOWS: Final = (
    ("groq.com", "x-groq-region", "day"),
    ("openai.com", "openai-processing-ms", "minute"),
    ("azure.com", "apim-request-id", "minute"),
    ("x.ai", "", "minute"),
)
_DURATION: Final = re.compile(
    r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?"
)
_DURATION_UNITS_S: Final = (86_400, 3_600, 60, 1, 0.001)


def read_rate_limits(
    headers: Mapping[str, str], *, now: float | None = None, base_url: str = ""
) -> list[dict[str, Any]]:
    """What the headers (lower-case names) say about our limits; [] when they say nothing.

    Each {"kind": "requests" | "tokens" | "input_tokens" | "output_tokens", "window": "minute" | "day" |
    "unknown", "limit": int | None, "remaining": int | None, "reset_s": float | None}. now: unix seconds; a
    reset told as a moment is None without it. base_url: whom we asked; it decides the window where the names
    do not. A limit of 0 and counts below 0 (Azure's Responses API) say nothing:
    https://learn.microsoft.com/en-us/answers/questions/5625878/
    """
    told = tuple(name for name in headers if "ratelimit" in name)
    if not told:
        return []
    signs = tuple(sign for _, sign, _ in _REQUEST_WINDOWS if sign in headers)
    limits = [
        _limit(kind, window, {part: headers[name].strip() for part, name in parts}, now)
        for kind, window, parts in _places(told, signs, host_of(base_url))
    ]
    limits += _structured(headers)
    return [limit for limit in limits if limit["limit"] is not None or limit["remaining"] is not None]


def retry_after_s(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds to wait: `retry-after-ms` before `retry-after` (seconds, also a fraction, or an HTTP date).

    None when nothing readable is told; a date that has passed is 0. now: unix seconds.
    """
    if (ms := _number(headers.get("retry-after-ms", ""))) is not None:
        return ms / 1000
    return told_s(headers.get("retry-after", ""), now=datetime.fromtimestamp(now, UTC))


@lru_cache(maxsize=4096)
def _places(
    told: tuple[str, ...], signs: tuple[str, ...], host: str
) -> list[tuple[str, str, tuple[tuple[str, str], ...]]]:
    """(kind, window, ((part, header), …)) of the headers' names: kept, for a vendor's are always the same.

    signs: those of the table of windows that are among the headers.
    """
    found: dict[tuple[str, str], dict[str, str]] = {}
    for name in told:
        matches = (pattern.fullmatch(name) for pattern in _NAMES)
        if match := next(filter(None, matches), None):
            kind, window, part = _place(match.groupdict(), signs, host)
            found.setdefault((kind, window), {})[part] = name
    return [(kind, window, tuple(parts.items())) for (kind, window), parts in found.items()]


def _place(names: Mapping[str, str | None], signs: tuple[str, ...], host: str) -> tuple[str, str, str]:
    """(kind, window, part) that one header's name speaks of."""
    kind, window = _KINDS[names.get("subject") or ""], names.get("window")
    part = str(names["part"])
    if window == "anthropic":
        return kind, "minute", part
    if window:
        return kind, _WINDOWS.get(window, "unknown"), part
    if names.get("subject") is None:
        return kind, "unknown", part
    return kind, _request_window(host, signs) if kind == "requests" else "minute", part


def _request_window(host: str, signs: tuple[str, ...]) -> str:
    for domain, sign, window in _REQUEST_WINDOWS:
        if is_within(host, domain) or sign in signs:
            return window
    return "unknown"


def _limit(kind: str, window: str, parts: Mapping[str, str], now: float | None) -> dict[str, Any]:
    limit, remaining = _count(parts.get("limit", "")), _count(parts.get("remaining", ""))
    if "limit" in parts and not limit:
        limit = remaining = None
    reset_s = _reset(parts.get("reset", ""), now)
    return {"kind": kind, "window": window, "limit": limit, "remaining": remaining, "reset_s": reset_s}


def _structured(headers: Mapping[str, str]) -> list[dict[str, Any]]:
    """`RateLimit: "default";r=50;t=30` and `RateLimit-Policy: "default";q=100;w=60`, joined by name."""
    if "ratelimit" not in headers:
        return []
    policies = dict(_items(headers.get("ratelimit-policy", "")))
    found = []
    for name, state in _items(headers.get("ratelimit", "")):
        policy = policies.get(name) or (next(iter(policies.values())) if len(policies) == 1 else {})
        window = _SECONDS_OF.get(_count(policy.get("w", "")) or 0, "unknown")
        limit = _count(policy.get("q", "")) or None
        found.append(
            {
                "kind": "tokens" if "token" in f"{name} {policy.get('qu', '')}" else "requests",
                "window": window,
                "limit": limit,
                "remaining": _count(state.get("r", "")),
                "reset_s": _number(state.get("t", "")),
            }
        )
    return found


def _items(value: str) -> list[tuple[str, dict[str, str]]]:
    """The items of a structured list: (name, parameters). Bare words among the parameters are left out."""
    items = []
    for text in value.split(","):
        name, *parameters = (part.strip().strip('"') for part in text.split(";"))
        pairs = (part.partition("=") for part in parameters)
        if name:
            items.append((name.lower(), {key.strip(): told.strip().strip('"') for key, _, told in pairs}))
    return items


def _reset(value: str, now: float | None) -> float | None:
    """Seconds until a limit is whole again: a duration (`6m0s`), plain seconds, or a moment minus `now`."""
    if value and (match := _DURATION.fullmatch(value)):
        parts = zip(match.groups(), _DURATION_UNITS_S, strict=True)
        return round(sum([float(part) * unit for part, unit in parts if part]), 6)
    if (number := _number(value)) is not None:
        if number < _UNIX_S:
            return number
        moment = number / 1000 if number >= _UNIX_MS else number
        return None if now is None else max(0.0, moment - now)
    try:
        moment_at = datetime.fromisoformat(value)
    except ValueError:
        return None
    if now is None or moment_at.tzinfo is None:
        return None
    return max(0.0, moment_at.timestamp() - now)


def _number(text: str) -> float | None:
    """A finite number of 0 or more, else None."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if isfinite(value) and value >= 0 else None


def _count(text: str) -> int | None:
    """A whole number from 0 to 2**31 - 1, else None."""
    return (
        int(text) if text.isascii() and text.isdigit() and len(text) <= 10 and int(text) < MAX_COUNT else None
    )

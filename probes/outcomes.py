"""What an attempt can end as, and who is charged for it: one table, read as the specification.

Source: DESIGN §5 and PROTOCOLS A4. Precedent for leaving caller-caused failures out: OpenRouter's published
uptime excludes rate-limited and caller-caused failures. Pure data: no Django, no network, no clock.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from aigo.lib.marking import gettext_noop as _


class Charge(StrEnum):
    """Who pays for an outcome. Only OK and PROVIDER enter availability."""

    OK = "ok"
    PROVIDER = "provider"
    SERIES = "series"  # published as a series of its own, outside the main number
    OURS = "ours"  # our key, quota, request, rate, host: never charged to the provider


@dataclass(frozen=True, slots=True)
class Outcome:
    """One row of the table.

    `code`: its number in stored rows, 0 to 31. Published: it never changes its meaning.
    `meaning` is one English line, without a full stop, for pages, logs and the command.
    """

    code: int
    name: str
    charge: Charge
    meaning: str


OUTCOMES: Final[dict[str, Outcome]] = {
    name: Outcome(code, name, charge, meaning)
    for code, name, charge, meaning in (
        (0, "ok", Charge.OK, _("answered completely and correctly")),
        # Charged to the provider.
        (1, "timeout", Charge.PROVIDER, _("did not finish within the time allowed")),
        (
            2,
            "connect_error",
            Charge.PROVIDER,
            _("refused, reset or dropped the connection before it answered"),
        ),
        (3, "tls_error", Charge.PROVIDER, _("TLS handshake failed or the certificate is not valid")),
        (
            4,
            "dns_error",
            Charge.PROVIDER,
            _("its host name did not resolve (charged when seen from two regions)"),
        ),
        (5, "http_5xx", Charge.PROVIDER, _("answered with a server error")),
        (6, "overloaded", Charge.PROVIDER, _("said that it is overloaded")),
        (7, "bad_json", Charge.PROVIDER, _("answered with something that is not its documented format")),
        (8, "truncated", Charge.PROVIDER, _("the stream ended without its terminal marker")),
        (9, "empty", Charge.PROVIDER, _("ended normally without any text")),
        (10, "wrong_answer", Charge.PROVIDER, _("missed the known answer")),
        (11, "stream_error", Charge.PROVIDER, _("reported an error inside a stream that began with 200")),
        (12, "slow_stream", Charge.PROVIDER, _("sent no token for 10 seconds")),
        # A series of its own.
        (
            13,
            "capacity_throttle",
            Charge.SERIES,
            _("turned us away for its own lack of capacity, below our limits"),
        ),
        (14, "edge_block", Charge.SERIES, _("an HTML page of an edge or challenge stood in for the API")),
        # Ours, never charged.
        (15, "auth", Charge.OURS, _("our key is missing, wrong or not permitted")),
        (16, "quota", Charge.OURS, _("our credit or spending limit is used up")),
        (17, "bad_request", Charge.OURS, _("our request was refused or its output limit left no text")),
        (18, "rate_limited", Charge.OURS, _("we asked faster than our limit allows")),
        (19, "budget", Charge.OURS, _("not sent: the day's probe budget is used up")),
        (20, "cancelled", Charge.OURS, _("stopped before it ended")),
        (21, "lagged", Charge.OURS, _("our own host was too late or too busy to measure")),
        (22, "pop_offline", Charge.OURS, _("our own host had no network, resolver or free sockets")),
        (23, "missed", Charge.OURS, _("due, but no worker answered for it")),
    )
}
#: Outcome → its number in stored rows.
CODES: Final[dict[str, int]] = {outcome.name: outcome.code for outcome in OUTCOMES.values()}


def charge_of(outcome: str) -> Charge:
    """Who is charged.

    KeyError for a name that is not in the table: a typo must not become "ours" silently.
    """
    return OUTCOMES[outcome].charge


def counts(outcome: str) -> bool:
    """True when the attempt enters availability: `ok` and `http_5xx` do, `rate_limited` does not."""
    return charge_of(outcome) in (Charge.OK, Charge.PROVIDER)


def is_failure(outcome: str) -> bool:
    """True when the provider is charged with a failure."""
    return charge_of(outcome) is Charge.PROVIDER

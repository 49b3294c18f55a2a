"""What an error is, in the eyes of whoever got it: one table over the outcomes of the table of blame. Pure.

The table of blame (`probes.protocols.blame`) says how an attempt of ours ends; here the same words are read
from the reader's side: what it calls our key is theirs.
"""

from collections.abc import Set
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from aigo.lib.marking import gettext_noop as _


class Side(StrEnum):
    """Whom an error, taken by itself, points to."""

    YOU = "you"
    THEM = "them"
    EITHER = "either"


class Kind(StrEnum):
    """What went wrong, as one word for machines."""

    KEY = "key"
    COUNTRY = "country"
    MONEY = "money"
    MISSING = "missing"
    LARGE = "large"
    FILTERED = "filtered"
    REQUEST = "request"
    RATE = "rate"
    THROTTLE = "throttle"
    CAPACITY = "capacity"
    SERVER = "server"
    BROKEN = "broken"
    TIMEOUT = "timeout"
    CONNECT = "connect"
    NAME = "name"
    CERTIFICATE = "certificate"
    EDGE = "edge"
    PROXY = "proxy"
    LEFT = "left"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class KindRow:
    """An error is of the first kind that holds: it ended as one of `outcomes` and, where any of these three
    is stated, was decided by one of `rows` of the table of blame, bears one of `codes` (machine words, lower
    case), or has one of `statuses`.

    No outcomes = any. says: one English sentence: what the error tells. alike: outcomes of our own attempts
    that are the same trouble.
    """

    kind: Kind
    side: Side
    says: str
    outcomes: Set[str] = frozenset()
    rows: Set[str] = frozenset()
    codes: Set[str] = frozenset()
    statuses: Set[int] = frozenset()
    alike: Set[str] = frozenset()

    def holds(self, outcome: str, row: str, codes: Set[str], status: int | None) -> bool:
        if self.outcomes and outcome not in self.outcomes:
            return False
        stated = self.rows or self.codes or self.statuses
        return not stated or row in self.rows or not self.codes.isdisjoint(codes) or status in self.statuses


def _words(words: str) -> frozenset[str]:
    return frozenset(words.split())


#: First match wins; the last row takes what no other did.
KINDS: Final[tuple[KindRow, ...]] = (
    KindRow(
        kind=Kind.PROXY,
        side=Side.YOU,
        outcomes={"proxy"},
        says=_("The connection that failed leads to a proxy, or to the machine itself, not to the provider."),
    ),
    KindRow(
        kind=Kind.COUNTRY,
        side=Side.YOU,
        outcomes={"auth"},
        rows={"edge-country", "gemini-region", "country", "country-text"},
        alike={"auth"},
        says=_("The provider does not serve the country or region that the request came from."),
    ),
    KindRow(
        kind=Kind.KEY,
        side=Side.YOU,
        outcomes={"auth"},
        alike={"auth"},
        says=_("The key is missing, wrong, or not permitted to do this."),
    ),
    KindRow(
        kind=Kind.MONEY,
        side=Side.YOU,
        outcomes={"quota"},
        says=_("The account’s credit, plan or spending limit is used up."),
    ),
    KindRow(
        kind=Kind.FILTERED,
        side=Side.YOU,
        outcomes={"bad_request"},
        rows={"moderation"},
        says=_("A content filter refused what was asked."),
    ),
    KindRow(
        kind=Kind.LARGE,
        side=Side.YOU,
        outcomes={"bad_request"},
        rows={"together-context"},
        codes=_words(
            "context_length_exceeded max_tokens_exceeded token_limit_exceeded string_too_long "
            "string_above_max_length request_too_large payload_too_large"
        ),
        statuses={413},
        says=_("The request is larger than the provider or the model takes."),
    ),
    KindRow(
        kind=Kind.MISSING,
        side=Side.YOU,
        outcomes={"bad_request"},
        codes=_words(
            "model_not_found model_decommissioned model_not_available model_not_exist unknown_model "
            "deploymentnotfound not_found_error not_found reponotfound"
        ),
        statuses={404, 410},
        alike={"bad_request"},
        says=_("There is no such model or address, or not for this account."),
    ),
    KindRow(
        kind=Kind.REQUEST,
        side=Side.YOU,
        outcomes={"bad_request"},
        alike={"bad_request"},
        says=_("The provider could not accept the request as it was sent."),
    ),
    KindRow(
        kind=Kind.RATE,
        side=Side.YOU,
        outcomes={"rate_limited"},
        rows=_words("slow-down rate-counted rate-azure-own rate-gemini rate-zero rate-code"),
        codes=_words("rate_limit_exceeded rate_limit_error rate_limited requests tokens"),
        alike={"rate_limited", "capacity_throttle"},
        says=_("More was asked than the account’s rate limit allows."),
    ),
    KindRow(
        kind=Kind.THROTTLE,
        side=Side.EITHER,
        outcomes={"rate_limited"},
        alike={"rate_limited", "capacity_throttle"},
        says=_("Too many requests, without a word on whether your limit or their capacity is meant."),
    ),
    KindRow(
        kind=Kind.CAPACITY,
        side=Side.THEM,
        outcomes={"capacity_throttle", "overloaded"},
        alike={"capacity_throttle", "overloaded"},
        says=_("The provider says that it is overloaded or out of capacity."),
    ),
    KindRow(
        kind=Kind.SERVER,
        side=Side.THEM,
        outcomes={"http_5xx"},
        alike={"http_5xx"},
        says=_("The provider’s server reported a failure of its own."),
    ),
    KindRow(
        kind=Kind.BROKEN,
        side=Side.THEM,
        outcomes={"stream_error", "truncated", "empty", "bad_json", "slow_stream", "wrong_answer"},
        alike={"stream_error", "truncated", "empty", "bad_json", "slow_stream"},
        says=_("An answer began and broke off, or was not what the provider documents."),
    ),
    KindRow(
        kind=Kind.TIMEOUT,
        side=Side.EITHER,
        outcomes={"timeout"},
        alike={"timeout", "slow_stream"},
        says=_("No whole answer came within the time allowed."),
    ),
    KindRow(
        kind=Kind.CONNECT,
        side=Side.EITHER,
        outcomes={"connect_error"},
        alike={"connect_error"},
        says=_("The connection was refused, reset or lost before an answer."),
    ),
    KindRow(
        kind=Kind.NAME,
        side=Side.EITHER,
        outcomes={"dns_error"},
        alike={"dns_error"},
        says=_("The provider’s host name did not resolve."),
    ),
    KindRow(
        kind=Kind.CERTIFICATE,
        side=Side.EITHER,
        outcomes={"tls_error"},
        alike={"tls_error"},
        says=_("The secure connection failed, or the certificate was not accepted."),
    ),
    KindRow(
        kind=Kind.EDGE,
        side=Side.EITHER,
        outcomes={"edge_block"},
        alike={"edge_block"},
        says=_("A page of the network in front of the provider stood in for the API."),
    ),
    KindRow(
        kind=Kind.LEFT,
        side=Side.YOU,
        outcomes={"cancelled"},
        says=_("The client closed the connection before the answer was ready."),
    ),
    KindRow(
        kind=Kind.UNKNOWN,
        side=Side.EITHER,
        says=_("The error could not be recognised."),
    ),
)
BY_KIND: Final[dict[Kind, KindRow]] = {row.kind: row for row in KINDS}


def kind_of(outcome: str, row: str, codes: Set[str], status: int | None) -> Kind:
    """outcome: of `probes.outcomes`, "proxy", or "" = not recognised; row: of the table of blame or ""."""
    if not outcome:
        return Kind.UNKNOWN
    return next(one.kind for one in KINDS if one.holds(outcome, row, codes, status))

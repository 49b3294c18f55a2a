"""Why a server's figures could not be read.

ScrapeError    names its `problem`; the message is the detail: what was got and, where known, from where

Every problem is the server's, its network's or the operator's; none is a fault of a model's provider.
"""

from enum import StrEnum
from typing import Final


class Problem(StrEnum):
    """The kinds of failure; each has its own words and remedy on the page."""

    ADDRESS = "address"  # not an http(s) address
    REFUSED = "refused"  # leads to a link-local or metadata network
    NAME = "name"  # the host name cannot be resolved
    UNREACHABLE = "unreachable"  # no connection, or it broke off
    TLS = "tls"
    TIMEOUT = "timeout"
    REDIRECT = "redirect"  # to another host
    STATUS = "status"  # an answer that is no 200
    TOKEN = "token"  # noqa: S105  (the name of a problem: the variable is not set, or it would travel in clear)
    TOO_LARGE = "too_large"
    NOT_TEXT = "not_text"  # not Prometheus text at all: HTML, compressed, binary
    INVALID = "invalid"  # a line of a wanted metric that cannot be read, or stands there twice
    TOO_MANY = "too_many"  # more series than a server of this kind has
    WRONG_KIND = "wrong_kind"  # Prometheus text without any metric of this kind


#: A second try may well end better; the others need somebody to change something.
TRANSIENT: Final = frozenset({Problem.NAME, Problem.UNREACHABLE, Problem.TIMEOUT})


class ScrapeError(Exception):
    """A reading failed. `transient`: worth another try at once."""

    def __init__(self, problem: Problem, detail: str, *, transient: bool | None = None) -> None:
        super().__init__(detail)
        self.problem = problem
        self.detail = detail
        self.transient = problem in TRANSIENT if transient is None else transient

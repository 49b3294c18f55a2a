"""One address, asked politely: allowed by its host, in turn, with limits, and each redirect as the first.

Postponed     see news.services.hosts
Unfetched     theirs: `problem` says what, `passing` whether it may be otherwise the next time
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings

from aigo.lib.fetch import (
    Answer,
    BadAddress,
    FetchError,
    ForbiddenAddress,
    Garbled,
    Policy,
    Redirected,
    TooLarge,
    TooSlow,
    Unreachable,
    get,
)
from aigo.lib.networks import IpNetwork
from news.crawling.pacing import asked_to_wait
from news.models import HostRules, Problem
from news.services.hosts import hold_back, is_allowed, known_rules, origin_of, take_turn

MAX_REDIRECTS: Final = 5
#: Statuses that may be otherwise the next time; so may all from 500 on.
_PASSING: Final = frozenset({408, 425, 429})
_SLOW_DOWN: Final = frozenset({429, 503})


class Unfetched(Exception):
    """It could not be had."""

    def __init__(self, problem: Problem, text: str, *, passing: bool) -> None:
        self.problem, self.passing = problem, passing
        super().__init__(text)


def ask(
    url: str,
    *,
    etag: str = "",
    last_modified: str = "",
    accept: str,
    max_bytes: int,
    now: datetime,
    rules: dict[str, HostRules] | None = None,
) -> Answer:
    """A 200, or a 304 where a validator was given. Postponed, Unfetched.

    rules: by origin, of hosts asked on the way here, whose turn serves this, too; those asked now are added.
    """
    headers = {"user-agent": settings.NEWS_USER_AGENT, "accept": accept}
    headers |= {"if-none-match": etag} if etag else {}
    headers |= {"if-modified-since": last_modified} if last_modified else {}
    errand = _Errand(url, headers, max_bytes, now, {} if rules is None else rules)
    answer = errand.run()
    if answer.status == 200 or (answer.status == 304 and (etag or last_modified)):
        return answer
    if answer.status in _SLOW_DOWN:
        wait = asked_to_wait(answer.headers.get("retry-after", ""), now=now)
        hold_back(answer.url, wait or timedelta(minutes=1), now=now)
    passing = answer.status >= 500 or answer.status in _PASSING
    raise Unfetched(Problem.STATUS, f"{origin_of(answer.url)} answered {answer.status}", passing=passing)


class _Errand:
    """The way to one answer."""

    def __init__(
        self,
        url: str,
        headers: Mapping[str, str],
        max_bytes: int,
        now: datetime,
        rules: dict[str, HostRules],
    ) -> None:
        self.url, self.headers, self.max_bytes, self.now = url, headers, max_bytes, now
        self.policy = Policy.PUBLIC
        self.networks: tuple[IpNetwork, ...] | None = None  # None: the operator's
        self.rules = rules

    def run(self) -> Answer:
        """Whatever is answered in the end. Postponed, Unfetched."""
        for _ in range(MAX_REDIRECTS + 1):
            try:
                self._check()
                return get(
                    self.url,
                    headers=self.headers,
                    max_bytes=self.max_bytes,
                    timeout_s=settings.NEWS_TIMEOUT_S,
                    policy=self.policy,
                    allowed=self.networks,
                    follow=False,
                )
            except Redirected as place:
                self.url, self.policy, self.networks = place.url, place.policy, tuple(place.allowed)
            except FetchError as error:
                raise _unfetched(error) from None
        raise Unfetched(Problem.NETWORK, f"more than {MAX_REDIRECTS} redirects", passing=False)

    def _check(self) -> None:
        """One turn serves all that is asked of a host on the way. Where the rules are known, what they forbid
        takes no turn."""
        origin = origin_of(self.url)
        if origin not in self.rules:
            known = known_rules(self.url, now=self.now)
            if known is None or is_allowed(known, self.url):
                known = take_turn(self.url, now=self.now)
            self.rules[origin] = known
        rules = self.rules[origin]
        if not is_allowed(rules, self.url):
            unknown = rules.failures > 0
            why = (
                "its robots.txt cannot be had, so nothing is allowed" if unknown else "robots.txt forbids it"
            )
            raise Unfetched(Problem.ROBOTS, f"{origin}: {why}", passing=unknown)


def _unfetched(error: FetchError) -> Unfetched:
    if isinstance(error, ForbiddenAddress | BadAddress):
        return Unfetched(Problem.FORBIDDEN, str(error), passing=False)
    if isinstance(error, TooLarge):
        return Unfetched(Problem.SIZE, str(error), passing=False)
    passing = isinstance(error, Unreachable | TooSlow | Garbled)
    return Unfetched(Problem.NETWORK, str(error), passing=passing)

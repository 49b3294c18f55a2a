"""What a host allows, and whose turn it is to ask it. All processes share the turns."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import Q

from aigo.lib.fetch import BadAddress, FetchError, ForbiddenAddress, get
from news.crawling import pacing, robots
from news.models import HostRules

#: More of a robots.txt is not even read: who sends it is treated as one who sends none.
_MAX_ROBOTS_BYTES = 10_000_000
#: "Slow down" is no permission, though it is a 4xx.
_TOO_MANY = 429


class Postponed(Exception):
    """Transient, nobody's fault: it is not our turn at this host before `until`."""

    def __init__(self, until: datetime) -> None:
        self.until = until
        super().__init__(f"not before {until:%H:%M:%S}")


def origin_of(url: str) -> str:
    """scheme://host[:port], in small letters."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def take_turn(url: str, *, now: datetime) -> HostRules:
    """The rules of the address's host, fresh enough, and the right to ask it once. Postponed, BadAddress,
    ForbiddenAddress.

    While its robots.txt is read nobody else asks it, however long that takes.
    """
    rules, _ = HostRules.objects.get_or_create(origin=origin_of(url))
    mine, is_known = HostRules.objects.filter(pk=rules.pk), is_fresh(rules, now=now)
    reading = timedelta() if is_known else timedelta(seconds=settings.NEWS_TIMEOUT_S)
    free = mine.filter(Q(next_at=None) | Q(next_at__lte=now))
    if free.update(next_at=now + _interval(rules) + reading) == 0:
        soon = now + timedelta(seconds=1)
        rules.refresh_from_db()
        until = rules.next_at if is_fresh(rules, now=now) else None
        raise Postponed(max(until or soon, soon))
    if not is_known:
        rules.refresh_from_db()
        try:
            if not is_fresh(rules, now=now):  # another may have read it before it was our turn
                _read_robots(rules, now)
        finally:
            mine.update(next_at=now + _interval(rules))
    return rules


def known_rules(url: str, *, now: datetime) -> HostRules | None:
    """The rules of the address's host where they are fresh enough to be kept to, else None."""
    rules = HostRules.objects.filter(origin=origin_of(url)).first()
    return rules if rules is not None and is_fresh(rules, now=now) else None


def is_fresh(rules: HostRules, *, now: datetime) -> bool:
    """Answers hold for a day; what could not be had is asked again after a wait that grows."""
    if rules.fetched_at is None:
        return False
    if rules.failures:
        chance = pacing.chance_of(rules.origin, rules.failures)
        return now < rules.fetched_at + pacing.backed_off(rules.failures, chance=chance)
    return now < rules.fetched_at + robots.HOLDS


def is_allowed(rules: HostRules, url: str) -> bool:
    """Whether its robots.txt allows us the address."""
    return robots.may_fetch(rules.status, rules.robots, url)


def hold_back(url: str, wait: timedelta, *, now: datetime) -> None:
    """Nobody asks the address's host for so long: it said so."""
    later = HostRules.objects.filter(Q(next_at=None) | Q(next_at__lt=now + wait), origin=origin_of(url))
    later.update(next_at=now + wait)


def _interval(rules: HostRules) -> timedelta:
    return timedelta(seconds=max(float(settings.NEWS_HOST_INTERVAL_S), rules.crawl_delay_s or 0.0))


def _read_robots(rules: HostRules, now: datetime) -> None:
    """Ask for its robots.txt and keep what it says. Redirects are followed, also to another host; the rules
    are those of the host that was asked. Without an answer the old text stays, and forbids everything.
    BadAddress, ForbiddenAddress: we do not go there."""
    try:
        answer = get(
            f"{rules.origin}/robots.txt",
            headers={"user-agent": settings.NEWS_USER_AGENT, "accept": "text/plain, */*;q=0.1"},
            max_bytes=_MAX_ROBOTS_BYTES,
            timeout_s=settings.NEWS_TIMEOUT_S,
        )
        status = None if answer.status == _TOO_MANY else answer.status
        body = answer.body
    except (BadAddress, ForbiddenAddress):
        raise
    except FetchError:
        status, body = None, b""
    rules.status, rules.fetched_at = status, now
    if robots.has_rules(status):
        rules.robots, rules.failures = robots.rules_text(body), 0
        rules.crawl_delay_s = robots.crawl_delay_s(rules.robots)
    elif robots.allows_everything(status):
        rules.robots, rules.failures, rules.crawl_delay_s = "", 0, None
    else:
        rules.failures += 1
    rules.save(update_fields=["status", "fetched_at", "robots", "failures", "crawl_delay_s"])

"""What a model's page shows, kept as all that readers are shown is."""

from collections.abc import Callable, Hashable, Iterable
from datetime import datetime, timedelta
from typing import TypeVar

from catalog.models import DocRef, Endpoint, Price
from news.kept import kept
from news.selectors.lines import NewsAbout, news_about
from probes.lately import AskingCost, LateAttempt, asking_cost, newest_attempts
from status.dossier import Dossier, dossier_of, load_budget, load_changes, load_docs, load_prices
from status.kept import STORIES_KEPT, keeper, kept_snapshot, kept_story, kept_uptime
from status.models import StatusChange
from status.said import Said, load_said
from status.slo import SloLine
from status.uptime import Strip

T = TypeVar("T")
#: What is read or judged anew every minute or two, by the clock.
BRIEFLY = timedelta(seconds=30)
#: Events tell of new attempts; this is for those who read while none comes.
AT_ONCE = timedelta(seconds=5)


def kept_dossier(slug: str, region: str, *, now: datetime) -> Dossier:
    """What a model's page begins with, of the same snapshot as the board. Raises Unavailable, NoSuchModel."""
    kept = kept_story(slug, now=now)
    return dossier_of(
        kept.value,
        kept_snapshot(now=now).value.usage,
        slug=slug,
        region=region,
        generated_at=kept.at,
        event_id=kept.event_id,
        age_s=kept.age_s,
        away=kept.away,
    )


def kept_changes(endpoint: Endpoint, region: str, *, now: datetime) -> list[StatusChange]:
    """The newest changes of an endpoint's state in a region. Raises Unavailable."""
    key = ("changes", endpoint.pk, region)
    return _kept(key, lambda: load_changes(endpoint.pk, region), BRIEFLY, now, endpoint.slug)


def kept_attempts(endpoint: Endpoint, tier: str, region: str, *, now: datetime) -> list[LateAttempt]:
    """Its newest attempts in the tier it is judged by, and those of long answers. Raises Unavailable."""
    key = ("attempts", endpoint.pk, tier, region)
    return _kept(
        key,
        lambda: newest_attempts(endpoint.pk, tiers={tier, "C"}, region=region, now=now),
        AT_ONCE,
        now,
        endpoint.slug,
    )


def kept_asking(endpoint: Endpoint, *, now: datetime) -> AskingCost:
    """What asking it cost in a day. Raises Unavailable."""
    return _kept(("asking", endpoint.pk), lambda: asking_cost(endpoint.pk, now=now), STORIES_KEPT, now)


def kept_strip(slug: str, *, now: datetime) -> Strip | None:
    """An endpoint's days; None = it is not on the board. Raises Unavailable."""
    return next((strip for strip in kept_uptime(now=now).value.strips if strip.slug == slug), None)


def kept_said(provider: str, *, now: datetime) -> Said | None:
    """What a provider's (slug) official page says; None = none is read. Raises Unavailable."""
    return _kept(("said", provider), lambda: load_said(provider), BRIEFLY, now)


def kept_budget(slug: str, *, now: datetime) -> SloLine | None:
    """An endpoint's error budget; None = it is not judged. Raises Unavailable."""
    return _kept(("budget", slug), lambda: load_budget(slug), BRIEFLY, now)


def kept_docs(provider_id: int, *, now: datetime) -> list[DocRef]:
    """A provider's curated links. Raises Unavailable."""
    return _kept(("docs", provider_id), lambda: load_docs(provider_id), STORIES_KEPT, now)


def kept_prices(endpoint_id: int, *, now: datetime) -> list[Price]:
    """Every price of an endpoint there was, the newest first. Raises Unavailable."""
    return _kept(("prices", endpoint_id), lambda: load_prices(endpoint_id), STORIES_KEPT, now)


def kept_news(kind: str, slug: str, *, most: int, now: datetime) -> NewsAbout:
    """The newest articles about a model or provider. Raises Unavailable."""
    return kept(("about", kind, slug, most), lambda: news_about(kind, slug, most=most), now=now).value


def _kept(key: Hashable, load: Callable[[], T], keep: timedelta, now: datetime, *topics: str) -> T:
    def touched(_value: T) -> Iterable[str]:
        return topics

    return keeper().answer(key, load, now=now, topics=touched, keep=keep).value

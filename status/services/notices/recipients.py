"""Who asked to be told of what: alert rules by channel, and subscriptions."""

import logging
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db.models import Model

from status.models import AlertRule, Subscription
from status.rules.notices import QuietHours, Wish

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Recipient:
    """One that is told of a thing once: a channel or a subscription, and all it wishes."""

    channel_id: int | None
    subscription_id: int | None
    wishes: tuple[Wish, ...]

    @property
    def key(self) -> tuple[int | None, int | None]:
        """What notices know it by."""
        return self.channel_id, self.subscription_id


def wish_of(rule: AlertRule, *, providers: Iterable[int] = (), endpoints: Iterable[int] = ()) -> Wish:
    """A rule as the rules of telling see it."""
    return Wish(
        rule=rule.pk,
        topics=frozenset(rule.topics),
        min_severity=rule.min_severity,
        at_once_from=rule.at_once_from,
        warning_after=timedelta(seconds=rule.warning_after_s),
        quiet=_quiet_hours(rule),
        breaks_quiet=rule.breaks_quiet,
        tells_updates=rule.tells_updates,
        tells_recovery=rule.tells_recovery,
        providers=frozenset(providers),
        endpoints=frozenset(endpoints),
        regions=frozenset(rule.regions),
    )


def _quiet_hours(rule: AlertRule) -> QuietHours | None:
    if rule.quiet_from is None or rule.quiet_until is None:
        return None
    try:
        ZoneInfo(rule.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        # the form refuses it; better told in the night than not at all
        logger.error("alert rule %s: time_zone=%r is not known; it has no quiet hours", rule, rule.time_zone)
        return None
    return QuietHours(rule.quiet_from, rule.quiet_until, frozenset(rule.quiet_days), rule.time_zone)


def channels_wishing(topic: str) -> list[Recipient]:
    """Every enabled channel that an enabled rule of the topic names: four queries at most."""
    rules = AlertRule.objects.filter(enabled=True, channels__enabled=True).distinct()
    wishes: dict[int, list[Wish]] = defaultdict(list)
    for rule in rules.prefetch_related("channels", "providers", "endpoints").order_by("pk"):
        if topic not in rule.topics:
            continue
        wish = wish_of(
            rule,
            providers=[provider.pk for provider in rule.providers.all()],
            endpoints=[endpoint.pk for endpoint in rule.endpoints.all()],
        )
        for channel in rule.channels.all():
            if channel.enabled:
                wishes[channel.pk].append(wish)
    return [Recipient(pk, None, tuple(wished)) for pk, wished in wishes.items()]


def subscribers() -> list[Recipient]:
    """Every subscription that letters go to: three queries, however many there are."""
    told = Subscription.objects.told()
    providers = _chosen(Subscription.providers.through, "provider_id")
    models = _chosen(Subscription.models.through, "aimodel_id")
    return [
        Recipient(
            None,
            pk,
            (
                Wish(
                    min_severity=severity,
                    providers=frozenset(providers.get(pk, ())),
                    models=frozenset(models.get(pk, ())),
                ),
            ),
        )
        for pk, severity in told.order_by("pk").values_list("pk", "min_severity")
    ]


def _chosen(through: type[Model], column: str) -> dict[int, list[int]]:
    """Subscription id → what it names."""
    found: dict[int, list[int]] = defaultdict(list)
    rows = through._default_manager.order_by().values_list("subscription_id", column)
    for subscription_id, pk in rows:
        found[subscription_id].append(pk)
    return found

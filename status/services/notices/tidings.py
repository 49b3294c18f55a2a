"""From what became different in the catalogue to notices: changed prices, new models, retirements.

What one run finds of a provider and of one kind is one notice, so that a new price list is no flood. A tiding
is planned in the transaction that makes its notices: whatever dies, both are there or neither is.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import transaction

from aigo.lib.site import absolute
from catalog.models import Tiding
from catalog.telling import told_of
from status.rules.notices import Matter, due_at, wants
from status.rules.telling import Tell
from status.services.notices.book import NoticeBook
from status.services.notices.recipients import Recipient, channels_wishing

#: Kind → how grave it is, to be weighed by rules: what ends or will end is, what is only new is not.
SEVERITY_OF: Final[Mapping[str, str]] = {
    "raised": "minor",
    "lowered": "minor",
    "changed": "minor",
    "corrected": "minor",
    "announced": "minor",
    "ended": "minor",
    "added": "info",
    "offered": "info",
    "returned": "info",
    "deprecated": "minor",
    "dated": "minor",
    "retired": "major",
}
#: So many changes a notice names; the rest is counted. A webhook's body stays below 20 kB.
MOST_NAMED: Final = 20
#: So many are planned in one transaction; what is over comes with the next run.
AT_ONCE: Final = 1_000


def plan_tidings(*, now: datetime) -> int:
    """Notices for every tiding that was not planned yet; how many notices were made.

    Mostly there is none, which costs one query. Not to be called in a transaction.
    """
    return _plan(now) if Tiding.objects.unplanned().exists() else 0


@transaction.atomic
def _plan(now: datetime) -> int:
    """Another process that plans waits, and finds them planned."""
    rows = Tiding.objects.unplanned().select_related("endpoint__provider", "endpoint__model")
    tidings = list(rows.order_by("pk").select_for_update(of=("self",))[:AT_ONCE])
    groups: dict[tuple[str, int, str], list[Tiding]] = defaultdict(list)
    for tiding in tidings:
        groups[tiding.topic, tiding.endpoint.provider_id, tiding.kind].append(tiding)
    recipients = {topic: channels_wishing(topic) for topic in {topic for topic, _, _ in groups}}
    made = 0
    for (topic, _, _), found in groups.items():
        if recipients[topic]:
            made += _tell(topic, found, recipients[topic], now)
    Tiding.objects.filter(pk__in=[tiding.pk for tiding in tidings]).update(planned_at=now)
    return made


def _tell(topic: str, found: Sequence[Tiding], recipients: Sequence[Recipient], now: datetime) -> int:
    """One notice for each recipient, of what of it the recipient's rules want."""
    kind, severity = found[0].kind, SEVERITY_OF[found[0].kind]
    book = NoticeBook(topic, f"{topic}:{found[0].pk}", now=now)
    for recipient in recipients:
        wanted = [(tiding, matter_of(tiding)) for tiding in found]
        wishes = [
            (due_at(wish, matter, now, delayed=False, muted=False), wish.rule or 0, tiding)
            for tiding, matter in wanted
            for wish in recipient.wishes
            if wants(wish, matter)
        ]
        if not wishes:
            continue
        at, rule, _first = min(wishes, key=lambda due: due[:2])
        chosen = {tiding.pk: tiding for _at, _rule, tiding in wishes}
        tell = Tell(kind, at, rule or None)
        book.do([tell], recipient, severity, tiding_facts(topic, list(chosen.values())))
    return book.keep(None)


def matter_of(tiding: Tiding) -> Matter:
    """What rules weigh of it. It lasts: maintenance holds nothing of it, and no warning waits."""
    endpoint = tiding.endpoint
    return Matter(
        severity=SEVERITY_OF[tiding.kind],
        topic=tiding.topic,
        provider=endpoint.provider_id,
        endpoints=frozenset({endpoint.pk}),
        models=frozenset({endpoint.model_id}),
    )


def tiding_facts(topic: str, tidings: Sequence[Tiding]) -> dict[str, Any]:
    """What a notice says, as plain JSON: the changes, each as catalog.telling.told_of gives it."""
    changes = [told_of(tiding) for tiding in tidings[:MOST_NAMED]]
    provider = changes[0]["provider"]
    page = "/pricing/" if topic == Tiding.Topic.PRICE else f"/providers/{provider['slug']}/"
    return {
        "provider": provider,
        "changes": changes,
        "changes_total": len(tidings),
        "simulated": changes[0]["simulated"],
        "url": changes[0]["url"] if len(tidings) == 1 else absolute(page),
    }

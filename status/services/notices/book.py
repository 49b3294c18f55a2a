"""The notices of one subject, as they are and as they become: kept in one go at the end."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from status.models import Notice
from status.rules.notices import rank
from status.rules.telling import ABSORBED, Doing, Drop, Past, Standing, Tell
from status.services.notices.recipients import Recipient

#: Kinds that begin something; who was told of none is told of no end.
BEGINNINGS: Final = ("opened", "burn", "unreadable")
#: Rows of one INSERT or UPDATE.
AT_ONCE: Final = 1_000
#: What may change before the first try.
_CHANGEABLE: Final = ("state", "why", "due_at", "next_try_at", "severity", "rule")
Key = tuple[int | None, int | None]


class NoticeBook:
    """Notices of `subject`, locked until the transaction ends.

    `replaced`: subjects that this one takes the place of, transitively.
    """

    def __init__(self, topic: str, subject: str, *, replaced: Iterable[str] = (), now: datetime) -> None:
        self.topic, self.subject, self.now = topic, subject, now
        self._held: dict[Key, dict[tuple[str, int], Notice]] = {}
        self._made: list[Notice] = []
        self._changed: dict[int, Notice] = {}
        known = Notice.objects.filter(subject=subject).defer("facts", "body").select_for_update(of=("self",))
        for notice in known.order_by("pk"):
            self._of((notice.channel_id, notice.subscription_id))[notice.kind, notice.step] = notice
        self._replaced: dict[Key, list[Notice]] = {}
        names = list(replaced)
        for notice in Notice.objects.filter(subject__in=names, kind="opened") if names else ():
            self._replaced.setdefault((notice.channel_id, notice.subscription_id), []).append(notice)

    def past(self, key: Key) -> Past:
        """What that recipient was told so far."""
        held = self._held.get(key, {})
        opened = next((n for (kind, _step), n in held.items() if kind in BEGINNINGS), None)
        severities = [n.severity for (kind, _), n in held.items() if kind in (*BEGINNINGS, "worsened")]
        replaced = [(standing_of(n), n) for n in self._replaced.get(key, ())]
        moments = [
            n.due_at for standing, n in replaced if standing is not Standing.DROPPED or n.why == ABSORBED
        ]
        return Past(
            standing=standing_of(opened),
            due_at=opened.due_at if opened else None,
            severity=max(severities, key=rank, default="info"),
            replaced_at=min(moments, default=None),
            knows=any(standing is Standing.TOLD for standing, _ in replaced),
        )

    def do(
        self, doings: Iterable[Doing], recipient: Recipient, severity: str, facts: Mapping[str, Any]
    ) -> None:
        """Note what is to be done for a recipient."""
        held = self._of(recipient.key)
        for doing in doings:
            if isinstance(doing, Tell):
                self._tell(doing, recipient, severity, facts)
            elif isinstance(doing, Drop):
                self._drop(doing, held)
            else:
                opened = next(n for (kind, _step), n in held.items() if kind in BEGINNINGS)
                due = {"due_at": doing.due_at, "next_try_at": doing.due_at}
                self._change(
                    opened, state=Notice.State.WAITING, why="", severity=severity, rule_id=doing.rule, **due
                )

    def keep(self, facts: Mapping[str, Any] | None) -> int:
        """Write it all; how many notices are new. What is held says how things are now (`facts`; None = as it
        did)."""
        Notice.objects.bulk_create(self._made, batch_size=AT_ONCE)
        Notice.objects.bulk_update(self._changed.values(), _CHANGEABLE, batch_size=AT_ONCE)
        if facts is not None:
            self._say_now(facts)
        return len(self._made)

    def _say_now(self, facts: Mapping[str, Any]) -> None:
        untold = Notice.objects.waiting().filter(subject=self.subject, tries=0)
        untold.filter(kind__in=(*BEGINNINGS, "worsened")).update(facts=dict(facts))

    def _of(self, key: Key) -> dict[tuple[str, int], Notice]:
        return self._held.setdefault(key, {})

    def _tell(self, tell: Tell, recipient: Recipient, severity: str, facts: Mapping[str, Any]) -> None:
        held = self._of(recipient.key)
        if (tell.kind, tell.step) in held:
            return
        notice = Notice(
            channel_id=recipient.channel_id,
            subscription_id=recipient.subscription_id,
            rule_id=tell.rule,
            topic=self.topic,
            subject=self.subject,
            kind=tell.kind,
            step=tell.step,
            severity=severity,
            facts=dict(facts),
            made_at=self.now,
            due_at=tell.due_at,
            next_try_at=tell.due_at,
        )
        held[tell.kind, tell.step] = notice
        self._made.append(notice)

    def _drop(self, drop: Drop, held: Mapping[tuple[str, int], Notice]) -> None:
        for (kind, _step), notice in held.items():
            untold = standing_of(notice) is Standing.HELD and notice.due_at > drop.due_after
            if untold and (kind in BEGINNINGS) is drop.openings:
                self._change(notice, state=Notice.State.DROPPED, why=drop.why)

    def _change(self, notice: Notice, **fields: Any) -> None:
        for name, value in fields.items():
            setattr(notice, name, value)
        if notice.pk:
            self._changed[notice.pk] = notice


def standing_of(opened: Notice | None) -> Standing:
    """What became of it: told from the first try on, for nobody knows what a try that was cut off did."""
    if opened is None:
        return Standing.NEVER
    if opened.state == Notice.State.WAITING:
        return Standing.TOLD if opened.tries else Standing.HELD
    return {
        Notice.State.SENT: Standing.TOLD,
        Notice.State.FAILED: Standing.FAILED,
        Notice.State.DROPPED: Standing.DROPPED,
    }[Notice.State(opened.state)]

"""What waits for whom. A queue is one condition; its count is the length of the list it leads to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, TypeVar

from django.contrib.contenttypes.models import ContentType
from django.db.models import (
    Exists,
    F,
    ForeignKey,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Coalesce
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from editorial.models import Editorial, Revision, Step
from editorial.selectors.works import editorial_models, right_name
from editorial.workflow import BY_NAME, EDITABLE, State

Work = TypeVar("Work", bound=Editorial)
#: Rows of a queue that its page names; the rest stands in the list.
NAMED: Final = 8


@dataclass(frozen=True, slots=True)
class Queue:
    """right: who has it at all. waits: something is to be done by whoever sees it, so that it is counted."""

    key: str
    role: Promise
    right: str
    title: Promise
    hint: Promise
    waits: bool = True


AUTHOR, EDITOR, PUBLISHER = _("As author"), _("As editor"), _("As publisher")

QUEUES: Final[tuple[Queue, ...]] = (
    Queue("back", AUTHOR, "submit", _("Sent back to me"), _("Mend what the reason names, then submit it.")),
    Queue("drafts", AUTHOR, "submit", _("My drafts"), _("Not submitted yet.")),
    Queue(
        "mine", AUTHOR, "submit", _("My work in others’ hands"), _("In review, approved or scheduled."),
        waits=False,
    ),
    Queue(
        "review", EDITOR, "approve", _("Waiting for my review"),
        _("Not given to another reviewer, and not written by you."),
    ),
    Queue(
        "others", EDITOR, "approve", _("With other reviewers"),
        _("In review, but not yours to approve."), waits=False,
    ),
    Queue(
        "imported", EDITOR, "approve", _("Imported drafts"),
        _("Read from sources that do not publish by themselves. Submit what is right."),
        waits=False,
    ),
    Queue(
        "publish", PUBLISHER, "publish", pgettext_lazy("queue", "Approved"),
        _("Publish it, or set a moment."),
    ),
    Queue(
        "scheduled", PUBLISHER, "publish", pgettext_lazy("queue", "Scheduled"),
        _("Published by themselves at their moment."), waits=False,
    ),
)  # fmt: skip
BY_KEY: Final = {queue.key: queue for queue in QUEUES}


@dataclass(frozen=True, slots=True)
class Section:
    """A queue of one kind of work as its page shows it.

    works: the first NAMED, overdue first; those that were sent back bear the reason as `said`.
    """

    queue: Queue
    model: type[Editorial]
    count: int
    overdue: int
    works: list[Editorial]

    @property
    def more(self) -> int:
        """How many are not named."""
        return self.count - len(self.works)

    @property
    def kind(self) -> str:
        """What its pieces are called: "scores"."""
        return str(self.model._meta.verbose_name_plural)

    @property
    def page(self) -> str:
        """The name of the address of a piece's page in the admin."""
        return f"admin:{self.model._meta.app_label}_{self.model._meta.model_name}_change"


def waiting(works: QuerySet[Work], key: str, *, user: Any) -> QuerySet[Work]:
    """The rows of a queue, for this person. KeyError: there is no such queue."""
    return _CONDITIONS[key](works, user)


def overdue(works: QuerySet[Work], *, today: date) -> QuerySet[Work]:
    """What should have been done before today (UTC)."""
    return works.filter(state__in=EDITABLE, due_on__lt=today)


#: Overdue first, then what is due soonest, then what waits longest.
MOST_URGENT: Final = (F("due_on").asc(nulls_last=True), "pk")


def queue_sections(user: Any, *, today: date) -> list[Section]:
    """Everything of every kind of work that this person's rights let them see, in the order of QUEUES."""
    return [
        _section(queue, model, user, today)
        for queue in QUEUES
        for model in editorial_models()
        if user.has_perm(right_name(model, queue.right))
    ]


def waiting_total(user: Any) -> int:
    """How many pieces wait for this person to do something."""
    return sum(
        waiting(model._default_manager.all(), queue.key, user=user).count()
        for queue in QUEUES
        for model in editorial_models()
        if queue.waits and user.has_perm(right_name(model, queue.right))
    )


def _section(queue: Queue, model: type[Editorial], user: Any, today: date) -> Section:
    rows = waiting(model._default_manager.all(), queue.key, user=user)
    count = rows.count()
    urgent = rows.select_related(*_named_by(model)).order_by(*MOST_URGENT)
    named = [*urgent[:NAMED]] if count else []
    late = overdue(rows, today=today).count() if count else 0
    if queue.key == "back":
        _say_why(model, named)
    return Section(queue, model, count, late, named)


def _say_why(model: type[Editorial], works: list[Editorial]) -> None:
    """Set `said` of each to the reason that it was sent back with."""
    kind = ContentType.objects.get_for_model(model)
    ids = [work.pk for work in works]
    steps = Step.objects.filter(content_type=kind, object_id__in=ids, move="send_back").order_by("at", "pk")
    reasons = dict(steps.values_list("object_id", "reason"))
    for work in works:
        work.said = reasons.get(work.pk, "")  # type: ignore[attr-defined]


def _named_by(model: type[Editorial]) -> list[str]:
    """What a piece's name and line are made of: its author, and the rows that it always belongs to."""
    links = [field for field in model.content_fields() if isinstance(field, ForeignKey)]
    return ["author", "reviewer", *(field.name for field in links if not field.null)]


def _last_move(model: type[Editorial]) -> Subquery:
    """The name of the last move of the table that a piece made."""
    steps = Step.objects.filter(
        content_type=ContentType.objects.get_for_model(model), object_id=OuterRef("pk"), move__in=BY_NAME
    )
    return Subquery(steps.order_by("-at", "-pk").values("move")[:1])


def written_by(works: QuerySet[Work], user: Any) -> Q:
    """The condition of editorial.selectors.writers_of, for many at once."""
    own = Revision.objects.filter(
        content_type=ContentType.objects.get_for_model(works.model), object_id=OuterRef("pk"), by=user.pk
    )
    never_published = Q(published_at=None) & Q(Exists(own))
    return Q(author=user.pk) | never_published | Q(Exists(own.filter(at__gt=OuterRef("published_at"))))


def _back(works: QuerySet[Any], user: Any) -> Any:
    drafts = works.filter(state=State.DRAFT, author=user.pk)
    return drafts.alias(last_move=_last_move(works.model)).filter(last_move="send_back")


def _drafts(works: QuerySet[Any], user: Any) -> Any:
    last_move = Coalesce(_last_move(works.model), Value(""))
    drafts = works.filter(state=State.DRAFT, author=user.pk)
    return drafts.alias(last_move=last_move).exclude(last_move="send_back")


def _mine(works: QuerySet[Work], user: Any) -> QuerySet[Work]:
    return works.filter(state__in=EDITABLE - {State.DRAFT}, author=user.pk)


def _review(works: QuerySet[Work], user: Any) -> QuerySet[Work]:
    in_review = works.filter(Q(reviewer=None) | Q(reviewer=user.pk), state=State.REVIEW)
    return in_review.exclude(written_by(works, user))


def _others(works: QuerySet[Work], user: Any) -> QuerySet[Work]:
    in_review = works.filter(state=State.REVIEW)
    return in_review.filter((Q(reviewer__isnull=False) & ~Q(reviewer=user.pk)) | written_by(works, user))


def _imported(works: QuerySet[Any], user: Any) -> Any:
    drafts = works.filter(state=State.DRAFT, author=None)
    return works.model.fit_to_submit(drafts)


def _publish(works: QuerySet[Work], user: Any) -> QuerySet[Work]:
    return works.filter(state=State.APPROVED)


def _scheduled(works: QuerySet[Work], user: Any) -> QuerySet[Work]:
    return works.filter(state=State.SCHEDULED)


_CONDITIONS: Final[Mapping[str, Callable[[QuerySet[Any], Any], QuerySet[Any]]]] = {
    "back": _back,
    "drafts": _drafts,
    "mine": _mine,
    "review": _review,
    "others": _others,
    "imported": _imported,
    "publish": _publish,
    "scheduled": _scheduled,
}

"""What readers are told of a work's way: when it was published and withdrawn, and in which role."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.contrib.contenttypes.models import ContentType
from django.utils.functional import Promise, lazy
from django.utils.translation import gettext_lazy as _

from editorial.models import Editorial, Step
from editorial.wording import reason_words, who_words
from editorial.workflow import BY_NAME

Words = str | Promise
#: Move → what readers are told of it; the others are the editors' affair.
TOLD: Final[dict[str, Words]] = {
    "approve": _("Approved"),
    "publish": _("Published"),
    "trust": _("Published"),
    "unpublish": _("Withdrawn"),
    "correct": _("Superseded by a correction"),
}


@dataclass(frozen=True, slots=True)
class PublicStep:
    """`move`: of editorial.workflow, or "correct". `by`: the role, never a name, or what of the project did
    it, in the language in which it is read. `reason`: as given, "" = none, or not for readers: whoever wrote
    it was told that they see it."""

    move: str
    at: datetime
    label: Words
    by: Words
    reason: str


def public_steps(model: type[Editorial], pk: int) -> list[PublicStep]:
    """Of a work, the oldest first. Two queries."""
    kind = ContentType.objects.get_for_model(model)
    rows = Step.objects.filter(content_type=kind, object_id=pk, move__in=TOLD).order_by("at", "pk")
    rows = rows.select_related("by").prefetch_related("by__groups")
    return [PublicStep(row.move, row.at, TOLD[row.move], _role(row), _reason(row)) for row in rows]


def _reason(step: Step) -> str:
    return reason_words(step.move, step.reason) if step.move in BY_NAME and BY_NAME[step.move].told else ""


def _role(step: Step) -> Words:
    if step.by is None:
        return lazy(who_words, str)(step.by_name)
    roles = {group.name for group in step.by.groups.all()}
    for name, label in ROLES.items():
        if name in roles:
            return label
    return _("administrator") if step.by.is_superuser else _("editorial staff")


#: The strongest first.
ROLES: Final[dict[str, Words]] = {
    "Publisher": _("publisher"),
    "Editor": _("editor"),
    "Author": _("author"),
}

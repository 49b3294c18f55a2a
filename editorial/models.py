"""What every piece of editorial work has, and what is kept of its way."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from editorial.workflow import State

STATES: list[tuple[str, Any]] = [
    (State.DRAFT, _("draft")),
    (State.REVIEW, _("in review")),
    (State.APPROVED, _("approved")),
    (State.SCHEDULED, _("scheduled")),
    (State.PUBLISHED, _("published")),
    (State.WITHDRAWN, _("withdrawn")),
    (State.ARCHIVED, _("archived")),
]


def _person(verbose_name: Any) -> Any:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=verbose_name,
    )


class Editorial(models.Model):
    """Work that goes from draft to published, by the moves of editorial.workflow. Moments are UTC.

    `author` None: an import made it. `edited_by`: the last to change its content. `version` grows with each
    edit: whoever saves an older one is refused. `publish_at`: when it is to be published by itself, None =
    not scheduled. `published_at`, `withdrawn_at`: of the last publication; the trail (Step) has them all.
    `locked_by` is at work on it until `locked_until`.
    """

    state = models.CharField(
        _("state"), max_length=12, choices=STATES, default=State.DRAFT.value, editable=False
    )
    author = _person(_("author"))
    edited_by = _person(_("edited by"))
    reviewer = _person(_("reviewer"))
    due_on = models.DateField(_("due"), null=True, blank=True)
    approved_by = _person(_("approved by"))
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True, editable=False)
    publish_at = models.DateTimeField(_("publish at"), null=True, blank=True, editable=False)
    published_at = models.DateTimeField(_("published"), null=True, blank=True, editable=False)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    locked_by = _person(_("being edited by"))
    locked_until = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        abstract = True
        default_permissions = ("add", "change", "delete", "view", "submit", "approve", "publish")


class Step(models.Model):
    """One line of the audit trail. move: of editorial.workflow, or "create", "edit", "correct".

    `by` None: the project itself (a schedule, a trusted source, the seed); `by_name` says who it was then.
    """

    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE)
    object_id = models.PositiveBigIntegerField()
    work = GenericForeignKey("content_type", "object_id")
    move = models.CharField(_("step"), max_length=12)
    source = models.CharField(max_length=12, blank=True, default="")
    target = models.CharField(max_length=12)
    by = _person(_("by"))
    by_name = models.CharField(max_length=150)
    at = models.DateTimeField(_("at"))
    reason = models.CharField(_("reason"), max_length=500, blank=True, default="")

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        ordering: ClassVar = ["-at", "-pk"]
        indexes: ClassVar = [
            models.Index(fields=["content_type", "object_id", "-at"], name="step_of_work"),
        ]

    def __str__(self) -> str:
        return f"{self.move} {self.content_type_id}:{self.object_id}"


class Revision(models.Model):
    """The content of a piece of work after one edit: field → JSON value. `number` is the work's version."""

    content_type = models.ForeignKey(ContentType, on_delete=models.CASCADE)
    object_id = models.PositiveBigIntegerField()
    work = GenericForeignKey("content_type", "object_id")
    number = models.PositiveIntegerField()
    content = models.JSONField()
    by = _person(_("by"))
    by_name = models.CharField(max_length=150)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("revision")
        verbose_name_plural = _("revisions")
        ordering: ClassVar = ["-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["content_type", "object_id", "number"], name="revision_once_per_version"
            ),
            models.CheckConstraint(name="revision_number_counts_from_one", condition=Q(number__gte=1)),
        ]

    def __str__(self) -> str:
        return f"{self.content_type_id}:{self.object_id} v{self.number}"

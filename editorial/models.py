"""What every piece of editorial work has, and what is kept of its way."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, Final

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from editorial.content import content_fields, content_of
from editorial.wording import STATE_WORDS
from editorial.workflow import EDITABLE, FieldProblem, Move, State

STATES: list[tuple[str, Any]] = [*STATE_WORDS.items()]


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
    due_on = models.DateField(pgettext_lazy("editorial", "due"), null=True, blank=True)
    approved_by = _person(_("approved by"))
    approved_at = models.DateTimeField(_("approved"), null=True, blank=True, editable=False)
    publish_at = models.DateTimeField(_("publish at"), null=True, blank=True, editable=False)
    published_at = models.DateTimeField(_("published"), null=True, blank=True, editable=False)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    locked_by = _person(_("being edited by"))
    locked_until = models.DateTimeField(null=True, blank=True, editable=False)

    #: The fragment that the preview shows, given `work`; a model's own shows it as readers will see it.
    preview_template: ClassVar[str] = "editorial/_content.html"

    class Meta:
        abstract = True
        default_permissions = ("add", "change", "delete", "view", "submit", "approve", "publish")

    # --- what a model of editorial work may say for itself ------------------------------------

    def refuse_move(self, move: Move) -> list[FieldProblem]:
        """Why its content does not allow the move; [] = it does. Asked before every move, bulk ones too."""
        return []

    @classmethod
    def words_of(cls, field: str, value: Any) -> str | None:
        """How people read a field's value, as revisions keep it; None = as it is."""
        return None

    def takes_move(self, move: Move) -> bool:
        """False for a move that its kind of work leaves out: it is offered to nobody."""
        return True

    @classmethod
    def fit_to_submit(cls, works: models.QuerySet[Any]) -> models.QuerySet[Any]:
        """Those of these drafts that `refuse_move` would let through, as far as a query can say: imported
        drafts of others are in nobody's queue."""
        return works

    def derive(self) -> None:
        """Set the fields that follow from the content; called before content is saved."""

    def public_url(self) -> str:
        """Where readers find it, "" = nowhere (yet)."""
        return ""

    # --- what it has ---------------------------------------------------------------------------

    @classmethod
    def content_fields(cls) -> list[models.Field[Any, Any]]:
        """What its authors edit, and revisions keep."""
        return content_fields(cls, without=EDITORIAL_FIELDS)

    def content(self) -> dict[str, Any]:
        """Its content as a revision keeps it: field → JSON value."""
        return content_of(self, self.content_fields())

    def is_editable(self) -> bool:
        """Whether its state allows editing at all."""
        return self.state in EDITABLE

    def is_locked_for(self, user: Any, now: datetime) -> bool:
        """Whether somebody else is at work on it at that moment."""
        held = self.locked_by_id is not None and self.locked_until is not None and self.locked_until > now
        return held and self.locked_by_id != getattr(user, "pk", None)


#: The fields of the way itself: nobody edits them in a form, the services write them.
EDITORIAL_FIELDS: Final = frozenset(field.name for field in Editorial._meta.local_fields)


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


class ApiKey(models.Model):
    """A key by which a program writes what a person's roles let them write: their drafts bear their name.

    Only a hash of the key is kept. `prefix`: its beginning, by which people and logs know it. `scopes`: of
    SCOPES. `last_used_at`: to the minute. `revoked_at` None = it works, as long as the account does.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="api_keys", verbose_name=_("account")
    )
    name = models.CharField(_("name"), max_length=80)
    prefix = models.CharField(_("begins with"), max_length=16, unique=True, editable=False)
    digest = models.CharField(max_length=64, editable=False)
    scopes = models.JSONField(_("scopes"), default=list)
    created_at = models.DateTimeField(_("made"), editable=False)
    created_by = _person(_("made by"))
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        ordering: ClassVar = ["-created_at", "-pk"]
        default_permissions = ("add", "change", "view")

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

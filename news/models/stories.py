"""What belongs together: the same text, or the same event, whatever the language."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Story(models.Model):
    """A group of fetched items. Never deleted: what nobody wants is dismissed, with a reason.

    `last_at`: when the newest of its items was fetched (UTC). `dismissed_by` None while it is dismissed: an
    account that is no more.
    """

    class State(models.TextChoices):
        INBOX = "inbox", pgettext_lazy("story", "in the inbox")
        DRAFTED = "drafted", pgettext_lazy("story", "an article was begun")
        DISMISSED = "dismissed", pgettext_lazy("story", "dismissed")

    created_at = models.DateTimeField(_("began"))
    last_at = models.DateTimeField(_("last item"))
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.INBOX)
    dismissed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        verbose_name=_("dismissed by"),
    )
    dismissed_at = models.DateTimeField(_("dismissed at"), null=True, blank=True)
    dismissed_reason = models.CharField(_("reason"), max_length=300, blank=True, default="")

    class Meta:
        verbose_name = pgettext_lazy("news", "story")
        verbose_name_plural = pgettext_lazy("news", "stories")
        ordering: ClassVar = ["-last_at", "-pk"]
        default_permissions = ("change", "view")
        constraints: ClassVar = [
            models.CheckConstraint(
                name="story_dismissed_has_its_moment",
                condition=Q(state="dismissed", dismissed_at__isnull=False)
                | (~Q(state="dismissed") & Q(dismissed_at__isnull=True)),
            ),
        ]
        indexes: ClassVar = [
            # The inbox; grouping looks at the stories of the last days.
            models.Index(fields=["state", "-last_at"], name="story_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.created_at:%Y-%m-%d}"

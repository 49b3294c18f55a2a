"""What readers keep for themselves."""

from typing import ClassVar, Final

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

#: Views of one person, characters of a name and of an address.
MOST_VIEWS: Final = 30
NAME_MOST: Final = 60
QUERY_MOST: Final = 1_000


class SavedView(models.Model):
    """A choice of filters, region and order that somebody named. A person's names differ by more than case.

    `query`: the canonical address of the wish (`status.filtering.BoardWish.query`), "" = the whole board.
    `created_at`: when it was saved first, UTC.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views")
    name = models.CharField(_("name"), max_length=NAME_MOST)
    query = models.CharField(max_length=QUERY_MOST, blank=True, default="")
    created_at = models.DateTimeField()

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        ordering: ClassVar = ["user", Lower("name")]
        constraints: ClassVar = [
            models.UniqueConstraint("user", Lower("name"), name="savedview_one_name_each"),
            models.CheckConstraint(condition=~Q(name=""), name="savedview_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name

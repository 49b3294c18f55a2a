"""What operators see and steer of the timetable."""

from typing import ClassVar

from django.conf import settings
from django.db import models


class JobState(models.Model):
    """A job's last run and whether it is paused. A job without a row has not run yet and is not paused.

    `last_error` is "" after a run that ended well. Times are UTC.
    """

    name = models.CharField(max_length=60, unique=True)
    last_run_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=300, blank=True, default="")
    paused_at = models.DateTimeField(null=True)
    paused_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL)

    class Meta:
        permissions: ClassVar = [("operate", "Can see operations and steer jobs")]

    def __str__(self) -> str:
        return self.name

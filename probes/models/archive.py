"""Which days of raw rows lie in the archive."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class ArchivedDay(models.Model):
    """A UTC day of `due_at` whose raw rows stand in a file that was read back.

    `sha256` is that of the file's bytes, `checksum` that of its keys and outcomes in order, `tally` that of
    the database's rows it was written from (probes.services.archiving). `released_at`: from then on the
    database may have let go of rows, and the file is the only whole copy; None = the database has them all.
    """

    day = models.DateField(unique=True)
    url = models.CharField(max_length=500)
    rows = models.PositiveBigIntegerField()
    bytes = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    checksum = models.CharField(max_length=64)
    tally = models.CharField(max_length=64)
    schema_version = models.PositiveSmallIntegerField()
    archived_at = models.DateTimeField()
    verified_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar = ["-day"]

    def __str__(self) -> str:
        return f"{self.day} {self.rows} rows"

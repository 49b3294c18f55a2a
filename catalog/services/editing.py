"""What people decide by hand."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.db import models, transaction

from catalog.models import Imported


def record_edit(*, row: Imported, fields: Iterable[str]) -> None:
    """Save a row that an editor changed and mark the fields as decided by hand: imports leave them alone.

    Who did it and when stands in the admin's log, which the admin writes itself.
    """
    decidable = {field.name for field in row._meta.concrete_fields} - {
        "id",
        "slug",
        "source_name",
        "edited_fields",
    }
    row.edited_fields = sorted({*row.edited_fields, *(decidable & set(fields))})
    row.save()


def follow_sources(*, rows: models.QuerySet[Any], by: Any) -> int:
    """Give all fields of these rows back to the sources; the next import sets them. Number of rows.

    by: the user, for the log.
    """
    with transaction.atomic():
        LogEntry.objects.log_actions(by.pk, rows, CHANGE, "follows its source again")
        return rows.update(edited_fields=[])

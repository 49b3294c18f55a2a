"""The content of a piece of work: its own fields as JSON values, so that two versions can be compared.

A revision keeps {field: value}: numbers of fixed places as text ("87.5000"), dates and moments as ISO 8601,
links as the other row's id, several links as a sorted list of ids.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models


def content_fields(model: type[models.Model], *, without: Collection[str]) -> list[models.Field[Any, Any]]:
    """What people edit of it: the fields of forms, less those of the editorial way itself."""
    found = [*model._meta.concrete_fields, *model._meta.many_to_many]
    return [
        field for field in found if field.editable and not field.primary_key and field.name not in without
    ]


def content_of(work: models.Model, fields: Collection[models.Field[Any, Any]]) -> dict[str, Any]:
    """{field: JSON value} of a saved row."""
    return {field.name: json_value(field, _held(work, field)) for field in fields}


def json_value(field: models.Field[Any, Any], value: Any) -> Any:
    """A value of the field, from a row or a form, as revisions keep it; equal values are equal here.

    What the field cannot read stays text: it is for comparing, validation is done elsewhere.
    """
    if isinstance(field, models.ManyToManyField):
        return sorted(getattr(one, "pk", one) for one in value or ())
    if isinstance(value, models.Model):
        return value.pk
    if isinstance(value, models.Choices):
        value = value.value
    if isinstance(field, models.DecimalField) and value is not None:
        return _fixed(field, value)
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    if value is None or isinstance(value, bool | int | float | str | list | dict):
        return value
    return str(value)


def changed_fields(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Names of the fields whose values differ, in the order of `after`. Nothing is nothing: "" is None, and
    so is a field that the older version did not have."""
    return [name for name in after if _said(before.get(name)) != _said(after[name])]


def _said(value: Any) -> Any:
    return None if value in ("", [], {}) else value


def _held(work: models.Model, field: models.Field[Any, Any]) -> Any:
    if isinstance(field, models.ManyToManyField):
        return getattr(work, field.name).all() if work.pk else ()
    return field.value_from_object(work)


def _fixed(field: models.DecimalField[Any, Any], value: Any) -> str:
    try:
        number = field.to_python(value)
        places = Decimal(1).scaleb(-(field.decimal_places or 0))
        return format(Decimal(number).quantize(places, rounding=ROUND_HALF_EVEN), "f")
    except (ValidationError, ArithmeticError, TypeError):
        return str(value)

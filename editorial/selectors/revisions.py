"""Versions of a piece of work, and what differs between them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import models
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from editorial.content import changed_fields
from editorial.diffing import Piece, folded, word_diff
from editorial.models import Editorial, Revision
from editorial.selectors.works import of_work
from editorial.wording import who_words

NOTHING: Final = "—"
Names = Mapping[str, Mapping[Any, str]]


@dataclass(frozen=True, slots=True)
class Change:
    """One field of one version. old, new: as people read them; pieces: the way from one to the other."""

    field: str
    label: str
    old: str
    new: str
    pieces: list[Piece]


@dataclass(frozen=True, slots=True)
class Version:
    """One revision and what it changed; the first one changed nothing, it began."""

    number: int
    at: datetime
    by_name: str
    first: bool
    changes: list[Change]


def versions_of(work: Editorial, *, most: int) -> list[Version]:
    """Its newest versions, the newest first, each compared with the one before it. Two queries, and one for
    every kind of row that a changed field links to."""
    rows = [*Revision.objects.filter(**of_work(work)).order_by("-number")[: most + 1]]
    pairs = [(row, rows[at + 1] if at + 1 < len(rows) else None) for at, row in enumerate(rows)][:most]
    names = _names(type(work), [row.content for row in rows])
    return [
        Version(
            number=row.number,
            at=row.at,
            by_name=who_words(row.by_name),
            first=before is None,
            changes=_changes(type(work), before.content, row.content, names) if before else [],
        )
        for row, before in pairs
    ]


def content_shown(work: Editorial) -> list[tuple[str, str]]:
    """(label, text) of every content field that says something, in the model's order."""
    names = {
        field.name: {one.pk: str(one) for one in _linked(work, field)}
        for field in work.content_fields()
        if isinstance(field, models.ForeignKey | models.ManyToManyField)
    }
    content = work.content()
    return [
        (capfirst(str(field.verbose_name)), _shown(field, content[field.name], names.get(field.name, {})))
        for field in work.content_fields()
        if content[field.name] not in (None, "", False, [], {})
    ]


def _linked(work: Editorial, field: Any) -> list[models.Model]:
    held = getattr(work, field.name)
    return [*held.all()] if isinstance(field, models.ManyToManyField) else [held] if held else []


def content_at(work: Editorial, number: int) -> dict[str, Any]:
    """Its content at a version; {} where that version is not kept."""
    kept = Revision.objects.filter(**of_work(work), number=number).first()
    return dict(kept.content) if kept else {}


def changes_since(work: Editorial, number: int) -> list[Change]:
    """What has changed from that version to the newest one; [] also where that version is not kept."""
    rows = Revision.objects.filter(**of_work(work), number__in={number, work.version})
    found = {row.number: row.content for row in rows}
    if number not in found or work.version not in found:
        return []
    return changes_between(type(work), found[number], found[work.version])


def changes_between(
    model: type[Editorial], before: Mapping[str, Any], after: Mapping[str, Any]
) -> list[Change]:
    """What differs of two contents of one kind of work, {field: value as a revision keeps it}, in words."""
    return _changes(model, before, after, _names(model, (before, after)))


def _changes(
    model: type[Editorial], before: Mapping[str, Any], after: Mapping[str, Any], names: Names
) -> list[Change]:
    fields = {field.name: field for field in model.content_fields()}
    told = []
    for name in changed_fields(before, after):
        field = fields.get(name)
        old, new = (_shown(field, content.get(name), names.get(name, {})) for content in (before, after))
        label = capfirst(str(field.verbose_name)) if field is not None else name
        texts = ("" if text == NOTHING else text for text in (old, new))
        told.append(Change(name, label, old, new, folded(word_diff(*texts))))
    return told


def _shown(field: models.Field[Any, Any] | None, value: Any, names: Mapping[Any, str]) -> str:
    """A revision's value in words. A row that is gone is told by its number."""
    if value is None or value == "" or value == []:
        return NOTHING
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(field, models.ManyToManyField):
        return ", ".join(names.get(one, f"#{one}") for one in value)
    if isinstance(field, models.ForeignKey):
        return names.get(value, f"#{value}")
    if field is not None and field.flatchoices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(field, models.DecimalField):
        return _plain(str(value))
    told = _words_of(field, value) if field is not None else None
    if told is not None:
        return told
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1)


def _words_of(field: models.Field[Any, Any], value: Any) -> str | None:
    model = field.model
    return model.words_of(field.name, value) if issubclass(model, Editorial) else None


def _plain(number: str) -> str:
    return number.rstrip("0").rstrip(".") if "." in number else number


def _names(model: type[Editorial], contents: Iterable[Mapping[str, Any]]) -> Names:
    """{field: {id: name}} of all rows that the versions link to, where they link to different ones."""
    contents = list(contents)
    return {
        field.name: ids_named(field, [content.get(field.name) for content in contents])
        for field in model.content_fields()
        if isinstance(field, models.ForeignKey | models.ManyToManyField)
    }


def ids_named(field: Any, values: Iterable[Any]) -> dict[Any, str]:
    """{id: name} of the rows that these values of a link name; no query where all are the same."""
    flat = [one for value in values for one in (value if isinstance(value, list) else [value])]
    ids = {one for one in flat if one is not None}
    if len({json.dumps(value) for value in flat}) < 2:
        return {}
    return {pk: str(row) for pk, row in field.related_model._base_manager.in_bulk(ids).items()}

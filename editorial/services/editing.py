"""New work, and new versions of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypeVar

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from editorial import signals
from editorial.content import changed_fields
from editorial.models import EDITORIAL_FIELDS, Editorial, Revision, Step
from editorial.selectors.works import of_work, right_name
from editorial.services import holding
from editorial.services.refusals import MissingRight, Unfit, WrongState
from editorial.workflow import VOIDED_BY_EDITING, FieldProblem, State

Work = TypeVar("Work", bound=Editorial)
#: Rows of one statement.
_CHUNK: Final = 400


def create(
    work: Work,
    *,
    by: Any,
    now: datetime,
    by_name: str = "",
    several: Mapping[str, Iterable[Any]] | None = None,
) -> Work:
    """Save a new piece of work as a draft, with its first revision and line of the trail.

    by: its author, None = the project itself, which `by_name` then says. several: rows of its many-to-many
    fields. Raises MissingRight. The content is as valid as the caller made it.
    """
    _check_may_add(type(work), by)
    with transaction.atomic():
        _begin(work, by)
        work.save(force_insert=True)
        for name, values in (several or {}).items():
            getattr(work, name).set(values)
        holding.revision(work, by=by, by_name=by_name, at=now).save()
        holding.step(work, "create", source="", by=by, by_name=by_name, at=now).save()
    return work


def create_all(works: Sequence[Work], *, by: Any, now: datetime, by_name: str = "") -> Sequence[Work]:
    """Many of one model at once, all or none, each with its line of the trail. Fields of many-to-many are not
    saved; the first revision of each is kept with its first edit."""
    if not works:
        return works
    _check_may_add(type(works[0]), by)
    for work in works:
        _begin(work, by)
    with transaction.atomic():
        type(works[0])._default_manager.bulk_create(works, batch_size=_CHUNK)
        steps = [holding.step(work, "create", source="", by=by, by_name=by_name, at=now) for work in works]
        Step.objects.bulk_create(steps, batch_size=_CHUNK)
    return works


def edit(
    work: Editorial,
    changes: Mapping[str, Any],
    *,
    by: Any,
    now: datetime,
    version: int | None = None,
    by_name: str = "",
) -> Revision | None:
    """Change content: {field: value, as the model takes it}. The new revision; None where nothing changed.

    An approval is void by it: the work is in review again, and whoever edited cannot be who approves.
    version: the one that was looked at, None = the one that `work` carries. `work` is what was saved then.
    Raises WrongState (published work is not edited), MissingRight, Locked, Stale and Unfit (not valid).
    ValueError: a field that is no content.
    """
    fields = {field.name: field for field in type(work).content_fields()}
    if unknown := sorted(set(changes) - set(fields)):
        raise ValueError(f"{type(work).__name__}: {', '.join(unknown)} is no content; use {sorted(fields)}")
    with transaction.atomic():
        held = check_before_edit(work, by=by, now=now, version=work.version if version is None else version)
        before = held.content()
        several = _set(held, changes, fields)
        held.derive()
        _validate(held, fields)
        try:
            with transaction.atomic():
                kept = _save(held, before, several, by=by, by_name=by_name, now=now)
        except IntegrityError:
            text = _("The same exists already, or a rule of the table refuses it.")
            raise Unfit([FieldProblem("", text)]) from None
    work.refresh_from_db()
    return kept


def check_before_edit(work: Work, *, by: Any, now: datetime, version: int) -> Work:
    """The row, held until the transaction ends, where this person can save it now; else a Refused."""
    held = holding.held_row(work)
    check_editable(held, by=by)
    holding.check_lock(held, by, now)
    holding.check_version(held, version)
    return held


def may_edit(work: Editorial, *, by: Any) -> bool:
    """Whether their roles let them edit it: editors everything, authors their own until it is approved."""
    if by.has_perm(right_name(work, "change")):
        return True
    own = work.author_id == by.pk and work.state not in VOIDED_BY_EDITING
    return own and bool(by.has_perm(right_name(work, "add")))


def check_editable(work: Editorial, *, by: Any) -> None:
    """WrongState or MissingRight where this person cannot edit it as it stands; by None: the project."""
    if not work.is_editable():
        text = _("It is %(state)s: its content does not change any more.")
        raise WrongState(text % {"state": work.get_state_display()})
    if by is not None and not may_edit(work, by=by):
        raise MissingRight(_("Your roles do not let you edit it."))


def _check_may_add(model: type[Editorial], by: Any) -> None:
    if by is not None and not by.has_perm(right_name(model, "add")):
        text = _("Your roles do not let you add %(kind)s.")
        raise MissingRight(text % {"kind": model._meta.verbose_name_plural})


def _begin(work: Editorial, by: Any) -> None:
    work.state, work.version = State.DRAFT.value, 1
    work.author = work.edited_by = by
    work.derive()


def _set(
    held: Editorial, changes: Mapping[str, Any], fields: Mapping[str, models.Field[Any, Any]]
) -> dict[str, Iterable[Any]]:
    """Set the fields; those of many-to-many are returned, they are saved after the row."""
    several = {}
    for name, value in changes.items():
        if isinstance(fields[name], models.ManyToManyField):
            several[name] = value
        else:
            setattr(held, name, value)
    return several


def _validate(held: Editorial, fields: Mapping[str, Any]) -> None:
    """Unfit where the content is not valid."""
    others = EDITORIAL_FIELDS | {
        field.name for field in held._meta.concrete_fields if field.name not in fields
    }
    try:
        held.full_clean(exclude=others)
    except ValidationError as error:
        raise Unfit(
            [
                FieldProblem("" if name == NON_FIELD_ERRORS else name, text)
                for name, texts in error.message_dict.items()
                for text in texts
            ]
        ) from None


def _keep_base(held: Editorial, before: Mapping[str, Any]) -> None:
    """What imports wrote without a revision gets one with its first edit, to compare that edit with."""
    known = of_work(held) | {"number": held.version}
    if not Revision.objects.filter(**known).exists():
        began = Step.objects.filter(**of_work(held)).order_by("at", "pk").first()
        if began is not None:
            by_name = began.by_name
            Revision.objects.create(**known, content=before, by=began.by, by_name=by_name, at=began.at)


def _save(
    held: Editorial,
    before: Mapping[str, Any],
    several: Mapping[str, Iterable[Any]],
    *,
    by: Any,
    by_name: str,
    now: datetime,
) -> Revision | None:
    for name, values in several.items():
        getattr(held, name).set(values)
    if not changed_fields(before, held.content()):
        return None
    _keep_base(held, before)
    source = held.state
    if source in VOIDED_BY_EDITING:
        held.state = State.REVIEW.value
        held.approved_by = held.approved_at = held.publish_at = None
    held.version += 1
    held.edited_by, held.locked_by, held.locked_until = by, None, None
    held.save()
    kept = holding.revision(held, by=by, by_name=by_name, at=now)
    kept.save()
    line = holding.step(held, "edit", source=source, by=by, by_name=by_name, at=now)
    line.save()
    signals.edited.send(sender=type(held), work=held, step=line)
    return kept

"""What people say and decide about an incident, beside what is measured.

    Unreportable       theirs, permanent: the message says what to do instead
      MeanwhileTold    somebody else posted since they looked: read that, then send again

Each writes the incident, the step that tells of it, and the row of the user's own history, in one transaction
that nobody tends to the incident in meanwhile. Measurements alone open and close incidents.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib.admin.models import CHANGE, LogEntry
from django.db import transaction
from django.utils.translation import gettext as _

from aigo.lib.words import Words
from catalog.models import Provider
from status.incidents import SEVERITIES
from status.models import Incident, IncidentChange, IncidentUpdate
from status.services.outbox import announce_incidents

Status = IncidentUpdate.Status
#: What the history says, and what the step says besides the incident's facts.
Written = tuple[str, dict[str, Any]]
#: Characters of an update, and of a post-mortem.
BODY_MOST, POSTMORTEM_MOST, TITLE_MOST = 5_000, 50_000, 160
#: What the history names an update by.
_EXCERPT = 120


class Unreportable(ValueError):
    """It cannot be told like that."""


class MeanwhileTold(Unreportable):
    """Somebody else posted since."""


def post_update(
    incident: Incident,
    *,
    status: str,
    body: Words,
    by: Any,
    now: datetime,
    corrects: IncidentUpdate | None = None,
    seen: int | None = None,
) -> IncidentUpdate:
    """Tell how an incident goes; the update. It is never edited: a correction is posted with `corrects`.

    body: plain text, in one language at least. seen: id of the newest update that the writer saw (0: none;
    None: not asked), so that two people at night do not contradict each other, and nothing is sent twice.
    Raises Unreportable.
    """
    body = Words(body.en.strip(), body.ko.strip())
    _check_text(body, BODY_MOST)

    def write(row: Incident) -> Written:
        _check_status(row, status)
        newest = row.updates.order_by("pk").last()
        if seen is not None and seen != (newest.pk if newest else 0):
            text = _("Somebody posted an update since you looked. Read it, then send yours again.")
            raise MeanwhileTold(text)
        _check_correction(row, corrects)
        update = IncidentUpdate.objects.create(
            incident=row, at=now, status=status, body_en=body.en, body_ko=body.ko, by=by, corrects=corrects
        )
        told.append(update)
        said = {"update": update.pk, "status": status, "corrects": corrects.pk if corrects else None}
        return f"{status}: {body.told('en')[:_EXCERPT]}", said

    told: list[IncidentUpdate] = []
    _record(incident, "update", write, by=by, now=now)
    return told[0]


def set_severity(incident: Incident, *, severity: str | None, by: Any, now: datetime) -> None:
    """Decide how grave it is, above what is measured; None gives it back to the measurements.

    The measured one is kept and followed all the same. Raises Unreportable.
    """
    if severity is not None and severity not in SEVERITIES:
        raise Unreportable(f"severity={severity!r}: one of {', '.join(SEVERITIES)}, or None as measured.")

    def write(row: Incident) -> Written | None:
        if severity == row.severity_by_hand:  # as kept, not as the caller saw it a while ago
            return None
        before = row.effective_severity
        row.severity_by_hand = severity
        row.save(update_fields=["severity_by_hand"])
        by_hand = "by hand" if severity else "as measured"
        return f"severity: {before} → {row.effective_severity} ({by_hand})", {"before": before}

    _record(incident, "severity", write, by=by, now=now)


def retitle(incident: Incident, *, title: Words, by: Any, now: datetime) -> None:
    """Call it something else than its facts do; empty Words: as the facts do. Raises Unreportable."""
    title = Words(" ".join(title.en.split()), " ".join(title.ko.split()))
    _check_length(title, TITLE_MOST)

    def write(row: Incident) -> Written | None:
        if title == row.title_by_hand:
            return None
        row.title_en, row.title_ko = title.en, title.ko
        row.save(update_fields=["title_en", "title_ko"])
        return f"title: {title.told('en') or 'from the facts'}", {"title": title.to_json()}

    _record(incident, "title", write, by=by, now=now)


def draft_postmortem(incident: Incident, *, text: Words, by: Any, now: datetime) -> None:
    """Keep a post-mortem that nobody is shown yet. Unreportable: it is published already, or too long."""
    _check_length(text, POSTMORTEM_MOST)
    with transaction.atomic():
        row = _locked(incident)
        if row.postmortem_published_at:
            raise Unreportable(_("The post-mortem is published already: publish the changed text."))
        _keep_postmortem(row, text)
        _log(row, "post-mortem drafted", by)
    _follow(incident, row)


def publish_postmortem(incident: Incident, *, text: Words, by: Any, now: datetime) -> None:
    """Tell what it was, after it is over; again, with changes: the moment of the first stays.

    Raises Unreportable.
    """
    _check_text(text, POSTMORTEM_MOST)

    def write(row: Incident) -> Written:
        if row.ended_at is None:
            raise Unreportable(_("The incident is not over. Keep the text as a draft until it has ended."))
        first = row.postmortem_published_at is None
        row.postmortem_published_at = row.postmortem_published_at or now
        _keep_postmortem(row, text)
        return "post-mortem published" if first else "post-mortem changed", {"first": first}

    _record(incident, "postmortem", write, by=by, now=now)


def _record(
    incident: Incident,
    kind: str,
    write: Callable[[Incident], Written | None],
    *,
    by: Any,
    now: datetime,
) -> None:
    """`write` in a transaction, with its step and its row of history; once that is kept, it is told.

    None of `write`: it is so already, and nothing is told.
    """
    with transaction.atomic():
        row = _locked(incident)
        if (written := write(row)) is not None:
            text, said = written
            IncidentChange.objects.create(incident=row, at=now, kind=kind, data=facts_of(row) | said)
            _log(row, text, by)
            # what cannot be told now, the next run of the outbox tells
            transaction.on_commit(lambda: announce_incidents(now=now), robust=True)
    _follow(incident, row)


def facts_of(incident: Incident) -> dict[str, Any]:
    """What every step of an incident says, as it is now: plain JSON."""
    held = incident.members.all()
    if incident.ended_at is None:
        held = held.filter(left_at=None)
    return {
        "severity": incident.effective_severity,
        "severity_measured": incident.severity,
        "scope": incident.scope,
        "state": incident.state,
        "slugs": sorted(set(held.values_list("endpoint__slug", flat=True))),
        "regions": list(incident.regions),
    }


def _locked(incident: Incident) -> Incident:
    """The row as it is now; tending to it locks its provider, too, and waits."""
    Provider.objects.select_for_update(no_key=True).get(pk=incident.provider_id)
    return Incident.objects.get(pk=incident.pk)


def _follow(incident: Incident, row: Incident) -> None:
    """The caller's row says what is kept."""
    for name in ("title_en", "title_ko", "severity_by_hand", "severity", "state", "ended_at"):
        setattr(incident, name, getattr(row, name))
    for name in ("postmortem_en", "postmortem_ko", "postmortem_published_at"):
        setattr(incident, name, getattr(row, name))


def _keep_postmortem(row: Incident, text: Words) -> None:
    row.postmortem_en, row.postmortem_ko = text.en, text.ko
    row.save(update_fields=["postmortem_en", "postmortem_ko", "postmortem_published_at"])


def _check_status(row: Incident, status: str) -> None:
    if status not in Status.values:
        raise Unreportable(f"status={status!r}: one of {', '.join(Status.values)}.")
    if status == Status.RESOLVED and row.ended_at is None:
        text = _(
            "It is still measured as open. Post “Monitoring” now, and “Resolved” once measurements close it."
        )
        raise Unreportable(text)
    if status == Status.POSTMORTEM:
        raise Unreportable(_("A post-mortem is no update: publish it in its own form."))


def _check_correction(row: Incident, corrects: IncidentUpdate | None) -> None:
    if corrects is None:
        return
    if corrects.incident_id != row.pk:
        raise Unreportable(_("What it corrects is an update of another incident."))
    if IncidentUpdate.objects.filter(corrects=corrects).exists():
        raise Unreportable(_("It was corrected already: correct its correction."))


def _check_text(text: Words, most: int) -> None:
    if not text.en.strip() and not text.ko.strip():
        raise Unreportable(_("Write it in English or Korean, better in both."))
    _check_length(text, most)


def _check_length(text: Words, most: int) -> None:
    longest = max(len(text.en), len(text.ko))
    if longest > most:
        told = _("The text has %(longest)d characters: at most %(most)d.")
        raise Unreportable(told % {"longest": longest, "most": most})


def _log(row: Incident, text: str, by: Any) -> None:
    LogEntry.objects.log_actions(by.pk, [row], CHANGE, text, single_object=True)

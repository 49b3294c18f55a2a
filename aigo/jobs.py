"""Running the timetable: what beat sends, what a run left behind, and how operators pause and run jobs."""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from celery.beat import ScheduleEntry, Scheduler
from celery.signals import task_postrun
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.contenttypes.models import ContentType
from django.db import DatabaseError, close_old_connections, transaction
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import ngettext

from aigo.celery import TIMETABLE, Job, app
from aigo.models import JobState

logger = logging.getLogger(__name__)
JOBS: dict[str, Job] = {job.name: job for job in TIMETABLE}
JOB_OF_TASK: dict[str, str] = {job.task: job.name for job in TIMETABLE}


@dataclass(frozen=True, slots=True)
class JobLine:
    """A job as the operations page shows it. Times are UTC; None = never ran, or paused and not planned."""

    name: str
    purpose: Promise
    every_s: float
    last_run_at: datetime | None
    next_run_at: datetime | None
    paused: bool
    last_error: str

    @property
    def schedule(self) -> str:
        """Its interval in words."""
        return ngettext("every second", "every %(n)d seconds", int(self.every_s)) % {"n": self.every_s}


class JobScheduler(Scheduler):
    """Beat's scheduler: the timetable of aigo/celery.py, less what an operator has paused.

    A job is due at once when beat starts; probes are not doubled by that (probes.services hands out
    each due moment once).
    """

    def setup_schedule(self) -> None:
        self.update_from_dict(self.app.conf.beat_schedule)
        for entry in self.schedule.values():
            entry.last_run_at = datetime.fromtimestamp(0, UTC)

    def apply_entry(self, entry: ScheduleEntry, producer: Any = None) -> None:
        if not _is_paused(str(entry.name)):
            super().apply_entry(entry, producer=producer)


def _is_paused(name: str) -> bool:
    """An operator's wish; a database that does not answer must not stop the timetable."""
    try:
        close_old_connections()
        return JobState.objects.filter(name=name, paused_at__isnull=False).exists()
    except DatabaseError as error:
        logger.warning("cannot read whether job %s is paused: %s", name, error)
        return False


@task_postrun.connect
def record_run(sender: Any = None, retval: Any = None, state: str = "", **kwargs: Any) -> None:
    """Keep when a job of the timetable last ran and how it ended."""
    name = JOB_OF_TASK.get(getattr(sender, "name", ""))
    if name:
        error = "" if state == "SUCCESS" else f"{type(retval).__name__}: {retval}"[:300]
        JobState.objects.update_or_create(
            name=name, defaults={"last_run_at": timezone.now(), "last_error": error}
        )


def job_lines() -> list[JobLine]:
    """Every job of the timetable, in its order."""
    states = {state.name: state for state in JobState.objects.all()}
    return [_line(job, states.get(job.name)) for job in TIMETABLE]


def _line(job: Job, state: JobState | None) -> JobLine:
    last = state.last_run_at if state else None
    paused = bool(state and state.paused_at)
    return JobLine(
        name=job.name,
        purpose=job.purpose,
        every_s=job.every_s,
        last_run_at=last,
        next_run_at=None if paused or last is None else last + timedelta(seconds=job.every_s),
        paused=paused,
        last_error=state.last_error if state else "",
    )


def pause(name: str, *, by: AbstractBaseUser, now: datetime) -> None:
    """Stop sending a job until `resume`. KeyError for a name that is not in the timetable."""
    _steer(name, "paused", {"paused_at": now, "paused_by": by}, by)


def resume(name: str, *, by: AbstractBaseUser, now: datetime) -> None:
    """Send a paused job again, at its next moment."""
    _steer(name, "resumed", {"paused_at": None, "paused_by": None}, by)


def run_now(name: str, *, by: AbstractBaseUser, now: datetime) -> None:
    """Send a job once, whether paused or not."""
    _steer(name, "run by hand", {}, by)
    app.send_task(JOBS[name].task)


@transaction.atomic
def _steer(name: str, what: str, change: dict[str, Any], by: AbstractBaseUser) -> None:
    state, _created = JobState.objects.update_or_create(name=JOBS[name].name, defaults=change)
    LogEntry.objects.create(
        user_id=by.pk,
        content_type=ContentType.objects.get_for_model(JobState),
        object_id=str(state.pk),
        object_repr=name,
        action_flag=CHANGE,
        change_message=what,
    )

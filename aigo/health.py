"""Whether the parts answer: for /readyz and the operations page."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from aigo.celery import app
from aigo.lib.events import event_log
from probes.selectors import newest_probe_at

#: Probing counts as stalled when no attempt was stored for this long.
PROBES_STALLED_AFTER = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Check:
    """One part: whether it works, and what was seen (English, for operators)."""

    name: str
    label: Promise
    ok: bool
    detail: str


def checks() -> list[Check]:
    """Every part, asked now; a part that raises is not ok and says with what."""
    return [
        _asked("database", _("Database"), _database),
        _asked("broker", _("Broker"), _broker),
        _asked("event_log", _("Event log"), lambda: f"newest event {event_log().last_id()}"),
        _asked("probes", _("Probes"), _probes),
    ]


def _asked(name: str, label: Promise, ask: Callable[[], str]) -> Check:
    try:
        return Check(name, label, True, ask())
    except Exception as error:  # whatever a part raises, the page must tell
        return Check(name, label, False, f"{type(error).__name__}: {error}"[:200])


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return connection.vendor


def _broker() -> str:
    with app.connection_for_read(connect_timeout=2) as broker:
        broker.ensure_connection(max_retries=1)
        return str(broker.transport_cls)


def _probes() -> str:
    newest = newest_probe_at()
    if newest is None:
        raise NoProbes("no attempt has been stored yet")
    age = timezone.now() - newest
    if age > PROBES_STALLED_AFTER:
        raise NoProbes(f"the newest attempt is {int(age.total_seconds())} s old")
    return f"newest attempt {int(age.total_seconds())} s ago"


class NoProbes(Exception):
    """Ours: nothing is being measured."""

"""A process that takes deliveries in as the ingest worker does, for tests that kill it or its database.

python -m testing.ingesting prepare          makes an endpoint with its target
python -m testing.ingesting take NOW 0 20    takes deliveries 0 to 19 in turn; says which is stored
python -m testing.ingesting take NOW 0 20 5  the same, and halts after delivery 5 until it is sent SIGCONT
python -m testing.ingesting hang NOW 0       stops before the commit of delivery 0, and says so

NOW: a moment, as 2026-11-21T12:00:00+00:00. The same moment gives the same deliveries.
"""

import signal
import sys
import time
from datetime import datetime, timedelta
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402

from aigo.lib.signing import Delivery  # noqa: E402
from catalog.models import Endpoint  # noqa: E402
from probes import tasks  # noqa: E402
from probes.services import ingest  # noqa: E402
from probes.tests.factories import make_attempt, make_endpoint  # noqa: E402

#: Attempts of one delivery, one of them new and odd.
ROWS = 40


def delivery(number: int, now: datetime) -> dict[str, str]:
    """The same however often it is made: its attempts were due in one of the hours before."""
    (endpoint,) = Endpoint.objects.all()
    began = now - timedelta(hours=number + 1)
    attempts = [make_attempt(endpoint, at=began + timedelta(seconds=60 * n)) for n in range(ROWS)]
    rows = [attempt.to_json() for attempt in attempts] + [{"no": "attempt"}]
    return Delivery.make("results", "seoul", "seoul-1", rows, key=settings.POP_HMAC_KEYS["seoul"]).to_json()


def hang(*_: Any, **__: Any) -> None:
    """Instead of what follows from new rows: they are written, and nothing is committed."""
    print("written", flush=True)  # noqa: T201
    time.sleep(600)


def main(action: str, moment: str = "", first: str = "0", after: str = "", halt: str = "") -> None:
    if action == "prepare":
        make_endpoint()
        return
    if action == "hang":
        ingest._follow_up = hang
        after = str(int(first) + 1)
    now = datetime.fromisoformat(moment)
    for number, message in [(number, delivery(number, now)) for number in range(int(first), int(after))]:
        tasks.ingest(message)
        print(f"stored {number}", flush=True)  # noqa: T201
        if str(number) == halt:
            signal.raise_signal(signal.SIGSTOP)
    print("done", flush=True)  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])

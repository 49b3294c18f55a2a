"""A process that takes deliveries in as the ingest worker does, for tests that kill it or its database.

python -m testing.ingesting prepare        makes an endpoint with its target
python -m testing.ingesting take 0 20      takes deliveries 0 to 19, one after the other; says which is stored
python -m testing.ingesting hang 0         stops before the commit of delivery 0, and says so
"""

import sys
import time
from datetime import timedelta
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.utils import timezone  # noqa: E402

from aigo.lib.signing import Delivery  # noqa: E402
from catalog.models import Endpoint  # noqa: E402
from probes import tasks  # noqa: E402
from probes.services import ingest  # noqa: E402
from probes.tests.factories import make_attempt, make_endpoint  # noqa: E402

#: Attempts of one delivery, one of them new and odd.
ROWS = 40


def delivery(number: int) -> dict[str, str]:
    """The same however often it is made: its attempts were due at fixed moments of this day's past."""
    (endpoint,) = Endpoint.objects.all()
    began = timezone.now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=number + 1)
    attempts = [make_attempt(endpoint, at=began + timedelta(seconds=60 * n)) for n in range(ROWS)]
    rows = [attempt.to_json() for attempt in attempts] + [{"no": "attempt"}]
    return Delivery.make("results", "seoul", "seoul-1", rows, key=settings.POP_HMAC_KEYS["seoul"]).to_json()


def hang(*_: Any, **__: Any) -> None:
    """Instead of what follows from new rows: they are written, and nothing is committed."""
    print("written", flush=True)  # noqa: T201
    time.sleep(600)


def main(action: str, *numbers: str) -> None:
    if action == "prepare":
        make_endpoint()
        return
    if action == "hang":
        ingest._follow_up = hang
    first, after = int(numbers[0]), int(numbers[-1]) + (action == "hang")
    deliveries = [(number, delivery(number)) for number in range(first, after)]
    for number, message in deliveries:
        tasks.ingest(message)
        print(f"stored {number}", flush=True)  # noqa: T201
        time.sleep(0.1)
    print("done", flush=True)  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])

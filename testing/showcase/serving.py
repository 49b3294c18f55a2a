"""The showcase's server, and the thread that plays the probes' part."""

import logging
import sys
import threading
from datetime import datetime
from pathlib import Path

from django.db import close_old_connections
from django.utils import timezone

from aigo import collected
from probes.services.ingest import store_attempts
from probes.services.pops import register_pop
from status.services import judge_endpoints, sample_counts, tend_incidents
from testing.showcase import cast, store
from testing.showcase.articles import add_articles
from testing.showcase.lately import Players, play
from testing.showcase.story import Story

logger = logging.getLogger(__name__)
#: How often attempts come, and workers announce themselves, in seconds.
FEED_EVERY_S = 5.0


def seed(folder: Path, *, rows: int = 0, scores: str = "") -> None:
    """Fill the store as of now. rows: endpoints more, with a present state and no past.

    scores: "500x40" = models × suites that have published scores, invented ones among them.
    """
    store.begin(folder)
    now = timezone.now().replace(microsecond=0)
    store.fill(now)
    story = Story(now)
    story.tell_of_the_past()
    play(Players(now))
    story.tell()
    add_articles(now)
    if rows:
        from testing.showcase.many import add_rows

        add_rows(rows, now=now)
    if scores:
        from testing.showcase.scores import add_scores

        models, suites = scores.split("x")
        add_scores(int(models), int(suites), now=now)


def serve(port: int, *, still: bool, hashed: bool) -> None:
    """Serve on 127.0.0.1 until the process is told to end."""
    if hashed:  # before the application looks which files there are
        collected.collect()
    from aigo.asgi import application
    from aigo.serving import Server

    if not still:
        threading.Thread(target=_measure, name="showcase", daemon=True).start()
    sys.stdout.write(f"the showcase stands at http://127.0.0.1:{port}/\n")
    sys.stdout.flush()
    endpoint = f"tcp:port={port}:interface=127.0.0.1"
    Server(application, endpoints=[endpoint], server_name="AI-GO", verbosity=0).run()


def _measure() -> None:
    """As if six workers went on measuring."""
    players = Players(timezone.now())
    since, wait = players.now, threading.Event()
    while not wait.wait(FEED_EVERY_S):
        try:
            since = _follow(players, since)
        except Exception:
            logger.exception("the showcase cannot be fed")
        finally:
            close_old_connections()


def _follow(players: Players, since: datetime) -> datetime:
    """Store what was due since then; what has begun goes on."""
    now = timezone.now()
    for region in set(cast.REGIONS) - {cast.AWAY_REGION}:
        register_pop(region=region, worker=f"{region}-1", real=False, keys=[], now=now)
    players.now = now
    attempts = list(players.attempts_between(since, now))
    store_attempts(attempts, now=now)
    slugs = {attempt.endpoint for attempt in attempts}
    judge_endpoints(players.ids_of(slugs), now=now)
    if now.minute != since.minute:
        tend_incidents(now=now)
        sample_counts(now=now)
    return now

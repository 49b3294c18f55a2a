"""`python -m testing.showcase --port 8580`: seed a store and serve the whole site on it until Ctrl-C.

No worker, no simulator: a thread plays the probes' part, a few attempts every five seconds, so that pages
are pushed to. --still leaves that out; what is measured is then unknown after three minutes.
"""

import argparse
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

from testing.environment import clean_environment


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m testing.showcase", description=__doc__)
    parser.add_argument("--port", type=int, default=8580)
    parser.add_argument("--rows", type=int, default=0, help="so many endpoints more on the board")
    parser.add_argument("--scores", default="", help="models × suites with scores, such as 500x40")
    parser.add_argument("--still", action="store_true", help="nothing is measured any more")
    parser.add_argument("--hashed", action="store_true", help="static files collected, as in production")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="aigo-showcase-"))
    try:
        _serve(options, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _serve(options: argparse.Namespace, folder: Path) -> None:
    began = time.monotonic()
    environment = clean_environment(
        DJANGO_SETTINGS_MODULE="aigo.settings",
        DATA_DIR=str(folder),
        STATIC_HASHED="1" if options.hashed else "0",
        PORT=str(options.port),
        SECRET_KEY="of a showcase that lives for minutes and holds nothing that is secret",
        SHOWCASE_CACHE=os.environ.get("SHOWCASE_CACHE", ""),
    )
    os.environ.clear()
    os.environ.update(environment)
    import django

    django.setup()
    from testing.showcase.serving import seed, serve

    seed(folder, rows=options.rows, scores=options.scores)
    sys.stdout.write(f"seeded in {time.monotonic() - began:.1f} s\n")
    sys.stdout.flush()
    serve(options.port, still=options.still, hashed=options.hashed)


if __name__ == "__main__":
    main()

"""`python -m testing.quality.faults http://127.0.0.1:8580 / /incidents/ --look dark-ko-360`: what is wrong.

The same look as `make test` takes, at a site that runs. Screenshots go to var/screenshots/.
"""

import argparse
import sys

import django

from testing import environment

environment.enter()
django.setup()

from testing import browser  # noqa: E402
from testing.quality.looking import Looker, opened  # noqa: E402
from testing.quality.looks import EVERY, Look, two  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m testing.quality.faults", description=__doc__)
    parser.add_argument("url", help="of the site")
    parser.add_argument("paths", nargs="+")
    parser.add_argument("--look", action="append", help="theme-language-width; several may be given")
    parser.add_argument("--every", action="store_true", help="all twelve looks instead of two")
    options = parser.parse_args()
    looks = [_look(text) for text in options.look or ()] or (EVERY if options.every else two(1))
    wrong, seen = 0, set()
    with browser.chromium() as chromium:
        looker = Looker(chromium, options.url)
        for path in options.paths:
            for look in looks:
                with opened(looker, look, path) as page:
                    page.keep(f"{path.strip('/').replace('/', '-') or 'board'}-{look}")
                    faults = page.faults(look.lang)
                wrong += len(faults)
                sys.stdout.write(f"{path} {look}: {len(faults)}\n")
                new = [fault for fault in faults if fault not in seen]
                seen.update(new)
                sys.stdout.writelines(f"    {fault[:400]}\n" for fault in new)
    return 1 if wrong else 0


def _look(text: str) -> Look:
    theme, lang, width = text.split("-")
    return Look(theme, lang, int(width))


if __name__ == "__main__":
    sys.exit(main())

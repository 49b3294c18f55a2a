"""`manage.py dbcheck`: whether what must always hold of the store holds."""

import argparse
import json
import sys
import time
from typing import Any

from django.utils import timezone

from aigo.invariants import INVARIANTS, Finding, Scope
from aigo.lib.commands import ExplainedCommand

MOST_DAYS = 30
#: Violations that are printed of one invariant; --json has all.
EXAMPLES = 5
EPILOG = """\
It only reads. Rows of today and of as many whole days before are compared; the newest twenty minutes are not
judged, for attempts may still be on their way.

exit status:
  0  everything holds
  1  something is violated; each line says what, with examples
"""


class Command(ExplainedCommand):
    help = "Verify what must always hold: rollups equal raw rows, counts agree, nothing is lost or orphaned."
    epilog = EPILOG

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--days", type=_days, default=1, help=f"whole days, 0 to {MOST_DAYS} (1)")
        parser.add_argument("--json", action="store_true", help="one object, with every violation")

    def handle(self, *args: Any, **options: Any) -> None:
        scope, findings = Scope(now=timezone.now(), days=options["days"]), {}
        for name, examine in INVARIANTS.items():
            began = time.monotonic()
            findings[name] = finding = examine(scope)
            if not options["json"]:
                self._print(name, finding, time.monotonic() - began)
        if options["json"]:
            self.stdout.write(json.dumps({name: _as_json(f) for name, f in findings.items()}, indent=1))
        if not all(finding.ok for finding in findings.values()):
            sys.exit(1)

    def _print(self, name: str, finding: Finding, took_s: float) -> None:
        word = "skipped" if finding.skipped else "ok" if finding.ok else "VIOLATED"
        self.stdout.write(f"{word:<9} {name:<44} {finding.skipped or finding.examined} ({took_s:.1f} s)")
        for violation in finding.violations[:EXAMPLES]:
            self.stdout.write(f"          {violation}")
        if len(finding.violations) > EXAMPLES:
            self.stdout.write(f"          and {len(finding.violations) - EXAMPLES} more")


def _as_json(finding: Finding) -> dict[str, Any]:
    return {
        "ok": finding.ok,
        "examined": finding.examined,
        "skipped": finding.skipped,
        "violations": finding.violations,
    }


def _days(text: str) -> int:
    if text.isascii() and text.isdigit() and int(text) <= MOST_DAYS:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text!r} is not accepted. Use a whole number from 0 to {MOST_DAYS}.")

"""Lighthouse's scores of a page, by its own command, the machine's Chromium and Node.js; reports are kept.

`python -m testing.lighthouse http://127.0.0.1:8000/` prints them, and what cost points.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from testing import browser
from testing.environment import ROOT

REPORTS: Final = ROOT / "var" / "quality"
COMMAND: Final = ROOT / "node_modules" / "lighthouse" / "cli" / "index.js"
CATEGORIES: Final = ("performance", "accessibility", "best-practices", "seo")
#: What each category must come to, of 100.
LIGHTHOUSE_LEAST: Final = 95.0
#: Phones are Lighthouse's own first choice: a slow network and a CPU slowed down four times, simulated.
FORMS: Final = {"phone": (), "desk": ("--preset=desktop",)}
TIMEOUT_S: Final = 180


class LighthouseFailed(Exception):
    """It did not come to a score; its own words."""


def audited(url: str, form: str = "phone") -> dict[str, Any]:
    """The report, which is kept as var/quality/<page>-<form>.report.{json,html}. LighthouseFailed."""
    REPORTS.mkdir(parents=True, exist_ok=True)
    page = re.sub(r"^https?://[^/]+/", "", url).strip("/")
    base = REPORTS / f"{re.sub(r'[^a-z0-9-]+', '-', page) or 'board'}-{form}"
    run = subprocess.run(
        [
            *(shutil.which("node") or "node", str(COMMAND), url, "--quiet", *FORMS[form]),
            *("--output=json", "--output=html", f"--output-path={base}"),
            f"--only-categories={','.join(CATEGORIES)}",
            "--chrome-flags=--headless=new --no-sandbox --disable-gpu",
        ],
        env={**os.environ, "CHROME_PATH": browser.executable()},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=TIMEOUT_S, check=False,
    )  # fmt: skip
    written = Path(f"{base}.report.json")
    if run.returncode or not written.exists():
        raise LighthouseFailed(f"{url}: {run.stderr.strip() or run.stdout.strip()}")
    report: dict[str, Any] = json.loads(written.read_text())
    return report


def scores(report: dict[str, Any]) -> dict[str, float]:
    """Category → 0 to 100."""
    return {name: round(100 * (report["categories"][name]["score"] or 0), 1) for name in CATEGORIES}


def lost(report: dict[str, Any]) -> list[str]:
    """The audits that cost points."""
    found = []
    for name in CATEGORIES:
        for entry in report["categories"][name]["auditRefs"]:
            audit = report["audits"][entry["id"]]
            if entry["weight"] and audit["score"] is not None and audit["score"] < 1:
                told = audit.get("displayValue", "")
                found.append(f"{name}: {audit['title']} {told} ({audit['score']:.2f} × {entry['weight']})")
    return found


def main() -> int:
    worst = 100.0
    for url in sys.argv[1:]:
        for form in FORMS:
            report = audited(url, form)
            found = scores(report)
            worst = min(worst, *found.values())
            sys.stdout.write(f"{url} {form}: {', '.join(f'{k} {v:g}' for k, v in found.items())}\n")
            sys.stdout.writelines(f"    {line}\n" for line in lost(report))
    return 0 if worst >= LIGHTHOUSE_LEAST else 1


if __name__ == "__main__":
    sys.exit(main())

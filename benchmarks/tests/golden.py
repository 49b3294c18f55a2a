"""Writes settings.csv: every setting of the shipped scores, and its key. Read through the difference."""

import csv
import json
from pathlib import Path

from benchmarks.setting import read_setting

DATA = Path(__file__).parents[1] / "data"


def main() -> None:
    suites = json.loads((DATA / "suites.json").read_text(encoding="utf-8"))["suites"]
    slugs = {suite["name"]: suite["slug"] for suite in suites}
    with (DATA / "scores.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = {(slugs[row["suite"]], row["shots_or_setting"]) for row in csv.DictReader(file)}
    with (Path(__file__).parent / "settings.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["suite", "text", "key"])
        writer.writerows([suite, text, read_setting(text, suite).key] for suite, text in sorted(rows))


if __name__ == "__main__":
    main()

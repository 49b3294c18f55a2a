"""The suites that the project ships, brought into the database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from django.db import transaction

from benchmarks.models import Suite
from benchmarks.services.announcing import announce_scores
from benchmarks.shipped import FILE, read_suites

#: Imported.source_name of suites that come from FILE.
SOURCE: Final = "aigo"


@dataclass(slots=True)
class SuiteReport:
    """Slugs by what an import did with them. `kept`: "slug field" that an editor has decided."""

    created: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)

    def changed_anything(self) -> bool:
        return bool(self.created or self.updated)


@transaction.atomic
def import_suites(*, now: dt.datetime, file: Path = FILE) -> SuiteReport:
    """Make the suites what the file says, except for fields that an editor has decided; none is ever deleted.

    A suite that somebody made by hand under a slug of the file is the editor's: it is left alone. now: of
    the `scores.changed` that tells of changes. Raises KeyError or a database error on a faulty file, having
    changed nothing.
    """
    report = SuiteReport()
    known = {suite.slug: suite for suite in Suite.objects.all()}
    for facts in read_suites(file):
        _bring(facts, known.get(facts["slug"]), report)
    if report.changed_anything():
        announce_scores(now=now)
    return report


def _bring(facts: Mapping[str, Any], suite: Suite | None, report: SuiteReport) -> None:
    slug = facts["slug"]
    if suite is None:
        Suite.objects.create(**facts, source_name=SOURCE)
        report.created.append(slug)
        return
    others = {name for name, value in facts.items() if getattr(suite, name) != value}
    decided = others if suite.source_name != SOURCE else others & set(suite.edited_fields)
    report.kept += [f"{slug} {name}" for name in sorted(decided)]
    if changed := sorted(others - decided):
        for name in changed:
            setattr(suite, name, facts[name])
        suite.save(update_fields=changed)
    (report.updated if changed else report.unchanged).append(slug)

"""What an import did."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any


@dataclass(slots=True)
class Counts:
    """Rows of one kind in one import."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    retired: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """One field of one row, before and after."""

    kind: str
    key: str
    field: str
    old: Any
    new: Any

    def __str__(self) -> str:
        return f"{self.kind} {self.key} {self.field}: {_shown(self.old)} → {_shown(self.new)}"


@dataclass(slots=True)
class ImportReport:
    """What an import did, or with `dry_run` would have done."""

    dry_run: bool
    creators: Counts = field(default_factory=Counts)
    providers: Counts = field(default_factory=Counts)
    models: Counts = field(default_factory=Counts)
    endpoints: Counts = field(default_factory=Counts)
    prices: Counts = field(default_factory=Counts)
    doc_refs: Counts = field(default_factory=Counts)
    changes: list[Change] = field(default_factory=list)

    def by_kind(self) -> dict[str, Counts]:
        kinds = ("creators", "providers", "models", "endpoints", "prices", "doc_refs")
        return {kind: getattr(self, kind) for kind in kinds}

    def changed_anything(self) -> bool:
        return any(counts.created or counts.updated or counts.retired for counts in self.by_kind().values())


def _shown(value: Any) -> str:
    return f"{value.normalize():f}" if isinstance(value, Decimal) else repr(value)

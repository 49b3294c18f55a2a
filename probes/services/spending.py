"""Placeholder: BUDGET writes this file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from probes.attempts import Attempt


@dataclass(frozen=True, slots=True)
class Cost:
    usd: Decimal | None
    estimated: bool


def costs_of(attempts: Sequence[Attempt], endpoint_ids: Mapping[str, int]) -> list[Cost]:
    return [Cost(None, False) for _ in attempts]


def book(attempts: Sequence[Attempt], costs: Sequence[Cost], provider_of: Mapping[str, int]) -> None: ...


def exhausted(*, now: datetime) -> frozenset[int]:
    return frozenset()


def pace(*, now: datetime) -> int:
    return 0

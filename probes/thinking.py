"""How much models reason before they answer, by what they reported of our own long answers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Count, F, Max, Sum

from probes.attempts import METHOD_VERSION
from probes.models import ProbeResult

#: Raw rows are kept for a month.
WINDOW: Final = timedelta(days=30)
#: A light inference asks for a word: what is reasoned about it says nothing of real answers.
TIERS: Final = ("C", "D")


@dataclass(frozen=True, slots=True)
class Reasoned:
    """Tokens of the right answers that told how much was reasoned, summed over `answers` of them."""

    reasoning: int
    visible: int
    answers: int
    last_at: datetime
    method_version: str = METHOD_VERSION


def load_reasoned(endpoint_ids: Iterable[int], *, now: datetime) -> dict[int, Reasoned]:
    """Endpoint id → what it reasoned in the last 30 days; who reported nothing is missing. One query."""
    rows = (
        ProbeResult.objects.started_between(now - WINDOW)
        .filter(endpoint__in=set(endpoint_ids), tier__in=TIERS, outcome="ok", left_out="")
        .filter(reasoning_tokens__isnull=False, output_tokens__gt=F("reasoning_tokens"))
        .order_by()
        .values("endpoint")
        .annotate(
            reasoning=Sum("reasoning_tokens"),
            output=Sum("output_tokens"),
            answers=Count("due_at"),
            last_at=Max("started_at"),
        )
    )
    return {
        row["endpoint"]: Reasoned(
            row["reasoning"], row["output"] - row["reasoning"], row["answers"], row["last_at"]
        )
        for row in rows
    }

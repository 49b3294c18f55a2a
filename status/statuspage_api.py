"""The public API of a Statuspage (v2), so that what reads status pages reads this one."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import ErrorDetail
from rest_framework.request import Request
from rest_framework.views import APIView

from aigo.lib.answers import json_answer
from aigo.lib.kept import Unavailable
from aigo.lib.regions import ALL
from aigo.lib.site import absolute
from status.chronicle import Wish
from status.kept import kept_maintenance, kept_snapshot, kept_stories
from status.statuspage import Page

#: As many incidents as a Statuspage tells.
MOST_INCIDENTS: Final = 50
#: Maintenance that is told of, before and after now.
PAST, AHEAD = timedelta(days=30), timedelta(days=90)
PLANNED, UNDER_WAY, DONE = "scheduled", "in_progress", "completed"

#: Part → what its answer holds besides the page.
PARTS: Final[Mapping[str, Callable[[Page], dict[str, Any]]]] = {
    "summary": lambda page: {
        "components": page.components(),
        "incidents": page.incidents(page.open),
        "scheduled_maintenances": page.maintenances(PLANNED, UNDER_WAY),
        "status": page.status(),
    },
    "status": lambda page: {"status": page.status()},
    "components": lambda page: {"components": page.components()},
    "incidents": lambda page: {"incidents": page.incidents(page.recent)},
    "incidents/unresolved": lambda page: {"incidents": page.incidents(page.open)},
    "scheduled-maintenances": lambda page: {
        "scheduled_maintenances": page.maintenances(PLANNED, UNDER_WAY, DONE)
    },
    "scheduled-maintenances/active": lambda page: {"scheduled_maintenances": page.maintenances(UNDER_WAY)},
    "scheduled-maintenances/upcoming": lambda page: {"scheduled_maintenances": page.maintenances(PLANNED)},
}
#: What would have to call an endpoint well or ill where nothing at all is known.
_JUDGING: Final = frozenset({"summary", "status"})


class StatuspageView(APIView):
    """One part. Parameters are not looked at: readers of status pages add some against caches."""

    part = ""

    @extend_schema(exclude=True)
    def get(self, request: Request) -> HttpResponse:
        page = load_page()
        if self.part in _JUDGING and not page.told:
            raise Unmeasured
        response = json_answer(request, {"page": page.about()} | PARTS[self.part](page))
        # as Statuspage answers: widgets on other sites read it in the browser; there is nothing secret in it
        response["Access-Control-Allow-Origin"] = "*"
        return response


class Unmeasured(Unavailable):
    """Nothing has a fresh sample: "none" would claim that all is well."""

    def __init__(self) -> None:
        super().__init__("measuring")
        text = "No watched endpoint has a fresh sample, so that no status can be told. Ask again soon."
        self.detail = ErrorDetail(text)


def load_page() -> Page:
    """Of the kept answers. Raises Unavailable."""
    now = timezone.now()
    snapshot = kept_snapshot(now=now).value
    recent = kept_stories(Wish(), limit=MOST_INCIDENTS, now=now).value.stories
    unresolved = kept_stories(Wish(state="open"), limit=MOST_INCIDENTS, now=now).value.stories
    return Page(
        site=absolute(""),
        rows=snapshot.rows(ALL),
        open=unresolved,
        recent=recent,
        maintenance=kept_maintenance(now=now, past=PAST, ahead=AHEAD).value,
        generated_at=snapshot.generated_at,
    )

"""A model's story: what the catalogue says of it, how its endpoints stand in every region, what changed."""

from dataclasses import dataclass
from datetime import datetime

from aigo.lib.problems import Problem
from catalog.models import ProviderSync
from catalog.selectors import ModelFacts, model_detail
from status.models import StatusChange
from status.snapshot import Snapshot, Standing

#: How many changes of state are told, the newest of all endpoints and regions.
NEWEST_CHANGES = 50


class NoSuchModel(Problem):
    """Neither a model nor an endpoint has this slug: 404."""

    def __init__(self, slug: str) -> None:
        accepted = "a model's or an endpoint's slug as /api/v1/models and /api/v1/status name them"
        super().__init__("slug", slug, accepted, title="No such model", status_code=404)


@dataclass(frozen=True, slots=True)
class Past:
    """What is kept of a model: the catalogue's facts, when each provider's own list was last read (provider
    id → UTC), and the newest changes of state with their endpoints."""

    facts: ModelFacts
    listed_at: dict[int, datetime | None]
    changes: list[StatusChange]

    @property
    def slugs(self) -> list[str]:
        """Of its endpoints."""
        return [facts.endpoint.slug for facts in self.facts.endpoints]


@dataclass(frozen=True, slots=True)
class Story:
    """A model's past, and its present: endpoint slug → region → standing, empty where it is not watched."""

    past: Past
    states: dict[str, dict[str, Standing]]

    @classmethod
    def of(cls, past: Past, present: Snapshot) -> "Story":
        return cls(past, {slug: present.standings_of(slug) for slug in past.slugs})


def load_past(slug: str) -> Past:
    """The part of a model's story that is not of this moment: six queries. NoSuchModel."""
    facts = model_detail(slug)
    if facts is None:
        raise NoSuchModel(slug)
    endpoints = [facts.endpoint for facts in facts.endpoints]
    syncs = ProviderSync.objects.filter(provider__in={endpoint.provider_id for endpoint in endpoints})
    changes = StatusChange.objects.filter(endpoint__in=endpoints).select_related("endpoint")
    return Past(facts, dict(syncs.values_list("provider", "last_ok_at")), list(changes[:NEWEST_CHANGES]))

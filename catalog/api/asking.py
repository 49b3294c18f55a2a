"""Slugs that a query names."""

from django.http import QueryDict

from aigo.lib.problems import Problem
from catalog.models import AIModel, Endpoint, Provider
from catalog.selectors import near_slugs


def provider_asked(query: QueryDict) -> str:
    """The slug of a known provider; "" = any."""
    slug = query.get("provider", "")
    if slug and not Provider.objects.filter(slug=slug).exists():
        raise Problem("provider", slug, "a provider's slug as /api/v1/models names them")
    return slug


def served_asked(query: QueryDict, name: str) -> str:
    """The slug of a known model, for all of its endpoints, or of one endpoint; "" = any."""
    slug = query.get(name, "")
    kind = Endpoint if "--" in slug else AIModel
    if slug and not kind._default_manager.filter(slug=slug).exists():
        near = ", ".join(known for known, _name in near_slugs(slug))
        words = "an endpoint's or a model's slug as /api/v1/models names them"
        raise Problem(name, slug, f"{words}; near to it: {near}" if near else words)
    return slug

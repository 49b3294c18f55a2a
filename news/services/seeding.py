"""The sources that ship with the project."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from catalog.models import Provider
from news.models import NewsSource

DATA: Final = Path(__file__).resolve().parents[1] / "data" / "sources.json"


def shipped_sources() -> list[dict[str, Any]]:
    """The rows of news/data/sources.json."""
    rows: list[dict[str, Any]] = json.loads(DATA.read_text(encoding="utf-8"))
    return rows


def seed_sources() -> int:
    """Make the sources that the project knows; those that there are stay as operators set them, but learn
    their provider once the catalogue has it. How many were made."""
    providers = dict(Provider.objects.values_list("slug", "pk"))
    made = 0
    for row in shipped_sources():
        defaults = {name: value for name, value in row.items() if name not in ("slug", "provider")}
        provider = providers.get(row.get("provider", ""))
        source, new = NewsSource.objects.get_or_create(
            slug=row["slug"], defaults={**defaults, "provider_id": provider}
        )
        made += new
        if provider is not None and source.provider_id is None and not new:
            NewsSource.objects.filter(pk=source.pk, provider=None).update(provider=provider)
    return made

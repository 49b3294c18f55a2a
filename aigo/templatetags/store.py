"""Words of the store's page: databases, tables and the jobs of TimescaleDB."""

from typing import Final

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

register = template.Library()

DATABASES: Final = {"sqlite": "SQLite", "postgresql": "PostgreSQL", "timescale": "PostgreSQL / TimescaleDB"}

TABLES: Final[dict[str, str | Promise]] = {
    "probes_proberesult": _("attempts"),
    "probes_hourrollup": _("hours"),
    "probes_threehourrollup": _("three hours"),
    "probes_eighthourrollup": _("eight hours"),
}

JOBS: Final[dict[str, str | Promise]] = {
    "policy_compression": _("Compress old days"),
    "policy_reorder": _("Put rows of a day in order"),
    "policy_retention": _("Drop what is older than it is kept"),
    "policy_refresh_continuous_aggregate": _("Make new hours"),
}


@register.filter
def database_name(vendor: str) -> str:
    """ "timescale" → "PostgreSQL / TimescaleDB"."""
    return DATABASES.get(vendor, vendor)


@register.filter
def table_name(table: str) -> str | Promise:
    """What a table holds, in the page's language; the name itself of one that is not spoken of."""
    return TABLES.get(table, table)


@register.filter
def job_name(kind: str) -> str | Promise:
    """What a policy of TimescaleDB does, in the page's language."""
    return JOBS.get(kind, kind)

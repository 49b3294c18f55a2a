"""What only one database can do with raw rows: bulk writing (`rows`) and days of their own (`days`)."""

from typing import Literal

from django.db import connection

Vendor = Literal["sqlite", "postgresql", "timescale"]


def vendor() -> Vendor:
    """The kind of database that this process works on."""
    if connection.vendor == "sqlite":
        return "sqlite"
    engine = str(connection.settings_dict["ENGINE"])
    return "timescale" if engine.startswith("timescale.") else "postgresql"

"""Statistics for the planner, and how PostgreSQL tends tables that are written all the time."""

from django.db import connection

from probes.timeseries import vendor


def analyze(*tables: str) -> None:
    """Fresh statistics of these tables; autovacuum takes none of a table that is cut into partitions.

    Reads a sample; readers and writers go on. Not to be called in a transaction that others wait for.
    """
    with connection.cursor() as cursor:
        if vendor() == "sqlite":
            # As many rows of each index as are needed, and only where they are out of date.
            cursor.execute("PRAGMA analysis_limit = 1000")
            cursor.execute("PRAGMA optimize")
        else:
            for table in tables:
                cursor.execute(f"ANALYZE {connection.ops.quote_name(table)}")

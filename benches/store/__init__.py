"""The store under load: a generated history on PostgreSQL and SQLite, `python -m benches store`."""

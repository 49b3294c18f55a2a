"""Writing the benchmarks' rows.

suites     the suites that the project ships
planning   what an import of scores would do
importing  doing it
fetching   the bytes of a source, within its format's limits
aliases    which model a source means
announcing one event per transaction that changes what readers see
seeding    the sources, names and scores that the project ships
"""

from benchmarks.services.suites import SuiteReport, import_suites

__all__ = ["SuiteReport", "import_suites"]

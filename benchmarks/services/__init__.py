"""Writing the benchmarks' rows.

suites   the suites that the project ships
"""

from benchmarks.services.suites import SuiteReport, import_suites

__all__ = ["SuiteReport", "import_suites"]

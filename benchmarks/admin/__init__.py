"""Editors' view of the benchmarks.

suites   what is measured
"""

from benchmarks.admin.suites import SuiteAdmin

__all__ = ["SuiteAdmin"]

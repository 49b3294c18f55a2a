"""Editors' view of the benchmarks.

scores   published figures on their editorial way
suites   what is measured
"""

from benchmarks.admin.scores import ScoreAdmin
from benchmarks.admin.suites import SuiteAdmin

__all__ = ["ScoreAdmin", "SuiteAdmin"]

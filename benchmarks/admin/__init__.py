"""Editors' view of the benchmarks.

scores   published figures on their editorial way
suites   what is measured
sources  where scores are read, each reading, and reading one
uploads  what waits between looking at a file and applying it
names    what sources call models
"""

from benchmarks.admin.names import ModelAliasAdmin
from benchmarks.admin.scores import ScoreAdmin
from benchmarks.admin.sources import ImportRunAdmin, ScoreSourceAdmin
from benchmarks.admin.suites import SuiteAdmin

__all__ = ["ImportRunAdmin", "ModelAliasAdmin", "ScoreAdmin", "ScoreSourceAdmin", "SuiteAdmin"]

"""The REST API of benchmarks, of the same kept answers as the pages.

matrix   models × suites, as the page shows them
suites   what is measured, one with its ranking and progress
scores   figures with their citation: a list, one, a cell
drafts   figures that programs send, by API key
"""

from benchmarks.api.matrix import MatrixView
from benchmarks.api.scores import CellScoresView, ScoreDetailView, ScoreListView
from benchmarks.api.suites import SuiteDetailView, SuiteListView

__all__ = [
    "CellScoresView",
    "MatrixView",
    "ScoreDetailView",
    "ScoreListView",
    "SuiteDetailView",
    "SuiteListView",
]

"""Suites, what was scored in them, and where the figures were read."""

from benchmarks.models.aliases import ModelAlias
from benchmarks.models.scores import Evidence, Score, ScoreQuerySet
from benchmarks.models.sources import ImportRun, LicenceClass, ScoreSource
from benchmarks.models.suites import Suite, Unit

__all__ = [
    "Evidence",
    "ImportRun",
    "LicenceClass",
    "ModelAlias",
    "Score",
    "ScoreQuerySet",
    "ScoreSource",
    "Suite",
    "Unit",
]

"""Files of scores → rows. One module per format, each pure: `read(data, origin) -> Reading`.

Every reader refuses a file whose shape is not the one it knows, leaves nothing out without counting it, and
never averages. benchmarks.services.planning joins the rows to suites and models.

    aigo-csv            our own, which the seed is in; a suite that is not known is a fault
    aider, evalplus, swe-bench, epoch-runs, epoch-<suite>, helm, llm-stats, lm-eval, every-eval-ever
                        public formats; suites that we do not have are left out and counted
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from benchmarks.adapters import (
    aider,
    epoch,
    evalplus,
    every_eval_ever,
    helm,
    llm_stats,
    lm_eval,
    project_csv,
    swe_bench,
)
from benchmarks.adapters.origins import Origin
from benchmarks.rows import Reading

__all__ = ["FORMATS", "Format", "Origin"]


@dataclass(frozen=True, slots=True)
class Format:
    """`max_bytes`: more is refused before it is read. `cited`: rows cite their own addresses; otherwise they
    cite the file's, which must be known."""

    name: str
    title: str
    max_bytes: int
    read: Callable[[bytes, Origin], Reading]
    cited: bool = False


FORMATS: Final[Mapping[str, Format]] = {
    found.name: found
    for found in (
        Format("aigo-csv", "AI-GO CSV", 20_000_000, lambda data, origin: project_csv.read(data), cited=True),
        Format("aider", "Aider polyglot YAML", 2_000_000, aider.read),
        Format("evalplus", "EvalPlus JSON", 2_000_000, evalplus.read),
        Format("swe-bench", "SWE-bench leaderboards JSON", 10_000_000, swe_bench.read),
        Format("epoch-runs", "Epoch AI runs CSV", 10_000_000, epoch.read_runs),
        *(Format(f"epoch-{one.suite}", f"Epoch AI {one.name}", 2_000_000, one.read) for one in epoch.COPIED),
        Format("helm", "HELM leaderboard JSON", 20_000_000, helm.read),
        Format("llm-stats", "llm-stats JSON", 2_000_000, llm_stats.read),
        Format("lm-eval", "lm-evaluation-harness JSON", 20_000_000, lm_eval.read),
        Format("every-eval-ever", "Every Eval Ever JSON", 20_000_000, every_eval_ever.read, cited=True),
    )
}

"""From runs to words: the tables on stdout and in docs/benches.md. Pure, but for `write_into`."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from benches.figures import Figures, median
from benches.goals import GOALS, Runs, judge
from benches.scenarios import Scenario
from benches.tools import OURS, TOOLS

MARKS: Final = "<!-- figures -->", "<!-- /figures -->"
#: Of the client's core, by others, in a run that counts as undisturbed.
MOST_TAKEN: Final = 0.1
COLUMNS: Final[tuple[tuple[str, Callable[[Figures], float | None], str], ...]] = (
    ("timed %", lambda f: f.timed * 100, ".1f"),
    ("p50 ms", lambda f: f.p50_ms, ".3f"),
    ("p95 ms", lambda f: f.p95_ms, ".3f"),
    ("p99 ms", lambda f: f.p99_ms, ".3f"),
    ("max ms", lambda f: f.max_ms, ".2f"),
    ("start lag p99 ms", lambda f: f.start_lag_p99_ms, ".2f"),
    ("CPU-s / 1,000", lambda f: f.cpu_s_per_1000, ".3f"),
    ("peak MB", lambda f: f.peak_mb, ".0f"),
    ("others' CPU %", lambda f: f.others_share * 100, ".0f"),
)


def scenario_table(scenario: Scenario, runs: Runs) -> str:
    """Medians over the repetitions, one line per tool."""
    names = ["tool", "runs × probes", "error of", *(name for name, _, _ in COLUMNS)]
    rows = [_row(tool, done) for tool, done in runs.items()]
    lines = [f"### {scenario.name}: {scenario.words}", "", *table(names, rows), "", _server_line(runs)]
    return "\n".join([*lines, *_trouble(runs)])


def goals_table(runs: dict[str, Runs]) -> str:
    """Of the scenarios that our engine was asked to run."""
    rows = []
    for goal in GOALS:
        if OURS not in runs.get(goal.scenario, {}):
            continue
        verdict = judge(goal, runs[goal.scenario])
        value = "no figure" if verdict.value is None else f"{verdict.value:.2f}"
        word = "met" if verdict.met else "**NOT met**"
        rows.append(
            [goal.scenario, goal.words, f"≤ {goal.limit:g}", value, f"{verdict.timed * 100:.1f}", word]
        )
    return "\n".join(table(["scenario", "goal", "limit", "figure", "least timed %", ""], rows))


def quiet_line(runs: dict[str, Runs], scenarios: Sequence[Scenario]) -> str:
    """Whether the figures may be believed: how many runs had the client's core to themselves."""
    alone = {scenario.name for scenario in scenarios if not scenario.neighbour}
    counted = [run for name in alone & set(runs) for done in runs[name].values() for run in done if run]
    disturbed = sum(run.others_share > MOST_TAKEN for run in counted)
    return (
        f"{disturbed} of {len(counted)} runs were disturbed: others took more than {MOST_TAKEN:.0%} of "
        "the client's core."
    )


def write_into(path: Path, figures: str, marks: tuple[str, str] = MARKS) -> None:
    """Replace what stands between the marks. ValueError where the file has none."""
    before, start, rest = path.read_text().partition(marks[0])
    _old, end, after = rest.partition(marks[1])
    if not (start and end):
        raise ValueError(f"{path} has no {marks[0]} … {marks[1]}")
    path.write_text(f"{before}{start}\n\n{figures}\n\n{end}{after}")


def _row(tool: str, done: Sequence[Figures | None]) -> list[str]:
    good = [run for run in done if run is not None]
    cells = [_cell(median([figure(run) for run in good]), form) for _, figure, form in COLUMNS]
    offered = good[0].offered if good else 0
    return [tool, f"{len(good)} × {offered:,}", TOOLS[tool].sees, *cells]


def _cell(value: float | None, form: str) -> str:
    return "–" if value is None else format(value, form)


def _server_line(runs: Runs) -> str:
    """The server's own lateness is in no error: truth is when a byte left, not when it should have."""
    good = [run for done in runs.values() for run in done if run is not None]
    late = max((run.server_late_p99_ms or 0 for run in good), default=0)
    sending = max((run.server_sending_p99_ms or 0 for run in good), default=0)
    return (
        f"The server sent first tokens at most {late:.2f} ms (p99, worst run) behind its timetable; "
        f"a send took {sending:.3f} ms (p99, worst run)."
    )


def _trouble(runs: Runs) -> list[str]:
    """What kept tools from a figure, and connections used twice, which would make a figure worthless."""
    lines = []
    for tool, done in runs.items():
        good = [run for run in done if run is not None]
        if len(good) < len(done):
            lines.append(f"{tool}: {len(done) - len(good)} runs failed.")
        if warm := sum(run.warm for run in good):
            lines.append(f"{tool}: {warm} requests went over a connection that was not cold.")
        if problems := [problem for run in good for problem in run.problems]:
            lines.append(f"{tool}, probes without a figure: {'; '.join(problems[:3])}")
    return ["", *lines] if lines else []


def table(names: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A Markdown table whose columns line up, so that it reads well on a terminal too."""
    widths = [max(len(cell) for cell in column) for column in zip(names, *rows, strict=True)]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in [names, *rows]
    ]
    return [lines[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *lines[1:]]

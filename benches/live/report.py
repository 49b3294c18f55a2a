"""From runs to words: the tables on stdout and in docs/benches.md. Pure."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from benches.figures import median
from benches.live.figures import Figures
from benches.live.goals import GOALS, Runs, judge
from benches.live.scenarios import SOCKETIO, Scenario
from benches.report import MOST_TAKEN, table

MARKS: Final = "<!-- live figures -->", "<!-- /live figures -->"
COLUMNS: Final[tuple[tuple[str, Callable[[Figures], float | None], str], ...]] = (
    ("delivered %", lambda f: f.delivered * 100, ".1f"),
    ("CPU µs / delivered", lambda f: f.cpu_us, ".1f"),
    ("p50 ms", lambda f: f.p50_ms, ".1f"),
    ("p99 ms", lambda f: f.p99_ms, ".1f"),
    ("max ms", lambda f: f.max_ms, ".1f"),
    ("kB / client", lambda f: f.kb_per_client, ".1f"),
    ("others' CPU %", lambda f: f.others_share * 100, ".0f"),
)


def render(scenarios: Sequence[Scenario], runs: Mapping[str, Runs]) -> str:
    """Whether it was quiet, the goals, then the table of each scenario that was run."""
    tables = [scenario_table(each, runs[each.name]) for each in scenarios if each.name in runs]
    return "\n\n".join([quiet_line(runs), goals_table(runs), *tables])


def quiet_line(runs: Mapping[str, Runs]) -> str:
    """How many runs had the server's core to themselves."""
    done = [run for of in runs.values() for each in of.values() for run in each if run]
    disturbed = sum(run.others_share > MOST_TAKEN for run in done)
    return (
        f"{disturbed} of {len(done)} runs were disturbed: others took more than {MOST_TAKEN:.0%} of the "
        "server's core."
    )


def goals_table(runs: Mapping[str, Runs]) -> str:
    """Of the scenarios that ran with whom the goal is about."""
    rows = []
    for goal in GOALS:
        if goal.contender not in runs.get(goal.scenario, {}):
            continue
        verdict = judge(goal, runs[goal.scenario])
        value = "no figure" if verdict.value is None else f"{verdict.value:.2f}"
        word = "met" if verdict.met else "**NOT met**"
        delivered = f"{verdict.delivered * 100:.1f}"
        rows.append([goal.scenario, goal.words, f"≤ {goal.limit:g}", value, delivered, word])
    return "\n".join(table(["scenario", "goal", "limit", "figure", "least delivered %", ""], rows))


def scenario_table(scenario: Scenario, runs: Runs) -> str:
    """Medians over the repetitions, one line per contender."""
    names = ["contender", "runs", *(name for name, _, _ in COLUMNS), "× Socket.IO's CPU"]
    rows = [_row(name, done, runs) for name, done in runs.items()]
    lines = [f"### {scenario.name}: {scenario.words}", "", *table(names, rows)]
    for name, done in runs.items():
        if failed := list(done).count(None):
            lines += ["", f"{name}: {failed} runs failed."]
    return "\n".join(lines)


def _row(name: str, done: Sequence[Figures | None], runs: Runs) -> list[str]:
    good = [run for run in done if run is not None]
    cells = [_cell(median([figure(run) for run in good]), form) for _, figure, form in COLUMNS]
    return [name, str(len(good)), *cells, _cell(_beside(done, runs.get(SOCKETIO, ())), ".2f")]


def _beside(done: Sequence[Figures | None], peers: Sequence[Figures | None]) -> float | None:
    """The median of the ratios of each repetition."""
    return median(
        one.cpu_us / other.cpu_us
        for one, other in zip(done, peers, strict=False)
        if one and other and one.cpu_us and other.cpu_us
    )


def _cell(value: float | None, form: str) -> str:
    return "–" if value is None else format(value, form)

"""From results to words: the tables on stdout and in docs/benches.md. Pure."""

import statistics
from collections.abc import Sequence
from typing import Final

from benches.report import table
from benches.store import goals
from benches.store.goals import per_row_us, rows_per_s
from benches.store.running import Results

MARKS: Final = "<!-- store figures -->", "<!-- /store figures -->"


def render(everything: Sequence[Results]) -> str:
    """The goals of all databases first, then each one's tables."""
    parts = [_goals(everything)]
    for results in everything:
        parts += [
            f"### {results.version}",
            _stores(results),
            _quiet(results),
            _questions(results),
            _ingest(results),
            _sizes(results),
        ]
    return "\n\n".join(part for part in parts if part)


def _goals(everything: Sequence[Results]) -> str:
    rows = []
    for results in everything:
        for line in goals.judge(results):
            limit = f"{'≥' if line.at_least else '≤'} {line.limit:,g}"
            word = "met" if line.met else "**NOT met**"
            if not goals.is_full(results):
                word = f"({word}; too few models)"
            rows.append([results.database, line.words, limit, format(line.value, line.form), word])
    return "\n".join(table(["database", "goal", "limit", "figure", ""], rows))


def _stores(results: Results) -> str:
    lines = []
    for plan in results.plans:
        built, sizes = results.built[plan.name], results.sizes[plan.name]["tables"]
        steps = ", ".join(f"{name} {took:.0f} s" for name, took in built["took_s"].items())
        rows = ", ".join(f"{name} {size['rows']:,}" for name, size in sizes.items())
        compared = f"{built['hours_compared']} hours derived anew from raw rows: equal"
        lines.append(f"- {plan.name}: {rows} rows. Built: {steps}; {compared}.")
    return "\n".join(lines)


def _quiet(results: Results) -> str:
    """Whether the times may be believed: what is asked is in memory, so nothing but others makes it wait."""
    names = ("ready", "latest", "five minutes", *goals.histories(results))
    asked = [found for name in names for found in results.times["whole"][name]]
    took_ms = sum(sum(found["ms"]) for found in asked)
    cpu_ms = sum(found["cpu_ms"] * len(found["ms"]) for found in asked)
    return (
        f"While the product answered, the processor was ours for {min(1, cpu_ms / took_ms):.0%} of the time."
    )


def _questions(results: Results) -> str:
    rows = []
    for name, words in results.questions.items():
        whole = goals.median_ms(results, "whole", name)
        count = sum(len(found["ms"]) for found in results.times["whole"][name])
        tenth = results.times["tenth"].get(name)
        small = f"{goals.median_ms(results, 'tenth', name):,.2f}" if tenth else "–"
        cpu = f"{goals.cpu_ms(results, 'whole', name):,.2f}"
        came = results.times["whole"][name][0]["rows"]
        rows.append([name, words, f"{came:,}", f"{count}", f"{whole:,.2f}", cpu, small])
    names = ["question", "how", "rows", "times", "ms", "CPU ms", "ms, a tenth of the rows"]
    return "\n".join(table(names, rows))


def _ingest(results: Results) -> str:
    if not results.ingest:
        return ""
    rows = []
    for way in results.ingest[0]:
        runs = [ways[way] for ways in results.ingest]
        rows.append(
            [
                way,
                f"{statistics.median(rows_per_s(run) for run in runs):,.0f}",
                f"{statistics.median(per_row_us(run) for run in runs):.1f}",
                f"{statistics.median(run['client_s'] / run['rows'] for run in runs) * 1e6:.1f}",
                f"{statistics.median(run['server_s'] / run['rows'] for run in runs) * 1e6:.1f}",
            ]
        )
    return "\n".join(table(["ingest", "rows / s", "CPU µs / row", "client", "server"], rows))


def _sizes(results: Results) -> str:
    rows = []
    for name, size in results.sizes["whole"]["tables"].items():
        count = max(1, size["rows"])
        rows.append(
            [
                name,
                f"{size['rows']:,}",
                f"{size['bytes'] / 1e6:,.0f}",
                f"{size['with_indexes'] / 1e6:,.0f}",
                f"{size['bytes'] / count:,.0f}",
                f"{size['with_indexes'] / count:,.0f}",
            ]
        )
    return "\n".join(table(["table", "rows", "MB", "MB with indexes", "bytes / row", "with indexes"], rows))

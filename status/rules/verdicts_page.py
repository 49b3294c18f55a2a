"""The tables of docs/verdicts.md; `python -m status.rules.verdicts_page docs/verdicts.md` prints them."""

import inspect
import re
from collections.abc import Iterable
from datetime import timedelta
from types import ModuleType

from aigo.lib.documented import grid, print_pages, print_parts
from status.rules import table
from status.rules.states import Kind, Severity, State
from status.rules.table import (
    DEFAULT_THRESHOLDS,
    INCIDENT_MOVES,
    MOVES,
    SEVERITIES,
    THRESHOLDS,
    IncidentMove,
    Thresholds,
)
from status.rules.trouble import closing


def printed(page: str) -> str:
    """The page with its tables printed anew. ValueError: see `aigo.lib.documented`."""
    return print_parts(page, _parts())


def _parts() -> dict[str, str]:
    return {
        "states": _diagram(_state_lines()),
        "moves": grid(("from", "to", "when", "why"), [(m.before, m.after, m.when, m.why) for m in MOVES]),
        "thresholds": grid(("function tag", "operational", "degraded", "outage", "closes"), _thresholds()),
        "incidents": _diagram(_incident_lines()),
        "steps": grid(("step", "from", "to", "when"), _incident_moves()),
        "severities": grid(("incident of", "outage everywhere", "severity"), _severities()),
        "constants": grid(("constant", "value", "what it decides"), constants(table)),
    }


def constants(module: ModuleType) -> list[tuple[str, str, str]]:
    """(name, value, its `#:` comment) of every plain constant of a module, in the order they stand in."""
    source = inspect.getsource(module)
    found = re.findall(r"((?:^#: .*\n)+)^([A-Z_\d]+): Final = ", source, re.MULTILINE)
    return [
        (f"`{name}`", _value(getattr(module, name)), " ".join(re.sub(r"^#: ", "", words, flags=re.M).split()))
        for words, name in found
    ]


def _value(value: timedelta | float) -> str:
    if not isinstance(value, timedelta):
        return f"{value:g}"
    minutes = value.total_seconds() / 60
    return f"{minutes:g} min" if minutes <= 60 else f"{minutes / 60:g} h"


def _state_lines() -> list[str]:
    seen = [f"{State.UNKNOWN} --> {state}: a fresh attempt" for state in State if state is not State.UNKNOWN]
    moved = [f"{move.before} --> {move.after}: {move.when}" for move in MOVES]
    silent = f"no countable attempt for {table.FRESH_INTERVALS} intervals"
    unseen = [f"{state} --> {State.UNKNOWN}: {silent}" for state in State if state is not State.UNKNOWN]
    return [f"[*] --> {State.UNKNOWN}", *seen, *moved, *unseen]


def _incident_lines() -> list[str]:
    arrows: dict[tuple[str, str], list[str]] = {}
    for move in INCIDENT_MOVES:
        arrows.setdefault((move.before or "[*]", move.after), []).append(move.step)
    return [f"{before} --> {after}: {', '.join(steps)}" for (before, after), steps in arrows.items()]


def _incident_moves() -> list[tuple[str, str, str, str]]:
    """One row a step: what is open and what flaps do most of them for the same reason."""
    rows: dict[tuple[str, str], list[IncidentMove]] = {}
    for move in INCIDENT_MOVES:
        rows.setdefault((move.step, move.when), []).append(move)
    return [
        (
            step,
            ", ".join(m.before or "–" for m in moves),
            ", ".join(dict.fromkeys(m.after for m in moves)),
            when,
        )
        for (step, when), moves in rows.items()
    ]


def _severities() -> list[tuple[str, str, str]]:
    named = {Kind.ENDPOINT: "one endpoint", Kind.PROVIDER: "a provider"}
    rows = [(named[kind], "yes" if out else "no", str(grade)) for (kind, out), grade in SEVERITIES.items()]
    return [("an anomaly alone", "no", str(Severity.INFO)), *rows]


def _thresholds() -> list[tuple[str, ...]]:
    named = [*THRESHOLDS.items(), ("any other", DEFAULT_THRESHOLDS)]
    return [(tag, *_bands(limits)) for tag, limits in named]


def _bands(limits: Thresholds) -> tuple[str, ...]:
    closing_pct, closing_ms = closing(limits)
    return (
        f"≥ {limits.operational_pct:g} % and < {limits.operational_ms:,.0f} ms",
        f"≥ {limits.degraded_pct:g} % and < {limits.degraded_ms:,.0f} ms",
        f"< {limits.degraded_pct:g} % or ≥ {limits.degraded_ms:,.0f} ms",
        f"≥ {closing_pct:g} % or < {closing_ms:,.0f} ms",
    )


def _diagram(lines: Iterable[str]) -> str:
    return "\n".join(["```mermaid", "stateDiagram-v2", *(f"    {line}" for line in lines), "```"])


if __name__ == "__main__":
    print_pages(printed)

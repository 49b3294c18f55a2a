"""The table of blame as a page: `python -m probes.protocols.blame_page > docs/blame.md`."""

import sys
from collections.abc import Iterable, Sequence

from aigo.lib.documented import grid
from probes.outcomes import OUTCOMES
from probes.protocols.blame import TABLE, BlameTable, Endings, ErrorRow, SimpleRow


def as_markdown(table: BlameTable) -> str:
    """The whole page, ending with a newline."""
    parts = [
        table.intro,
        "## Before an answer\n",
        _table(("When", "Outcome", "Charged", "Step", "Why"), map(_simple, table.transport)),
        "## Error answers, and error events inside a stream\n",
        "An error inside a stream that is the provider's is always called `stream_error`.\n",
        _table(
            ("Row", "When", "Outcome", "Charged", "Step", "Sent by", "Why", "Source"),
            map(_error, table.errors),
        ),
        "## Answers that began with 200\n",
        _table(("When", "Outcome", "Charged", "Step", "Why"), map(_simple, table.endings)),
        "## Finish reasons\n",
        _table(
            ("Protocol", "Our limit", "Blocked", "Broke off", "No room"), map(_finish, table.finish.items())
        ),
    ]
    return "\n".join(parts)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return f"{grid(heads, rows)}\n"


def _charge(outcome: str) -> tuple[str, str]:
    return (f"`{outcome}`", OUTCOMES[outcome].charge.value) if outcome else ("see above", "")


def _simple(row: SimpleRow) -> Sequence[str]:
    return (row.when, *_charge(row.outcome), row.step, row.why)


def _error(row: ErrorRow) -> Sequence[str]:
    why = f"{row.why} ({row.out_of_step}.)" if row.out_of_step else row.why
    return (row.id, conditions(row), *_charge(row.outcome), row.step, row.vendor, why, row.source)


def conditions(row: ErrorRow) -> str:
    """What a row asks for, in words."""
    told = []
    if row.where == "stream":
        told.append("in a stream")
    if row.statuses:
        told.append(", ".join(_range(statuses) for statuses in row.statuses))
    if row.codes:
        told.append("code " + ", ".join(f"`{code}`" for code in sorted(row.codes)))
    if row.message:
        told.append(f"message `{row.message.pattern}`")
    if row.header:
        told.append(f"header `{row.header[0]}: {row.header[1].pattern}`")
    if row.remaining_zero is not None:
        told.append("nothing left" if row.remaining_zero else "something left" + " by the rate headers")
    if row.html is not None:
        told.append("HTML" if row.html else "no HTML")
    if row.protocols:
        told.append("protocol " + ", ".join(sorted(row.protocols)))
    return "; ".join(told) or "anything else"


def _range(statuses: range) -> str:
    if 0 in statuses:
        return "no status (in a stream)"
    return str(statuses.start) if len(statuses) == 1 else f"{statuses.start}-{statuses.stop - 1}"


def _finish(item: tuple[str, Endings]) -> Sequence[str]:
    name, ends = item
    groups = (ends.length, ends.blocked, ends.failed, ends.overloaded)
    return (name, *(", ".join(sorted(group)) for group in groups))


if __name__ == "__main__":
    sys.stdout.write(as_markdown(TABLE))

"""One store as a process: commands as JSON lines on stdin, answers on stdout; its database: DATABASE_URL."""

import json
import sys
import time
from collections.abc import Callable
from typing import Any

import django

django.setup()

from benches.store import building, ingesting, plans_shown, sizes  # noqa: E402
from benches.store.cpu import CpuClock, come_first  # noqa: E402
from benches.store.plan import Plan  # noqa: E402
from benches.store.questions import Question, questions  # noqa: E402


class Store:
    """What the process knows: its plan, once it was built, and its questions."""

    def __init__(self) -> None:
        self._plan: Plan | None = None
        self._questions: dict[str, Question] = {}
        self._ingest: ingesting.Ingest | None = None

    def build(self, plan: dict[str, Any]) -> dict[str, Any]:
        self._plan = Plan.from_json(plan)
        counts = building.build(self._plan)
        self._questions = questions(self._plan)
        return counts

    def ask(self, times: int, *, first: bool) -> dict[str, dict[str, Any]]:
        """Name → `ms` of each repetition, `cpu_ms` of one, and how many `rows` came.

        The first answer of each question is not counted; what takes long is asked once, in the first round.
        """
        come_first()
        asked = (question for question in self._questions.values() if first or not question.once)
        return {question.name: _timed(question, 1 if question.once else times) for question in asked}

    def describe(self) -> dict[str, str]:
        """Question → its words."""
        return {name: question.words for name, question in self._questions.items()}

    def ingest(self, repetition: int) -> dict[str, Any]:
        """Every way of storing attempts, in an order that turns with the repetition."""
        come_first()
        if self._ingest is None:
            self._ingest = ingesting.Ingest(self._known_plan())
        return self._ingest.run(repetition)

    def size(self) -> dict[str, Any]:
        return sizes.measure(self._known_plan())

    def explain(self, names: list[str]) -> dict[str, list[str]]:
        return {name: plans_shown.of(self._questions[name]) for name in names}

    def _known_plan(self) -> Plan:
        if self._plan is None:
            raise RuntimeError("the store was not built")
        return self._plan


def _timed(question: Question, times: int) -> dict[str, Any]:
    if not question.once:
        question.ask()
    found, cpu, answer = [], CpuClock(), None
    for _ in range(times):
        began = time.perf_counter()
        answer = question.ask()
        found.append((time.perf_counter() - began) * 1000)
    return {"ms": found, "cpu_ms": sum(cpu.read()) / len(found) * 1000, "rows": len(answer or ())}


def main() -> None:
    store = Store()
    for line in sys.stdin:
        command = json.loads(line)
        do: Callable[..., Any] = getattr(store, command.pop("do"))
        sys.stdout.write(json.dumps(do(**command)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()

"""Why editorial work is not moved, edited or held.

Refused           theirs; the message says what stands in the way, and what to do
  WrongState      its state does not allow it, perhaps since a moment ago: look again
  MissingRight    their roles do not grant it
  OwnWork         they wrote or edited it: somebody else has to
  Incomplete      a reason or a moment is missing, or the moment cannot be: `field`
  Stale           somebody saved a version since they looked
  Locked          somebody else is at work on it: wait, or have a publisher take it over
  Unfit           its content does not allow it: `problems`
"""

from collections.abc import Sequence
from datetime import datetime

from editorial.workflow import FieldProblem


class Refused(Exception):
    """It cannot be done. str() is for the person who asked, in their language."""


class WrongState(Refused):
    """Its state does not allow it."""


class MissingRight(Refused):
    """Their roles do not grant it."""


class OwnWork(Refused):
    """Nobody approves what they wrote."""


class Incomplete(Refused):
    """`field`: "reason" or "moment"."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


class Stale(Refused):
    """`seen`: the version they looked at; `newest`: the one that is kept."""

    def __init__(self, text: str, *, seen: int, newest: int) -> None:
        super().__init__(text)
        self.seen, self.newest = seen, newest


class Locked(Refused):
    """`holder`: who is at work; `until`: when their lock ends by itself, UTC."""

    def __init__(self, text: str, *, holder: str, until: datetime) -> None:
        super().__init__(text)
        self.holder, self.until = holder, until


class Unfit(Refused):
    """`problems`: what is to be mended, by field."""

    def __init__(self, problems: Sequence[FieldProblem]) -> None:
        super().__init__(" ".join(str(problem.text) for problem in problems))
        self.problems = tuple(problems)

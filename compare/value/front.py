"""The Pareto front: what nothing else is as good as in every respect and better in one. Pure.

A figure's "good" runs upwards: a price, or a latency, is given with its sign turned. Equal in every respect:
both are on the front. What lacks one of the respects is not judged by them.
"""

from collections.abc import Sequence

Place = tuple[float, ...]


def dominates(one: Place, other: Place) -> bool:
    """At least as good in every respect, better in one. (2, 5) over (2, 4): yes; over (1, 6), (2, 5): no."""
    return one != other and all(mine >= its for mine, its in zip(one, other, strict=True))


def front(places: Sequence[Place | None]) -> list[bool]:
    """Which of these nothing dominates, in their order; None = lacks a respect, never on the front.

    Best first by the first respect and then the others, whatever comes later dominates none before it, so
    that each is held against the front so far alone.
    """
    whole = sorted(
        ((place, at) for at, place in enumerate(places) if place is not None),
        key=lambda one: one[0],
        reverse=True,
    )
    kept: list[Place] = []
    found = [False] * len(places)
    for place, at in whole:
        if not any(dominates(other, place) for other in kept):
            found[at] = True
            kept.append(place)
    return found

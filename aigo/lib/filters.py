"""Filters of a list: the part of a wish that holds them, their menus, and what is chosen as chips. Pure."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any, ClassVar, Final, Self, TypeVar

#: A menu longer than that can be searched.
LONG: Final = 12
Label = TypeVar("Label")


class Filtered:
    """Of a wish, a frozen dataclass: the values of a filter are sorted, each once; () = it is not set."""

    __slots__ = ()
    #: The fields that are filters of several values.
    SEVERAL: ClassVar[Collection[str]] = ()

    def chosen(self, name: str) -> tuple[str, ...]:
        """The values of a filter."""
        values: tuple[str, ...] = getattr(self, name)
        return values

    def only(self, name: str, *values: str) -> Self:
        """The same with these values of a filter; of what takes one value, the last."""
        changed: Any = tuple(sorted(set(values))) if name in self.SEVERAL else values[-1]
        return replace(self, **{name: changed})  # type: ignore[type-var]  # each wish is a dataclass

    def toggled(self, name: str, value: str) -> Self:
        """The same with a filter's value taken in, or left out where it was in."""
        return self.only(name, *({value} ^ {*self.chosen(name)}))


Wish = TypeVar("Wish", bound=Filtered)


def by_name(names: Mapping[str, Label]) -> dict[str, Label]:
    """Value → what it is called, in the order of what they are called."""
    ordered = sorted(names, key=lambda value: (str(names[value]).casefold(), value))
    return {value: names[value] for value in ordered}


def options_of(
    labels: Mapping[str, object],
    counts: Mapping[str, int],
    chosen: Collection[str],
    *,
    every: bool = False,
) -> list[dict[str, Any]]:
    """The values of a filter that lead somewhere, and those that are chosen; or every one."""
    return [
        {"value": value, "label": label, "count": counts.get(value, 0), "active": value in chosen}
        for value, label in labels.items()
        if every or counts.get(value) or value in chosen
    ]


def menu_of(name: str, label: object, options: Collection[dict[str, Any]], chosen: int) -> dict[str, Any]:
    """A filter as `_components/filter_menu.html` shows it. `chosen`: how many of its values are."""
    return {
        "name": name, "label": label, "options": options, "chosen": chosen, "long": len(options) > LONG
    }  # fmt: skip


def chips_of(
    wish: Wish,
    names: Iterable[str],
    labels: Mapping[str, Mapping[str, object]],
    words: Mapping[str, object],
    to: Callable[[Wish], str],
) -> list[dict[str, Any]]:
    """The chosen values of these filters, each with the address without it.

    labels: filter → value → what it is called; words: what the filters are called.
    """
    return [
        chip(words[name], labels[name].get(value, value), to(wish.toggled(name, value)))
        for name in names
        for value in wish.chosen(name)
    ]


def chip(word: object, label: object, url: str) -> dict[str, Any]:
    """What is chosen of one filter."""
    return {"filter": word, "label": label, "url": url}

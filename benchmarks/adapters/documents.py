"""JSON and YAML as every adapter reads them: strict, bounded in depth, figures as they are written. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, NoReturn

import yaml

from aigo.lib.tables import decoded
from benchmarks.rows import ReadingError

MOST_LEVELS: Final = 30
#: Nodes of a YAML file; the largest that is read here has some 2,000.
MOST_NODES: Final = 500_000


def read_json(data: bytes) -> Any:
    """Decimal for numbers with a point, so that 0.30 stays 0.30. ReadingError: no JSON, NaN, a key twice."""
    try:
        return json.loads(
            decoded(data), parse_float=Decimal, parse_constant=_no_constant, object_pairs_hook=_once
        )
    except RecursionError:
        raise ReadingError("too_deep") from None
    except json.JSONDecodeError as error:
        raise ReadingError("not_json", row=error.lineno, value=error.msg) from None
    except ValueError as error:  # thousands of digits
        raise ReadingError("not_json", value=str(error)[:80]) from None


def read_yaml(data: bytes) -> Any:
    """Every scalar as the text that it is. ReadingError: aliases (they multiply), tags, depth, no YAML."""
    text = decoded(data)
    try:
        _check_events(text)
        return yaml.load(text, Loader=yaml.CBaseLoader)  # noqa: S506 (builds texts, lists and mappings only)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        row = mark.line + 1 if mark else 0
        raise ReadingError("not_yaml", row=row, value=str(getattr(error, "problem", "") or "")) from None
    except RecursionError:
        raise ReadingError("too_deep") from None


def mapping(value: Any, what: str, place: int = 0) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ReadingError("other_shape", wanted=what, row=place, value=type(value).__name__)
    return value


def listing(value: Any, what: str, place: int = 0) -> list[Any]:
    if not isinstance(value, list):
        raise ReadingError("other_shape", wanted=what, row=place, value=type(value).__name__)
    return value


def has_keys(value: Any, wanted: frozenset[str], place: int) -> Mapping[str, Any]:
    """A mapping with at least these keys."""
    found = mapping(value, ", ".join(sorted(wanted)), place)
    if missing := wanted - found.keys():
        raise ReadingError("other_shape", wanted=", ".join(sorted(missing)), row=place)
    return found


def _no_constant(name: str) -> NoReturn:
    raise ReadingError("not_json", value=name)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _value in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ReadingError("key_twice", value=twice)
    return found


def _check_events(text: str) -> None:
    depth = row = 0
    for count, event in enumerate(yaml.parse(text, Loader=yaml.CBaseLoader)):
        row = event.start_mark.line + 1 if event.start_mark else row
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise ReadingError("not_yaml", row=row, value="&*")
        if tag := getattr(event, "tag", None):
            raise ReadingError("not_yaml", row=row, value=tag)
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > MOST_LEVELS or count > MOST_NODES:
            raise ReadingError("too_deep", row=row)

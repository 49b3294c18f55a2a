"""Raw rows as the bytes that PostgreSQL's binary COPY takes.

psycopg could write them field by field, at twice the time, and cuts an integer that its column cannot hold to
the lower bytes without a word; here it is refused. The format: https://www.postgresql.org/docs/15/sql-copy.html
"""

import struct
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from operator import itemgetter
from typing import Any, Final

from probes.models import ProbeResult
from probes.models.fields import CodedField, MillisecondsField

_HEADER: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER: Final = b"\xff\xff"
_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
_US: Final = timedelta(microseconds=1)
_PLACES: Final = Decimal("1e-8")
_NULL: Final = struct.pack("!i", -1)
_LENGTH: Final = struct.Struct("!i")
#: struct's letter and the bytes of a value, by the kind of field.
_FIXED: Final = {
    "BigAutoField": ("q", 8),
    "AutoField": ("i", 4),
    "IntegerField": ("i", 4),
    "PositiveIntegerField": ("i", 4),
    "SmallIntegerField": ("h", 2),
    "PositiveSmallIntegerField": ("h", 2),
    "DateTimeField": ("q", 8),
    "FloatField": ("d", 8),
    "BooleanField": ("?", 1),
}
_BITS: Final = {
    kind: 8 * size - 1
    for kind, (letter, size) in _FIXED.items()
    if letter in "qih" and kind != "DateTimeField"
}


def _kind(field: Any) -> str:
    return str((field.target_field if field.is_relation else field).get_internal_type())


def _group(field: Any) -> int:
    """Fields that become bytes in the same way stand together: times, words, moments, numbers, the rest."""
    if isinstance(field, MillisecondsField):
        return 0
    if isinstance(field, CodedField):
        return 1
    return 2 if _kind(field) == "DateTimeField" else 3 if _kind(field) in _FIXED else 4


_FIELDS: Final[list[Any]] = sorted(ProbeResult._meta.concrete_fields, key=_group)
_FIXED_FIELDS: Final = [field for field in _FIELDS if _group(field) < 4]
_VALUES: Final = itemgetter(*(field.attname for field in _FIELDS))
#: In the order of the bytes: what is of fixed length first.
COLUMNS: Final = tuple(str(field.column) for field in _FIELDS)
_CODES: Final[list[dict[str, int]]] = [field.codes for field in _FIELDS if _group(field) == 1]
#: Where the times, the words, the moments and the numbers end.
_TIMES, _WORDS, _MOMENTS, _N = (sum(_group(field) <= group for field in _FIELDS) for group in range(4))


def packed(rows: Iterable[ProbeResult]) -> bytes:
    """The rows as one COPY stream of `COLUMNS`.

    ValueError names a field whose value its column cannot hold; a text that is too long, or bears what no
    database holds, is left to the server.
    """
    parts = [_HEADER]
    for row in rows:
        try:
            parts += _packed(row)
        except (struct.error, ArithmeticError, ValueError, LookupError, TypeError) as exc:
            _name_culprit(row)
            raise ValueError(f"{type(exc).__name__} {exc}") from exc
    parts.append(_TRAILER)
    return b"".join(parts)


def _packed(row: ProbeResult) -> list[bytes]:
    values = _VALUES(row.__dict__)
    fixed = [None if value is None else round(value * 1000) for value in values[:_TIMES]]
    fixed += [codes[word] for codes, word in zip(_CODES, values[_TIMES:_WORDS], strict=True)]
    fixed += [(moment - _EPOCH) // _US for moment in values[_WORDS:_MOMENTS]]
    fixed += values[_MOMENTS:_N]
    layout, present, arguments = _layout(tuple([value is None for value in fixed]))
    if min(present(fixed)) < 0:
        raise ValueError("a number below 0")
    head = layout.pack(len(_FIELDS), *arguments(fixed + _SIZES))
    return [head, *map(_of_any_length, values[_N:])]


#: What stands before a value of so many bytes, or for None (-1); arguments take it from behind the values.
_SIZES: Final = [-1, 1, 2, 4, 8]


@cache
def _layout(absent: tuple[bool, ...]) -> tuple[struct.Struct, Callable[..., Any], Callable[..., Any]]:
    """Of rows that lack these values: the layout of bytes, what picks the values, what picks all of it."""
    letters, picked = ["!h"], []
    for place, (field, lacks) in enumerate(zip(_FIXED_FIELDS, absent, strict=True)):
        letter, size = _FIXED[_kind(field)]
        letters.append("i" if lacks else f"i{letter}")
        picked += [_N + _SIZES.index(-1 if lacks else size)] + ([] if lacks else [place])
    present = (place for place, lacks in enumerate(absent) if not lacks)
    return struct.Struct("".join(letters)), itemgetter(*present), itemgetter(*picked)


def _of_any_length(value: str | Decimal | None) -> bytes:
    if value is None:
        return _NULL
    encoded = value.encode() if isinstance(value, str) else _numeric(value)
    return _LENGTH.pack(len(encoded)) + encoded


def _numeric(value: Decimal) -> bytes:
    """A decimal of 8 places, as digits of base 10,000: 0.00012345 is 1 and 2345 at the weight -1."""
    rest = abs(scaled := int(value.quantize(_PLACES).scaleb(8)))
    digits: list[int] = []
    while rest:
        rest, digit = divmod(rest, 10_000)
        digits.append(digit)
    sign = 0x4000 if scaled < 0 else 0
    return struct.pack(f"!hhHH{len(digits)}H", len(digits), len(digits) - 3, sign, 8, *reversed(digits))


def _name_culprit(row: ProbeResult) -> None:
    """Raise ValueError with the name of the first field whose value does not fit."""
    for field in _FIXED_FIELDS:
        value = getattr(row, field.attname)
        if value is None and not field.null:
            raise ValueError(f"{field.name} is missing")
        if isinstance(field, CodedField | MillisecondsField):
            field.get_prep_value(value)
        elif (bits := _BITS.get(_kind(field))) and value is not None and not 0 <= value < 2**bits:
            raise ValueError(f"{field.name}={value!r:.60} is no number of 0 to {2**bits - 1}")

"""Columns of rows that come by the million: times as whole microseconds, words as published small numbers."""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite
from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    _Field = models.Field[Any, Any]
else:
    _Field = models.Field

#: What an integer column holds, in µs: about 35 minutes 47 seconds.
MOST_US = 2**31 - 1


class MillisecondsField(_Field):
    """A duration or moment in milliseconds, None = it did not happen; kept in whole microseconds.

    Python has floats; the column of a field `total_ms` is `total_us`, an int4. So is what `Max` and `Min`
    answer, but SQL's own arithmetic (`Avg`, `Sum`, raw queries) is in µs. ValueError, naming the field: NaN,
    infinite, negative, or above MOST_US.
    """

    empty_strings_allowed = False

    def get_internal_type(self) -> str:
        return "IntegerField"

    def get_attname_column(self) -> tuple[str, str]:
        attname = self.get_attname()
        return attname, self.db_column or f"{attname.removesuffix('_ms')}_us"

    def get_prep_value(self, value: Any) -> int | None:
        value = super().get_prep_value(value)
        if value is None:
            return None
        if not isfinite(value) or not 0 <= value * 1000 <= MOST_US:
            raise ValueError(f"{self.name}={value!r:.60} is no time of 0 to {MOST_US / 1000:.0f} ms")
        us: int = round(value * 1000)
        return us

    def from_db_value(self, value: int | None, expression: Any, connection: Any) -> float | None:
        return None if value is None else value / 1000


class CodedField(_Field):
    """One word of a published table, kept as its number (int2). Python sees words only.

    codes: word → number, as published: a number never changes its meaning. SQL orders by the number.
    ValueError, naming the field: a word that has no number here.
    """

    empty_strings_allowed = False

    def __init__(self, codes: Mapping[str, int], *args: Any, **kwargs: Any) -> None:
        self.codes = dict(codes)
        self._words = {code: word for word, code in self.codes.items()}
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        # The numbers are no part of the table's shape: a new word needs no migration. What a migration or a
        # constraint compares such a column with is `Value(number)`.
        return name, path, [{}, *args], kwargs

    def get_internal_type(self) -> str:
        return "SmallIntegerField"

    def get_prep_value(self, value: Any) -> int | None:
        value = super().get_prep_value(value)
        if value is None:
            return None
        try:
            return int(self.codes[value])
        except KeyError:
            raise ValueError(f"{self.name}={value!r:.60} is none of {', '.join(self.codes)}") from None

    def from_db_value(self, value: int | None, expression: Any, connection: Any) -> str | None:
        if value is None:
            return None
        try:
            return self._words[value]
        except KeyError:
            raise ValueError(f"{self.name}: {value} is the number of no word that is known here") from None

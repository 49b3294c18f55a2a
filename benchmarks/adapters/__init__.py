"""Files of scores → rows. One module per format, each pure: `read(data, origin) -> Reading`.

Every reader refuses a file whose shape is not the one it knows, leaves nothing out without counting it, and
never averages. benchmarks.services.importing joins the rows to suites and models.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from benchmarks.adapters import project_csv
from benchmarks.rows import Reading


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the bytes came from. `url`: what a row cites that has no address of its own; "" = a file.
    `licence`, `version`: the source's, where rows state none."""

    url: str = ""
    licence: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class Format:
    """`max_bytes`: more is refused before it is read."""

    name: str
    title: str
    max_bytes: int
    read: Callable[[bytes, Origin], Reading]


FORMATS: Final[Mapping[str, Format]] = {
    found.name: found
    for found in (Format("aigo-csv", "AI-GO CSV", 20_000_000, lambda data, origin: project_csv.read(data)),)
}

"""Reading a source: from a file, from bytes somebody uploaded, or from its address through the guarded fetch.

FetchError (aigo.lib.fetch)   the address cannot be read
TooLarge                      more bytes than the format's limit; nothing was parsed
"""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import BinaryIO

from django.contrib.auth.models import User

from aigo.lib.fetch import FetchError, guarded_get
from benchmarks.adapters import FORMATS, Format, Origin
from benchmarks.models import ImportRun, ScoreSource
from benchmarks.rows import Fault, Reading, ReadingError
from benchmarks.services.aliases import propose_names
from benchmarks.services.importing import apply
from benchmarks.services.planning import Diff, look
from editorial.services import Refused

logger = logging.getLogger(__name__)
_CHUNK: int = 1 << 16
_FETCH_TIMEOUT_S = 60.0


@dataclass(frozen=True, slots=True)
class Read:
    """A source's bytes and where they came from."""

    data: bytes
    origin: str
    url: str = ""

    @property
    def content_hash(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


class TooLarge(Exception):
    """`fault` says how many bytes are accepted."""

    def __init__(self, limit: int) -> None:
        self.fault = Fault(0, "", "", "too_large", f"{limit / 1_000_000:g} MB")
        super().__init__(f"more than {limit:,} bytes")


class UnknownFormat(LookupError):
    """The source's format is none of benchmarks.adapters: of another version of this program, or a slip."""


def format_of(source: ScoreSource) -> Format:
    """UnknownFormat names those there are."""
    if source.format not in FORMATS:
        known = ", ".join(sorted(FORMATS))
        raise UnknownFormat(f'source {source.slug}: format "{source.format}" is unknown; known are {known}')
    return FORMATS[source.format]


def fetch(source: ScoreSource, url: str = "") -> Read:
    """The source's file from its address, or from another one. FetchError: it cannot be read."""
    address = url or source.data_url
    data = guarded_get(address, max_bytes=format_of(source).max_bytes, timeout_s=_FETCH_TIMEOUT_S)
    return Read(data, address, address)


def read_file(source: ScoreSource, file: BinaryIO, name: str) -> Read:
    """A file's bytes, cut where it is larger than the format accepts. TooLarge."""
    return Read(bounded(iter(lambda: file.read(_CHUNK), b""), format_of(source).max_bytes), name)


def bounded(pieces: Iterable[bytes], limit: int) -> bytes:
    """All pieces as one, up to `limit` bytes; no piece is read beyond. TooLarge."""
    whole = bytearray()
    for piece in pieces:
        whole += piece
        if len(whole) > limit:
            raise TooLarge(limit)
    return bytes(whole)


def parse(source: ScoreSource, read: Read) -> Reading:
    """Its rows; a file that cannot be read at all is a reading with one fault."""
    address = read.url or source.data_url or source.url
    origin = Origin(url=address, licence=source.licence, content_hash=read.content_hash)
    if not (origin.url or format_of(source).cited):
        return Reading(faults=[Fault(0, "", "", "no_address")])
    try:
        return format_of(source).read(read.data, origin)
    except ReadingError as error:
        return Reading(faults=[error.fault])


def preview(source: ScoreSource, read: Read) -> Diff:
    """What importing it would do; nothing is written."""
    return look(source, parse(source, read))


def import_read(
    source: ScoreSource, read: Read, *, now: dt.datetime, by: User | None = None, author: User | None = None
) -> ImportRun:
    """Look and apply; a refused file is a run with `problems`, and nothing else is changed.

    by: who asked for it. author: who brought the file, None = it was read from the source itself.
    """
    diff = preview(source, read)
    hashed = read.content_hash
    run = apply(diff, now=now, origin=read.origin, content_hash=hashed, by=by, author=author)
    if run.unmatched:
        propose_names(now=now)
    return run


def read_weekly(*, now: dt.datetime) -> dict[str, str]:
    """Read every source that the timetable reads: {slug: "" or what went wrong}. One that fails leaves the
    others alone."""
    done: dict[str, str] = {}
    for source in ScoreSource.objects.filter(weekly=True):
        try:
            run = import_read(source, fetch(source), now=now)
            done[source.slug] = f"{len(run.problems)} problems" if run.problems else ""
        except (FetchError, Refused, UnknownFormat) as error:
            done[source.slug] = str(error)
        if done[source.slug]:
            logger.warning("scores of %s were not read: %s", source.slug, done[source.slug])
    return done

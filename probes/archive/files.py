"""One day as a Parquet file: written under a temporary name, proven by reading, moved into place, asked."""

import errno
import hashlib
import logging
import os
import time
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import pyarrow.fs as pafs
import pyarrow.parquet as pq

from probes.archive.layout import (
    COLUMNS,
    DICTIONARIES,
    KEY,
    PROVEN,
    SCHEMA_VERSION,
    Proof,
    Row,
    schema_of,
)
from probes.archive.places import FileUnreadable, Place

logger = logging.getLogger(__name__)
#: Rows of a row group: what is held in memory while writing, and the least that a question must read.
GROUP_ROWS: Final = 50_000
#: Rows taken at a time when a file is read.
BATCH_ROWS: Final = 10_000
_CHUNK_BYTES: Final = 1 << 20
#: What a draft is called until it is moved into place.
_DRAFT: Final = ".part"
#: A draft this old is nobody's any more: its writer was killed.
_STALE_S: Final = 86_400


@dataclass(frozen=True, slots=True)
class Written:
    """A file that is in place and was read back. `sha256` is that of its bytes."""

    url: str
    bytes: int
    sha256: str
    proof: Proof


def write_day(place: Place, day: date, batches: Iterable[Sequence[Row]]) -> "Draft":
    """Write the day's rows, in order of their keys, under a temporary name. Call `Draft.publish` next."""
    draft = Draft(place, day, f"{place.path_of(day)}.{uuid.uuid4().hex[:12]}{_DRAFT}", Proof())
    try:
        with place.explained(f"writing {day}"):
            folder = draft.path.rpartition("/")[0]
            _make_folder(place, folder)
            _sweep(place, folder)
            _write(draft, batches)
            _persist(place, draft.path)
    except BaseException:
        draft.discard()
        raise
    return draft


def _make_folder(place: Place, folder: str) -> None:
    """With those above it; their names are on the disk when it returns."""
    made = [path for path in (Path(folder), *Path(folder).parents) if _is_local(place) and not path.exists()]
    place.fs.create_dir(folder, recursive=True)
    # The year's own folder each time: whoever made it may have been killed before this.
    for path in {Path(folder), *made} if _is_local(place) else ():
        _persist(place, str(path.parent))


def _sweep(place: Place, folder: str) -> None:
    """Take away the drafts that killed runs left there."""
    for found in place.fs.get_file_info(pafs.FileSelector(folder)):
        age = time.time() - (found.mtime_ns or time.time_ns()) / 1e9
        if found.base_name.startswith("attempts-") and found.extension == _DRAFT[1:] and age > _STALE_S:
            logger.info("taking away %s, which a run that was killed left", found.path)
            place.fs.delete_file(found.path)


def _is_local(place: Place) -> bool:
    return isinstance(place.fs, pafs.LocalFileSystem)


def _persist(place: Place, path: str) -> None:
    """Wait until the disk has a file's bytes, or a folder's names. A bucket answers when it has them."""
    if not _is_local(place):
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        # Some network file systems know no such thing of folders.
        if error.errno not in (errno.EINVAL, errno.ENOTSUP) or not os.path.isdir(path):
            raise
    finally:
        os.close(handle)


def _write(draft: "Draft", batches: Iterable[Sequence[Row]]) -> None:
    schema = schema_of(draft.day)
    with (
        draft.place.fs.open_output_stream(draft.path) as sink,
        pq.ParquetWriter(
            sink,
            schema,
            compression="zstd",
            use_dictionary=DICTIONARIES,
            sorting_columns=pq.SortingColumn.from_ordering(schema, [(name, "ascending") for name in KEY]),
        ) as writer,
    ):
        for group in _groups(batches, schema, draft.proof):
            writer.write_table(group, row_group_size=group.num_rows)
        writer.add_key_value_metadata({"aigo.checksum": draft.proof.checksum})


def _groups(batches: Iterable[Sequence[Row]], schema: pa.Schema, proof: Proof) -> Iterator[pa.Table]:
    """The rows as tables of about GROUP_ROWS rows."""
    waiting: list[pa.RecordBatch] = []
    for rows in batches:
        if not rows:
            continue
        proof.take(rows)
        columns = zip(zip(*rows, strict=True), schema, strict=True)
        waiting.append(
            pa.RecordBatch.from_arrays(
                [pa.array(values, field.type) for values, field in columns], schema=schema
            )
        )
        if sum(batch.num_rows for batch in waiting) >= GROUP_ROWS:
            yield pa.Table.from_batches(waiting)
            waiting = []
    if waiting:
        yield pa.Table.from_batches(waiting)


@dataclass(slots=True)
class Draft:
    """A written file that nobody looks for yet."""

    place: Place
    day: date
    path: str
    proof: Proof

    def publish(self) -> Written:
        """Read the file back, move it into place if it says what was written, and see that it arrived.

        FileUnreadable when it says anything else: then what stood in its place still stands there.
        """
        try:
            with self.place.explained(f"reading back {self.day}"):
                _insist(self.proof, prove(self.place, self.path), self.place.url_of(self.day))
                sent = _fingerprint(self.place.fs, self.path)
            target = self.place.path_of(self.day)
            with self.place.explained(f"moving {self.day} into place"):
                self.place.fs.move(self.path, target)
                _persist(self.place, target.rpartition("/")[0])
                arrived = _fingerprint(self.place.fs, target)
        except BaseException:
            self.discard()
            raise
        if arrived != sent:
            raise FileUnreadable(
                f"{self.place.url_of(self.day)} is not what was moved there: {arrived}, {sent}"
            )
        return Written(self.place.url_of(self.day), *sent, self.proof)

    def discard(self) -> None:
        """Take the file away, as far as that can be done."""
        try:
            self.place.fs.delete_file(self.path)
        except OSError:
            return


def _insist(wanted: Proof, found: Proof, url: str) -> None:
    if differences := wanted.differences(found):
        raise FileUnreadable(
            f"{url} says something else than was written ({'; '.join(differences)}): nothing was dropped. "
            "Look at the storage and its disk."
        )


def _fingerprint(fs: pafs.FileSystem, path: str) -> tuple[int, str]:
    """Size in bytes and SHA-256."""
    size, digest = 0, hashlib.sha256()
    with fs.open_input_stream(path) as source:
        while chunk := source.read(_CHUNK_BYTES):
            size += len(chunk)
            digest.update(chunk)
    return size, digest.hexdigest()


def prove(place: Place, path: str) -> Proof:
    """What a file says of itself when it is read as a whole, a few rows at a time."""
    proof = Proof()
    with place.fs.open_input_file(path) as source:
        file = pq.ParquetFile(source)
        _insist_on_version(file.schema_arrow, path)
        for batch in file.iter_batches(batch_size=BATCH_ROWS):
            nulls = {name: batch.column(name).null_count for name in COLUMNS}
            proof.take_columns({name: batch.column(name).to_pylist() for name in PROVEN}, nulls)
    return proof


def _insist_on_version(schema: pa.Schema, path: str) -> None:
    said = (schema.metadata or {}).get(b"aigo.schema", b"none").decode()
    if said != str(SCHEMA_VERSION) or schema.names != list(COLUMNS):
        raise FileUnreadable(
            f"{path} has schema version {said}; this program reads {SCHEMA_VERSION}. "
            "Use the program that wrote it."
        )


def rows_of(place: Place, day: date) -> int:
    """How many rows a day's file has, counted by reading it as a whole."""
    with place.explained(f"reading {day}"):
        return prove(place, place.path_of(day)).rows


def fingerprint(place: Place, day: date) -> tuple[int, str]:
    """Size in bytes and SHA-256 of a day's file."""
    with place.explained(f"reading {day}"):
        return _fingerprint(place.fs, place.path_of(day))


def endpoints_of(place: Place, day: date) -> set[str]:
    """Slugs of the endpoints that a day's file has rows of."""
    found: set[str] = set()
    with place.explained(f"reading {day}"), place.fs.open_input_file(place.path_of(day)) as source:
        file = pq.ParquetFile(source)
        _insist_on_version(file.schema_arrow, place.url_of(day))
        for batch in file.iter_batches(batch_size=BATCH_ROWS, columns=["endpoint"]):
            found.update(pc.unique(batch.column(0)).to_pylist())
    return found


def is_there(place: Place, day: date) -> bool:
    """Whether the day has a file."""
    return size_of(place, day) is not None


def size_of(place: Place, day: date) -> int | None:
    """Bytes of a day's file, None = there is none."""
    with place.explained(f"looking for {day}"):
        found = place.fs.get_file_info(place.path_of(day))
        return int(found.size) if found.type == pafs.FileType.File else None


def check_place(place: Place) -> None:
    """Raise PlaceUnusable or PlaceAway unless the place answers; a folder that is missing is made later."""
    with place.explained("looking"):
        root = place.root.partition("/")[0] if place.url.startswith("s3:") else place.root
        found = place.fs.get_file_info(root).type
        if found == pafs.FileType.NotFound and place.url.startswith("s3:"):
            raise OSError(f"the bucket does not exist: {root!r}")
        if found == pafs.FileType.File:
            raise NotADirectoryError(20, f"{root!r} is a file")


@dataclass(frozen=True, slots=True)
class Question:
    """Rows due from `since` (included) to `until` (excluded), UTC; None = whichever."""

    since: datetime
    until: datetime
    endpoint: str | None = None
    region: str | None = None
    tier: str | None = None

    def days(self) -> Iterator[date]:
        """The UTC days that it touches."""
        day = self.since.date()
        while datetime.combine(day, datetime.min.time(), UTC) < self.until:
            yield day
            day += timedelta(days=1)

    def condition(self) -> pc.Expression:
        """As pyarrow compares it with the statistics of row groups, then with the rows."""
        kind = COLUMNS["due_at"]
        wanted = (pc.field("due_at") >= pa.scalar(self.since, kind)) & (
            pc.field("due_at") < pa.scalar(self.until, kind)
        )
        for name in ("endpoint", "region", "tier"):
            if (value := getattr(self, name)) is not None:
                wanted &= pc.field(name) == value
        return wanted


def query(place: Place, question: Question) -> Iterator[list[Row]]:
    """The archived rows that answer it, by day and key, in batches; days without a file are passed over.

    Only row groups whose statistics admit the endpoint and the moments are read.
    """
    for day in question.days():
        if is_there(place, day):
            yield from _ask(place, day, question.condition())


def _ask(place: Place, day: date, wanted: pc.Expression) -> Iterator[list[Row]]:
    with place.explained(f"reading {day}"):
        file = ds.dataset(place.path_of(day), filesystem=place.fs, format="parquet")
        _insist_on_version(file.schema, place.url_of(day))
        scanner = file.scanner(filter=wanted, batch_size=BATCH_ROWS, batch_readahead=1, use_threads=False)
        for batch in scanner.to_batches():
            if batch.num_rows:
                columns: list[list[Any]] = [column.to_pylist() for column in batch.columns]
                yield list(zip(*columns, strict=True))

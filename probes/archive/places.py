"""Where archived days lie: a folder, or a bucket that speaks S3.

    ArchiveError            what went wrong with the archive; nothing was dropped
      PlaceUnusable         ours (address, credentials, permission, space), permanent until it is mended
      PlaceAway             theirs (the storage does not answer), transient: the next run tries again
      FileUnreadable        a file of the archive is not what was written; permanent

Every message names the setting, its value without secrets, and the remedy.
"""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath
from typing import Final

import pyarrow as pa
import pyarrow.fs as pafs

SETTING: Final = "ARCHIVE_URL"
#: A storage that says nothing for so long is away; then the next run tries again.
CONNECT_S, ANSWER_S, TRIES = 5, 60, 3
_MISMATCH: Final = "AWS_SECRET_ACCESS_KEY does not belong to AWS_ACCESS_KEY_ID: set the right one."
#: What an error of S3 has in it → what helps; the first that is found.
_REMEDIES: Final = {
    "INVALID_ACCESS_KEY_ID": "The storage does not know AWS_ACCESS_KEY_ID: set the right one.",
    "SIGNATURE_DOES_NOT_MATCH": _MISMATCH,
    "INVALID_SIGNATURE": _MISMATCH,
    "INVALID_CLIENT_TOKEN_ID": "The storage does not know AWS_ACCESS_KEY_ID: set the right one.",
    "TOKEN": "AWS_SESSION_TOKEN is not accepted: set a new one, or none.",
    "ACCESS_DENIED": "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are wrong or may not do this: set others, "
    "or allow s3:GetObject, s3:PutObject, s3:DeleteObject and s3:ListBucket.",
    "HTTP response code 403": "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are wrong or may not do this.",
    "NO_SUCH_BUCKET": "Create the bucket, or name one that exists.",
    "To create buckets": "Create the bucket, or name one that exists.",
    "bucket does not exist": "Create the bucket, or name one that exists.",
    "HTTP response code 301": "The bucket stands in another region: set AWS_REGION or ?region=….",
}
#: What pyarrow says of bytes that are no Parquet, though it says so as an error of the system.
_DAMAGE: Final = ("deserializ", "orrupt", "nexpected end", "ecompress", "magic bytes")
_FOLDER_REMEDIES: Final = {
    errno.EACCES: "Allow this process to write there, or name another folder.",
    errno.EPERM: "Allow this process to write there, or name another folder.",
    errno.EROFS: "The file system is read-only: name another folder.",
    errno.ENOSPC: "The disk is full: make room, or name another folder.",
    errno.EDQUOT: "The quota is used up: make room, or name another folder.",
    errno.EFBIG: "The file is larger than this process may write: raise the limit.",
    errno.ENOTDIR: "A file stands in the way: name a folder.",
    errno.EEXIST: "A file stands in the way: name a folder.",
}


class ArchiveError(Exception):
    """Something of the archive failed; the message names setting, value and remedy."""


class PlaceUnusable(ArchiveError):
    """Ours: the place cannot be used as it is set."""


class PlaceAway(ArchiveError):
    """Theirs: the storage does not answer."""


class FileUnreadable(ArchiveError):
    """A file is damaged, foreign or of a newer version."""


@dataclass(frozen=True, slots=True)
class Place:
    """An open archive. `url` has no secret in it; `root` is the path that `fs` understands."""

    url: str
    root: str
    fs: pafs.FileSystem

    def path_of(self, day: date) -> str:
        """Path of a day's file."""
        return str(PurePosixPath(self.root, f"{day:%Y}", f"attempts-{day:%Y-%m-%d}.parquet"))

    def url_of(self, day: date) -> str:
        """The day's file as operators read it."""
        base = self.url.partition("?")[0].rstrip("/")
        return f"{base}/{day:%Y}/attempts-{day:%Y-%m-%d}.parquet"

    @contextmanager
    def explained(self, doing: str) -> Iterator[None]:
        """What pyarrow raises, as an error that says what helps."""
        try:
            yield
        except ArchiveError:
            raise
        except (pa.ArrowInvalid, OSError) as error:
            raise self._told(error, doing) from error

    def _told(self, error: Exception, doing: str) -> ArchiveError:
        text, prefix = _short(error), f"{doing} in {SETTING}={self.url!r} failed"
        if not isinstance(error, OSError) or any(sign in str(error) for sign in _DAMAGE):
            return FileUnreadable(
                f"{prefix}: {text}. The file is damaged or none of ours: "
                "put a good copy in its place, or move it away."
            )
        if self.url.startswith("file:"):
            remedy = _FOLDER_REMEDIES.get(
                error.errno or 0, "Look at the folder, its disk and its permissions."
            )
            return PlaceUnusable(f"{prefix}: {text}. {remedy}")
        for sign, remedy in _REMEDIES.items():
            if sign in str(error):
                return PlaceUnusable(f"{prefix}: {text}. {remedy}")
        return PlaceAway(f"{prefix}: {text}. Is the storage reachable? The next run tries again.")


def open_place(archive: dict[str, str], keys: dict[str, str]) -> Place:
    """The place that the settings name. `archive`, `keys`: as `aigo.env` reads them."""
    if not archive:
        raise PlaceUnusable(
            f"{SETTING} is not set. Set it to a folder (file:///var/lib/aigo/archive) or a bucket "
            "(s3://bucket/prefix?endpoint=https://storage.example)."
        )
    if archive["scheme"] == "file":
        return Place(archive["url"], archive["root"], pafs.LocalFileSystem())
    if not (keys["access_key"] and keys["secret_key"]):
        raise PlaceUnusable(
            f"{SETTING}={archive['url']!r} needs credentials. "
            "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
        )
    return Place(archive["url"], archive["root"], _bucket(archive, keys))


def _bucket(archive: dict[str, str], keys: dict[str, str]) -> pafs.S3FileSystem:
    scheme, _, endpoint = archive["endpoint"].rpartition("://")
    return pafs.S3FileSystem(
        access_key=keys["access_key"],
        secret_key=keys["secret_key"],
        session_token=keys["session_token"] or None,
        region=archive["region"] or keys["region"] or "us-east-1",
        scheme=scheme or "https",
        endpoint_override=endpoint or None,
        connect_timeout=CONNECT_S,
        request_timeout=ANSWER_S,
        retry_strategy=pafs.AwsStandardS3RetryStrategy(max_attempts=TRIES),
    )


def _short(error: Exception) -> str:
    """The first line, which is what an operator can use; S3's further text repeats the request."""
    return (str(error).splitlines() or [type(error).__name__])[0].rstrip(". ")[:300]

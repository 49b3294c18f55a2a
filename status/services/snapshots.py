"""The answers of official pages, byte for byte: what proves that a page said something."""

import codecs
import gzip
import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Final

from status.adapters.table import sources_of
from status.models import OfficialPage, OfficialSnapshot

#: What proves nothing is kept so long, and of one address so many and so much (uncompressed) at most.
SNAPSHOTS_KEPT: Final = timedelta(days=30)
MOST_SNAPSHOTS: Final = 500
MOST_SNAPSHOT_BYTES: Final = 200_000_000


def keep_snapshots(
    page: OfficialPage, bodies: Mapping[str, bytes], now: datetime
) -> dict[str, OfficialSnapshot]:
    """Source name → the row that holds its answer, new or not."""
    urls = {source.name: source.url for source in sources_of(page.kind, page.url)}
    hashes = {name: hashlib.sha256(body).hexdigest() for name, body in bodies.items() if name in urls}
    kept = {
        (row.url, row.sha256): row
        for row in page.snapshots.filter(sha256__in=list(hashes.values())).defer("body")
    }
    page.snapshots.filter(pk__in=[row.pk for row in kept.values()]).update(last_seen_at=now)
    found: dict[str, OfficialSnapshot] = {}
    for name, sha256 in hashes.items():
        row = kept.get((urls[name], sha256))
        if row is None:
            row = OfficialSnapshot.objects.create(
                page=page,
                url=urls[name],
                sha256=sha256,
                body=gzip.compress(bodies[name], mtime=0),
                bytes=len(bodies[name]),
                first_seen_at=now,
                last_seen_at=now,
            )
            _drop_surplus(page, urls[name])
        found[name] = row
    return found


def proof_of(
    external_id: str, bodies: Mapping[str, bytes], snapshots: Mapping[str, OfficialSnapshot]
) -> OfficialSnapshot:
    """The answer that names it; the first where none does (some ids are made by us)."""
    needles = [external_id.encode(code) for code in ("utf-8", "utf-16-be", "utf-16-le")]
    naming = (row for name, row in snapshots.items() if any(needle in bodies[name] for needle in needles))
    return next(naming, None) or next(iter(snapshots.values()))


def body_of(snapshot: OfficialSnapshot) -> bytes:
    """The answer as it was."""
    return gzip.decompress(bytes(snapshot.body))


def text_of(snapshot: OfficialSnapshot) -> str:
    """The answer as text, by its byte order mark, else as UTF-8; what is neither is shown as "�"."""
    body = body_of(snapshot)
    wide = body.startswith((codecs.BOM_UTF16_BE, codecs.BOM_UTF16_LE))
    return body.decode("utf-16" if wide else "utf-8-sig", "replace")


def known_bodies(page: OfficialPage) -> dict[str, bytes]:
    """Source name → the answer that the page's etags speak of, where it is still kept."""
    wanted = {told["sha256"]: name for name, told in page.etags.items()}
    rows = page.snapshots.filter(sha256__in=list(wanted))
    return {wanted[row.sha256]: body_of(row) for row in rows}


def prune_snapshots(*, now: datetime) -> int:
    """Drop answers that prove nothing and were last seen a month ago; how many."""
    old = OfficialSnapshot.objects.filter(last_seen_at__lt=now - SNAPSHOTS_KEPT, proves=None)
    if not (ids := list(old.values_list("pk", flat=True)[:1_000])):
        return 0
    return OfficialSnapshot.objects.filter(pk__in=ids).delete()[0]


def _drop_surplus(page: OfficialPage, url: str) -> None:
    """A page that changes with every reading must not fill the disk."""
    of_url = page.snapshots.filter(url=url, proves=None).order_by("-last_seen_at", "-pk")
    sizes = list(of_url.values_list("pk", "bytes"))
    totals = accumulate(size for _, size in sizes)
    surplus = [
        pk
        for place, ((pk, _), total) in enumerate(zip(sizes, totals, strict=True))
        if place and (place >= MOST_SNAPSHOTS or total > MOST_SNAPSHOT_BYTES)
    ]
    page.snapshots.filter(pk__in=surplus).delete()

"""A snapshot mended with what changed is the one that reading everything would give."""

import random
from datetime import timedelta

import pytest
from django.utils import timezone

from aigo.lib.regions import ALL
from catalog.models import Endpoint
from status.board import SORTS
from status.filtering import BoardWish
from status.models import EndpointState
from status.selectors import MOST_MENDED, load_snapshot
from status.snapshot import Snapshot
from testing.showcase.many import add_rows

NOW = timezone.now().replace(microsecond=0)


@pytest.fixture
def slugs(db: None) -> list[str]:
    add_rows(40, now=NOW)
    # Two of them are asked each minute: what is known of them ends with time.
    EndpointState.objects.filter(endpoint__slug__endswith="-7").update(interval_s=60)
    return list(Endpoint.objects.order_by("slug").values_list("slug", flat=True))


def told(snapshot: Snapshot) -> dict[str, object]:
    """Everything that anybody is shown of it."""
    found: dict[str, object] = {
        "stats": snapshot.stats(),
        "until": snapshot.holds_until,
        "standings": {region: list(of_region) for region, of_region in snapshot.standings.items()},
    }
    for region in (ALL, "seoul"):
        found[f"rows {region}"] = snapshot.rows(region)
        for sort in SORTS:
            found[f"{region} {sort}"] = snapshot.selection(BoardWish(region=region, sort=sort))
    return found


@pytest.mark.django_db
def test_mended_again_and_again_it_is_the_whole(slugs: list[str]) -> None:
    chance, snapshot = random.Random(7), load_snapshot(now=NOW)
    told(snapshot)
    for turn in range(1, 6):
        now = NOW + timedelta(seconds=70 * turn)
        changed = chance.sample(slugs, 5)
        for slug in changed:
            states = EndpointState.objects.filter(endpoint__slug=slug)
            states.update(p95_ms=chance.uniform(100, 900), state="outage", since=now, last_sample_at=now)
        EndpointState.objects.filter(endpoint__slug=changed[0], region="seoul").delete()
        snapshot = load_snapshot(now=now, former=snapshot, changed=["board", *changed])
        assert told(snapshot) == told(load_snapshot(now=now))


@pytest.mark.django_db
def test_rows_that_have_not_changed_are_the_same_objects(slugs: list[str]) -> None:
    first = load_snapshot(now=NOW)
    before = {row.slug: row for row in first.board(ALL, "latency").endpoints}
    EndpointState.objects.filter(endpoint__slug=slugs[3]).update(samples=26)
    second = load_snapshot(now=NOW, former=first, changed=[slugs[3]])
    after = second.board(ALL, "latency").endpoints
    assert [row.slug for row in after if row is not before[row.slug]] == [slugs[3]]


@pytest.mark.django_db
def test_with_too_many_changes_everything_is_read(slugs: list[str]) -> None:
    first = load_snapshot(now=NOW)
    Endpoint.objects.filter(slug=slugs[0]).update(watched=False)
    many = [f"nobody-{n}" for n in range(MOST_MENDED + 1)]
    assert len(load_snapshot(now=NOW, former=first, changed=many).rows(ALL)) == len(first.rows(ALL)) - 1

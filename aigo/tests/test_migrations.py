"""From a store as of the catalogue-and-board release (testing/fixtures/board_release), and from nothing."""

import json
import lzma
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from testing import answers, schemas, services, stores
from testing.migrated import sqlite_into

SHOWN_AT = datetime(2026, 11, 21, 12, 0, 20, tzinfo=UTC)
#: A time column holds no more, about 35 minutes: an attempt that came an hour late is told as that late.
LONGEST_US = 2**31 - 1
#: What Django keeps of itself: it grows with the code.
DJANGOS_OWN = {"django_migrations", "django_content_type", "auth_permission", "auth_group_permissions"}
#: Tables whose rows are told otherwise since.
RESHAPED = {"probes_proberesult"}
NEW_ROWS = """
from datetime import timedelta
from django.contrib.auth.models import User
from django.utils import timezone
from probes.models import DeadLetter, Gap, Pop, ProbeResult, ProbeTarget
from probes.services.ingest import store_attempts
from probes.tests.factories import make_attempt, make_pop
from status.services import judge_endpoints

now = timezone.now()
targets = ProbeTarget.objects.filter(tier="B", endpoint__watched=True)
endpoint = targets.order_by("endpoint__slug").first().endpoint
before = ProbeResult.objects.count()
new = [make_attempt(endpoint, at=now - timedelta(seconds=60 * n), error_detail="새 줄") for n in range(25)]
assert len(store_attempts(new, now=now)) == 25
assert store_attempts(new, now=now) == []
assert ProbeResult.objects.count() == before + 25
judge_endpoints([endpoint.pk], now=now)
state = endpoint.states.get(region="seoul")
assert (state.state, state.samples) == ("operational", 20), (state.state, state.samples)
make_pop("oregon", now=now), User.objects.create_user("new"), User.objects.get(username="operator").delete()
Gap.objects.create(region="oregon", reason="no_worker", started_at=now)
DeadLetter.objects.create(kind="results", reason="시험", body="", received_at=now)
print("stored")
"""


@dataclass(frozen=True)
class Migrated:
    """A store of the old release after today's migrations. Rows are as the database's driver gives them."""

    kind: str
    url: str
    data: str
    old_rows: dict[str, list[dict[str, Any]]]
    old_attempts: list[dict[str, Any]]
    said: str
    answered: dict[str, Any]


POLICIES = """
SELECT initial_start FROM timescaledb_information.jobs
WHERE (proc_name, hypertable_name) IN (('policy_retention', 'probes_proberesult'),
    ('policy_refresh_continuous_aggregate', 'probes_hourrollup'))
"""
OLD_ATTEMPTS = """
SELECT e.slug, r.* FROM probes_proberesult r JOIN catalog_endpoint e ON e.id = r.endpoint_id
"""


@pytest.fixture(scope="module", params=stores.KINDS)
def migrated(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Migrated]:
    folder = tmp_path_factory.mktemp("store")
    with stores.empty_store(request.param, folder) as url:
        stores.restore_board_release(url)
        rows = {table: _rows(url, table) for table in schemas.tables(url)}
        old_attempts = stores.query(url, OLD_ATTEMPTS)
        said = _manage(url, folder, "migrate", "-v1")
        answered = answers.ask(
            url, "attempts", "boards", "hours", "histories", "migrate", now=SHOWN_AT, data=str(folder)
        )
        yield Migrated(request.param, url, str(folder), rows, old_attempts, said, answered)


@pytest.fixture(scope="module")
def fresh_schema(migrated: Migrated, tmp_path_factory: pytest.TempPathFactory) -> schemas.Schema:
    """The schema that today's migrations make of nothing on the same kind of database."""
    folder = tmp_path_factory.mktemp("fresh")
    if migrated.kind == "sqlite":
        sqlite_into(folder)
        return schemas.read(f"sqlite:///{folder / 'aigo.sqlite3'}")
    if migrated.kind == "postgresql":
        with services.postgresql(migrated=True) as cluster:
            return schemas.read(cluster.url)
    with stores.empty_store(migrated.kind, folder) as url:
        _manage(url, folder, "migrate", "-v0")
        return schemas.read(url)


def test_every_old_attempt_is_kept_with_its_facts(migrated: Migrated):
    kept = migrated.answered["attempts"]
    assert len(kept) == len(migrated.old_attempts) == 887
    for old in migrated.old_attempts:
        key = "|".join(
            [old["slug"], old["tier"], old["region"], _utc(old["due_at"]).isoformat(), str(old["attempt"])]
        )
        new = kept[key]
        for name in old.keys() - {"slug", "id", "endpoint_id", "tier", "region", "due_at", "attempt"}:
            assert _same(name, old[name], new[name]), f"{key} {name}: {old[name]!r} became {new[name]!r}"


def test_every_old_attempt_is_in_its_hour(migrated: Migrated):
    (kept,) = stores.query(migrated.url, "SELECT sum(length(codes)) / 4 AS attempts FROM probes_hourrollup")
    assert kept["attempts"] == len(migrated.old_attempts)


def test_the_board_shows_what_it_showed(migrated: Migrated):
    shown = migrated.answered["boards"]
    before = json.loads(lzma.decompress((stores.FIXTURE / "boards.json.xz").read_bytes()))
    for region, board in before.items():
        counts, rows = shown[region]["counts"], shown[region]["rows"]
        assert {name: counts[name] for name in board["counts"]} == board["counts"]
        assert len(rows) == len(board["rows"])
        for old, new in zip(board["rows"], rows, strict=True):
            assert {name: new[name] for name in old} == old


def test_the_rows_of_all_other_tables_are_kept(migrated: Migrated):
    for table, old in migrated.old_rows.items():
        if table in DJANGOS_OWN | RESHAPED:
            continue
        new = {row["id"]: row for row in _rows(migrated.url, table)} if old else {}
        for row in old:
            still = {name: value for name, value in row.items() if name in new[row["id"]]}
            assert {name: new[row["id"]][name] for name in still} == still


def test_roles_keep_their_permissions(migrated: Migrated):
    names = """SELECT g.name || ' ' || p.codename AS granted FROM auth_group_permissions gp
        JOIN auth_group g ON g.id = gp.group_id JOIN auth_permission p ON p.id = gp.permission_id"""
    granted = {row["granted"] for row in stores.query(migrated.url, names)}
    assert {"Operator operate", "Editor change_endpoint"} <= granted
    assert len(granted) >= len(migrated.old_rows["auth_group_permissions"])


def test_the_schema_is_that_of_a_new_installation(migrated: Migrated, fresh_schema: schemas.Schema):
    now = schemas.read(migrated.url)
    assert now.keys() == fresh_schema.keys()
    for table, parts in fresh_schema.items():
        assert now[table] == parts, table


def test_a_second_migrate_does_nothing(migrated: Migrated):
    assert "Applying probes." in migrated.said
    assert "No migrations to apply" in migrated.answered["migrate"]
    assert "have changes" not in migrated.answered["migrate"], "a model has no migration yet"


def test_old_attempts_stay_until_wider_buckets_are_made_of_them(migrated: Migrated):
    if migrated.kind == "timescale":
        starts = [policy["initial_start"] for policy in stores.query(migrated.url, POLICIES)]
        assert len(starts) == 2
        assert min(starts) > datetime.now(UTC) + timedelta(hours=12)


def test_hours_hold_every_old_attempt_once(migrated: Migrated):
    kept = migrated.answered["hours"]
    assert sum(map(len, kept.values())) == len(migrated.old_attempts)


def test_the_history_reaches_back_to_the_oldest_attempt(migrated: Migrated):
    history = migrated.answered["histories"]["anthropic--claude-sonnet-4-5|B|tokyo|90d|300"]
    assert history["points"][0]["at"] == "2026-10-12T00:00:00Z"
    assert history["total"]["attempts"] == 27


def test_new_rows_can_be_stored(migrated: Migrated):
    assert "stored" in _manage(migrated.url, migrated.data, "shell", "-v0", "-c", NEW_ROWS)


def _manage(url: str, data: str | Path, *arguments: str) -> str:
    run = answers.in_process(["manage.py", *arguments], url=url, data=str(data))
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


def _rows(url: str, table: str) -> list[dict[str, Any]]:
    return stores.query(url, f'SELECT * FROM "{table}"')


def _utc(value: Any) -> datetime:
    """SQLite keeps moments as text."""
    return value if isinstance(value, datetime) else datetime.fromisoformat(value).replace(tzinfo=UTC)


def _same(name: str, old: Any, new: Any) -> bool:
    """Equal; milliseconds to the nearest microsecond, whichever way a half is rounded, at most LONGEST_US."""
    if name.endswith("_at"):
        return abs(_utc(old) - datetime.fromisoformat(new)) < timedelta(microseconds=1)
    if name.endswith("_ms") and old is not None:
        return new is not None and abs(min(old * answers.MICROSECONDS, LONGEST_US) - new) <= 0.501
    return bool(old == new)

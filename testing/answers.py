"""All that a store answers at one moment, as JSON, from a process that uses the database of DATABASE_URL.

python -m testing.answers 2026-11-21T12:00:20+00:00 attempts boards
"""

import io
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from itertools import product
from typing import Any

from testing.environment import ROOT, clean_environment

#: Milliseconds are compared as whole microseconds: what the store keeps.
MICROSECONDS = 1000


def ask(url: str, *names: str, now: datetime, data: str) -> dict[str, Any]:
    """The named answers of the store at `url`, read in a process of their own; `data` is its DATA_DIR."""
    run = in_process(["-m", "testing.answers", now.isoformat(), *names], url=url, data=data)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)  # type: ignore[no-any-return]


def in_process(arguments: list[str], *, url: str, data: str) -> subprocess.CompletedProcess[str]:
    """Python with these arguments and a clean environment on the database at `url`."""
    environment = clean_environment(DATABASE_URL=url, DATA_DIR=data, DJANGO_SETTINGS_MODULE="aigo.settings")
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def attempts(now: datetime) -> dict[str, dict[str, Any]]:
    """Every fact of every attempt, by its key."""
    from probes.models import ProbeResult  # Django is set up in main()

    rows = ProbeResult.objects.select_related("endpoint")
    return {
        "|".join([row.endpoint.slug, row.tier, row.region, row.due_at.isoformat(), str(row.attempt)]): _facts(
            row
        )
        for row in rows.iterator()
    }


def _facts(row: Any) -> dict[str, Any]:
    names = {field.name for field in row._meta.concrete_fields} - {"id", "endpoint", "provenance"}
    shared = {"worker", "method_version", "answered_model", "fingerprint", "remote_ip"}
    return {name: _exact(name, getattr(row, name)) for name in sorted(names | shared)}


def _exact(name: str, value: Any) -> Any:
    return round(value * MICROSECONDS) if name.endswith("_ms") and value is not None else value


def boards(now: datetime) -> dict[str, Any]:
    """The board of every region and over all: its counts and its rows in their order."""
    from aigo.lib.regions import ALL, REGIONS
    from status.selectors import load_board

    shown = {slug: load_board(slug, now=now) for slug in [*(region.slug for region in REGIONS), ALL]}
    return {
        slug: {"counts": asdict(board.counts), "rows": [asdict(row) for row in board.endpoints]}
        for slug, board in shown.items()
    }


def stats(now: datetime) -> dict[str, Any]:
    """The counts over all regions and of each."""
    from status.selectors import load_stats

    return asdict(load_stats(now=now))


def tallies(now: datetime) -> dict[str, int]:
    """How many attempts there are of each kind."""
    from django.db.models import Count

    from probes.models import ProbeResult

    kinds = ("endpoint__slug", "region", "tier", "outcome", "counts", "left_out")
    rows = ProbeResult.objects.values_list(*kinds).annotate(rows=Count("attempt"))
    return {"|".join(map(str, kind)): count for *kind, count in rows}


def costs(now: datetime) -> list[dict[str, Any]]:
    """The ledger."""
    from probes.models import LedgerEntry

    facts = ("attempts", "input_tokens", "output_tokens", "cost_usd", "estimated_usd", "unpriced")
    return list(LedgerEntry.objects.values("provider__slug", "date", "tier", "region", *facts))


def hours(now: datetime) -> dict[str, list[int]]:
    """The codes in every hour's row; their order in it means nothing."""
    from probes.models import HourRollup
    from probes.sketches import unpack

    rows = HourRollup.objects.values_list("endpoint__slug", "tier", "region", "hour_at", "codes")
    return {"|".join(map(str, key)): sorted(unpack(bytes(codes)).tolist()) for *key, codes in rows}


def buckets(now: datetime) -> dict[str, list[Any]]:
    """Every wider bucket: its counts, its outcomes and its two sketches."""
    from probes.models import EightHourRollup, RollupMark, ThreeHourRollup
    from probes.sketches import unpack_outcomes, unpack_sketch

    facts = ("attempts", "ok", "worst_attempts", "worst_ok", "outcomes", "total_sketch", "ttft_sketch")
    found: dict[str, list[Any]] = {mark.table: [mark.until] for mark in RollupMark.objects.all()}
    for model in (ThreeHourRollup, EightHourRollup):
        rows = model._default_manager.values_list("endpoint__slug", "tier", "region", "bucket_at", *facts)
        for slug, tier, region, bucket_at, *counts, outcomes, total, ttft in rows:
            unpacked = [unpack_outcomes(bytes(outcomes)), *(unpack_sketch(bytes(s)) for s in (total, ttft))]
            entries = [sorted(zip(*map(list, pair), strict=True)) for pair in unpacked]
            found[f"{model.__name__}|{slug}|{tier}|{region}|{bucket_at}"] = [*counts, *entries]
    return found


def histories(now: datetime) -> dict[str, Any]:
    """The history of every endpoint, in every region and over all, in every window and two tiers."""
    from aigo.lib.regions import ALL
    from catalog.models import Endpoint
    from probes.history import WINDOWS_S
    from probes.models import Pop
    from status.history import load_history

    endpoints = Endpoint.objects.select_related("provider", "model").order_by("slug")
    regions = [*Pop.objects.order_by("region").values_list("region", flat=True), ALL]
    found = {}
    for endpoint, region, window in product(endpoints, regions, WINDOWS_S):
        for tier, points in (("B", 300), ("A", 100)):
            told = load_history(endpoint, tier=tier, region=region, window=window, points=points, now=now)
            plain = told.to_json()
            plain["points"] = [point for point in plain["points"] if point["attempts"] or point["uncounted"]]
            found[f"{endpoint.slug}|{tier}|{region}|{window}|{points}"] = plain
    return found


def consequences(now: datetime) -> dict[str, Any]:
    """What follows from attempts: pulses, gaps, identities, changes of state, orders that are open."""
    from probes.models import AnsweringIdentity, DueProbe, Gap, Pulse
    from status.models import EndpointState, StatusChange

    kept = {
        Pulse: "target__endpoint__slug target__tier region ok streak started_at",
        Gap: "region reason started_at ended_at probes",
        AnsweringIdentity: "endpoint__slug kind value previous region appeared_at last_seen_at",
        StatusChange: "endpoint__slug region from_state to_state reason at figures",
        EndpointState: "endpoint__slug region tier state reason since samples p50_ms p95_ms",
        DueProbe: "endpoint__slug region tier due_at sendings",
    }
    return {
        model.__name__: sorted(model._default_manager.order_by().values_list(*names.split()), key=str)
        for model, names in kept.items()
    }


def migrate(now: datetime) -> str:
    """What `migrate` says, run once more."""
    from django.core.management import call_command

    said = io.StringIO()
    call_command("migrate", stdout=said, no_color=True)
    return said.getvalue()


ANSWERS: dict[str, Callable[[datetime], Any]] = {
    answer.__name__: answer
    for answer in (
        attempts,
        boards,
        stats,
        tallies,
        costs,
        hours,
        buckets,
        histories,
        consequences,
        migrate,
    )
}


def main(moment: str, *names: str) -> None:
    import django

    django.setup()
    now = datetime.fromisoformat(moment)
    answers = {name: ANSWERS[name](now) for name in names}
    json.dump(answers, sys.stdout, ensure_ascii=False, default=_text, sort_keys=True)


def _text(value: Any) -> str:
    """Decimals bear the scale that the database gives them."""
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


if __name__ == "__main__":
    main(*sys.argv[1:])

"""A drill in which web process, worker, consumer (it judges, tends, plans and sends) and Redis die.

No change of state is lost or doubled, and every notice reaches a receiver that remembers ids, once.
"""

import json
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from probes.simulator.running import lift_fault, put_fault
from status.drills.watching import Watcher
from status.rules import FRESH_INTERVALS
from testing.environment import ROOT, clean_environment
from testing.fleet import Fleet, running_fleet
from testing.patience import PATIENCE_S
from testing.processes import free_port, until

REGIONS = ("seoul", "tokyo", "virginia")
PROVIDERS = ("bramblewick", "cedarhollow")
INTERVAL_S = 10
#: A region's state follows within one interval, three attempts and what the parts that were killed cost.
FOLLOWS_WITHIN_S = 300
SHOWN_MS = 1_000 * PATIENCE_S


class Board(Watcher):
    """An open page's board over all regions, kept as its frames say; `snapshots`: how many it was given."""

    def __init__(self, url: str) -> None:
        super().__init__(url, ["all"])
        self.rows: dict[str, dict[str, Any]] = {}
        self.snapshots = 0

    def note(self, region: str, frame: dict[str, Any], now: float) -> str:
        data = frame.get("data") or {}
        if frame["type"] == "snapshot":
            self.snapshots += 1
            self.rows.clear()
        if "rows" in data:
            self.rows.update({row["slug"]: row for row in data["rows"]})
        return super().note(region, frame, now)

    def seen(self) -> dict[str, tuple[Any, ...]]:
        """What tells a board that missed something from one that did not."""
        return {slug: (row["samples"], row["last_sample_at"]) for slug, row in self.rows.items()}


@pytest.fixture(scope="module")
def fleet() -> Iterator[Fleet]:
    with running_fleet(interval_s=INTERVAL_S, regions=REGIONS, providers=PROVIDERS) as fleet:
        for name in ("web-1", "web-2"):
            fleet.start_web(name)
        start_receiver(fleet)
        await_states(fleet, "operational", PROVIDERS)
        yield fleet


def start_receiver(fleet: Fleet) -> None:
    """A webhook that is told of everything."""
    port = free_port()
    fleet.manage("shell", "-c", CHANNEL.format(port=port))
    secret = fleet.manage("webhook_secret", "drill").split()[-1]
    fleet.start("receiver", ["testing.hooks", str(port), str(kept(fleet))], WEBHOOK_SECRET=secret)
    fleet.parts["receiver"].wait_for_line("listening")


CHANNEL = """
from status.models import AlertChannel, AlertRule
url = "http://127.0.0.1:{port}/hook"
channel = AlertChannel.objects.create(slug="drill", name="drill", kind="webhook", url=url)
AlertRule.objects.create(name="drill").channels.set([channel])
"""


def kept(fleet: Fleet) -> Path:
    return Path(fleet.environment["DATA_DIR"]) / "received.jsonl"


def await_states(fleet: Fleet, state: str, providers: Sequence[str]) -> None:
    """Until every endpoint of the providers is in that state in every region and over all."""
    query = """
        SELECT count(*) FILTER (WHERE state = %s), count(*) FROM status_endpointstate
        JOIN catalog_endpoint ON catalog_endpoint.id = endpoint_id
        JOIN catalog_provider ON catalog_provider.id = provider_id
        WHERE catalog_provider.slug = ANY(%s)"""
    wanted = len(providers) * 4 * (len(REGIONS) + 1)

    def counted() -> tuple[Any, ...]:
        start_ended(fleet)
        return fleet.rows(query, state, list(providers))[0]

    until(
        counted,
        lambda counts: counts == (wanted, wanted),
        timeout_s=FOLLOWS_WITHIN_S,
        every_s=0.5,
        log=fleet.log,
    )


def strike(fleet: Fleet, provider: str) -> None:
    put_fault(fleet.environment["SIMULATOR_URL"], "drill", providers=[provider], kind="http_503")


def relieve(fleet: Fleet) -> None:
    lift_fault(fleet.environment["SIMULATOR_URL"], "drill")


def kill_and_start(fleet: Fleet, name: str, *, down_s: float) -> None:
    command = fleet.parts[name].command
    fleet.kill(name)
    time.sleep(down_s)
    fleet.start(name, command[command.index("-m") + 1 :])


def start_ended(fleet: Fleet) -> None:
    """Celery's worker may end with its broker; whoever runs it starts it again, as the compose file does."""
    for name in [name for name, part in fleet.parts.items() if part.process.poll() is not None]:
        kill_and_start(fleet, name, down_s=0)


def play_and_kill(fleet: Fleet) -> None:
    """Two outages; meanwhile a web process, the consumer and Redis die, then the worker and Redis."""
    strike(fleet, "bramblewick")
    time.sleep(INTERVAL_S / 2)
    kill_and_start(fleet, "web-1", down_s=1)
    kill_and_start(fleet, "consumer", down_s=3)
    await_states(fleet, "outage", ["bramblewick"])
    fleet.broker.kill_and_restart(down_s=2)
    relieve(fleet)
    await_states(fleet, "operational", PROVIDERS)
    strike(fleet, "cedarhollow")
    time.sleep(INTERVAL_S / 2)
    kill_and_start(fleet, "worker", down_s=1)
    fleet.broker.kill_and_restart(down_s=2, empty=True)
    await_states(fleet, "outage", ["cedarhollow"])
    relieve(fleet)
    await_states(fleet, "operational", PROVIDERS)


#: Attempts that were still made lately, and endpoints whose newest attempt is not judged.
UNDER_WAY = "SELECT count(*) FROM probes_proberesult WHERE started_at > now() - interval '6 seconds'"
BEHIND = """
    SELECT count(*) FROM probes_pulse JOIN probes_probetarget ON probes_probetarget.id = target_id
    JOIN status_endpointstate s ON s.endpoint_id = probes_probetarget.endpoint_id
      AND s.region = probes_pulse.region
    WHERE probes_probetarget.tier = 'B' AND s.last_sample_at < probes_pulse.started_at"""


def end_measuring(fleet: Fleet) -> None:
    """Nothing is ordered any more, what was is measured, and what is stored is judged."""
    fleet.parts.pop("beat").stop_quickly()
    until(
        lambda: [fleet.rows(query)[0][0] for query in (UNDER_WAY, BEHIND)],
        lambda counts: counts == [0, 0],
        timeout_s=FOLLOWS_WITHIN_S,
        every_s=0.5,
        log=fleet.log,
    )


def rederived(fleet: Fleet) -> dict[str, list[list[str]]]:
    done = subprocess.run(
        [sys.executable, "-m", "testing.rederiving"],
        env=clean_environment(**fleet.environment, DJANGO_SETTINGS_MODULE="aigo.settings"),
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found: dict[str, list[list[str]]] = json.loads(done.stdout)
    return found


def chains(lines: Sequence[list[str]]) -> dict[tuple[str, str], list[tuple[str, str]]]:
    """(endpoint, region) → its changes in order."""
    found = defaultdict(list)
    for slug, region, before, after, _at in lines:
        found[slug, region].append((before, after))
    return found


def known(lines: Sequence[list[str]]) -> list[list[str]]:
    """The changes from one known state to another: what lies between them is left out.

    While nobody stores what is measured, the state is unknown, and the kept changes say so; in the attempts,
    once all are stored, there is no gap.
    """
    found: list[list[str]] = []
    last: dict[tuple[str, str], str] = {}
    for slug, region, before, after, at in lines:
        told = last.get((slug, region), before)
        if after != "unknown" and after != told:
            found.append([slug, region, told, after, at])
        last[slug, region] = told if after == "unknown" else after
    return found


def of_regions(lines: Sequence[list[str]]) -> list[list[str]]:
    return [line for line in lines if line[1] != "all"]


def assert_same(kept: Sequence[list[str]], derived: Sequence[list[str]]) -> None:
    """The same changes of every region, at the same moments.

    An attempt that is stored after a later one of its region, since who was to store it died, counts from the
    newest judged one on (status.unfolding): the change that it completes has the moment of a later attempt.
    How much later: had none been stored in time for FRESH_INTERVALS, the state would have been unknown
    meanwhile, and then moments are not compared. So less than that is missing, and what is stored in time
    afterwards completes the change without it.
    """
    assert chains(known(kept)) == chains(known(derived))
    unbroken = [pair for pair, changes in chains(kept).items() if changes == chains(derived)[pair]]
    apart_s = [
        abs((datetime.fromisoformat(one[-1]) - datetime.fromisoformat(other[-1])).total_seconds())
        for pair in unbroken
        for one, other in zip(of_pair(kept, pair), of_pair(derived, pair), strict=True)
    ]
    if not unbroken:
        return
    assert max(apart_s) < FRESH_INTERVALS * INTERVAL_S
    assert apart_s.count(0) > len(apart_s) / 2  # what is stored late is the machine's doing


def of_pair(lines: Sequence[list[str]], pair: tuple[str, str]) -> list[list[str]]:
    return [line for line in lines if tuple(line[:2]) == pair]


@pytest.mark.timeout(1800)
def test_what_dies_in_a_drill_loses_no_change_doubles_none_and_pages_resume(fleet: Fleet, page: Page):
    page.goto(fleet.web["web-1"] + "/")
    page.evaluate("window.notReloaded = true")
    with Board(fleet.web["web-1"]) as killed, Board(fleet.web["web-2"]) as other:
        play_and_kill(fleet)
        assert killed.drops > 0
        assert other.drops == 0, "its own process did not die"
        end_measuring(fleet)
        with Board(fleet.web["web-2"]) as anew:
            for board in (killed, other):
                until(board.seen, lambda seen: seen == anew.seen(), every_s=0.2, log=fleet.log)
    expect(page.locator("[data-live-indicator]")).to_have_attribute("data-status", "live", timeout=SHOWN_MS)
    for slug, row in anew.rows.items():
        samples = page.locator(f":is(tr.row, .top-card)[data-slug='{slug}'] .samples [data-value]")
        expect(samples).to_have_text(str(row["samples"]), timeout=SHOWN_MS)
    assert page.evaluate("window.notReloaded") is True

    found = rederived(fleet)
    assert_same(of_regions(found["kept"]), of_regions(found["derived"]))
    kept = chains(found["kept"])
    for pair, changes in kept.items():
        assert all(one[1] == next_one[0] for one, next_one in pairwise(changes)), (pair, changes)
    settled = chains(known(found["kept"]))
    for provider in ("bramblewick", "cedarhollow"):
        outages = [pair for pair, c in settled.items() if pair[0].startswith(provider) and down_and_up(c)]
        assert len(outages) == 4 * (len(REGIONS) + 1)
    assert fleet.rows("SELECT count(*) FROM status_statuschange WHERE event_id = ''") == [(0,)]
    assert fleet.rows(INCIDENTS) == [("bramblewick", 1), ("cedarhollow", 1)]

    assert_told_once(fleet)


def assert_told_once(fleet: Fleet) -> None:
    """What happened to incidents was accepted, each notice under one id and with one body."""
    until(
        lambda: fleet.rows(UNTOLD)[0][0],
        lambda count: count == 0,
        timeout_s=FOLLOWS_WITHIN_S,
        every_s=0.5,
        log=fleet.log,
    )
    lines = [json.loads(line) for line in kept(fleet).read_text().splitlines()]
    assert not [line for line in lines if "refused" in line]
    bodies = defaultdict(set)
    for line in lines:
        bodies[line["id"], line["type"]].add(line["body"])
    assert {len(found) for found in bodies.values()} == {1}, "a try said something else than the one before"
    taken = Counter(line["id"] for line in lines)
    cut_off = {uid for (uid,) in fleet.rows(CUT_OFF)}
    assert {uid for uid, times in taken.items() if times > 1} <= cut_off, "told again without need"
    told = fleet.rows("SELECT uid, 'incident.' || kind FROM status_notice WHERE state = 'sent'")
    assert sorted(bodies) == sorted(told)
    assert fleet.rows("SELECT count(*) FROM status_notice WHERE state = 'failed'") == [(0,)]
    wide = fleet.rows(TOLD_OF)
    assert [slug for slug, *_counts in wide] == list(PROVIDERS)
    assert all((opened, recovered) == (1, over) for _slug, opened, recovered, over in wide)


#: Steps and notices that are still to be planned and delivered.
UNTOLD = """
    SELECT (SELECT count(*) FROM status_incidentchange WHERE planned_at IS NULL)
      + (SELECT count(*) FROM status_notice WHERE state = 'waiting' AND due_at < now() + interval '60 s')"""
#: Whose sender died before it knew whether it was taken: only these may come again, under their id.
CUT_OFF = """
    SELECT DISTINCT n.uid FROM status_deliveryattempt a JOIN status_notice n ON n.id = a.notice_id
    WHERE a.ended_at IS NULL"""
#: What was told of each provider-wide incident, and whether it is over: it closes two minutes after all is
#: well, and nobody waits here for that.
TOLD_OF = """
    SELECT p.slug, count(*) FILTER (WHERE n.kind = 'opened'), count(*) FILTER (WHERE n.kind = 'recovered'),
      (i.ended_at IS NOT NULL)::int
    FROM status_incident i JOIN catalog_provider p ON p.id = i.provider_id
    JOIN status_notice n ON n.subject = 'incident:' || i.id AND n.state = 'sent'
    WHERE i.kind = 'provider' GROUP BY i.id, 1 ORDER BY 1"""
#: Provider-wide incidents per provider.
INCIDENTS = """
    SELECT p.slug, count(*) FROM status_incident JOIN catalog_provider p ON p.id = provider_id
    WHERE kind = 'provider' GROUP BY 1 ORDER BY 1"""


def down_and_up(changes: Sequence[tuple[str, str]]) -> bool:
    """Exactly one outage, and its end."""
    return [after for _, after in changes].count("outage") == 1 and changes[-1][1] == "operational"
